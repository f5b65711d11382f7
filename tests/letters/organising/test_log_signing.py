"""Heads are signed after their edition, once, and never for two logs."""

import shutil

import pytest
from sqlalchemy import delete, select, update

from letters.models.editions import EditionRow
from letters.models.letters import LetterRow, LetterState, LetterTextRow
from letters.models.log import LogHeadRow, LogTileRow
from letters.models.signatures import SignatureRow
from letters.organising.log_signing import MemoryLost, OtherKey, hashes_of, sign_heads
from letters.publishing.log import tile_reader
from letters.runtime import Runtime
from tests.letters.publishing.crowd import Crowd, open_crowd
from tests.parts.clock import Clock
from verification.identity.keyring import KeyMissing
from verification.ledger.checkpoints import Checkpoint, open_checkpoint
from verification.ledger.heads import Fork, Rollback
from verification.ledger.leaves import Signature
from verification.ledger.notes import Note, NoteSigner, VerifierKey
from verification.ledger.trees import append

ODD = """\
# One "quoted" heading -- and (c) 'more' ...

A  line with two  spaces\\
and a break, *soft*\u00adhyphens, a\u00a0fixed space, &amp; &copy; entities, `code`, <b>raw</b>.

3. three
4. four
   * inner **bold** [link](https://example.org/?a=1&b=2 "title")

> Ёлка — «кавычки»

| no | table |
"""


@pytest.fixture
def crowd(runtime: Runtime) -> Crowd:
    return open_crowd(runtime)


def notes(crowd: Crowd) -> dict[int, str | None]:
    with crowd.runtime.reading() as session:
        return dict(session.execute(select(LogHeadRow.size, LogHeadRow.note).order_by(LogHeadRow.size)).all())


def unsign(crowd: Crowd, size: int) -> None:
    crowd.tamper(update(LogHeadRow).where(LogHeadRow.size == size).values(note=None))


def test_every_head_is_signed_by_the_letters_own_key(crowd: Crowd) -> None:
    crowd.join(1)
    crowd.release()
    head = crowd.letter.head
    assert head is not None
    key = VerifierKey.parse(head.verifier)
    assert head.origin == key.name == f"{crowd.runtime.settings.base_url.split('//')[1]}/letters/{crowd.slug}/log"
    for size, note in notes(crowd).items():
        assert open_checkpoint(str(note), key).size == size


def test_a_head_that_was_left_unsigned_gets_the_signature_it_would_have_had(crowd: Crowd) -> None:
    crowd.join(1)
    crowd.release()
    before = notes(crowd)
    unsign(crowd, 3)
    crowd.tend()
    assert notes(crowd) == before


def test_signing_again_changes_nothing(crowd: Crowd) -> None:
    crowd.tend()
    revision = crowd.letter.revision
    sign_heads(crowd.runtime, crowd.slug)
    crowd.tend()
    assert crowd.letter.revision == revision


def test_the_newest_signed_head_is_shown_until_the_next_is_signed(crowd: Crowd) -> None:
    crowd.join(1)
    crowd.release()
    unsign(crowd, 3)
    head = crowd.letter.head
    assert head is not None
    assert (head.size, crowd.letter.edition and crowd.letter.edition.log_size) == (1, 3)


def test_another_log_of_the_same_size_is_never_signed(crowd: Crowd) -> None:
    crowd.join(1)
    crowd.release()
    crowd.tamper(update(LogHeadRow).where(LogHeadRow.size == 3).values(note=None, root=bytes(32)))
    with pytest.raises(Fork):
        sign_heads(crowd.runtime, crowd.slug)
    assert notes(crowd)[3] is None


@pytest.fixture
def set_back(crowd: Crowd) -> Crowd:
    """A database that was set back to before its newest edition; the keys were not."""
    crowd.join(1)
    crowd.release()
    crowd.join(2)
    crowd.release()
    crowd.tamper(
        delete(EditionRow).where(EditionRow.number == 2),
        update(SignatureRow).where(SignatureRow.edition == 2).values(edition=None, log_secret=None, news=True),
        update(LetterRow).values(edition=1),
        delete(LogHeadRow).where(LogHeadRow.size == 5),
    )
    return crowd


def test_a_database_that_was_set_back_gets_no_second_log_signed(set_back: Crowd) -> None:
    unsign(set_back, 3)
    with pytest.raises(Rollback):
        sign_heads(set_back.runtime, set_back.slug)
    assert notes(set_back)[3] is None


def test_without_the_key_of_a_log_nothing_is_signed_and_none_is_made(crowd: Crowd) -> None:
    crowd.tend()
    shutil.move(crowd.runtime.keyring.folder / "log" / f"{crowd.slug}.key", crowd.runtime.keyring.folder / "away")
    unsign(crowd, 1)
    with pytest.raises(KeyMissing):
        sign_heads(crowd.runtime, crowd.slug)
    assert notes(crowd) == {1: None}


def test_tiles_are_only_ever_continued(crowd: Crowd) -> None:
    crowd.join(1)
    crowd.release()

    def tiles() -> dict[tuple[int, int], bytes]:
        with crowd.runtime.reading() as session:
            columns = LogTileRow.level, LogTileRow.number, LogTileRow.data
            return {(level, number): data for level, number, data in session.execute(select(*columns))}

    before = tiles()
    crowd.join_many(range(2, 5))
    crowd.release()
    after = tiles()
    assert all(after[place].startswith(data) and len(after[place]) > len(data) for place, data in before.items())


def test_whoever_holds_the_key_of_a_log_can_sign_people_who_do_not_exist(crowd: Crowd) -> None:
    """No log can show that somebody stands behind a leaf."""
    crowd.tend()
    head = crowd.letter.head
    assert head is not None
    with crowd.runtime.reading() as session:
        grown = append(1, [Signature(bytes(32)).encode()], tile_reader(session, crowd.letter.id))
    forged = Checkpoint(head.origin, grown.size, grown.root)
    signer = NoteSigner(head.origin, crowd.runtime.keyring.log_seed(crowd.slug))
    note = str(Note(forged.text, (signer.sign(forged.text),)))
    assert open_checkpoint(note, VerifierKey.parse(head.verifier)) == forged


@pytest.fixture
def forgetful(crowd: Crowd) -> Crowd:
    """An installation whose key folder was set back together with its database, or has lost what it remembers."""
    crowd.join(1)
    crowd.release()
    for file in crowd.runtime.keyring.signed_heads.glob("*.head"):
        file.unlink()
    unsign(crowd, 3)
    return crowd


def test_where_it_is_forgotten_what_was_signed_nothing_is(forgetful: Crowd) -> None:
    with pytest.raises(MemoryLost):
        sign_heads(forgetful.runtime, forgetful.slug)
    assert notes(forgetful)[3] is None


def test_the_host_may_vouch_for_the_database_then(forgetful: Crowd) -> None:
    assert sign_heads(forgetful.runtime, forgetful.slug, trust_database=True) == 1
    forgetful.join(2)
    forgetful.release()
    assert all(notes(forgetful).values())


def test_who_remembers_an_older_head_than_the_database_has_signs_nothing(crowd: Crowd) -> None:
    """A copy of the key folder on another machine: nobody there knows what else was signed."""
    crowd.join(1)
    crowd.release()
    (memory,) = crowd.runtime.keyring.signed_heads.glob("*.head")
    older = memory.read_bytes()
    for number in (2, 3):
        crowd.join(number)
        crowd.release()
    memory.write_bytes(older)
    newest = max(notes(crowd))
    unsign(crowd, newest)
    with pytest.raises(MemoryLost):
        sign_heads(crowd.runtime, crowd.slug)
    assert sign_heads(crowd.runtime, crowd.slug, trust_database=True) == 1


def test_a_key_that_is_not_the_logs_own_signs_nothing(crowd: Crowd) -> None:
    crowd.tend()
    unsign(crowd, 1)
    file = crowd.runtime.keyring.folder / "log" / f"{crowd.slug}.key"
    file.write_text("5a" * 32 + "\n")
    with pytest.raises(OtherKey):
        sign_heads(crowd.runtime, crowd.slug)
    assert notes(crowd) == {1: None}


def test_a_log_that_cannot_be_written_keeps_no_promise_to_signers(crowd: Crowd, clock: Clock) -> None:
    """Names leave, the dedupe key goes, and so do identities."""
    signer = crowd.join(1, display="named")
    crowd.release()
    folder = crowd.runtime.keyring.signed_heads
    for table in ("log_heads", "log_tiles", "logs"):
        with crowd.runtime.engine.begin() as connection:
            connection.exec_driver_sql(f"DELETE FROM {table}")
    (folder / f"{crowd.slug}.key").write_text("damaged")
    crowd.change(signer, display="counted")
    crowd.enter(LetterState.CLOSED)
    clock.advance(days=100)
    with pytest.raises(ExceptionGroup):
        crowd.tend()
    assert (crowd.names(), crowd.letter.forgotten, crowd.letter.erased) == ([], True, True)


def test_words_are_hashed_as_they_always_were(crowd: Crowd) -> None:
    """Leaf 0 holds these hashes for good: another way of drawing Markdown would accuse every letter there is."""
    text = LetterTextRow(title="Odd -- “title” & <more>", body=ODD)
    assert hashes_of(text) == {
        "markdown": "3dc295b13d16b477ae3be1b0c58e5ee3b4ba87ff67c8a7dd24bd822edd6746dc",
        "page": "1253c0533d233c0ef098c16e8cfe90f9fa7c8c8190923a6587b33e4f20faff8d",
    }
