"""Links that prove a mailbox: signed by itsdangerous, one salt per purpose, holding one opaque id and nothing else.

Nothing here is stored: a link is made when its mail is sent, so a stolen database holds none that works.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum

from itsdangerous import BadSignature, SignatureExpired, Signer, TimestampSigner

from verification.errors import Refusal

LONGEST = 512
"""Characters beyond which a token is not even looked at."""

_SHAPE = re.compile(r"[A-Za-z0-9_.-]+")  # base64 decoders also take "+" for "-" and skip what they do not know


class Purpose(Enum):
    """What a token is good for; a token of one purpose is foreign to every other."""

    CONFIRM = "confirm"
    MANAGE = "manage"
    SIGNED = "signed"
    FORM = "form"
    WAIT = "wait"
    INVITE = "invite"
    RESET = "reset"
    PREVIEW = "preview"
    UPDATE = "update"
    UNSUBSCRIBE = "unsubscribe"


CONFIRM_FOR = timedelta(days=7)
"""How long a confirmation link works."""


class TokenDamaged(Refusal):
    """Not a token of this site, or altered on its way."""


class TokenForeign(Refusal):
    """A token of this site, made for another purpose."""


class TokenExpired(Refusal):
    """A genuine token, too old."""


class Tokens:
    """Makes and reads tokens under one secret (32 bytes), by one clock."""

    def __init__(self, secret: bytes, clock: Callable[[], datetime]) -> None:
        self._timed = _ClockedSigner(secret, clock)
        self._signers: dict[Purpose, Signer] = {purpose: _signer(secret, purpose) for purpose in Purpose}
        self._signers[Purpose.CONFIRM] = self._timed

    def mint(self, purpose: Purpose, content: bytes) -> str:
        """A URL-safe token. Only `Purpose.CONFIRM` carries a time and expires."""
        return str(self._signers[purpose].sign(_encode(content)).decode("ascii"))

    def read(self, purpose: Purpose, token: str) -> bytes:
        """The content. Raises `TokenDamaged`, `TokenForeign` or `TokenExpired`."""
        if len(token) > LONGEST or not _SHAPE.fullmatch(token):
            raise TokenDamaged("The link is not one of ours.")
        try:
            if purpose is Purpose.CONFIRM:
                return _decode(self._timed.unexpired(token))
            return _decode(self._signers[purpose].unsign(token))
        except SignatureExpired as error:
            raise TokenExpired("The link is too old.") from error
        except BadSignature as error:
            if self._fits_another(purpose, token):
                raise TokenForeign("The link is for another page.") from error
            raise TokenDamaged("The link is damaged.") from error

    def _fits_another(self, purpose: Purpose, token: str) -> bool:
        return any(signer.validate(token) for other, signer in self._signers.items() if other is not purpose)


class _ClockedSigner(TimestampSigner):
    """itsdangerous' timed signer, by the clock that was passed in."""

    def __init__(self, secret: bytes, clock: Callable[[], datetime]) -> None:
        # 48 bytes fill base64 exactly: with any spare bits the last character could be altered unnoticed.
        super().__init__(secret, salt=_salt(Purpose.CONFIRM), key_derivation="hmac", digest_method=hashlib.sha384)
        self._clock = clock

    def get_timestamp(self) -> int:
        return int(self._clock().timestamp())

    def unexpired(self, token: str) -> bytes:
        """The signed text. A link from a clock ahead of ours is young; itsdangerous would call it too old."""
        content, made = self.unsign(token, return_timestamp=True)
        if self._clock() - made > CONFIRM_FOR:
            raise SignatureExpired("too old")
        return content


def _signer(secret: bytes, purpose: Purpose) -> Signer:
    return Signer(secret, salt=_salt(purpose), key_derivation="hmac", digest_method=hashlib.sha384)


def _salt(purpose: Purpose) -> str:
    return f"undersigned.{purpose.value}"


def _encode(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def _decode(text: bytes) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise BadSignature("content") from error
