"""A draft becomes a letter whole, or not at all."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from letters.models.accounts import AccountRow
from letters.models.drafts import DraftRow
from letters.models.letters import LetterRow, LetterState
from letters.models.teams import LetterKeyRow, LetterTeamRow, MembershipRow, Role, TeamRow, TrailRow
from letters.organising.draft import FolderText
from letters.organising.drafting.checks import SlugFixed, SlugTaken, findings
from letters.organising.drafting.drafts import HasOpened, Overtaken, create, read_draft, save_part
from letters.organising.drafting.opening import DraftMoved, Opening, open_draft
from letters.organising.drafting.parts import LetterPart, Part, Side, TextPart, with_toml
from letters.organising.drafting.rule_parts import CustodyPart, SchedulePart
from letters.organising.folder import BadFolder
from letters.organising.loading import NoOpeningTime
from letters.organising.teams.keys import NobodySeesNames
from letters.organising.teams.trail import Act, Doing
from letters.runtime import Runtime
from tests.letters.organising.drafting.writers import whole_text
from tests.parts.clock import Clock
from verification.errors import Refusal
from verification.identity.account_keys import open_as_member
from verification.identity.sealing import new_key_pair, public_key_of

ACCOUNT = b"a" * 16


@dataclass(frozen=True)
class Desk:
    """A team with one member, and its drafts."""

    runtime: Runtime
    doing: Doing
    secret: str

    def draft(self, text: FolderText) -> bytes:
        return self.runtime.settle(lambda session: create(session, self.doing, text, secrets.token_bytes))

    def open(self, draft_id: bytes, version: int = 0) -> str:
        """Open it as it stands; returns its state."""
        runtime = self.runtime
        opening = Opening(runtime.keyring, runtime.settings.vocabularies, new_key_pair)
        doing = replace(self.doing, now=runtime.clock())

        def verb(session: Session) -> str:
            known = version or read_draft(session, draft_id).version
            return open_draft(session, doing, draft_id, known, opening).state

        return runtime.settle(verb)

    def save(self, draft_id: bytes, kind: type[Part], **changes: Any) -> None:
        def verb(session: Session) -> None:
            part = kind.of(Side(read_draft(session, draft_id).text, "ru"))
            save_part(session, self.doing, draft_id, replace(part, **changes), part.seen)

        self.runtime.settle(verb)

    def letters(self) -> list[LetterRow]:
        with Session(self.runtime.engine) as session:
            return list(session.scalars(select(LetterRow).order_by(LetterRow.id)))

    def secrets_of_letters(self) -> list[str]:
        """The letters' secret keys, as the member opens them."""
        with self.runtime.reading() as session:
            query = select(LetterKeyRow.wrapped, LetterRow.slug).join(LetterRow, LetterRow.id == LetterKeyRow.letter_id)
            return [open_as_member(wrapped, self.secret, slug, ACCOUNT) for wrapped, slug in session.execute(query)]

    def count(self, table: Any) -> int:
        with self.runtime.reading() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def desk(runtime: Runtime) -> Desk:
    pair = new_key_pair()

    def verb(session: Session) -> int:
        team = TeamRow(name="Team Example")
        account = AccountRow(
            id=ACCOUNT,
            address_index=bytes(32),
            profile_box=b"",
            language="en",
            public_key=pair.public,
            secret_box=b"",
            created_on=runtime.clock().date(),
        )
        session.add_all([team, account])
        session.flush()
        today = runtime.clock().date()
        session.add(
            MembershipRow(team_id=team.id, account_id=ACCOUNT, role=Role.OWNER.value, sees_names=True, joined_on=today)
        )
        return team.id

    return Desk(runtime, Doing(runtime.settle(verb), ACCOUNT, runtime.clock()), pair.secret)


def later(desk: Desk, **more: float) -> str:
    return (desk.runtime.clock() + timedelta(**more)).isoformat()


def test_the_team_gets_a_letter_and_its_key(desk: Desk) -> None:
    assert desk.open(desk.draft(whole_text())) == LetterState.OPEN
    letter = desk.letters()[0]
    assert [public_key_of(secret) for secret in desk.secrets_of_letters()] == [letter.public_key]
    assert desk.count(LetterTeamRow) == 1
    with desk.runtime.reading() as session:
        assert session.scalars(select(TrailRow.act)).all() == [Act.DRAFTED.value, Act.OPENED.value]
        assert session.scalars(select(TrailRow.letter_id)).all()[-1] == letter.id


def test_an_offline_letter_opens_under_its_own_key(desk: Desk) -> None:
    pair = new_key_pair()
    desk.open(desk.draft(with_toml(whole_text(), custody="offline", public_key=pair.public)))
    assert desk.letters()[0].public_key == pair.public
    assert desk.secrets_of_letters() == []


def test_nobody_who_sees_names_means_no_letter(desk: Desk) -> None:
    desk.runtime.settle(lambda session: session.execute(update(MembershipRow).values(sees_names=False)))
    draft_id = desk.draft(whole_text())
    with pytest.raises(NobodySeesNames):
        desk.open(draft_id)
    assert (desk.letters(), desk.count(LetterTeamRow), desk.count(LetterKeyRow)) == ([], 0, 0)
    assert "custody" in fields(desk, draft_id)


def test_what_is_unfinished_does_not_open(desk: Desk) -> None:
    with pytest.raises(BadFolder):
        desk.open(desk.draft(with_toml(whole_text(), countries=[])))
    assert desk.letters() == []


def test_a_draft_that_changed_since_it_was_checked_does_not_open(desk: Desk) -> None:
    draft_id = desk.draft(whole_text())
    desk.save(draft_id, TextPart, title="Another")
    with pytest.raises(DraftMoved):
        desk.open(draft_id, version=1)
    assert desk.letters() == []


def test_an_open_letter_opens_once_and_its_draft_is_closed(desk: Desk) -> None:
    draft_id = desk.draft(whole_text())
    desk.open(draft_id)
    with pytest.raises(HasOpened):
        desk.open(draft_id)
    with pytest.raises(HasOpened):
        desk.save(draft_id, TextPart, title="Another")
    assert len(desk.letters()) == 1


def test_another_letters_address_is_taken(desk: Desk) -> None:
    desk.open(desk.draft(whole_text()))
    second = desk.draft(whole_text())
    with pytest.raises(SlugTaken):
        desk.open(second)
    assert fields(desk, second) == ["slug"]
    desk.save(second, LetterPart, slug="another")
    assert desk.open(second) == LetterState.OPEN


def test_of_two_that_open_at_once_under_one_address_one_does(desk: Desk) -> None:
    drafts, start = [desk.draft(whole_text()) for _ in range(2)], Barrier(2)

    def race(draft_id: bytes) -> object:
        start.wait()
        try:
            return desk.open(draft_id)
        except Refusal as refusal:
            return type(refusal)

    with ThreadPoolExecutor(2) as both:
        results = list(both.map(race, drafts))
    assert sorted(map(str, results)) == sorted(map(str, ["open", SlugTaken]))
    assert len(desk.letters()) == 1
    assert [public_key_of(secret) for secret in desk.secrets_of_letters()] == [desk.letters()[0].public_key]


def test_one_draft_that_two_open_at_once_opens_once(desk: Desk) -> None:
    draft_id, start = desk.draft(whole_text()), Barrier(2)

    def race(_number: int) -> object:
        start.wait()
        try:
            return desk.open(draft_id, version=1)
        except Refusal as refusal:
            return type(refusal)

    with ThreadPoolExecutor(2) as both:
        results = list(both.map(race, range(2)))
    assert sorted(map(str, results)) == sorted(map(str, ["open", HasOpened]))


def test_a_scheduled_letter_can_change_and_keeps_its_key(desk: Desk, clock: Clock) -> None:
    draft_id = desk.draft(with_toml(whole_text(), opens=desk.runtime.clock() + timedelta(hours=2)))
    assert desk.open(draft_id) == LetterState.SCHEDULED
    key, before = desk.secrets_of_letters(), desk.letters()[0].text_hash
    desk.save(draft_id, TextPart, title="Another title")
    assert desk.open(draft_id) == LetterState.SCHEDULED
    assert desk.secrets_of_letters() == key
    assert desk.letters()[0].text_hash != before
    desk.save(draft_id, SchedulePart, opens=later(desk, hours=-1))
    assert desk.open(draft_id) == LetterState.OPEN
    assert desk.secrets_of_letters() == key


def test_a_scheduled_letter_that_the_clock_opened_is_frozen(desk: Desk, clock: Clock) -> None:
    draft_id = desk.draft(with_toml(whole_text(), opens=desk.runtime.clock() + timedelta(hours=2)))
    desk.open(draft_id)
    clock.advance(hours=3)
    with pytest.raises(HasOpened):
        desk.open(draft_id)


def test_a_scheduled_letter_keeps_its_address_and_needs_its_time(desk: Desk) -> None:
    draft_id = desk.draft(with_toml(whole_text(), opens=desk.runtime.clock() + timedelta(hours=2)))
    desk.open(draft_id)
    desk.save(draft_id, LetterPart, slug="another")
    with pytest.raises(SlugFixed):
        desk.open(draft_id)
    desk.save(draft_id, LetterPart, slug="a-new-letter")
    desk.save(draft_id, SchedulePart, opens="")
    with pytest.raises(NoOpeningTime):
        desk.open(draft_id)


def test_changing_a_scheduled_letters_custody_changes_its_keys(desk: Desk) -> None:
    draft_id = desk.draft(with_toml(whole_text(), opens=desk.runtime.clock() + timedelta(hours=2)))
    desk.open(draft_id)
    first, pair = desk.secrets_of_letters(), new_key_pair()
    desk.save(draft_id, CustodyPart, custody="offline", public_key=pair.public)
    desk.open(draft_id)
    assert (desk.secrets_of_letters(), desk.letters()[0].public_key) == ([], pair.public)
    desk.save(draft_id, CustodyPart, custody="team")
    desk.open(draft_id)
    assert desk.secrets_of_letters() != first
    assert [public_key_of(secret) for secret in desk.secrets_of_letters()] == [desk.letters()[0].public_key]


def test_the_check_list_names_what_files_cannot(desk: Desk) -> None:
    text = with_toml(
        whole_text(closes=desk.runtime.clock() - timedelta(days=1)),
        countries=["XX"],
        professions="wizards",
        organisers=["nobody"],
        custody="offline",
        public_key="no key",
    )
    assert sorted(fields(desk, desk.draft(text))) == ["closes", "countries", "organisers", "professions", "public_key"]


def fields(desk: Desk, draft_id: bytes) -> list[str]:
    with desk.runtime.reading() as session:
        found = findings(session, read_draft(session, draft_id), (), desk.runtime.clock())
    return [finding.field for finding in found]


def test_a_whole_letter_has_an_empty_check_list(desk: Desk) -> None:
    assert fields(desk, desk.draft(whole_text())) == []
    assert desk.count(DraftRow) == 1


def test_saving_is_told_before_it_is_frozen(desk: Desk) -> None:
    draft_id = desk.draft(whole_text())
    desk.save(draft_id, TextPart, title="Another")
    with pytest.raises(Overtaken):
        desk.runtime.settle(
            lambda session: save_part(session, desk.doing, draft_id, TextPart("ru", "Mine", "x\n"), "0" * 32)
        )
