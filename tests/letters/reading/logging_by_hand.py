"""What the tests of editions and logs share: a campaign with editions, and changes behind the pages' back."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import update
from werkzeug.test import TestResponse

from letters.models.editions import EditionRow
from letters.models.heads import Head, head_at
from letters.models.log import CosignatureRow, LogHeadRow, LogTileRow
from tests.letters.signing.asking import change_letter
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from verification.ledger.cosignatures import cosign
from verification.ledger.trees import append

WITNESS = "witness.example/one"
SEED = bytes(range(32))


def released(campaign: Campaign, clock: Clock, editions: int = 1) -> None:
    """Release so many editions of one signature each, an hour apart."""
    for _ in range(editions):
        clock.advance(hours=1)
        campaign.join(campaign.letter.number + 1)
        campaign.release()


def get(campaign: Campaign, path: str, **headers: str) -> TestResponse:
    """An answer below the letter's address, without a language in it."""
    return campaign.client.get(f"/letters/{campaign.slug}/{path}", headers=headers)


def head(campaign: Campaign, edition: int) -> Head:
    """The head of the log with that edition."""
    with campaign.runtime.reading() as session:
        size = session.get_one(EditionRow, (campaign.letter.id, edition)).log_size
        return head_at(session, campaign.letter.id, size)


def change_edition(campaign: Campaign, number: int, **values: Any) -> None:
    """Change an edition's row."""
    of_it = EditionRow.letter_id == campaign.letter.id, EditionRow.number == number
    campaign.runtime.settle(lambda session: session.execute(update(EditionRow).where(*of_it).values(**values)))
    change_letter(campaign)


def unsign(campaign: Campaign, edition: int) -> None:
    """Let the head of an edition wait for its signature."""
    of_it = LogHeadRow.letter_id == campaign.letter.id, LogHeadRow.size == head(campaign, edition).size
    campaign.runtime.settle(lambda session: session.execute(update(LogHeadRow).where(*of_it).values(note=None)))
    change_letter(campaign)


def cosigned(campaign: Campaign, edition: int, seconds: int) -> str:
    """Let a witness cosign an edition's head at a moment (seconds since 1970); returns its line."""
    seen = head(campaign, edition)
    text = seen.note.partition("\n\n")[0] + "\n"
    line = cosign(text, WITNESS, SEED, seconds).line
    row = CosignatureRow(
        letter_id=campaign.letter.id,
        size=seen.size,
        witness=WITNESS,
        cosigned_at=datetime.fromtimestamp(seconds, UTC),
        line=line,
    )
    campaign.runtime.settle(lambda session: session.add(row))
    change_letter(campaign)
    return line


def grow(campaign: Campaign, leaves: int) -> list[bytes]:
    """Put a log of so many leaves in place of the campaign's, signed by nobody in particular; returns its entries."""
    letter, entries = campaign.letter, [b"leaf %d" % number for number in range(leaves)]
    grown = append(0, entries, lambda _level, _number: b"")

    def verb(session: Any) -> None:
        session.query(LogTileRow).delete()
        session.add_all(
            LogTileRow(letter_id=letter.id, level=level, number=number, data=data)
            for (level, number), data in grown.tiles.items()
        )
        session.add(LogHeadRow(letter_id=letter.id, size=grown.size, root=grown.root, note="signed\n"))

    campaign.runtime.settle(verb)
    change_letter(campaign)
    return entries
