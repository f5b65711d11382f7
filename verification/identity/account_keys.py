"""An organiser's key pair, and the ways to keep its secret half where the database alone opens nothing.

The secret half stands in the database in several boxes: one that the password opens, one that the recovery code opens,
and one per session that only the browser's cookie opens. Every box needs the server key `accounts` (`pepper`, 32 bytes)
as well, which never lies in the database. `account` is the account's 16-byte id: a box opens for no other account.
"""

from __future__ import annotations

import base64
import struct
import threading
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from verification.errors import Refusal
from verification.identity.boxes import NONCE, BoxDamaged, lock, unlock
from verification.identity.hybrid import decrypt, encrypt
from verification.identity.keypairs import read_secret

KEY, SALT = 32, 16
CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: without I, L, O and U."""
CODE_LENGTH, CODE_GROUP = 28, 4
"""28 letters of 5 bits: 140 bits, which nobody guesses, so that a recovery code needs no slow stretching."""

_PASSWORD = b"undersigned account password 1\0"
_CODE = b"undersigned account recovery code 1\0"
_SESSION = b"undersigned account session 1\0"
_SESSION_ID = b"undersigned session id 1\0"
_CSRF = b"undersigned session csrf 1\0"
_LETTER = b"undersigned letter key 1\0"

_HEADER = struct.Struct(f">BIHB{SALT}s")
_VERSION = 1
_LOOK_ALIKE = str.maketrans("ILOUАВЕКМНОРСТУХІЗ", "110VABEKMH0PCTYX13")
"""What is read or typed for another letter; from the second A on, Cyrillic."""
_LONGEST_NORMALIZED = 1024
"""Characters beyond which normalization would cost more than it helps."""
_ONE_AT_A_TIME = threading.Lock()
"""Held while Argon2 has its memory, so that many sign-ins at once do not take the machine's."""


class WrongPassword(Refusal):
    """The password does not open the box."""


class WrongCode(Refusal):
    """The recovery code does not open the box."""


class SessionUnusable(Refusal):
    """The cookie does not open the session's box."""


@dataclass(frozen=True)
class Stretch:
    """The parameters of Argon2id (RFC 9106): memory in KiB, passes over it, lanes.

    Raises `ValueError` for what Argon2 cannot do, and for so much that an altered box could take the machine's memory.
    """

    memory_kib: int
    passes: int
    lanes: int

    def __post_init__(self) -> None:
        possible = 1 <= self.lanes <= 8 and 1 <= self.passes <= 8 and 8 * self.lanes <= self.memory_kib <= 262_144
        if not possible:
            raise ValueError("Argon2 takes 1 to 8 lanes, 1 to 8 passes, and 8 KiB a lane to 256 MiB of memory.")


USUAL = Stretch(65536, 3, 4)
"""RFC 9106, section 4, second recommended option."""
CHEAPEST = Stretch(8, 1, 1)
"""For tests."""


@dataclass(frozen=True)
class _Header:
    stretch: Stretch
    salt: bytes

    def pack(self) -> bytes:
        stretch = self.stretch
        return _HEADER.pack(_VERSION, stretch.memory_kib, stretch.passes, stretch.lanes, self.salt)


def wrap_with_password(
    secret: str, password: str, pepper: bytes, account: bytes, stretch: Stretch, random_bytes: Callable[[int], bytes]
) -> bytes:
    """The secret half in a box for `open_with_password`; it says itself how the password was stretched.

    A password is right when its box opens, and nothing else knows it.
    """
    header = _Header(stretch, random_bytes(SALT))
    key = _derive(_stretch(password, header), pepper, _PASSWORD + account)
    packed = header.pack()
    return packed + lock(key, secret.encode(), packed, random_bytes(NONCE))


def open_with_password(box: bytes, password: str, pepper: bytes, account: bytes) -> str:
    """The secret half. Raises `WrongPassword`, also for a box of another account or server, or a damaged one.

    Takes the time and the memory that its box says; one at a time in each process.
    """
    packed, rest = box[: _HEADER.size], box[_HEADER.size :]
    try:
        key = _derive(_stretch(password, _read_header(box)), pepper, _PASSWORD + account)
        return unlock(key, rest, packed).decode()
    except BoxDamaged as error:
        raise WrongPassword("The password is not right. Try again, or use your recovery code.") from error


def is_outdated(box: bytes, stretch: Stretch) -> bool:
    """Whether the box was made with other parameters, and should be made anew when the password is next at hand."""
    try:
        return _read_header(box).stretch != stretch
    except BoxDamaged:
        return True


def waste_time(password: str, stretch: Stretch) -> None:
    """The work of `open_with_password` for an account that is not there, so that the answer takes as long."""
    _stretch(password, _Header(stretch, bytes(SALT)))


def new_recovery_code(random_bytes: Callable[[int], bytes]) -> str:
    """A fresh recovery code of 140 bits, in seven groups of four letters and digits."""
    letters = "".join(CODE_LETTERS[byte % 32] for byte in random_bytes(CODE_LENGTH))
    return "-".join(letters[start : start + CODE_GROUP] for start in range(0, CODE_LENGTH, CODE_GROUP))


def wrap_with_code(
    secret: str, code: str, pepper: bytes, account: bytes, random_bytes: Callable[[int], bytes]
) -> bytes:
    """The secret half in a box for `open_with_code`."""
    return lock(_code_key(code, pepper, account), secret.encode(), _CODE, random_bytes(NONCE))


def open_with_code(box: bytes, code: str, pepper: bytes, account: bytes) -> str:
    """The secret half, however the code was typed: case, spaces, hyphens and look-alike letters do not matter.

    Raises `WrongCode`, also for a box of another account or server, or a damaged one.
    """
    try:
        return unlock(_code_key(code, pepper, account), box, _CODE).decode()
    except BoxDamaged as error:
        raise WrongCode("The recovery code is not right. Compare it with your note, group by group.") from error


def wrap_for_session(secret: str, cookie: bytes, pepper: bytes, random_bytes: Callable[[int], bytes]) -> bytes:
    """The secret half in a box for `open_in_session`; `cookie` is the 32 random bytes that the browser keeps."""
    return lock(_derive(cookie, pepper, _SESSION), secret.encode(), _SESSION, random_bytes(NONCE))


def open_in_session(box: bytes, cookie: bytes, pepper: bytes) -> str:
    """The secret half. Raises `SessionUnusable`."""
    try:
        return unlock(_derive(cookie, pepper, _SESSION), box, _SESSION).decode()
    except BoxDamaged as error:
        raise SessionUnusable("Your session has ended. Sign in again.") from error


def session_id(cookie: bytes) -> bytes:
    """The 32 bytes by which the database knows the session; they give away neither the cookie nor its key."""
    return _derive(cookie, None, _SESSION_ID)


def csrf_token(cookie: bytes) -> str:
    """What every form of the session carries. Compare it with `hmac.compare_digest`."""
    return base64.urlsafe_b64encode(_derive(cookie, None, _CSRF)).decode("ascii").rstrip("=")


def wrap_to_member(letter_secret: str, member_public: str, slug: str, account: bytes) -> bytes:
    """A letter's secret key, sealed to the public key of one member. Raises `BadPublicKey`."""
    return encrypt(member_public, letter_secret.encode(), _letter_context(slug, account))


def open_as_member(wrapped: bytes, account_secret: str, slug: str, account: bytes) -> str:
    """The letter's secret key. Raises `CannotOpen` for another member's, another letter's, or a damaged one.

    Raises `BadSecretKey` where `account_secret` is no key at all.
    """
    return decrypt(read_secret(account_secret), wrapped, _letter_context(slug, account)).decode()


def _read_header(box: bytes) -> _Header:
    """How a password's box was made. Raises `BoxDamaged`."""
    if len(box) < _HEADER.size:
        raise BoxDamaged("The box is too short.")
    version, memory_kib, passes, lanes, salt = _HEADER.unpack_from(box)
    if version != _VERSION:
        raise BoxDamaged("The box is of no version that we know.")
    try:
        return _Header(Stretch(memory_kib, passes, lanes), salt)
    except ValueError as error:
        raise BoxDamaged("The box says no parameters that we use.") from error


def _stretch(password: str, header: _Header) -> bytes:
    """Argon2id of the normalized password, 32 bytes."""
    stretch, typed = header.stretch, _normalize(password).encode("utf-8", "surrogatepass")
    with _ONE_AT_A_TIME:
        return hash_secret_raw(
            typed, header.salt, stretch.passes, stretch.memory_kib, stretch.lanes, hash_len=KEY, type=Type.ID
        )


def _normalize(password: str) -> str:
    """NFKC, so that every keyboard types the same password."""
    return unicodedata.normalize("NFKC", password) if len(password) <= _LONGEST_NORMALIZED else password


def _code_key(code: str, pepper: bytes, account: bytes) -> bytes:
    letters = [letter for letter in code.upper().translate(_LOOK_ALIKE) if letter in CODE_LETTERS]
    return _derive("".join(letters).encode(), pepper, _CODE + account)


def _derive(material: bytes, salt: bytes | None, info: bytes) -> bytes:
    """HKDF-SHA256 (RFC 5869), 32 bytes."""
    return HKDF(SHA256(), KEY, salt, info).derive(material)


def _letter_context(slug: str, account: bytes) -> bytes:
    return _LETTER + account + slug.encode()
