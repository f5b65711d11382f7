"""Files of any length sealed to a public key, in constant memory.

A fresh key is sealed (`sealing`), and under it go chunks in the STREAM construction (Hoang, Reyhanitabar, Rogaway and
Vizár, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", 2015): the nonce counts chunks and says
which is the last, so whoever cuts, reorders, repeats or swaps chunks is found out.

Anybody who has the public key can make such a file: that one opens says who may read it, not who wrote it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from struct import Struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from verification.errors import Refusal
from verification.identity.custody import Opener
from verification.identity.sealing import seal

CHUNK = 1 << 16
"""Bytes of plaintext in each chunk but the last, which may be shorter, or empty where there is nothing else."""

KEY = 32

_TAG = 16
_SEALED_CHUNK = CHUNK + _TAG
_COUNTER = 11
_MAGIC = b"undersigned sealed file 1\n"
_LENGTHS = Struct(">II")
_LONGEST_PART = 1 << 16

Read = Callable[[int], bytes]
"""As a file's own: so many bytes, fewer only at the end."""


class NotSealed(Refusal):
    """The file is none of ours."""


class StreamDamaged(Refusal):
    """The file was altered or cut short."""


@dataclass(frozen=True)
class SealedHead:
    """How a file begins: the public key that it is for, and its own key, sealed to that."""

    public: str
    sealed_key: bytes

    def encode(self) -> bytes:
        public = self.public.encode("ascii")
        return _MAGIC + _LENGTHS.pack(len(public), len(self.sealed_key)) + public + self.sealed_key


def seal_file(
    public: str, context: bytes, parts: Iterable[bytes], random_bytes: Callable[[int], bytes]
) -> Iterator[bytes]:
    """A file that opens with the secret key, and under the same `context` only. Raises `BadPublicKey` at once."""
    key = random_bytes(KEY)
    head = SealedHead(public, seal(public, key, _bound(context, public)))
    return _file(head, seal_chunks(key, parts))


def read_head(read: Read) -> SealedHead:
    """How a file begins. Raises `NotSealed`."""
    begin = read(len(_MAGIC) + _LENGTHS.size)
    if len(begin) < len(_MAGIC) + _LENGTHS.size or not begin.startswith(_MAGIC):
        raise NotSealed("The file was not made by this program, or by a newer version of it.")
    lengths = _LENGTHS.unpack_from(begin, len(_MAGIC))
    if max(lengths) > _LONGEST_PART:
        raise NotSealed("The file does not begin as it should: it is damaged.")
    public, sealed_key = (read(length) for length in lengths)
    try:
        return SealedHead(public.decode("ascii"), sealed_key)
    except UnicodeDecodeError:
        raise NotSealed("The file does not begin as it should: it is damaged.") from None


def open_file(head: SealedHead, opener: Opener, context: bytes, read: Read) -> Iterator[bytes]:
    """What follows a head, opened. Raises `CannotOpen` at once, and `StreamDamaged` where the file is no longer whole.

    What comes before damage is as it was written; only the end of the iteration says that nothing is missing.
    """
    return open_chunks(opener.open(head.sealed_key, _bound(context, head.public)), read)


def seal_chunks(key: bytes, parts: Iterable[bytes]) -> Iterator[bytes]:
    """The plaintext `parts`, cut anew, as sealed chunks. `key` is used for nothing else, ever."""
    cipher, number, waiting = AESGCMSIV(key), 0, bytearray()
    for part in parts:
        waiting += part
        while len(waiting) > CHUNK:  # never at equal length: then it may be the last
            yield cipher.encrypt(_nonce(number, last=False), bytes(waiting[:CHUNK]), None)
            del waiting[:CHUNK]
            number += 1
    yield cipher.encrypt(_nonce(number, last=True), bytes(waiting), None)


def open_chunks(key: bytes, read: Read) -> Iterator[bytes]:
    """The plaintext of sealed chunks, one at a time. Raises `StreamDamaged`."""
    cipher, number, chunk = AESGCMSIV(key), 0, read(_SEALED_CHUNK)
    while chunk:
        following = read(_SEALED_CHUNK)
        try:
            yield cipher.decrypt(_nonce(number, last=not following), chunk, None)
        except (InvalidTag, ValueError):
            raise StreamDamaged(_SENTENCE) from None
        number, chunk = number + 1, following
    if not number:
        raise StreamDamaged(_SENTENCE)


def _file(head: SealedHead, chunks: Iterable[bytes]) -> Iterator[bytes]:
    yield head.encode()
    yield from chunks


def _bound(context: bytes, public: str) -> bytes:
    return b"undersigned sealed file 1\0" + context + b"\0" + public.encode("ascii", "replace")


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(_COUNTER, "big") + bytes([last])


_SENTENCE = "The file was altered or cut short, on a disk or on its way. Use another copy."
