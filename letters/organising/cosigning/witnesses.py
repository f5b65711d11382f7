"""Who is asked to cosign: the lines `witness NAME KEY ADDRESS` of a policy file (C2SP tlog-policy)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from verification.errors import Refusal
from verification.ledger.notes import VerifierKey
from verification.ledger.policies import BadPolicy, PolicyWitness, parse_policy

_NO_QUORUM = "quorum none\n"
"""What a file of witnesses need not say: the site asks all of them and depends on none."""

_PATH = re.compile(r"[!-~]*")


class BadWitnesses(Refusal):
    """The file of witnesses cannot be used."""


@dataclass(frozen=True)
class Address:
    """Where checkpoints are submitted: `path` includes the call's own name."""

    secure: bool
    host: str
    port: int | None
    path: str


@dataclass(frozen=True)
class AskedWitness:
    """A witness by the key that its cosignatures are checked by, and where it is asked."""

    key: VerifierKey
    address: Address

    @property
    def name(self) -> str:
        """The name of its key, which stands in front of its cosignatures."""
        return self.key.name


def read_witnesses(path: Path | None) -> tuple[AskedWitness, ...]:
    """The witnesses in a file, none without one. Raises `BadWitnesses` with a sentence for the host."""
    if path is None:
        return ()
    try:
        text = f"{path.read_text(encoding='utf-8').rstrip()}\n"
        witnesses = parse_policy(text if _has_quorum(text) else text + _NO_QUORUM).witnesses
    except (OSError, UnicodeDecodeError) as error:
        raise BadWitnesses(f"The file {path} (UNDERSIGNED_WITNESSES) cannot be read: {_reason(error)}.") from error
    except BadPolicy as wrong:
        raise BadWitnesses(f"{path} (UNDERSIGNED_WITNESSES): {wrong}") from wrong
    asked = tuple(AskedWitness(witness.key, _address_of(witness)) for witness in witnesses)
    if len({witness.name for witness in asked}) < len(asked):
        raise BadWitnesses(f"Two keys in {path} (UNDERSIGNED_WITNESSES) have the same name. Keep one of them.")
    return asked


def _has_quorum(text: str) -> bool:
    return any(line.split()[:1] == ["quorum"] for line in text.splitlines())


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or "it is no UTF-8 text"


def _address_of(witness: PolicyWitness) -> Address:
    wrong = BadWitnesses(
        f"The witness {witness.name} (UNDERSIGNED_WITNESSES) needs an address as https://host or https://host:port/path."
    )
    try:
        parts = urlsplit(witness.url or "")
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:
        raise wrong from None
    if not host or not _is_plain(parts):
        raise wrong
    return Address(parts.scheme == "https", host, port, f"{parts.path.rstrip('/')}/add-checkpoint")


def _is_plain(parts: SplitResult) -> bool:
    """Without a password, which a log would repeat, and without a query, which has no place before the call's name."""
    plain = parts.scheme in ("http", "https") and "@" not in parts.netloc
    return plain and not parts.query and not parts.fragment and bool(_PATH.fullmatch(parts.path))
