"""The public list: who is printed how, in which order, and how a name leaves."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from letters.models.editions import EntryRow
from letters.models.signatures import SignatureRow
from letters.publishing.editions import NotDue
from letters.runtime import Chance, Runtime
from tests.letters.publishing.crowd import Crowd, open_crowd
from tests.parts.clock import Clock
from verification.identity.boxes import BoxDamaged

sqlite_only = pytest.mark.parametrize("database", ["sqlite"])


class ById(Chance):
    """A chance that puts rows in the order of their ids."""

    def shuffled(self, items: list[Any]) -> list[Any]:
        return sorted(items, key=lambda item: getattr(item, "id", item))


def test_only_those_who_chose_to_be_seen_are_printed(crowd: Crowd) -> None:
    crowd.join(1, display="counted")
    crowd.join(2, display="named", name="Vera Example")
    crowd.join(3, display="pseudonym")
    crowd.release()
    printed = [(entry.name, entry.pseudonym is not None) for entry in crowd.entries()]
    assert sorted(printed, key=str) == [("Vera Example", False), (None, True)]


def test_a_name_is_public_from_its_edition_on_and_not_before(crowd: Crowd) -> None:
    signer = crowd.join(1, display="named", name="Vera Example")
    before = crowd.row(signer)
    assert before.name_box is not None
    assert b"Vera" not in before.name_box
    assert crowd.names() == []
    crowd.release()
    assert crowd.names() == ["Vera Example"]


def test_a_name_goes_on_to_its_entry_in_its_box(crowd: Crowd) -> None:
    crowd.join(1, display="named")
    crowd.join(2)
    crowd.release()
    with crowd.runtime.reading() as session:
        kept = session.scalar(select(func.count()).where(SignatureRow.name_box.is_not(None)))
        boxes = session.scalars(select(EntryRow.name_box)).all()
    assert kept == 0
    assert len(boxes) == 1
    assert b"Signer" not in boxes[0]


@sqlite_only
def test_without_the_key_of_names_nothing_is_released(crowd: Crowd) -> None:
    crowd.join(1, display="named")
    key = crowd.runtime.settings.keys / "names.key"
    whole = key.read_text()
    key.unlink()
    crowd.runtime.keyring.create_server_keys()
    with pytest.raises(BoxDamaged):
        crowd.release()
    assert (crowd.letter.number, crowd.recount()) == (0, [])
    key.unlink()
    key.touch(0o600)
    key.write_text(whole)
    crowd.release()
    assert len(crowd.names()) == 1


def test_entries_stand_in_the_order_that_chance_gives(runtime: Runtime) -> None:
    crowd = open_crowd(replace(runtime, chance=ById()))
    signers = [crowd.join(number, display="named").signature for number in range(6)]
    crowd.release()
    assert [entry.signature_id for entry in crowd.entries()] == sorted(signers)
    assert [entry.position for entry in crowd.entries()] == [1, 2, 3, 4, 5, 6]


@sqlite_only
def test_the_order_is_another_one_each_time(crowd: Crowd) -> None:
    signers = [crowd.join(number, display="named").signature for number in range(12)]
    crowd.release()
    shown = [entry.signature_id for entry in crowd.entries()]
    assert sorted(shown) == sorted(signers)
    assert shown not in (signers, sorted(signers))


@sqlite_only
def test_pseudonyms_show_only_what_enough_of_their_edition_share(runtime: Runtime) -> None:
    crowd = open_crowd(runtime, threshold=3)
    crowd.join_many(range(3), display="pseudonym")
    crowd.join(3, display="pseudonym", profession="paramedic", region="BY-BR")
    crowd.release()
    printed = sorted((str(entry.profession), str(entry.region)) for entry in crowd.entries())
    assert printed == [("None", "None"), *[("nurse", "BY-MI")] * 3]


@sqlite_only
def test_names_stand_with_what_they_said_whatever_the_threshold(runtime: Runtime) -> None:
    crowd = open_crowd(runtime, threshold=10)
    crowd.join(1, display="named", profession="surgeon", region="BY-BR")
    crowd.join(2)
    crowd.release()
    assert [(entry.profession, entry.region) for entry in crowd.entries()] == [("surgeon", "BY-BR")]


@sqlite_only
def test_others_of_an_earlier_edition_do_not_hide_a_pseudonym(runtime: Runtime) -> None:
    crowd = open_crowd(runtime, threshold=3)
    crowd.join_many(range(3), display="pseudonym")
    crowd.release()
    crowd.join(3, display="pseudonym")
    crowd.join(4)
    crowd.release()
    assert (crowd.entries()[-1].profession, crowd.entries()[-1].region) == (None, None)


def test_a_signer_moves_from_name_to_pseudonym_to_silence(crowd: Crowd) -> None:
    signer = crowd.join(1, display="named", name="Vera Example")
    crowd.release()
    crowd.change(signer, display="pseudonym")
    crowd.release()
    pseudonym = crowd.row(signer).pseudonym
    assert [(entry.name, entry.pseudonym, entry.edition) for entry in crowd.entries()] == [(None, pseudonym, 2)]
    crowd.change(signer, display="counted")
    edition = crowd.release()
    assert crowd.entries() == []
    assert (edition.total, crowd.recount()) == (1, [])


@sqlite_only
def test_nothing_ties_a_signature_to_the_pseudonym_it_has_left(crowd: Crowd) -> None:
    signer = crowd.join(1, display="pseudonym")
    crowd.release()
    crowd.change(signer, display="counted")
    crowd.release()
    with crowd.runtime.reading() as session:
        assert session.scalars(select(SignatureRow.pseudonym)).all() == [None]
        assert session.scalars(select(EntryRow.pseudonym)).all() == []


def test_a_printed_name_can_be_corrected(crowd: Crowd) -> None:
    signer = crowd.join(1, display="named", name="Vera Exemple")
    crowd.release()
    crowd.change(signer, display="named", name="Vera Example")
    crowd.release()
    assert crowd.names() == ["Vera Example"]


@sqlite_only
def test_a_corrected_profession_keeps_the_printed_name(crowd: Crowd) -> None:
    signer = crowd.join(1, display="named", name="Vera Example")
    crowd.release()
    crowd.change(signer, display="named", profession="midwife")
    crowd.release()
    assert [(entry.name, entry.profession) for entry in crowd.entries()] == [("Vera Example", "midwife")]


def test_a_withdrawn_name_is_gone_with_the_next_edition(crowd: Crowd) -> None:
    signer = crowd.join(1, display="named")
    crowd.join(2, display="pseudonym")
    crowd.release()
    crowd.withdraw(signer)
    crowd.release()
    assert crowd.names() == []
    assert len(crowd.entries()) == 1


def test_a_name_leaves_at_the_interval_without_an_edition(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime, every=timedelta(hours=6), at_least=50)
    signers = [crowd.join(number, display="named") for number in range(3)]
    crowd.release()
    crowd.withdraw(signers[0])
    crowd.change(signers[1], display="counted")
    clock.advance(hours=5)
    crowd.tend()
    assert (len(crowd.names()), crowd.letter.removals) == (3, 0)
    clock.advance(hours=1)
    crowd.tend()
    assert (len(crowd.names()), crowd.letter.removals, crowd.letter.number) == (1, 1, 1)
    assert (crowd.letter.total, crowd.recount()) == (3, [])


@sqlite_only
def test_removals_and_editions_share_one_interval(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime, every=timedelta(hours=6), at_least=1)
    signer = crowd.join(1, display="named")
    crowd.release()
    clock.advance(hours=6)
    crowd.withdraw(signer)
    crowd.tend()
    crowd.join(2, display="named")
    clock.advance(hours=5)
    with pytest.raises(NotDue, match="interval"):
        crowd.release(at_once=False)


@sqlite_only
def test_a_look_without_anything_to_remove_counts_no_removal(crowd: Crowd, clock: Clock) -> None:
    crowd.join(1, display="named")
    crowd.release()
    for _ in range(3):
        clock.advance(minutes=5)
        crowd.tend()
    assert (crowd.letter.removals, crowd.letter.number) == (0, 1)


def test_a_pseudonym_that_is_printed_again_never_gets_finer(runtime: Runtime) -> None:
    """Alone it shows nothing; later, among enough others, it must not be told from them."""
    crowd = open_crowd(runtime, threshold=3)
    alone = crowd.join(1, display="pseudonym")
    crowd.join(9)
    crowd.release()
    crowd.change(alone, display="pseudonym", region="BY-HO")
    crowd.join_many(range(2, 6), display="pseudonym", region="BY-HO")
    crowd.release()
    shown = {entry.signature_id: (entry.profession, entry.region) for entry in crowd.entries()}
    assert shown.pop(alone.signature) == (None, None)
    assert set(shown.values()) == {("nurse", "BY-HO")}


def test_a_pseudonym_that_is_printed_again_lends_nobody_its_company(runtime: Runtime) -> None:
    crowd = open_crowd(runtime, threshold=3)
    again = crowd.join(1, display="pseudonym", region="BY-BR")
    crowd.join(9)
    crowd.release()
    crowd.change(again, display="pseudonym")
    crowd.join_many(range(2, 4), display="pseudonym")
    crowd.release()
    assert {(entry.profession, entry.region) for entry in crowd.entries()} == {(None, None)}
