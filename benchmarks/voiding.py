"""Whether signing goes on while a rule over 100,000 signatures voids them in the background, on PostgreSQL.

Run alone as `python -m benchmarks.voiding`. Signing is measured in turns, without a batch and with one that a worker is
doing, in one run; that worker sends no mail.
"""

import multiprocessing
import time
from statistics import median

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from benchmarks.installation import SLUG, Installation, installation
from benchmarks.load import SEEN, Asked, Result, post, run
from benchmarks.servers import serving
from letters.models.batches import BatchRow, BatchState, Reason
from letters.models.signatures import SignatureState, Suspicion
from letters.models.teams import LetterTeamRow, TeamRow
from letters.organising.defending.filters import Filter
from letters.runtime import Runtime
from letters.settings import Settings
from letters.worker import Worker

PRODUCT = "letters.app:app_from_environment"
FAKES = 100_000
ROUNDS, SECONDS, PER_ROUND = 6, 3.0, 6_000
GOAL = 0.8

BURST = """
INSERT INTO signatures (id, letter_id, state, display, standing, profession, region, sealed, address_index, held_for,
    mailed, listed, press, pact, news)
SELECT decode(md5('fake' || n), 'hex'), 1, 'held', 'counted', 'mailbox', 'nurse', 'BY-MI',
    decode(repeat('5a', 2200), 'hex'), sha256(convert_to('fake' || n, 'UTF8')), 'burst',
    FALSE, FALSE, FALSE, FALSE, TRUE
FROM generate_series(1, :fakes) AS n
"""
AGAIN = "UPDATE signatures SET state = 'held', batch = NULL WHERE letter_id = 1 AND state = 'voided'"


def measure() -> None:
    """Print the rates, their ratio, and how fast the worker voided meanwhile."""
    with installation() as place:
        place.runtime.settle(_burst)
        with serving(PRODUCT, place.environment) as (port, _pid):
            rounds = [_turn(place, port, number) for number in range(ROUNDS)]
            whole = _void_all(place)
    idle, busy = median(pair[0].rate for pair in rounds), median(pair[1].rate for pair in rounds)
    slow = median(pair[1].percentile(0.99) for pair in rounds) * 1000
    print("| work | idle per s | voiding per s | ratio | goal | p99 ms | voided meanwhile per s | 100,000 alone s |")
    print("|---|---|---|---|---|---|---|---|")
    meanwhile = median(pair[2] for pair in rounds) / SECONDS
    print(
        f"| sign POST | {idle:.0f} | {busy:.0f} | {busy / idle:.2f} | {GOAL} | {slow:.0f} | {meanwhile:.0f} "
        f"| {whole:.0f} |"
    )


def _turn(place: Installation, port: int, number: int) -> tuple[Result, Result, int]:
    """A round of signing with the worker idle and one with it voiding; each is first every other time."""
    if number % 2:
        busy, voided = _while_voiding(place, port, 2 * number)
        return _sign(place, port, 2 * number + 1), busy, voided
    idle = _sign(place, port, 2 * number)
    return idle, *_while_voiding(place, port, 2 * number + 1)


def _while_voiding(place: Installation, port: int, number: int) -> tuple[Result, int]:
    _prepare(place)
    worker = multiprocessing.get_context("spawn").Process(target=_work, args=(place.environment,))
    worker.start()
    while not _done(place):
        time.sleep(0.05)
    before = _done(place)
    busy = _sign(place, port, number)
    voided = _done(place) - before
    assert worker.is_alive(), "everything was voided before signing was measured"
    worker.terminate()
    worker.join()
    return busy, voided


def _void_all(place: Installation) -> float:
    """Seconds for the whole batch while nobody signs."""
    _prepare(place)
    start = time.perf_counter()
    _work(place.environment)
    assert _done(place) == FAKES
    return time.perf_counter() - start


class _NoMail:
    """A sender with nothing to send."""

    caps = None

    def send_some(self) -> int:
        return 0


def _work(environment: dict[str, str]) -> None:
    """What a worker does, until nothing is left of the batch."""
    runtime = Runtime.start(Settings.read(environment))
    worker = Worker(runtime, _NoMail())  # type: ignore[arg-type]
    while _has_work(runtime):
        worker.round()
        time.sleep(worker.idle)


def _sign(place: Installation, port: int, number: int) -> Result:
    first = number * PER_ROUND
    requests = (Asked(post(f"/en/letters/{SLUG}/sign", form), SEEN) for form in place.forms(first, PER_ROUND))
    return run(port, requests, SECONDS)


def _burst(session: Session) -> None:
    """The fakes, the team, and a batch over all of them that two organisers have agreed on."""
    session.execute(text(BURST), {"fakes": FAKES})
    team = TeamRow(name="Team Example")
    session.add(team)
    session.flush()
    session.add(LetterTeamRow(letter_id=1, team_id=team.id))
    rule = Filter(state=SignatureState.HELD, held_for=Suspicion.BURST).as_rule()
    who = {"account_id": b"o" * 16, "approved_by": b"e" * 16}
    state, reason = BatchState.DONE.value, Reason.BURST.value
    session.add(BatchRow(letter_id=1, number=1, state=state, reason=reason, rule=rule, count=FAKES, done=0, **who))


def _prepare(place: Installation) -> None:
    """Let the batch begin anew."""

    def verb(session: Session) -> None:
        session.execute(text(AGAIN))
        session.execute(update(BatchRow).values(state=BatchState.RUNNING.value, cursor=None, done=0))

    place.runtime.settle(verb)
    with place.runtime.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE signatures"))


def _has_work(runtime: Runtime) -> bool:
    with runtime.reading() as session:
        return session.get_one(BatchRow, (1, 1)).state == BatchState.RUNNING.value


def _done(place: Installation) -> int:
    with place.runtime.reading() as session:
        return session.get_one(BatchRow, (1, 1)).done


if __name__ == "__main__":
    measure()
