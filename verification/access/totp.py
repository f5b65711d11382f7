"""Codes of an authenticator app: TOTP (RFC 6238), six digits of HMAC-SHA-1 every 30 seconds."""

from __future__ import annotations

import base64
import re
from datetime import datetime
from hmac import compare_digest

from pyotp import TOTP

from verification.errors import Refusal

SECRET_BYTES = 20
"""The length of HMAC-SHA-1, which RFC 4226 (section 4) recommends."""
SKEW = 1
"""Steps that a clock may be off, either way."""

_CODE = re.compile(r"[0-9]{6}")


class WrongCode(Refusal):
    """The code is none of the current ones."""


class CodeUsed(Refusal):
    """The code was right, and was used before (RFC 6238, section 5.2)."""


def provisioning_uri(secret: bytes, account: str, issuer: str) -> str:
    """What the app reads from the picture: an `otpauth://` address with the secret, the account and the site."""
    return TOTP(_base32(secret)).provisioning_uri(name=account, issuer_name=issuer)


def typed_secret(secret: bytes) -> str:
    """The secret for typing into the app: base 32, in fours."""
    letters = _base32(secret)
    return " ".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def check_code(secret: bytes, code: str, now: datetime, last_step: int | None) -> int:
    """The 30-second step that the code belongs to, which the caller keeps as the next `last_step`.

    Raises `WrongCode`, or `CodeUsed` for a step that is not later than `last_step`.
    """
    digits = "".join(code.split())
    if not _CODE.fullmatch(digits):
        raise WrongCode("A code has six digits. Type the one that your app shows now.")
    totp = TOTP(_base32(secret))
    current = totp.timecode(now)
    around = range(max(0, current - SKEW), current + SKEW + 1)
    # all of them are compared, so that the time tells nothing
    steps = [step for step in around if compare_digest(totp.generate_otp(step), digits)]
    if not steps:
        raise WrongCode("The code is not right. Type the one that your app shows now, and check your phone's clock.")
    if last_step is not None and steps[-1] <= last_step:
        raise CodeUsed("This code was used already. Wait for the next one.")
    return steps[-1]


def _base32(secret: bytes) -> str:
    return base64.b32encode(secret).decode("ascii").rstrip("=")
