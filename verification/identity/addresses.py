"""A mail address as typed, and the one form under which it is recognised again."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from verification.errors import Refusal

LONGEST = 254
"""Characters of an address, RFC 5321 section 4.5.3.1.3 less the angle brackets."""


PADDED = 256
"""Bytes of an address in a box."""


class BadAddress(Refusal):
    """The text is not one plain mail address."""


@dataclass(frozen=True)
class Address:
    """A mail address.

    `deliverable` is where mail goes: as typed, with its domain in punycode (RFC 5891). `canonical` is what is
    compared: NFKC, lower case, no `+tag`.
    """

    deliverable: str
    canonical: str

    def padded(self) -> bytes:
        """Where mail goes, filled up with NUL to 256 bytes, so that its box does not tell its length."""
        return self.deliverable.encode().ljust(PADDED, b"\0")

    @property
    def domain(self) -> str:
        return self.canonical.rpartition("@")[2]


def parse_address(typed: str) -> Address:
    """Read one address, RFC 5321 without quoted local parts and address literals.

    Raises `BadAddress` for anything else: several addresses, line breaks, over 254 characters, and local parts
    that mix scripts (`аnna@…` with a Cyrillic а looks like another person's).
    """
    text = unicodedata.normalize("NFKC", typed.strip(" \t"))
    if len(text) > LONGEST or not text.isprintable():
        raise BadAddress("The address is too long or holds characters that no address has.")
    try:
        # Reserved domains such as .test only bounce; refusing them here would protect nobody.
        valid = validate_email(text, check_deliverability=False, test_environment=True, strict=True)
    except EmailNotValidError as error:
        raise BadAddress("The text is not one mail address.") from error
    local, domain = valid.local_part, valid.ascii_domain.lower()
    if "=?" in local or "\N{REPLACEMENT CHARACTER}" in local:
        raise BadAddress("The part before the @ would read as something else in a mail's header (RFC 2047).")
    whole = unicodedata.normalize("NFKC", local).lower()
    plain = whole.partition("+")[0].rstrip(".") or whole
    if len(_scripts(plain)) > 1:
        raise BadAddress("The part before the @ mixes alphabets.")
    return Address(deliverable=f"{local}@{domain}", canonical=f"{plain}@{domain}")


def _scripts(text: str) -> set[str]:
    return {unicodedata.name(letter, "?").partition(" ")[0] for letter in text if letter.isalpha()}


def unpad(padded: bytes) -> str:
    """Where mail goes, as `Address.padded` made it."""
    return padded.rstrip(b"\0").decode()
