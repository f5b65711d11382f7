"""A receipt proves to anybody that the log counts one signature, says nothing of others, and leaves nothing behind."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from letters.models.editions import EditionRow
from letters.models.letters import LetterRow
from letters.models.log import CosignatureRow, LogHeadRow
from letters.models.signatures import SignatureRow
from letters.models.values import IDENTITIES_FOR
from letters.publishing.log import tile_reader
from letters.signing.managing import withdraw
from letters.signing.receipt_words import WHY_NONE
from letters.signing.receipts import (
    CountedBeforeLog,
    HeadUnsigned,
    IdentityErased,
    LeafMissing,
    LetterDown,
    LetterLocked,
    NoReceipt,
    NotCountedYet,
    StillHeld,
    WasVoided,
    WasWithdrawn,
    make_receipt,
)
from tests.letters.signing.asking import everything, one_database, show, signatures, switches
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from verification.ledger.checkpoints import Checkpoint
from verification.ledger.cosignatures import cosign, cosigned_at, cosigner
from verification.ledger.hashing import leaf_hash
from verification.ledger.leaves import Signature
from verification.ledger.notes import Note, VerifierKey
from verification.ledger.proofs import BadProof
from verification.ledger.receipts import Receipt, check_receipt
from verification.ledger.strict import base64_of
from verification.ledger.trees import inclusion_proof
from verification.mailbox.challenges import Kind, challenge_about


def asked(private: str, understood: str | list[str] = "1") -> dict[str, Any]:
    """What the form on a private page posts."""
    return {"link": private.rsplit("/", 1)[1], "understood": understood}


def join(campaign: Campaign, *numbers: int) -> list[str]:
    """Let these people sign, and release an edition; returns their private links."""
    links = [campaign.join(number) for number in numbers]
    campaign.release()
    return links


def receipt_of(campaign: Campaign, signature_id: bytes) -> Receipt:
    runtime = campaign.runtime
    with runtime.reading() as session:
        return make_receipt(session, signature_id, runtime.keyring, runtime.clock())


def check(campaign: Campaign, receipt: Receipt) -> Checkpoint:
    """Check it as a newsroom does: from its text, under the log's key, with nothing else of the site."""
    head = campaign.letter.head
    assert head is not None
    return check_receipt(Receipt.parse(receipt.encode()), VerifierKey.parse(head.verifier))


def ids(campaign: Campaign) -> list[bytes]:
    return [row.id for row in signatures(campaign.runtime)]


def test_every_receipt_is_good_and_has_a_place_of_its_own(campaign: Campaign, clock: Clock) -> None:
    join(campaign, 1, 2, 3)
    clock.advance(minutes=1)
    join(campaign, 4, 5)
    receipts = [receipt_of(campaign, signature_id) for signature_id in ids(campaign)]
    assert {check(campaign, receipt).size for receipt in receipts} == {campaign.letter.head.size}
    assert sorted(receipt.index for receipt in receipts) == [1, 2, 3, 5, 6]


def test_a_receipt_does_not_hold_for_anothers_signature(campaign: Campaign) -> None:
    join(campaign, 1, 2)
    one, other = (receipt_of(campaign, signature_id) for signature_id in ids(campaign))
    for forged in (replace(one, opening=other.opening), replace(one, index=other.index)):
        with pytest.raises(BadProof):
            check(campaign, forged)


def test_an_older_receipt_goes_on_holding(campaign: Campaign, clock: Clock) -> None:
    private = join(campaign, 1, 2)[0]
    older = [receipt_of(campaign, signature_id) for signature_id in ids(campaign)]
    clock.advance(minutes=1)
    campaign.client.post(private, data={"withdraw": "1"})
    join(campaign, 3)
    for receipt in older:
        assert check(campaign, receipt).size < campaign.letter.head.size


def test_an_edition_whose_head_is_being_signed_leaves_the_one_before(campaign: Campaign, clock: Clock) -> None:
    join(campaign, 1)
    (first,) = ids(campaign)
    signed = campaign.letter.head
    clock.advance(minutes=1)
    join(campaign, 2)
    unsign_newest(campaign)
    assert receipt_of(campaign, first).note == signed.checkpoint
    with pytest.raises(HeadUnsigned):
        receipt_of(campaign, next(signature_id for signature_id in ids(campaign) if signature_id != first))


def test_a_receipt_brings_the_cosignatures_of_its_head(campaign: Campaign) -> None:
    join(campaign, 1)
    head = campaign.letter.head
    text, name, seed = Note.parse(head.note).text, "witness.example.org", bytes(32)
    line = cosign(text, name, seed, 1_800_000_000).line
    values = {"cosigned_at": datetime.fromtimestamp(1_800_000_000, UTC), "line": line}
    row = CosignatureRow(letter_id=campaign.letter.id, size=head.size, witness=name, **values)
    campaign.runtime.settle(lambda session: session.add(row))
    (signature_id,) = ids(campaign)
    note = Note.parse(receipt_of(campaign, signature_id).note)
    assert cosigned_at(note, cosigner(name, seed)) == 1_800_000_000


def test_but_for_its_opening_a_receipt_shows_what_the_log_shows_everybody(campaign: Campaign) -> None:
    join(campaign, 1, 2, 3)
    receipts = [receipt_of(campaign, signature_id) for signature_id in ids(campaign)]
    with campaign.runtime.reading() as session:
        read_tile = tile_reader(session, campaign.letter.id)
        for receipt in receipts:
            assert receipt.proof == inclusion_proof(receipt.index, campaign.letter.head.size, read_tile)
            assert receipt.note == campaign.letter.head.checkpoint


def test_a_receipt_opens_no_leaf_but_its_own(campaign: Campaign) -> None:
    join(campaign, 1, 2, 3)
    receipts = [receipt_of(campaign, signature_id) for signature_id in ids(campaign)]
    for receipt in receipts:
        for other in (other for other in receipts if other is not receipt):
            hidden = other.opening.nullifier, other.opening.blinding, other.opening.seal_hash
            assert not any(part in receipt_bytes(receipt) for part in hidden)
    for row in signatures(campaign.runtime):
        assert not any(bytes(row.id) in receipt_bytes(receipt) for receipt in receipts)


def receipt_bytes(receipt: Receipt) -> bytes:
    opening = receipt.opening.nullifier + receipt.opening.blinding + receipt.opening.seal_hash
    return opening + b"".join(receipt.proof) + receipt.note.encode()


def unsign_newest(campaign: Campaign) -> None:
    """As it is between an edition's transaction and its signature."""
    newest = update(LogHeadRow).where(LogHeadRow.size == campaign.letter.edition.log_size)
    campaign.runtime.settle(lambda session: session.execute(newest.values(note=None)))


def move(campaign: Campaign, **values: object) -> None:
    campaign.runtime.settle(lambda session: session.execute(update(SignatureRow).values(**values)))


def move_letter(campaign: Campaign, **values: object) -> None:
    changed = update(LetterRow).values(revision=LetterRow.revision + 1, **values)
    campaign.runtime.settle(lambda session: session.execute(changed))


def without_log(campaign: Campaign) -> None:
    """As a letter is that counted people before there were logs."""
    move(campaign, log_secret=None)
    campaign.runtime.settle(lambda session: session.execute(update(EditionRow).values(log_size=None)))


def past_the_day(campaign: Campaign) -> None:
    """The day of sealed identities has passed, and no worker has come yet."""
    closed_on = campaign.runtime.clock().date() - IDENTITIES_FOR
    move_letter(campaign, state="closed", closed_on=closed_on.replace(year=closed_on.year - 1))


def leave(campaign: Campaign) -> None:
    (signature_id,) = ids(campaign)

    def verb(session: Session) -> None:
        challenge = challenge_about(session, Kind.MANAGE, signature_id)
        assert challenge is not None
        withdraw(session, challenge)

    campaign.runtime.settle(verb)


WHY_NOT: dict[type[NoReceipt], Callable[[Campaign], None]] = {
    HeadUnsigned: unsign_newest,
    CountedBeforeLog: without_log,
    IdentityErased: lambda campaign: move(campaign, sealed=None, address_index=None),
    WasVoided: lambda campaign: move(campaign, state="voided"),
    WasWithdrawn: leave,
    LetterDown: lambda campaign: move_letter(
        campaign, taken_down_on=campaign.runtime.clock().date(), taken_down_for="x"
    ),
    LetterLocked: lambda campaign: move_letter(campaign, locked_on=campaign.runtime.clock().date()),
    LeafMissing: lambda campaign: move(campaign, log_secret=bytes(32)),
}


SEEN_LATER = (WasWithdrawn, LeafMissing)
"""The first has a page of its own; the second shows once the log is read."""


@pytest.mark.parametrize("why", WHY_NOT, ids=lambda why: why.__name__)
def test_where_there_is_none_its_own_refusal_says_why(campaign: Campaign, why: type[NoReceipt]) -> None:
    join(campaign, 1)
    (signature_id,) = ids(campaign)
    WHY_NOT[why](campaign)
    with pytest.raises(why):
        receipt_of(campaign, signature_id)


def test_there_is_none_once_the_day_of_the_identities_has_passed(campaign: Campaign) -> None:
    join(campaign, 1)
    past_the_day(campaign)
    with pytest.raises(IdentityErased):
        receipt_of(campaign, ids(campaign)[0])


@pytest.mark.parametrize("released", [False, True])
def test_after_withdrawing_none_is_given(campaign: Campaign, clock: Clock, *, released: bool) -> None:
    (private,) = join(campaign, 1)
    (signature_id,) = ids(campaign)
    campaign.client.post(private, data={"withdraw": "1"})
    clock.advance(minutes=1)
    if released:
        campaign.release()
    with pytest.raises(WasWithdrawn):
        receipt_of(campaign, signature_id)


def test_before_an_edition_has_counted_it_there_is_none(campaign: Campaign) -> None:
    campaign.join(1)
    (signature_id,) = ids(campaign)
    with pytest.raises(NotCountedYet):
        receipt_of(campaign, signature_id)
    move(campaign, state="held", held_for="burst")
    with pytest.raises(StillHeld):
        receipt_of(campaign, signature_id)


@one_database
def test_the_answer_is_a_file_that_proves_it(campaign: Campaign) -> None:
    private = join(campaign, 1, 2)[0]
    answer = campaign.client.post("/receipt", data=asked(private))
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="proof.txt"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    receipt = Receipt.parse(answer.text)
    assert check(campaign, receipt).origin == f"undersigned.example/letters/{campaign.slug}/log"


@one_database
def test_asking_writes_nothing_and_logs_nothing(campaign: Campaign, capfd: pytest.CaptureFixture[str]) -> None:
    private = join(campaign, 1, 2)[0]
    capfd.readouterr()
    before = everything(campaign.runtime)
    answers = [campaign.client.post("/receipt", data=asked(private)) for _ in range(2)]
    assert answers[0].data == answers[1].data
    assert everything(campaign.runtime) == before
    assert capfd.readouterr() == ("", "")


@one_database
@pytest.mark.parametrize("understood", [[], [""], ["0"], ["false"], ["on"], ["0", "1"]], ids=str)
def test_without_the_tick_the_page_comes_back(campaign: Campaign, understood: list[str]) -> None:
    (private,) = join(campaign, 1)
    before = everything(campaign.runtime)
    answer = campaign.client.post("/receipt", data=asked(private, understood))
    shown = show(answer)
    assert (answer.status_code, set(shown.errors)) == (422, {"understood"})
    assert "<details open>" in answer.text
    assert shown.fields["profession"] == "nurse"
    assert everything(campaign.runtime) == before


@one_database
@pytest.mark.parametrize("why", [why for why in WHY_NOT if why not in SEEN_LATER], ids=lambda why: why.__name__)
def test_the_page_says_why_there_is_none_and_so_does_its_answer(campaign: Campaign, why: type[NoReceipt]) -> None:
    (private,) = join(campaign, 1)
    assert "Download the receipt" in campaign.client.get(private).text
    WHY_NOT[why](campaign)
    page, answer = campaign.client.get(private), campaign.client.post("/receipt", data=asked(private))
    assert (page.status_code, answer.status_code) == (200, 409)
    for shown in (page.text, answer.text):
        assert str(WHY_NONE[why]) in shown
        assert "Download the receipt" not in shown


@one_database
def test_the_page_offers_none_before_the_edition(campaign: Campaign) -> None:
    private = campaign.join(1)
    assert "waits for the next edition" in show(campaign.client.get(private)).text
    assert campaign.client.post("/receipt", data=asked(private)).status_code == 409


@one_database
def test_a_log_without_the_leaf_is_said_aloud(campaign: Campaign) -> None:
    (private,) = join(campaign, 1)
    WHY_NOT[LeafMissing](campaign)
    answer = campaign.client.post("/receipt", data=asked(private))
    assert answer.status_code == 409
    assert "tell the organisers" in show(answer).text


@one_database
def test_nothing_but_the_private_link_gives_one(campaign: Campaign) -> None:
    (private,) = join(campaign, 1)
    query = urlencode(asked(private))
    for address in (f"{private}/receipt", f"{private}?understood=1", f"/receipt?{query}"):
        answer = campaign.client.get(address)
        assert "c2sp.org" not in answer.text
    foreign = campaign.client.post("/receipt", data=asked(private), headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403


@one_database
def test_the_leaf_of_a_receipt_is_the_one_that_everybody_sees(campaign: Campaign) -> None:
    (private,) = join(campaign, 1)
    receipt = Receipt.parse(campaign.client.post("/receipt", data=asked(private)).text)
    with campaign.runtime.reading() as session:
        tile = tile_reader(session, campaign.letter.id)(0, 0)
    leaf = leaf_hash(Signature(receipt.opening.commitment).encode())
    assert tile[32 * receipt.index :][:32] == leaf
    assert base64_of(receipt.opening.nullifier) not in campaign.client.get(private).text


@one_database
def test_the_private_link_stands_in_no_address_that_a_browser_notes_beside_the_file(campaign: Campaign) -> None:
    """Windows and macOS write down from where a file came."""
    private = join(campaign, 1, 2)[0]
    form = campaign.client.get(private).text.split('action="/receipt"')[1]
    assert f'name="link" value="{private.rsplit("/", 1)[1]}"' in form
    file = campaign.client.post("/receipt", data=asked(private))
    assert private.rsplit("/", 1)[1] not in f"{file.request.url}{file.headers}{file.text}"


@one_database
def test_after_a_refusal_the_other_forms_still_lead_to_the_private_page(campaign: Campaign) -> None:
    (private,) = join(campaign, 1)
    page = campaign.client.post("/receipt", data=asked(private, [])).text
    assert page.count("<form") == page.count(f'action="{private}"') + page.count('action="/receipt"') > 3


@one_database
def test_after_a_refusal_the_languages_lead_to_the_private_page(campaign: Campaign) -> None:
    (private,) = join(campaign, 1)
    page = campaign.client.post("/en/receipt", data=asked(private, []))
    assert switches(page) == switches(campaign.client.get(f"/en{private}"))
    for link in switches(page):
        answer = campaign.client.get(link)
        assert (answer.status_code, show(answer).language) == (200, link.split("/")[1])
