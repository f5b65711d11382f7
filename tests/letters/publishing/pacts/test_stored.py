"""What is stored of a pact tells little, and what cannot be is found."""

import pytest
from sqlalchemy import select, update

from letters.models.editions import EntryRow
from letters.models.pacts import PactRow
from letters.models.signatures import SignatureRow
from tests.letters.publishing.crowd import Crowd
from tests.letters.publishing.pacts.letters import NEEDED

sqlite_only = pytest.mark.parametrize("database", ["sqlite"])


@sqlite_only
def test_the_box_of_a_name_does_not_tell_how_long_it_is(crowd: Crowd) -> None:
    names = "Li Ex", "Vera Example", "Крещёнская-Примерная Александра Константиновна"
    boxes = {
        len(crowd.row(crowd.join(number, display="pact", name=name)).name_box or b"")
        for number, name in enumerate(names)
    }
    assert len(boxes) == 1
    crowd.release()
    assert set(crowd.names()) == set(names)


@sqlite_only
@pytest.mark.parametrize(
    ("values", "sentence"),
    [({"kept_in": 7}, "edition 7, which is not there"), ({"lapsed": True}, "2 names wait for it still")],
)
def test_a_pact_that_cannot_be_is_found(crowd: Crowd, values: dict[str, object], sentence: str) -> None:
    crowd.join_many(range(NEEDED - 1), display="pact")
    crowd.release()
    crowd.tamper(update(PactRow).values(**values))
    (found,) = crowd.recount()
    assert sentence in found


@sqlite_only
def test_a_name_that_is_public_too_early_is_found(crowd: Crowd) -> None:
    signer = crowd.join(1, display="named")
    crowd.release()
    with crowd.runtime.reading() as session:
        box = session.scalars(select(EntryRow.name_box)).one()
    early = update(SignatureRow).where(SignatureRow.id == signer.signature)
    crowd.tamper(early.values(pact=True, name_box=box, printed_named=False))
    assert any("entries fit" in finding for finding in crowd.recount())
