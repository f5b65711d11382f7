"""A batch in the background: in portions, killed anywhere, beside everything else that happens to a letter."""

import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.orm import Session

from letters.models.batches import BatchState
from letters.models.letters import LetterState
from letters.models.signatures import Display
from letters.organising.defending import batches, running
from letters.organising.defending.deciding import NothingFits, accept, hold, unvouch, vouch
from letters.organising.defending.filters import Filter
from letters.organising.defending.running import PORTIONS, go_on, run_batches
from letters.publishing.editions import NotDue, lock_letter
from letters.runtime import Runtime
from letters.settings import Settings
from letters.worker import Worker
from tests.letters.organising.defending.guards import Guards, guard_letter
from tests.letters.publishing.crowd import Signer
from tests.parts.clock import Clock
from tests.parts.postgres import Postgres
from verification.database import make_engine

CHUNK = 3
DISPLAYS = st.sampled_from(["counted", "pseudonym", "named"])
PICKS = st.integers(0, 99)


@pytest.fixture(autouse=True)
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few signatures are many, and take several transactions."""
    monkeypatch.setattr(running, "CHUNK", CHUNK)
    monkeypatch.setattr(batches, "MASS", 1)


@pytest.fixture
def guards(runtime: Runtime) -> Guards:
    return guard_letter(runtime)


class Killed(Exception):
    """What ends a worker in the middle of a transaction."""


def portion(guards: Guards, number: int = 1, *, killed: bool = False) -> bool:
    """One portion of a batch; killed, just before it would be committed."""

    def verb(session: Session) -> bool:
        more = go_on(session, lock_letter(session, guards.crowd.slug), number, guards.runtime.clock())
        if killed:
            raise Killed
        return more

    return guards.runtime.settle(verb)


def approved(guards: Guards, chosen: Filter) -> int:
    return guards.approve(guards.propose(chosen).number).number


def test_a_batch_goes_on_where_a_killed_worker_left_it(guards: Guards) -> None:
    signers = guards.crowd.join_many(range(8))
    number, done = approved(guards, Filter()), []
    while True:
        with pytest.raises(Killed):
            portion(guards, killed=True)
        more = portion(guards)
        batch = guards.batch(number)
        voided = guards.states(*signers).count("voided")
        assert voided == batch.done
        done.append(voided)
        if not more:
            break
    assert done == [3, 6, 8]
    assert guards.batch(number).state is BatchState.DONE
    with pytest.raises(Killed):
        guards.runtime.settle(partial(_undo_and_die, guards, number))
    assert guards.batch(number).state is BatchState.DONE
    guards.undo(number)
    assert guards.batch(number).done == 5
    while portion(guards):
        pass
    assert (guards.batch(number).state, guards.batch(number).done) == (BatchState.UNDONE, 0)
    assert guards.states(*signers) == ["confirmed"] * 8


def _undo_and_die(guards: Guards, number: int, session: Session) -> None:
    batches.undo(session, guards.doing(), guards.crowd.slug, number)
    raise Killed


def test_an_edition_in_the_middle_takes_nothing_of_the_batch(guards: Guards) -> None:
    crowd = guards.crowd
    crowd.join_many(range(5), display="named")
    crowd.release()
    crowd.join_many(range(5, 8), display="named")
    number = approved(guards, Filter(display=Display.NAMED))
    crowd.join(20)
    portion(guards)
    voided = guards.batch(number).done
    edition = crowd.release()
    assert (voided, edition.voided) == (3, 0)
    assert len(crowd.names()) >= 5
    assert crowd.recount() == []
    guards.work()
    edition = crowd.release()
    assert (edition.total, edition.signatures - edition.voided) == (1, 1)
    assert (crowd.names(), crowd.recount()) == ([], [])
    assert guards.decisions() == [("voided", "invented", 8)]


def test_a_batch_can_be_undone_while_it_runs(guards: Guards) -> None:
    signers = guards.crowd.join_many(range(8))
    number = approved(guards, Filter())
    portion(guards)
    portion(guards)
    assert guards.undo(number).state is BatchState.UNDOING
    guards.work()
    assert guards.states(*signers) == ["confirmed"] * 8
    assert guards.crowd.release().total == 8


def test_who_withdraws_before_the_batch_comes_is_passed_by(guards: Guards) -> None:
    crowd = guards.crowd
    signers = sorted(crowd.join_many(range(6)), key=lambda signer: signer.signature)
    crowd.release()
    number = approved(guards, Filter())
    portion(guards)
    crowd.withdraw(signers[-1])
    guards.work()
    assert guards.batch(number).done == 5
    edition = crowd.release()
    assert (edition.withdrawn, edition.voided, edition.total) == (1, 5, 0)
    assert crowd.recount() == []


def test_what_a_second_batch_has_thrown_out_stays_with_it(guards: Guards) -> None:
    signers = guards.crowd.join_many(range(5))
    first = approved(guards, Filter())
    portion(guards, first)
    second = guards.propose([signer.signature for signer in signers])
    assert second.count == 2
    guards.approve(second.number)
    guards.work()
    assert sorted(batch.done for batch in guards.batches()) == [0, 5]
    guards.undo(second.number)
    guards.undo(first)
    guards.work()
    assert guards.states(*signers) == ["confirmed"] * 5


@pytest.mark.parametrize("database", ["sqlite"])
def test_one_round_does_some_of_one_batch_and_says_how_much(guards: Guards) -> None:
    guards.crowd.join_many(range(PORTIONS * CHUNK), display="named")
    guards.crowd.join_many(range(100, 102))
    first, second = approved(guards, Filter(display=Display.NAMED)), approved(guards, Filter())
    states = []
    for portions in (PORTIONS, 1, 1, 0):
        assert run_batches(guards.runtime) == portions
        states.append([guards.batch(number).state for number in (first, second)])
    running, done = BatchState.RUNNING, BatchState.DONE
    assert states == [[running, running], [done, running], [done, done], [done, done]]


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_worker_does_it(guards: Guards) -> None:
    guards.crowd.join_many(range(4))
    number = approved(guards, Filter())
    worker = Worker(guards.runtime, NoMail())  # type: ignore[arg-type]
    worker.round()
    assert guards.batch(number).state is BatchState.DONE


class NoMail:
    """A sender with nothing to send."""

    caps = None
    app = Flask("nobody")

    def send_some(self) -> int:
        return 0


# Whatever happens in whatever order.


@dataclass(frozen=True)
class Known:
    """What is known of a signer: where they are, and whether an edition has counted them."""

    display: str
    counted: bool = False
    held: bool = False


@dataclass
class Thrown:
    """A batch: whom it has thrown out so far, and all that the database held of them."""

    before: dict[Signer, dict[str, Any]] = field(default_factory=dict)


class Siege(RuleBasedStateMachine):
    """One letter beside a plain model of it: figures never change, and every edition's can be counted from the rows."""

    def __init__(self, installations: Callable[[], Any]) -> None:
        super().__init__()
        self.place = installations()
        self.people: dict[Signer, Known] = {}
        self.thrown: dict[int, Thrown] = {}
        self.printed: list[tuple[int, int, int]] = []
        self.signed = self.arrived = self.withdrawn = self.voided = 0

    @initialize()
    def open_letter(self) -> None:
        self.runtime = self.place.__enter__()
        self.guards = guard_letter(self.runtime)
        self.crowd = self.guards.crowd
        for display in ("named", "pseudonym", "counted", "named"):
            self.join(display)
        self.release()
        for display in ("named", "pseudonym", "counted"):
            self.join(display)

    @rule(display=DISPLAYS)
    def sign(self, display: str) -> None:
        self.signed += 1
        self.crowd.sign(self.signed, display=display)

    @rule(display=DISPLAYS)
    def join(self, display: str) -> None:
        self.signed += 1
        self.people[self.crowd.join(self.signed, display=display)] = Known(display)

    @rule(pick=PICKS)
    def hold_or_accept(self, pick: int) -> None:
        signer = self._pick(pick)
        if signer and not self.people[signer].counted:
            known = self.people[signer]
            self.guards.do(accept if known.held else hold, [signer.signature])
            self.people[signer] = replace(known, held=not known.held)

    @rule(pick=PICKS, display=DISPLAYS)
    def change(self, pick: int, display: str) -> None:
        signer = self._pick(pick)
        if signer:
            self.crowd.change(signer, display=display, name="Another Example")
            self.people[signer] = replace(self.people[signer], display=display)

    @rule(pick=PICKS)
    def vouch_or_not(self, pick: int) -> None:
        signer = self._pick(pick)
        if signer and not self.people[signer].held:
            verb = unvouch if self.crowd.row(signer).standing == "vouched" else vouch
            self.guards.do(verb, [signer.signature])

    @rule(pick=PICKS)
    def withdraw(self, pick: int) -> None:
        signer = self._pick(pick)
        if signer:
            self.crowd.withdraw(signer)
            self.withdrawn += self.people.pop(signer).counted

    @rule(
        chosen=st.sampled_from([Filter(), Filter(released=True), Filter(released=False), Filter(display=Display.NAMED)])
    )
    def void(self, chosen: Filter) -> None:
        try:
            batch = self.guards.propose(chosen)
        except NothingFits:
            return
        self.thrown[batch.number] = Thrown()
        if batch.state is BatchState.PROPOSED:
            self.guards.approve(batch.number)
        self._notice()

    @rule(pick=PICKS)
    def void_one(self, pick: int) -> None:
        signer = self._pick(pick)
        if signer:
            batch = self.guards.void(signer)
            self.thrown[batch.number] = Thrown()
            if batch.state is BatchState.PROPOSED:
                self.guards.approve(batch.number)
            self._notice()

    @rule()
    def work(self) -> None:
        in_hand = [number for number in self.thrown if self._state(number) in (BatchState.RUNNING, BatchState.UNDOING)]
        if in_hand:
            portion(self.guards, in_hand[0])
            self._notice()

    @rule(pick=PICKS)
    def undo(self, pick: int) -> None:
        undoable = [number for number in self.thrown if self.guards.batch(number).undoable]
        if undoable:
            self.guards.undo(undoable[pick % len(undoable)])
            self._notice()

    @rule()
    def release(self) -> None:
        final = [number for number in self.thrown if self._state(number) is BatchState.DONE]
        try:
            edition = self.crowd.release()
        except NotDue:
            return
        for number in final:
            for signer in self.thrown.pop(number).before:
                self.voided += self.people.pop(signer).counted
        arriving = [
            signer
            for signer, known in self.people.items()
            if not known.counted and not known.held and not self._batch_of(signer)
        ]
        self.arrived += len(arriving)
        self.people |= {signer: replace(self.people[signer], counted=True) for signer in arriving}
        stands = sum(known.counted for known in self.people.values())
        assert (edition.signatures, edition.withdrawn, edition.voided) == (self.arrived, self.withdrawn, self.voided)
        assert edition.total == stands
        self.printed.append((edition.signatures, edition.withdrawn, edition.voided))

    @precondition(lambda self: hasattr(self, "crowd"))
    @invariant()
    def figures_can_be_counted_and_never_change(self) -> None:
        assert self.crowd.recount() == []
        assert self.guards.figures() == self.printed

    def teardown(self) -> None:
        """Closing counts everybody who stands; what is half done is finished first."""
        if not hasattr(self, "crowd"):
            return
        self.guards.work()
        self._notice()
        self.crowd.enter(LetterState.CLOSED)
        for days in (0, 31):
            clock = self.runtime.clock
            assert isinstance(clock, Clock)
            clock.advance(days=days)
            self.crowd.tend()
            assert self.crowd.recount() == []
        gone = {signer for thrown in self.thrown.values() for signer in thrown.before}
        stands = [signer for signer, known in self.people.items() if not known.held and signer not in gone]
        assert self.crowd.letter.total == len(stands)
        self.place.__exit__(None, None, None)

    def _state(self, number: int) -> BatchState:
        return self.guards.batch(number).state

    def _batch_of(self, signer: Signer) -> int | None:
        return next((number for number, thrown in self.thrown.items() if signer in thrown.before), None)

    def _pick(self, pick: int) -> Signer | None:
        """One of those who stand and are in no batch."""
        stands = [signer for signer in self.people if not self._batch_of(signer)]
        return stands[pick % len(stands)] if stands else None

    def _notice(self) -> None:
        """Who was thrown out, and that they, and whoever was taken back, are exactly what they were."""
        for signer, known in self.people.items():
            facts = self.guards.facts(signer)
            batch, state = facts.pop("batch"), facts.pop("state")
            before = self._batch_of(signer)
            if batch is None:
                assert state == ("held" if known.held else "confirmed")
            if batch is not None and before is None:
                self.thrown[batch].before[signer] = facts
            elif before is not None:
                assert facts == self.thrown[before].before[signer]
                if batch is None:
                    del self.thrown[before].before[signer]


@pytest.fixture
def installations(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Any]:
    """What makes one fresh installation after the other on this database."""

    @contextmanager
    def installation() -> Iterator[Runtime]:
        name = secrets.token_hex(8)
        if database == "sqlite":
            shutil.copyfile(request.getfixturevalue("migrated_file"), tmp_path / name)
            url = f"sqlite:///{tmp_path / name}"
        else:
            server: Postgres = request.getfixturevalue("postgres")
            url = server.database(template=request.getfixturevalue("migrated_template"))
        environment = {"UNDERSIGNED_DATABASE_URL": url, "UNDERSIGNED_KEYS": str(tmp_path / f"{name}.keys")}
        runtime = Runtime(Settings.read(environment), make_engine(url), clock=Clock(), learn_every=0)
        runtime.keyring.create_server_keys()
        yield runtime
        runtime.engine.dispose()
        if database != "sqlite":
            server.drop(url)

    return installation


def test_the_figures_stay_true_whatever_is_voided_and_undone(
    installations: Callable[[], Any], pytestconfig: pytest.Config
) -> None:
    full = pytestconfig.getoption("--full")
    run_state_machine_as_test(
        partial(Siege, installations),  # type: ignore[arg-type]
        settings=settings(
            max_examples=60 if full else 8,
            stateful_step_count=50 if full else 20,
            phases=tuple(Phase) if full else (Phase.reuse, Phase.generate),
            deadline=None,
        ),
    )
