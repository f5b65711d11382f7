"""What holds abuse off the pages: a door that may ask for work or waiting, the pace of each letter, counted guesses.

Made once per process from the settings; where it counts is said in `counting`.
"""

from __future__ import annotations

from dataclasses import dataclass

from letters.models.signatures import Suspicion
from letters.runtime import Runtime
from letters.web.counting import Counting
from verification.access.disposable import is_disposable
from verification.access.door import Door
from verification.access.guesses import Guesses
from verification.access.pace import Pace
from verification.access.proof import Proofs
from verification.access.throttling import Throttle
from verification.access.waiting import WaitingTickets
from verification.identity.addresses import Address


@dataclass(frozen=True)
class Precautions:
    """Taken unless UNDERSIGNED_THROTTLE is off."""

    door: Door
    pace: Pace
    guesses: Guesses

    @classmethod
    def of(cls, runtime: Runtime) -> Precautions | None:
        """None when they are switched off."""
        if not runtime.settings.throttle:
            return None
        clock, chance, counting = runtime.clock, runtime.chance, Counting.of(runtime)
        door = Door(
            Throttle(counting.counts),
            Proofs(lambda: runtime.keyring.server("tokens"), clock, chance.below),
            WaitingTickets(lambda: runtime.tokens, clock, chance.token),
        )
        return cls(door, counting.pace, Guesses(counting.counts))

    def suspicion(self, address: Address) -> Suspicion | None:
        """Why a signature of this address will be held once it is confirmed."""
        return Suspicion.DISPOSABLE if is_disposable(address.domain) else None
