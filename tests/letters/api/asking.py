"""Asking the JSON resources, and a letter with a history to ask about."""

from typing import Any

from sqlalchemy import insert, update
from werkzeug.test import TestResponse

from letters.models.editions import EditionRow, EntryRow
from letters.models.letters import LetterRow
from tests.letters.signing.asking import change_letter
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock

PATHS = ["", "/{slug}", "/{slug}/count", "/{slug}/editions", "/{slug}/editions/1", "/{slug}/signatories"]
"""Every resource of a letter that has an edition, below `/api/v1/letters`."""

LISTS = ["", "/{slug}/editions", "/{slug}/signatories"]


def ask(campaign: Campaign, path: str = "", **headers: str) -> TestResponse:
    path = path.format(slug=campaign.slug)
    return campaign.client.get(f"/api/v1/letters{path}", headers={"Accept-Language": "en", **headers})


def refused(answer: TestResponse, status: int) -> str:
    """What a problem document says."""
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert set(answer.json) == {"type", "title", "status", "detail"}
    assert answer.json["status"] == status
    return str(answer.json["detail"])


def live(campaign: Campaign, clock: Clock) -> None:
    """Three editions in which people come with names, under pseudonyms and without, and one leaves."""
    leaver = campaign.join(1, display="named")
    campaign.join(2, display="pseudonym", profession="surgeon", region="abroad")
    campaign.release()
    campaign.join(3)
    campaign.client.post(leaver, data={"withdraw": "1"})
    clock.advance(minutes=1)
    campaign.release()
    campaign.join(4, display="named", profession="midwife")
    clock.advance(minutes=1)
    campaign.release()


def pad_editions(campaign: Campaign, editions: int) -> None:
    """Add copies of the letter's newest edition until it has so many."""
    letter = campaign.letter
    assert letter.edition
    figures: dict[str, Any] = {
        "letter_id": letter.id,
        "released_at": letter.edition.released_at,
        "signatures": letter.edition.signatures,
        "withdrawn": letter.edition.withdrawn,
        "voided": letter.edition.voided,
        "figures": dict(letter.edition.figures),
        "reasons": {},
    }
    rows = [{**figures, "number": number} for number in range(letter.number + 1, editions + 1)]
    with campaign.runtime.engine.begin() as connection:
        connection.execute(insert(EditionRow), rows)
        connection.execute(update(LetterRow).where(LetterRow.id == letter.id).values(edition=editions))


def pad_entries(campaign: Campaign, entries: int) -> None:
    """Print so many more lines under pseudonyms in the letter's newest edition."""
    letter = campaign.letter
    rows = [
        {
            "letter_id": letter.id,
            "edition": letter.number,
            "position": 1000 + number,
            "signature_id": number.to_bytes(16, "big"),
            "pseudonym": number,
            "leaving": False,
        }
        for number in range(entries)
    ]
    with campaign.runtime.engine.begin() as connection:
        connection.execute(insert(EntryRow), rows)
    change_letter(campaign, removals=letter.removals + 1)
