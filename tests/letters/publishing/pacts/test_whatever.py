"""Names appear together or never, whatever happens in whatever order."""

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from letters.models.letters import LetterState
from letters.models.signatures import SignatureRow
from letters.models.values import Pact
from letters.publishing.editions import NotDue
from letters.runtime import Runtime
from letters.settings import Settings
from tests.letters.organising.defending.guards import Guards, guard
from tests.letters.publishing.crowd import Crowd, Signer, open_crowd
from tests.letters.publishing.pacts.letters import pact
from tests.parts.clock import Clock
from verification.database import make_engine

CHOICES = st.sampled_from(["counted", "named", "pact", "pact", "pact"])


@dataclass(frozen=True)
class Wanted:
    """What we know of a signer who confirmed; `voided` is the batch that has thrown them out for now."""

    display: str
    counted: bool = False
    held: bool = False
    voided: int = 0

    @property
    def stands(self) -> bool:
        return not self.held and not self.voided


class Together(RuleBasedStateMachine):
    """One letter with a pact on SQLite, beside a plain model of it."""

    joined = Bundle("joined")

    def __init__(self, migrated: Path, folder: Path, threshold: int) -> None:
        super().__init__()
        self.folder, self.migrated, self.threshold = folder, migrated, threshold
        self.people: dict[Signer, Wanted] = {}
        self.signed = 0
        self.kept_in: int | None = None

    @initialize()
    def open_letter(self) -> None:
        shutil.copyfile(self.migrated, self.folder / "life.db")
        for name in ("life.db-wal", "life.db-shm"):
            (self.folder / name).unlink(missing_ok=True)
        shutil.rmtree(self.folder / "keys", ignore_errors=True)
        environment = {
            "UNDERSIGNED_DATABASE_URL": f"sqlite:///{self.folder / 'life.db'}",
            "UNDERSIGNED_KEYS": str(self.folder / "keys"),
        }
        self.clock = Clock()
        read = Settings.read(environment)
        self.runtime = Runtime(read, make_engine(read.database_url), clock=self.clock, learn_every=0)
        self.runtime.keyring.create_server_keys()
        self.crowd: Crowd = open_crowd(self.runtime, threshold=self.threshold, pact=4)
        self.guards: Guards = guard(self.crowd)

    @rule(target=joined, display=CHOICES)
    def join(self, display: str) -> Signer:
        self.signed += 1
        signer = self.crowd.join(self.signed, display=display)
        self.people[signer] = Wanted(display)
        return signer

    @rule(display=CHOICES)
    def fill_in(self, display: str) -> None:
        self.signed += 1
        self.crowd.sign(self.signed, display=display)

    @rule(signer=joined, display=CHOICES, profession=st.sampled_from(["nurse", "midwife"]))
    def change(self, signer: Signer, display: str, profession: str) -> None:
        if signer in self.people and not self.people[signer].voided:
            self.crowd.change(signer, display=display, profession=profession, name="Vera Example")
            kept = display == "pact" and self.kept_in
            self.people[signer] = replace(self.people[signer], display="named" if kept else display)

    @rule(signer=joined)
    def withdraw(self, signer: Signer) -> None:
        if signer in self.people and not self.people[signer].voided:
            del self.people[signer]
            self.crowd.withdraw(signer)

    @rule(signer=joined)
    def hold_or_let_go(self, signer: Signer) -> None:
        wanted = self.people.get(signer)
        if wanted is not None and not wanted.counted and not wanted.voided:
            (self.crowd.let_go if wanted.held else self.crowd.hold)(signer)
            self.people[signer] = replace(wanted, held=not wanted.held)

    @rule(signer=joined)
    def void_or_undo(self, signer: Signer) -> None:
        wanted = self.people.get(signer)
        if wanted is None:
            return
        if wanted.voided:
            self.guards.undo(wanted.voided)
        batch = 0 if wanted.voided else self.guards.void(signer).number
        self.people[signer] = replace(wanted, voided=batch)

    @rule()
    def release(self) -> None:
        self.clock.advance(minutes=1)
        before = self.crowd.letter.number
        with suppress(NotDue):
            self.crowd.release()
        if self.crowd.letter.number > before:
            self.see_edition(before + 1)
        self.crowd.tend()

    def see_edition(self, number: int) -> None:
        """What has to be true of the list after an edition."""
        gone = {signer for signer, wanted in self.people.items() if wanted.voided}
        for signer in gone:
            del self.people[signer]  # final now
        new = [signer for signer, wanted in self.people.items() if wanted.stands and not wanted.counted]
        for signer in new if self.threshold == 1 or len(new) > 1 else ():
            self.people[signer] = replace(self.people[signer], counted=True)
        agreed = [signer for signer, wanted in self.people.items() if wanted.counted and wanted.display != "counted"]
        if self.kept_in is None and len(agreed) >= 4:
            self.kept_in = number
        assert pact(self.crowd) == Pact(4, self.kept_in)
        named = {signer.signature for signer in agreed if self.kept_in or self.people[signer].display == "named"}
        assert {entry.signature_id for entry in self.crowd.entries() if entry.name} == named

    @precondition(lambda self: hasattr(self, "crowd"))
    @invariant()
    def nobody_who_waits_is_public(self) -> None:
        entries = {entry.signature_id for entry in self.crowd.entries() if not entry.leaving}
        waits = {signer.signature for signer, wanted in self.people.items() if wanted.display == "pact"}
        assert self.kept_in or not entries & waits
        assert self.crowd.recount() == []

    def close(self) -> None:
        """Closing keeps it or ends it: there is nothing between."""
        self.crowd.enter(LetterState.CLOSED)
        self.crowd.tend()
        ended = pact(self.crowd)
        assert (ended.kept_in is None) == ended.lapsed
        with self.runtime.reading() as session:
            rows = session.scalars(select(SignatureRow)).all()
        assert not any(row.pact or (row.name_box and row.display != "named") for row in rows)
        assert self.crowd.recount() == []

    def teardown(self) -> None:
        if hasattr(self, "crowd"):
            self.close()
            self.runtime.engine.dispose()


@pytest.mark.parametrize("threshold", [1, 3])
def test_names_appear_together_or_never_whatever_happens(
    migrated_file: Path, tmp_path: Path, repetitions: Callable[[int, int], int], threshold: int
) -> None:
    examples = repetitions(5, 40)
    run_state_machine_as_test(
        partial(Together, migrated_file, tmp_path, threshold),  # type: ignore[arg-type]
        settings=settings(
            max_examples=examples,
            stateful_step_count=repetitions(20, 50),
            phases=tuple(Phase) if examples > 5 else (Phase.reuse, Phase.generate),
            deadline=None,
        ),
    )
