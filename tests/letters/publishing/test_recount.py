"""Recounting: honest figures pass, and whatever is changed past the verbs is found."""

from collections.abc import Mapping
from threading import Event, Thread

import pytest
from sqlalchemy import Executable, delete, insert, select, update

from letters.models.editions import CellRow, EditionRow, EntryRow, TallyRow
from letters.models.letters import LetterRow
from letters.models.signatures import SignatureRow
from letters.publishing.editions import NotDue
from letters.runtime import Runtime
from tests.letters.publishing.crowd import Crowd, open_crowd

sqlite_only = pytest.mark.parametrize("database", ["sqlite"])

NAMED, PSEUDONYM = SignatureRow.display == "named", SignatureRow.display == "pseudonym"
COUNTED = SignatureRow.display == "counted"
STANDS = SignatureRow.state == "confirmed"
LAST, FIRST = EditionRow.number == 2, EditionRow.number == 1
NURSES = TallyRow.code == "nurse"
ERASED = dict.fromkeys(
    ("sealed", "address_index", "name_box", "profession", "region", "pseudonym"),
)
STRAY = {"letter_id": 1, "edition": 2, "position": 99, "leaving": False}

TAMPERING: Mapping[str, Executable] = {
    "a signature more": update(EditionRow).where(LAST).values(signatures=EditionRow.signatures + 1),
    "a withdrawal more": update(EditionRow).where(LAST).values(withdrawn=EditionRow.withdrawn + 1),
    "a void less": update(EditionRow).where(LAST).values(voided=EditionRow.voided - 1),
    "an early figure": update(EditionRow).where(FIRST).values(signatures=EditionRow.signatures + 1),
    "an edition that is not there": update(LetterRow).values(edition=3),
    "an edition forgotten": update(LetterRow).values(edition=1),
    "cells taken out": update(EditionRow).where(LAST).values(figures={}),
    "cells that are none": update(EditionRow)
    .where(LAST)
    .values(figures={"profession": [], "region": 5, "standing": ""}),
    "cells taken out of an early edition": update(EditionRow).where(FIRST).values(figures={}),
    "a tally more": update(TallyRow).where(NURSES).values(count=TallyRow.count + 1),
    "a tally less": delete(TallyRow).where(NURSES),
    "a tally with a name more": update(TallyRow).where(NURSES).values(unnamed=TallyRow.unnamed - 1),
    "a cell printed higher": update(CellRow).values(printed=CellRow.printed + 1),
    "a cell hidden": update(CellRow).values(printed=None),
    "a name counted as hidden": update(SignatureRow).where(NAMED).values(printed_named=False),
    "a tally of nobody": insert(TallyRow).values(letter_id=1, dimension="region", code="BY-HO", count=2, unnamed=2),
    "a signature deleted": delete(SignatureRow).where(COUNTED, STANDS),
    "a signature in another edition": update(SignatureRow).where(NAMED).values(edition=2),
    "a withdrawal in another edition": update(SignatureRow).where(SignatureRow.removed_in == 2).values(removed_in=1),
    "a signature counted as another": update(SignatureRow).where(NAMED).values(printed_profession="midwife"),
    "a signature counted nowhere": update(SignatureRow).where(NAMED).values(printed_region=None),
    "a change nobody counts": update(SignatureRow).where(NAMED).values(profession="midwife"),
    "a signature nobody will count": update(SignatureRow).where(NAMED).values(edition=None, log_secret=None),
    "a withdrawal nobody counts": update(SignatureRow)
    .where(NAMED)
    .values(state="withdrawn", display="counted", **ERASED),
    "a void nobody counts": update(SignatureRow).where(COUNTED, STANDS).values(state="voided"),
    "a withdrawal undone": update(SignatureRow).where(SignatureRow.state == "withdrawn").values(removed_in=None),
    "a display changed": update(SignatureRow).where(PSEUDONYM).values(display="counted"),
    "another pseudonym": update(EntryRow).where(EntryRow.pseudonym.is_not(None)).values(pseudonym=7),
    "a name for a pseudonym": update(EntryRow)
    .where(EntryRow.pseudonym.is_not(None))
    .values(pseudonym=None, name_box=b"Vera"),
    "an entry deleted": delete(EntryRow).where(EntryRow.name_box.is_not(None)),
    "an entry hidden": update(EntryRow).values(leaving=True),
    "an entry of nobody": insert(EntryRow).values(signature_id=b"0" * 16, name_box=b"Nobody", **STRAY),
    "an entry of somebody silent": insert(EntryRow).from_select(
        ["letter_id", "edition", "position", "signature_id", "name_box", "leaving"],
        select(
            SignatureRow.letter_id,
            SignatureRow.edition,
            SignatureRow.edition + 90,
            SignatureRow.id,
            SignatureRow.id,
            SignatureRow.news,
        )
        .where(COUNTED, STANDS)
        .limit(1),
    ),
    "a name left in its box": update(SignatureRow).where(NAMED).values(name_box=b"left over"),
}


@pytest.fixture
def counted(runtime: Runtime) -> Crowd:
    """Two editions with arrivals, a correction, a withdrawal and a void; one signature of each display stands."""
    crowd = open_crowd(runtime)
    signers = [crowd.join(number) for number in range(3)]
    crowd.join(3, display="named")
    crowd.release()
    crowd.withdraw(signers[0])
    crowd.void(signers[1])
    crowd.change(signers[2], region="BY-BR")
    crowd.join(4, display="pseudonym")
    crowd.release()
    return crowd


def test_honest_figures_are_found_in_order(counted: Crowd) -> None:
    assert counted.recount() == []


@sqlite_only
@pytest.mark.parametrize("statement", TAMPERING.values(), ids=TAMPERING)
def test_what_was_tampered_with_is_found(counted: Crowd, statement: Executable) -> None:
    counted.tamper(statement)
    findings = counted.recount()
    assert findings
    assert all(finding.startswith(counted.slug) and "\n" not in finding for finding in findings)


def test_tampering_is_found_on_either_database(counted: Crowd) -> None:
    counted.tamper(TAMPERING["a void nobody counts"], TAMPERING["another pseudonym"])
    assert len(counted.recount()) == 2


@sqlite_only
def test_a_cell_made_greater_is_found(counted: Crowd) -> None:
    """Even where the cells still add up."""
    with counted.runtime.reading() as session:
        figures = session.get_one(EditionRow, (1, 2)).figures
    figures["region"]["shown"] = {"BY-MI": 3}
    counted.tamper(update(EditionRow).where(LAST).values(figures=figures))
    assert counted.recount() == ["stop-the-violence, edition 2: its cells are not what the rows give."]


@sqlite_only
def test_a_letter_without_an_edition_is_in_order(runtime: Runtime) -> None:
    crowd = open_crowd(runtime)
    crowd.join(1)
    assert crowd.recount() == []


@sqlite_only
def test_what_waits_or_is_held_is_no_finding(counted: Crowd) -> None:
    counted.sign(10)
    counted.hold(counted.join(11))
    counted.change(counted.join(12), profession="midwife")
    counted.withdraw(counted.join(13))
    assert counted.recount() == []


def test_a_recount_sees_one_moment_while_editions_come_out(counted: Crowd) -> None:
    done, failures = Event(), []

    def publish() -> None:
        number = 100
        while not done.is_set():
            number += 1
            try:
                counted.join(number, display="pseudonym")
                counted.release()
            except NotDue as error:
                failures.append(error)

    publisher = Thread(target=publish)
    publisher.start()
    findings = [finding for _ in range(15) for finding in counted.recount()]
    done.set()
    publisher.join()
    assert (findings, failures) == ([], [])
