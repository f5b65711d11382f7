"""The key file of a witness: its name and its seed in one line, as signed notes have it (`PRIVATE+KEY+…`)."""

from __future__ import annotations

from pathlib import Path

from verification.errors import Refusal
from verification.ledger.cosignatures import cosigner
from verification.ledger.notes import COSIGNATURE, BadVerifierKey, VerifierKey
from verification.ledger.strict import base64_of, strict_base64
from verification.private_files import others_can_read, private_file

_PREFIX = "PRIVATE+KEY+"
_LONGEST_FILE = 1 << 14
_HEAD = """\
# The secret key of a witness. Whoever has this file can cosign in your name: show it to nobody, and keep no copy on
# another machine that runs. A witness that is lost begins again with a new key.
# Its public half:
#   {verifier}
"""


class NoWitnessKey(Refusal):
    """The file holds no key of a witness, others can read it, or one would be overwritten."""


def write_witness_key(file: Path, name: str, seed: bytes) -> VerifierKey:
    """Write a seed of 32 bytes for its owner alone, and return its public half.

    Raises `NoWitnessKey` rather than overwrite, and `BadVerifierKey` for a name that no key can have.
    """
    verifier = cosigner(name, seed)
    secret = f"{_PREFIX}{name}+{verifier.id.hex()}+{base64_of(bytes([COSIGNATURE]) + seed)}"
    try:
        with private_file(file) as opened:
            opened.write(f"{_HEAD.format(verifier=verifier)}{secret}\n".encode())
    except FileExistsError:
        raise NoWitnessKey(f"{file} exists already. A key is never overwritten; choose another name.") from None
    except FileNotFoundError:
        raise NoWitnessKey(f"There is no folder {file.parent}. Make it first.") from None
    return verifier


def read_witness_key(file: Path) -> tuple[str, bytes]:
    """The name and the seed in a key file. Raises `NoWitnessKey`."""
    if others_can_read(file):
        raise NoWitnessKey(f"Others can read {file}. Run: chmod 600 {file}")
    with file.open("rb") as opened:
        lines = opened.read(_LONGEST_FILE).decode(errors="replace").splitlines()
    secrets = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    key = _parse(secrets[0]) if len(secrets) == 1 else None
    if key is None:
        raise NoWitnessKey(f"{file} holds no key of a witness. Make one with: undersigned witness new FILE")
    return key


def _parse(line: str) -> tuple[str, bytes] | None:
    """The name and the seed in a line; None where there are none, or they were changed."""
    name, _, rest = line.removeprefix(_PREFIX).partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        data = strict_base64(encoded)
        verifier = cosigner(name, data[1:])
    except (ValueError, BadVerifierKey):
        return None
    of_a_witness = line.startswith(_PREFIX) and data[0] == COSIGNATURE
    return (name, data[1:]) if of_a_witness and verifier.id.hex() == key_id else None
