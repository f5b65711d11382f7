"""Who can open a letter's identities: the holder of its one key, or any two of three organisers.

Custody `offline` reads secret keys from files. Whatever else comes to hold one, such as an organiser's session, only
has to be an `Opener`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from verification.errors import Refusal
from verification.identity.hybrid import decrypt
from verification.identity.keypairs import public_key_of, read_secret
from verification.identity.sealing import members_of, unpad
from verification.identity.two_of_three import open_record


class ForeignKey(Refusal):
    """A key does not belong to the letter."""


class KeysMissing(Refusal):
    """The letter needs one more organiser's key."""


class KeyTooMany(Refusal):
    """The letter has one key, and more were given, or the same organiser's key came twice."""


@dataclass(frozen=True)
class KeyPart:
    """One organiser's secret key, and what a message calls it: its file, never itself."""

    name: str
    secret: str


class Opener(Protocol):
    """Whatever can open the sealed identities of one letter."""

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """What was sealed under `context`. Raises `CannotOpen`."""
        ...


class OneKey:
    """Opens what was sealed to a single key. Raises `BadSecretKey`."""

    def __init__(self, secret: str) -> None:
        self._secret = read_secret(secret)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        return unpad(decrypt(self._secret, sealed, context))


class TwoOfThree:
    """Opens what was sealed to a combined key, with the secret keys of two or three of its places (0, 1, 2).

    Raises `BadSecretKey`, or `KeysMissing` for fewer than two.
    """

    def __init__(self, secrets: Mapping[int, str]) -> None:
        if len(secrets) < 2:
            raise KeysMissing(
                "This letter opens with the keys of any two of its three organisers. Give one more: another --key FILE."
            )
        self._secrets = {place: read_secret(secret) for place, secret in secrets.items()}

    def open(self, sealed: bytes, context: bytes) -> bytes:
        return unpad(open_record(self._secrets, sealed, context))


def opener_for(public: str, parts: Sequence[KeyPart]) -> Opener:
    """What opens the letter of that public key, before any record is looked at.

    Raises `ForeignKey`, `KeysMissing`, `KeyTooMany`, `BadSecretKey`, or `BadPublicKey` where `public` is none.
    """
    members = members_of(public)
    if len(members) == 1 and len(parts) > 1:
        raise KeyTooMany(f"This letter has one key, and here are {len(parts)}. Give only the one that belongs to it.")
    places: dict[int, KeyPart] = {}
    for part in parts:
        place = _place_of(part, members)
        if place in places:
            raise KeyTooMany(
                f"{places[place].name} and {part.name} hold the same key. Two of three needs those of two organisers."
            )
        places[place] = part
    secrets = {place: part.secret for place, part in places.items()}
    return OneKey(secrets[0]) if len(members) == 1 and secrets else TwoOfThree(secrets)


def _place_of(part: KeyPart, members: Sequence[str]) -> int:
    public = public_key_of(part.secret)
    if public not in members:
        raise ForeignKey(
            f"The key in {part.name} does not belong to this letter: it is another letter's, or was altered."
        )
    return members.index(public)
