"""Who may come in: everybody. Whose network is over its limit works or waits first; nobody is refused for good."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from verification.access.proof import BadProof, Payment, Proofs
from verification.access.throttling import Throttle
from verification.access.waiting import BadTicket, TooEarly, WaitingTickets
from verification.errors import Refusal


@dataclass(frozen=True)
class Knock:
    """One request: from which address, for which letter, with which solution and ticket in its form."""

    address: str | None
    letter: str
    solution: str
    ticket: str


class SlowDown(Refusal):
    """The network is over its limit: solve `work` (JSON), or wait so many `seconds` and show the `ticket`.

    `early` says that a ticket was shown before its time.
    """

    def __init__(self, work: str, ticket: str, seconds: int, *, early: bool = False) -> None:
        super().__init__("The network is over its limit.")
        self.work, self.ticket, self.seconds, self.early = work, ticket, seconds, early


@dataclass(frozen=True)
class Door:
    """Asks for a proof of work or a while of waiting once a network is over its limit."""

    throttle: Throttle
    proofs: Proofs
    tickets: WaitingTickets

    def admit(self, knock: Knock) -> Payment | None:
        """What has to be spent for this request; None while its network is within its limit. Raises `SlowDown`.

        Who pays is not counted: those who share a network do not lengthen each other's wait by coming back.
        """
        payment = self._payment(knock)
        excess = 0 if payment else self.throttle.excess(knock.address)
        if excess:
            raise self.slow_down(knock.letter, excess)
        return payment

    def slow_down(self, letter: str, excess: int = 1) -> SlowDown:
        """Fresh work and a fresh ticket."""
        seconds = self.tickets.seconds(excess)
        return SlowDown(self.proofs.ask(letter), self.tickets.issue(letter, seconds), seconds)

    def _payment(self, knock: Knock) -> Payment | None:
        if knock.solution:
            with suppress(BadProof):
                return self.proofs.check(knock.solution, knock.letter)
        if knock.ticket:
            with suppress(BadTicket):
                return self._redeem(knock)
        return None

    def _redeem(self, knock: Knock) -> Payment:
        try:
            return self.tickets.check(knock.ticket, knock.letter)
        except TooEarly as early:
            work = self.proofs.ask(knock.letter)
            raise SlowDown(work, knock.ticket, early.seconds, early=True) from None
