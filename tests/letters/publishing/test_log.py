"""The log says what the editions print, and nothing about anybody."""

from collections import Counter
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from letters.models.editions import EditionRow
from letters.models.letters import LetterRow, LetterState
from letters.models.log import LogTileRow
from letters.models.signatures import SignatureRow
from letters.organising.releasing import scheme_of
from letters.publishing.editions import NotDue, lock_letter
from letters.publishing.log import Leaves, Writer, tile_reader, write_edition
from letters.runtime import Runtime
from tests.letters.publishing.crowd import Crowd, Signer, open_crowd
from tests.parts.clock import Clock
from verification.identity.boxes import unlock
from verification.ledger.leaves import (
    Beginning,
    Leaf,
    Opening,
    Signature,
    Tally,
    Void,
    Withdrawal,
    decode_leaf,
    nullifier_of,
)
from verification.ledger.trees import entries_between, root_at

sqlite_only = pytest.mark.parametrize("database", ["sqlite"])


def leaves(crowd: Crowd) -> list[Leaf]:
    head = crowd.letter.head
    assert head is not None
    with crowd.runtime.reading() as session:
        read = tile_reader(session, crowd.letter.id)
        assert root_at(head.size, read) == head.root
        return [decode_leaf(entry) for entry in entries_between(0, head.size, read)]


def kinds(crowd: Crowd) -> Counter[type]:
    return Counter(type(leaf) for leaf in leaves(crowd))


def opening(crowd: Crowd, signer: Signer) -> Opening:
    row = crowd.row(signer)
    key = crowd.runtime.keyring.identities(crowd.slug)
    return Opening.of(row.log_secret or b"", unlock(key, row.sealed or b"", row.id))


@pytest.fixture
def crowd(runtime: Runtime) -> Crowd:
    return open_crowd(runtime)


def test_a_log_begins_when_its_letter_opens_before_anybody_signs(crowd: Crowd) -> None:
    crowd.tend()
    (beginning,) = leaves(crowd)
    assert isinstance(beginning, Beginning)
    letter, content = crowd.letter, beginning.content
    title, body = letter.texts["ru"].title, letter.texts["ru"].body
    assert content["texts"]["ru"]["markdown"] == sha256(f"{title}\n{body}".encode()).hexdigest()
    assert content["texts"].keys() == letter.texts.keys()
    assert content["key"] == sha256(letter.public_key.encode()).hexdigest()
    assert content["figures"] == {"threshold": 1, "step": 1, "moves_after": 1, "hides_below": 1}
    assert content["before"] == {"edition": 0, "signatures": 0, "withdrawn": 0, "voided": 0}


@sqlite_only
def test_a_scheduled_letter_has_no_log_yet(runtime: Runtime, clock: Clock) -> None:
    """Its text may still change."""
    crowd = open_crowd(runtime, opens_at=clock() + timedelta(days=1))
    crowd.tend()
    assert crowd.letter.head is None
    clock.advance(days=1)
    crowd.tend()
    assert kinds(crowd) == {Beginning: 1}


def test_every_edition_appends_what_it_counts_and_then_what_it_prints(crowd: Crowd) -> None:
    signers = crowd.join_many(range(5))
    first = crowd.release()
    crowd.withdraw(signers[0])
    crowd.void(signers[1])
    crowd.join(9)
    second = crowd.release()
    assert kinds(crowd) == {Beginning: 1, Signature: 6, Withdrawal: 1, Void: 1, Tally: 2}
    tallies = [(place, leaf) for place, leaf in enumerate(leaves(crowd)) if isinstance(leaf, Tally)]
    assert [place + 1 for place, _tally in tallies] == [first.log_size, second.log_size]
    content = tallies[1][1].content
    assert {name: content[name] for name in ("edition", "signatures", "withdrawn", "voided", "total")} == {
        "edition": 2, "signatures": 6, "withdrawn": 1, "voided": 1, "total": 4,
    }  # fmt: skip
    printed = second.figures["profession"]
    assert content["figures"]["profession"] == {"of": content["figures"]["profession"]["of"], **printed}
    assert content["figures"]["standing"]["of"] == 3


def test_each_leaf_opens_with_its_own_secret_and_seal(crowd: Crowd) -> None:
    signers = crowd.join_many(range(4))
    crowd.release()
    wanted = {opening(crowd, signer).commitment for signer in signers}
    assert {leaf.commitment for leaf in leaves(crowd) if isinstance(leaf, Signature)} == wanted
    assert len(wanted) == 4


def test_leaves_stand_in_no_order_that_the_rows_have(crowd: Crowd) -> None:
    """Neither in that of signing nor in that in which the edition puts the rows down."""
    signers = crowd.join_many(range(12))
    crowd.release()
    order = [leaf.commitment for leaf in leaves(crowd) if isinstance(leaf, Signature)]
    by_signing = [opening(crowd, signer).commitment for signer in signers]
    with crowd.runtime.reading() as session:
        ids = session.scalars(select(SignatureRow.id)).all()
    by_row = [opening(crowd, Signer(id, b"")).commitment for id in ids]
    assert sorted(order) == sorted(by_signing)
    assert order not in (by_signing, by_row)  # by chance once in 480 million runs


def test_a_withdrawal_shows_only_a_nullifier_and_ends_the_secret(crowd: Crowd) -> None:
    gone, stays = crowd.join_many(range(2))
    crowd.release()
    nullifier = nullifier_of(crowd.row(gone).log_secret or b"")
    crowd.withdraw(gone)
    crowd.release()
    assert [leaf for leaf in leaves(crowd) if isinstance(leaf, Withdrawal)] == [Withdrawal(nullifier)]
    assert crowd.row(gone).log_secret is None
    assert crowd.row(stays).log_secret is not None


def test_changing_how_one_appears_writes_no_leaf_of_ones_own(crowd: Crowd) -> None:
    """The secret stays, too: a receipt goes on being true."""
    signer = crowd.join(1, display="named")
    crowd.release()
    before = crowd.row(signer).log_secret
    crowd.change(signer, display="counted", region="BY-HO")
    crowd.release()
    assert kinds(crowd) == {Beginning: 1, Signature: 1, Tally: 2}
    assert crowd.row(signer).log_secret == before


def test_who_withdraws_before_an_edition_never_enters_the_log(crowd: Crowd) -> None:
    crowd.withdraw(crowd.join(1))
    crowd.join(2)
    crowd.release()
    assert kinds(crowd) == {Beginning: 1, Signature: 1, Tally: 1}


@sqlite_only
def test_a_large_edition_fills_whole_tiles(crowd: Crowd) -> None:
    crowd.join_many(range(300))
    crowd.release()
    assert kinds(crowd)[Signature] == 300
    with crowd.runtime.reading() as session:
        tiles = session.execute(select(LogTileRow.level, LogTileRow.number, LogTileRow.data)).all()
    assert {(level, number): len(data) for level, number, data in tiles if level >= 0} == {
        (0, 0): 8192, (0, 1): 46 * 32, (1, 0): 32,
    }  # fmt: skip


def test_the_last_edition_of_all_logs_its_pairs_as_a_hash(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime)
    crowd.join(1)
    crowd.release()
    crowd.enter(LetterState.CLOSED)
    clock.advance(days=31)
    crowd.tend()
    tally = leaves(crowd)[-1]
    assert isinstance(tally, Tally)
    listed = sha256(b'[["nurse","BY-MI",1]]').hexdigest()
    assert tally.content["figures"]["profession_region"] == {"pairs": 1, "sha256": listed}


@sqlite_only
def test_the_largest_last_edition_fits_into_a_leaf(runtime: Runtime, clock: Clock) -> None:
    """Every profession in every region of three countries, each shown."""
    crowd = open_crowd(runtime, countries=("RU", "BY", "UA"))
    crowd.join(1)
    crowd.release()
    scheme = scheme_of(stored(crowd), ())
    pairs = [(profession, region, 1000) for profession in scheme.professions for region in scheme.regions]
    figures = {
        name: {"shown": dict.fromkeys(scheme.codes(name), 12345), "rest": None}
        for name in ("profession", "region", "standing")
    }
    edition = EditionRow(letter_id=crowd.letter.id, number=2, released_at=clock(), signatures=1, withdrawn=0, voided=0)
    edition.figures = {**figures, "unread": 0, "profession_region": pairs}
    assert len(pairs) > 2000

    def verb(session: Session) -> None:
        letter = lock_letter(session, crowd.slug)
        write_edition(session, letter, edition, scheme, Leaves(Writer(None, runtime.chance.token, runtime.chance)))

    runtime.settle(verb)
    assert edition.log_size == 4


def stored(crowd: Crowd) -> LetterRow:
    with crowd.runtime.reading() as session:
        return session.scalars(select(LetterRow)).one()


@sqlite_only
def test_a_damaged_identity_is_counted_all_the_same(crowd: Crowd) -> None:
    damaged = crowd.join(1)
    crowd.join(2)
    crowd.tamper(update(SignatureRow).where(SignatureRow.id == damaged.signature).values(sealed=bytes(100)))
    assert (crowd.release().total, kinds(crowd)[Signature]) == (2, 2)


def test_editions_never_run_backwards(crowd: Crowd, clock: Clock) -> None:
    crowd.join(1)
    first = crowd.release()
    clock.advance(days=-1)
    crowd.join(2)
    assert crowd.release().released_at == first.released_at


@sqlite_only
def test_in_a_protected_letter_a_new_signature_waits_for_a_second_one(runtime: Runtime) -> None:
    crowd = open_crowd(runtime, threshold=3)
    signers = crowd.join_many(range(3))
    crowd.release()
    crowd.join(3)
    with pytest.raises(NotDue):
        crowd.release()
    crowd.withdraw(signers[0])
    assert (crowd.release().total, kinds(crowd)[Signature]) == (2, 3)
    crowd.join(4)
    assert (crowd.release().total, kinds(crowd)[Signature]) == (4, 5)


@sqlite_only
def test_the_last_edition_takes_even_one_alone(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime, threshold=3)
    crowd.join(1)
    crowd.enter(LetterState.CLOSED)
    crowd.tend()
    assert crowd.letter.number == 0
    clock.advance(days=31)
    crowd.tend()
    assert (crowd.letter.total, kinds(crowd)[Signature]) == (1, 1)


def test_editions_from_before_the_log_are_named_in_its_first_leaf(crowd: Crowd) -> None:
    """As the migration leaves them: counted, and without a leaf."""
    signers = crowd.join_many(range(3))
    crowd.release()
    crowd.withdraw(signers[0])
    forget_log(crowd)
    crowd.join(4)
    edition = crowd.release()
    assert kinds(crowd) == {Beginning: 1, Signature: 1, Withdrawal: 1, Tally: 1}
    assert leaves(crowd)[0].encode().count(b'"before":{"edition":1,"signatures":3,"voided":0,"withdrawn":0}') == 1
    assert (edition.total, crowd.recount()) == (3, [])


def forget_log(crowd: Crowd) -> None:
    """Make the letter one that was counted before there were logs."""
    with crowd.runtime.engine.begin() as connection:
        for table in ("cosignatures", "log_heads", "log_tiles", "logs"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    crowd.tamper(update(SignatureRow).values(log_secret=None), update(EditionRow).values(log_size=None))
    for file in crowd.runtime.keyring.signed_heads.iterdir():
        file.unlink()
