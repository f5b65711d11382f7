"""Proofs of work: ALTCHA challenges, version 2, made and checked by the `altcha` library.

A browser derives PBKDF2 keys for one counter after the other until it meets the one that was drawn here. Whoever keeps
a used challenge could use it again, so what is used is recorded (`spent`).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from altcha import Payload, create_challenge, verify_solution

from verification.errors import Refusal

ALGORITHM, ITERATIONS = "PBKDF2/SHA-256", 2_000
LEAST, MOST = 200, 800
"""Keys to derive, evenly drawn: a million iterations of SHA-256 on average, 1.6 million at most. A phone of 2014 does
about 600,000 a second (1 to 3 seconds), a laptop 5 million."""

LASTS = timedelta(minutes=20)
LONGEST = 2_000
"""Characters of a solution beyond which it is not even looked at."""


class BadProof(Refusal):
    """No proof of work for this letter, or one that has expired."""


@dataclass(frozen=True)
class Payment:
    """What a request was let through for: good once, called `id` (32 bytes), of no use after the day `expires_on`."""

    id: bytes
    expires_on: date


@dataclass(frozen=True)
class Proofs:
    """Asks for work and checks it. Each use of the server's `secret` here is under a key of its own."""

    secret: Callable[[], bytes]
    clock: Callable[[], datetime]
    below: Callable[[int], int]

    def ask(self, letter: str) -> str:
        """A fresh challenge, good for one signature under `letter`, as the JSON that ALTCHA's clients read."""
        expires = self.clock() + LASTS
        challenge = create_challenge(
            ALGORITHM,
            ITERATIONS,
            counter=LEAST + self.below(MOST - LEAST + 1),
            data={"letter": letter, "expires": int(expires.timestamp()), "most": MOST},
            hmac_secret=self._key("challenge"),
            hmac_key_secret=self._key("solution"),
        )
        return json.dumps(challenge.to_dict())

    def check(self, solution: str, letter: str) -> Payment:
        """What a solution (ALTCHA's base64 payload) pays for. Raises `BadProof`; whether it was used is not known here.

        The library would look at its own clock, so that the time stands in the signed data and is looked at here.
        """
        if not 0 < len(solution) <= LONGEST or not self._verify(solution):
            raise BadProof("The proof of work is missing or wrong.")
        asked = Payload.from_base64(solution).challenge.parameters
        data = asked.data or {}
        if data.get("letter") != letter or data["expires"] < self.clock().timestamp():
            raise BadProof("The proof of work is for another letter or too old.")
        id = hashlib.sha256(b"undersigned spent proof 1\0" + asked.nonce.encode()).digest()
        return Payment(id, last_day(data["expires"]))

    def _verify(self, solution: str) -> bool:
        return verify_solution(solution, self._key("challenge"), hmac_key_secret=self._key("solution")).verified

    def _key(self, use: str) -> bytes:
        return hmac.digest(self.secret(), b"undersigned proof of work 1 " + use.encode(), hashlib.sha256)


def last_day(seconds: int) -> date:
    """Until when a used proof is remembered: a day longer than it is good, should the clock step forward and back."""
    return (datetime.fromtimestamp(seconds, UTC) + timedelta(days=1)).date()
