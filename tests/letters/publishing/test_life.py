"""Whatever people and publishers do in whatever order, the figures stay true."""

import shutil
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from letters.models.letters import LetterState
from letters.publishing.editions import TOGETHER, NotDue
from letters.runtime import Runtime
from letters.settings import Settings
from tests.letters.publishing.crowd import Crowd, Signer, open_crowd
from tests.parts.clock import Clock
from verification.database import make_engine

DISPLAYS = st.sampled_from(["counted", "pseudonym", "named"])
PROFESSIONS = st.sampled_from(["nurse", "midwife", "doctor", "surgeon"])
REGIONS = st.sampled_from(["BY-MI", "BY-BR", "abroad"])


@dataclass(frozen=True)
class Wanted:
    """What we know of a signer who confirmed: how they want to appear, and whether an edition counted them."""

    display: str
    counted: bool = False
    held: bool = False


class Life(RuleBasedStateMachine):
    """One letter on SQLite, beside a plain model of it."""

    pending = Bundle("pending")
    joined = Bundle("joined")

    def __init__(self, migrated: Path, folder: Path, threshold: int) -> None:
        super().__init__()
        self.folder, self.migrated, self.threshold = folder, migrated, threshold
        self.people: dict[Signer, Wanted] = {}
        self.signed = self.arrived = self.withdrawn = self.voided = 0
        self.number = 0

    @initialize()
    def open_letter(self) -> None:
        shutil.copyfile(self.migrated, self.folder / "life.db")
        for name in ("life.db-wal", "life.db-shm"):
            (self.folder / name).unlink(missing_ok=True)
        shutil.rmtree(self.folder / "keys", ignore_errors=True)  # they remember the logs that were signed
        environment = {
            "UNDERSIGNED_DATABASE_URL": f"sqlite:///{self.folder / 'life.db'}",
            "UNDERSIGNED_KEYS": str(self.folder / "keys"),
        }
        self.clock = Clock()
        read = Settings.read(environment)
        self.runtime = Runtime(read, make_engine(read.database_url), clock=self.clock, learn_every=0)
        self.runtime.keyring.create_server_keys()
        self.crowd: Crowd = open_crowd(self.runtime, threshold=self.threshold)

    @rule(target=pending, display=DISPLAYS, profession=PROFESSIONS, region=REGIONS)
    def sign(self, display: str, profession: str, region: str) -> tuple[Signer, str]:
        self.signed += 1
        return self.crowd.sign(self.signed, display=display, profession=profession, region=region), display

    @rule(target=joined, signed=consumes(pending))
    def confirm(self, signed: tuple[Signer, str]) -> Signer:
        signer = self.crowd.confirm(signed[0])
        self.people[signer] = Wanted(signed[1])
        return signer

    @rule(target=joined, display=DISPLAYS, profession=PROFESSIONS, region=REGIONS, count=st.integers(1, 4))
    def join(self, display: str, profession: str, region: str, count: int) -> object:
        numbers = range(self.signed + 1, self.signed + 1 + count)
        self.signed += count
        signers = [self.crowd.join(number, display=display, profession=profession, region=region) for number in numbers]
        self.people |= {signer: Wanted(display) for signer in signers}
        return multiple(*signers)

    @rule(signer=joined, display=DISPLAYS, profession=PROFESSIONS, region=REGIONS)
    def change(self, signer: Signer, display: str, profession: str, region: str) -> None:
        if signer in self.people:
            self.crowd.change(signer, display=display, profession=profession, region=region, name="Vera Example")
            self.people[signer] = replace(self.people[signer], display=display)

    @rule(signer=consumes(joined))
    def withdraw(self, signer: Signer) -> None:
        wanted = self.people.pop(signer, None)
        if wanted is not None:
            self.crowd.withdraw(signer)
            self.withdrawn += wanted.counted

    @rule(signer=consumes(joined))
    def void(self, signer: Signer) -> None:
        wanted = self.people.pop(signer, None)
        if wanted is not None:
            self.crowd.void(signer)
            self.voided += wanted.counted

    @rule(signer=joined)
    def hold_or_let_go(self, signer: Signer) -> None:
        wanted = self.people.get(signer)
        if wanted is not None and not wanted.counted:
            (self.crowd.let_go if wanted.held else self.crowd.hold)(signer)
            self.people[signer] = replace(wanted, held=not wanted.held)

    @rule()
    def release(self) -> None:
        try:
            edition = self.crowd.release()
        except NotDue:
            return
        self.number += 1
        arriving = [signer for signer, wanted in self.people.items() if not wanted.counted and not wanted.held]
        arriving = arriving if self.threshold == 1 or len(arriving) >= TOGETHER else []
        self.arrived += len(arriving)
        self.people |= {signer: replace(self.people[signer], counted=True) for signer in arriving}
        stands = sum(wanted.counted for wanted in self.people.values())
        assert (edition.number, edition.total, edition.signatures) == (self.number, stands, self.arrived)
        assert (edition.withdrawn, edition.voided) == (self.withdrawn, self.voided)
        self.check_entries()

    @rule(minutes=st.integers(1, 3))
    def tend(self, minutes: int) -> None:
        """A worker that finds an edition due does what `release` does."""
        self.clock.advance(minutes=minutes)
        self.release()
        self.crowd.tend()

    @precondition(lambda self: hasattr(self, "crowd"))
    @invariant()
    def recount_finds_nothing(self) -> None:
        assert self.crowd.recount() == []

    @precondition(lambda self: hasattr(self, "crowd"))
    @invariant()
    def the_total_is_a_sum(self) -> None:
        edition = self.crowd.letter.edition
        if edition:
            assert edition.total == edition.signatures - edition.withdrawn - edition.voided

    def check_entries(self) -> None:
        """After an edition the list holds exactly those who chose to be seen, as they chose it."""
        entries = {entry.signature_id: entry for entry in self.crowd.entries()}
        seen = {
            signer.signature: wanted.display
            for signer, wanted in self.people.items()
            if wanted.counted and wanted.display != "counted"
        }
        assert {id: "named" if entry.name else "pseudonym" for id, entry in entries.items()} == seen
        assert not any(entry.leaving for entry in entries.values())

    def close(self) -> None:
        """Closing, and the last edition of all, count everybody who stands."""
        self.crowd.enter(LetterState.CLOSED)
        for days in (0, 31):
            self.clock.advance(days=days)
            self.crowd.tend()
            assert self.crowd.recount() == []
        edition, stands = self.crowd.letter.edition, sum(not wanted.held for wanted in self.people.values())
        assert (edition.total if edition else 0) == stands

    def teardown(self) -> None:
        if hasattr(self, "crowd"):
            self.close()
            self.runtime.engine.dispose()


@pytest.mark.parametrize("threshold", [1, 3])
def test_the_figures_stay_true_whatever_happens(
    migrated_file: Path, tmp_path: Path, pytestconfig: pytest.Config, threshold: int
) -> None:
    full = pytestconfig.getoption("--full")
    run_state_machine_as_test(
        partial(Life, migrated_file, tmp_path, threshold),  # type: ignore[arg-type]
        settings=settings(
            max_examples=100 if full else 8,
            stateful_step_count=50 if full else 20,
            phases=tuple(Phase) if full else (Phase.reuse, Phase.generate),  # shrinking takes minutes
            deadline=None,
        ),
    )
