"""Where a row lies must not tell when its signer came."""

import random
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import insert, text

from letters.models.letters import LetterRow
from letters.models.signatures import SubscriptionRow
from letters.runtime import Runtime
from tests.letters.publishing.crowd import Crowd
from tests.parts.overflow import overflow_pages
from tests.parts.postgres import Postgres
from verification.identity.boxes import lock

MANY = 80
TABLES = {"signatures": "id", "challenges": "subject", "subscriptions": "signature_id"}


@pytest.fixture
def migrated_url(migrated_url: str, database: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """Of PostgreSQL a database that nobody had before: in one that was emptied, new rows lie wherever there is room."""
    if database == "sqlite":
        yield migrated_url
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.database(request.getfixturevalue("migrated_template"))
    yield url
    server.drop(url)


def correlation(places: list[float]) -> float:
    """How far the order of places follows the order of coming: 1 entirely, 0 not at all (Spearman)."""
    ranks = {place: rank for rank, place in enumerate(sorted(places))}
    number = len(places)
    return 1 - 6 * sum((came - ranks[place]) ** 2 for came, place in enumerate(places)) / (number * (number**2 - 1))


def subscribe(crowd: Crowd, ids: list[bytes]) -> None:
    key = crowd.runtime.keyring.server("subscriptions")
    boxes = [lock(key, b"address", id, crowd.runtime.chance.token(12)) for id in ids]
    for id, box in zip(ids, boxes, strict=True):
        row = {"signature_id": id, "language": "en", "address_box": box, "handle": id[::-1]}
        crowd.tamper(insert(SubscriptionRow).values(**row))


def places_on_postgresql(runtime: Runtime, table: str, key: str) -> Callable[[bytes], float]:
    query = text(f"SELECT {key}, (ctid::text::point)[0] * 1000 + (ctid::text::point)[1] FROM {table}")
    with runtime.reading() as session:
        found: dict[bytes, float] = {bytes(id): max(place, 0) for id, place in session.execute(query)}
    return found.__getitem__


@pytest.mark.parametrize("database", ["postgresql"])
def test_the_order_on_the_disk_forgets_who_came_first(crowd: Crowd) -> None:
    signers = [crowd.join(number).signature for number in range(MANY)]
    subscribe(crowd, signers)
    for table, key in TABLES.items():
        place = places_on_postgresql(crowd.runtime, table, key)
        assert correlation([place(id) for id in signers]) > 0.9, "until its edition a row lies where it came"
    crowd.release()
    for table, key in TABLES.items():
        place = places_on_postgresql(crowd.runtime, table, key)
        assert abs(correlation([place(id) for id in signers])) < 0.5, table


def toast_chunks(runtime: Runtime, ids: list[bytes]) -> list[float]:
    """The running numbers under which PostgreSQL keeps the sealed identities beside the table (TOAST)."""
    with runtime.reading() as session:
        table = session.scalar(text("SELECT reltoastrelid::regclass::text FROM pg_class WHERE relname = 'signatures'"))
        kept = session.execute(text(f"SELECT chunk_data, chunk_id::bigint FROM {table} WHERE chunk_seq = 0")).all()
        sealed = session.execute(text("SELECT id, sealed FROM signatures")).all()
    numbers = {bytes(data)[:64]: float(number) for data, number in kept}
    found = {bytes(id): numbers[bytes(content)[:64]] for id, content in sealed}
    return [found[id] for id in ids]


@pytest.mark.parametrize("database", ["postgresql"])
def test_large_values_kept_beside_their_rows_forget_it_too(crowd: Crowd) -> None:
    signers = [crowd.join(number).signature for number in range(MANY)]

    assert correlation(toast_chunks(crowd.runtime, signers)) > 0.9
    crowd.release()
    assert abs(correlation(toast_chunks(crowd.runtime, signers))) < 0.5


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_pages_of_a_sqlite_file_forget_it_too(crowd: Crowd) -> None:
    signers = [crowd.join(number).signature for number in range(MANY)]
    file = crowd.runtime.settings.database_url.removeprefix("sqlite:///")
    before = overflow_pages(file, "signatures")
    assert correlation([float(before[id]) for id in signers]) > 0.9
    crowd.release()
    after = overflow_pages(file, "signatures")
    assert abs(correlation([float(after[id]) for id in signers])) < 0.5


def test_ids_are_random_and_say_nothing_of_order(crowd: Crowd) -> None:
    signers = [int.from_bytes(crowd.join(number).signature) for number in range(MANY)]
    assert abs(correlation([float(id) for id in signers])) < 0.5


def test_the_measure_tells_order_from_chance() -> None:
    mixed = list(range(MANY))
    random.Random(1).shuffle(mixed)
    assert correlation([float(place) for place in range(MANY)]) == 1
    assert abs(correlation([float(place) for place in mixed])) < 0.5


def test_what_hangs_on_a_signature_is_moved_with_it(crowd: Crowd) -> None:
    signer = crowd.join(1)
    subscribe(crowd, [signer.signature])
    crowd.release()
    with crowd.runtime.reading() as session:
        assert session.get(SubscriptionRow, signer.signature) is not None
        assert session.query(LetterRow).count() == 1
    crowd.withdraw(signer)
    assert crowd.release().total == 0
