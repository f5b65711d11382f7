"""Where a letter's page, its JSON and its log are, from any address of the letter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urlsplit

from verification.errors import Refusal
from verification.ledger.official import USUAL_PORTS, network_name

_FOLDERS = r"(?:/[A-Za-z0-9_~=@+-][A-Za-z0-9._~=@+-]*)*?"
_BEFORE = re.compile(_FOLDERS)
_LETTER = re.compile(r"/letters/([a-z0-9]+(?:-[a-z0-9]+)*)(/.*)?")
_NEXT_LETTER = re.compile(r"(?=/letters/)")
_PAGE = re.compile(r"(?:/count)?(?:/(?:index\.html)?)?")
_ROOT = re.compile(rf"({_FOLDERS})/?(?:index\.html|mirror\.json)?")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_LOOPBACK = re.compile(r"localhost|127(?:\.[0-9]{1,3}){3}|::1")
_ONION = re.compile(r".*\.onion")
_HOST = re.compile(r"[a-z0-9.-]{1,253}|[0-9a-f:]{2,45}")


class BadAddress(Refusal):
    """The address is not one of a letter, or not one to be asked in clear."""


@dataclass(frozen=True)
class LetterAddress:
    """A letter at a host. `port` is None for the usual one; `before` stands in front of /letters: a language, a folder
    that a mirror lies in, or both. `named` is the path that was given, with its query, where that is the letter's page
    or its count page; "" for any other."""

    secure: bool
    host: str
    port: int | None
    slug: str
    before: str = ""
    named: str = ""

    @classmethod
    def parse(cls, url: str, *, insecure: bool = False) -> LetterAddress:
        """Read a letter's address, with or without a language and whatever follows; the first of its `readings`.
        Raises `BadAddress`.

        Plain http is for this machine and for onion services, unless `insecure`.
        """
        return cls.readings(url, insecure=insecure)[0]

    @classmethod
    def readings(cls, url: str, *, insecure: bool = False) -> list[LetterAddress]:
        """The letters that an address can be of, as a mirror's folder may be called /letters and a letter "letters";
        the one with the most in front of it first. Raises `BadAddress` for none."""
        secure, host, port, path = _at_host(url, insecure=insecure)
        query = quote(urlsplit(url).query, safe=_ANY_SIGN)
        found = [cls(secure, host, port, *letter) for letter in _letters_in(path, f"?{query}" if query else "")]
        if not found:
            raise _no_letter(url)
        return found

    @classmethod
    def of_mirror(cls, url: str, *, insecure: bool = False) -> LetterAddress:
        """Read the address of a mirror; which of its letters is not known yet. Raises `BadAddress`."""
        secure, host, port, path = _at_host(url, insecure=insecure)
        found = _ROOT.fullmatch(path)
        if not found:
            raise _no_letter(url)
        return cls(secure, host, port, "", found[1])

    @property
    def may_be_live(self) -> bool:
        """Whether a letter's own site could have this address, and not only a mirror."""
        return not self.before or _LANGUAGE.fullmatch(self.before[1:]) is not None

    @property
    def ends_in_language(self) -> bool:
        """Whether what stands in front of /letters could be the folder of one of a mirror's languages."""
        return _LANGUAGE.fullmatch(self.folder) is not None

    @property
    def folder(self) -> str:
        """The name of the last folder in front of /letters."""
        return self.before.rpartition("/")[2]

    @property
    def names_count(self) -> bool:
        """Whether the page that was named is the count page, which has none of the letter's text."""
        return self.named.startswith(f"{self.before}/letters/{self.slug}/count")

    @property
    def on_this_machine(self) -> bool:
        return _LOOPBACK.fullmatch(self.host) is not None

    @property
    def site(self) -> str:
        """Scheme, host and port: what no answer may lead away from."""
        return f"{'https' if self.secure else 'http'}://{self._authority}"

    @property
    def url(self) -> str:
        """The letter's page in whatever language."""
        return f"{self.site}/letters/{self.slug}"

    @property
    def origin(self) -> str:
        """What a log that began at this address is called."""
        return f"{self._authority}{self.log}"

    @property
    def log(self) -> str:
        return f"/letters/{self.slug}/log"

    @property
    def api(self) -> str:
        return f"/api/v1/letters/{self.slug}"

    def page(self, language: str) -> str:
        """The letter's page in a language. Raises `BadAddress` for what cannot be one."""
        if not _LANGUAGE.fullmatch(language):
            raise BadAddress(f"{language[:40]!r} is no language.")
        return f"/{language}/letters/{self.slug}"

    @property
    def _authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"


_ANY_SIGN = "".join(map(chr, range(0x21, 0x7F)))
"""What stands in a request as it was given: all but white space, and what is not ASCII."""


def _letters_in(path: str, query: str) -> Iterator[tuple[str, str, str]]:
    """The letters that a path could be of, the last in it first: name, what stands before, and the page if one is."""
    for place in reversed([found.start() for found in _NEXT_LETTER.finditer(path)]):
        before, letter = path[:place], _LETTER.fullmatch(path, place)
        if letter and _BEFORE.fullmatch(before):
            yield letter[1], before, f"{path}{query}" if _PAGE.fullmatch(letter[2] or "") else ""


def _at_host(url: str, *, insecure: bool) -> tuple[bool, str, int | None, str]:
    """Whether an address is a secure one, its host, its port and its path. Raises `BadAddress`."""
    parts, port = _parted(url)
    host = network_name(parts.hostname or "")
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host) or "@" in parts.netloc:
        raise _no_letter(url)
    if parts.scheme == "http" and not (insecure or _LOOPBACK.fullmatch(host) or _ONION.fullmatch(host)):
        raise BadAddress(f"{url[:200]!r} would be read in clear: write https://, or add --insecure to accept it.")
    return parts.scheme == "https", host, None if port == USUAL_PORTS[parts.scheme] else port, parts.path


def _no_letter(url: str) -> BadAddress:
    return BadAddress(f"{url[:200]!r} is no letter: expected an address like https://example.org/letters/name.")


def _parted(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadAddress(f"{url[:200]!r} is no address.") from None
    return parts, port
