"""A letter, its people, and a team of organisers who decide over its signatures by the verbs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.accounts import AccountRow
from letters.models.batches import Reason
from letters.models.decisions import DecisionRow
from letters.models.editions import EditionRow
from letters.models.signatures import SignatureRow, SubscriptionRow
from letters.models.teams import LetterTeamRow, MembershipRow, Role, TeamRow, TrailRow
from letters.organising.defending.batches import Batch, approve, drop, find_batch, list_batches, propose_void, undo
from letters.organising.defending.deciding import What
from letters.organising.defending.running import run_batches
from letters.organising.teams.trail import Doing
from letters.runtime import Runtime
from tests.letters.publishing.crowd import Crowd, Signer, open_crowd

T = TypeVar("T")

OWNER, EDITOR, REVIEWER = b"o" * 16, b"e" * 16, b"r" * 16


@dataclass
class Guards:
    """The team "Team Example", in which some of these three are."""

    crowd: Crowd
    team_id: int

    @property
    def runtime(self) -> Runtime:
        return self.crowd.runtime

    def doing(self, who: bytes = OWNER) -> Doing:
        return Doing(self.team_id, who, self.runtime.clock(), self.crowd.letter.id)

    def do(self, verb: Callable[..., T], *values: Any, by: bytes = OWNER) -> T:
        """One of the verbs that take who acts, the letter, and what they act upon."""
        return self.runtime.settle(lambda session: verb(session, self.doing(by), self.crowd.slug, *values))

    def void(self, *signers: Signer, by: bytes = OWNER, reason: Reason = Reason.INVENTED) -> Batch:
        return self.propose([signer.signature for signer in signers], by=by, reason=reason)

    def propose(self, what: What, by: bytes = OWNER, reason: Reason = Reason.INVENTED) -> Batch:
        return self.do(propose_void, what, reason, by=by)

    def approve(self, number: int, by: bytes = EDITOR, seen: int | None = None) -> Batch:
        return self.do(approve, number, seen, by=by)

    def drop(self, number: int, by: bytes = OWNER) -> Batch:
        return self.do(drop, number, by=by)

    def undo(self, number: int, by: bytes = OWNER) -> Batch:
        return self.do(undo, number, by=by)

    def work(self) -> None:
        """Let a worker do whatever batch is in hand."""
        while run_batches(self.runtime):
            pass

    def batch(self, number: int) -> Batch:
        return self.read(lambda session: find_batch(session, self.crowd.letter.id, number))

    def batches(self) -> list[Batch]:
        return self.read(lambda session: list_batches(session, self.crowd.letter.id))

    def read(self, query: Callable[[Session], T]) -> T:
        with self.runtime.reading() as session:
            return query(session)

    def states(self, *signers: Signer) -> list[str]:
        return [self.crowd.row(signer).state for signer in signers]

    def facts(self, signer: Signer) -> dict[str, Any]:
        """All that the database holds of a signature."""
        row = self.crowd.row(signer)
        return {column.name: getattr(row, column.name) for column in SignatureRow.__table__.columns}

    def trail(self) -> list[tuple[str, int | None, str | None, bytes | None]]:
        rows = self.read(lambda session: list(session.scalars(select(TrailRow).order_by(TrailRow.id))))
        return [(row.act, row.count, row.reason, row.account_id) for row in rows]

    def decisions(self) -> list[tuple[str, str | None, int]]:
        rows = self.read(lambda session: list(session.scalars(select(DecisionRow).order_by(DecisionRow.position))))
        return [(row.act, row.reason, row.count) for row in rows]

    def figures(self) -> list[tuple[int, int, int]]:
        """Of each edition: signatures, withdrawn, voided."""
        rows = self.read(lambda session: list(session.scalars(select(EditionRow).order_by(EditionRow.number))))
        return [(row.signatures, row.withdrawn, row.voided) for row in rows]

    def subscribe(self, signer: Signer) -> None:
        row = SubscriptionRow(
            signature_id=signer.signature, language="en", address_box=b"box", handle=signer.signature[::-1]
        )
        self.runtime.settle(lambda session: session.add(row))

    def subscribed(self) -> set[bytes]:
        return self.read(lambda session: set(session.scalars(select(SubscriptionRow.signature_id))))


def guard_letter(runtime: Runtime, *members: bytes, **rules: Any) -> Guards:
    """An open letter of a team with these members, else with all three."""
    return guard(open_crowd(runtime, **rules), *members)


def guard(crowd: Crowd, *members: bytes) -> Guards:
    """Make an open letter that team's."""

    def verb(session: Session) -> int:
        team = TeamRow(name="Team Example")
        session.add(team)
        session.flush()
        session.add(LetterTeamRow(letter_id=crowd.letter.id, team_id=team.id))
        roles = {OWNER: Role.OWNER, EDITOR: Role.EDITOR, REVIEWER: Role.REVIEWER}
        for id in members or tuple(roles):
            _add_member(session, crowd.runtime, team.id, id, roles[id])
        return int(team.id)

    return Guards(crowd, crowd.runtime.settle(verb))


def _add_member(session: Session, runtime: Runtime, team_id: int, id: bytes, role: Role) -> None:
    today = runtime.clock().date()
    known = {"address_index": id * 2, "profile_box": b"", "language": "en", "public_key": "", "secret_box": b""}
    session.add(AccountRow(id=id, ready=True, created_on=today, **known))
    session.flush()
    session.add(MembershipRow(team_id=team_id, account_id=id, role=role.value, sees_names=False, joined_on=today))
