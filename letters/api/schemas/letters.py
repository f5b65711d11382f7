"""Letters: their texts, their rules and their state."""

from __future__ import annotations

from marshmallow import fields

from letters.api.schemas.parts import (
    Shape,
    by_language,
    code,
    codes,
    day,
    flag,
    many,
    moment,
    number,
    one,
    text,
    the_page,
    the_pages,
)
from letters.models.letters import LetterState

PUBLIC = [state for state in LetterState if state not in (LetterState.DRAFT, LetterState.SCHEDULED)]


class SummarySchema(Shape):
    """A letter in the list."""

    letter = text("The letter's name in addresses.")
    title = text("Its title in the language asked for, otherwise in its first one.")
    state = code("`open` and `paused` letters may still get signatures, the others never.", PUBLIC)
    languages = codes("The languages of its text (BCP 47). The first is the authoritative one.")
    edition = number("The number of the current edition; 0 before the first.")
    total = number("How many signatures the current edition counts. The same as `total` of the count.")
    goal = number("What the organisers hope for; null when they named no number.", none=True)
    url = text("The letter's page for readers.")


class LetterListSchema(Shape):
    """Letters that are or were open."""

    letters = many(SummarySchema, "The newest first, 100 on a page.")
    page = the_page()
    pages = the_pages()


class TextSchema(Shape):
    """A letter's text in one language."""

    title = text("The title.")
    markdown = text("The text in CommonMark, without HTML and images.")


class ResponsibleSchema(Shape):
    """Who answers for a letter."""

    name = by_language("Who organises the letter.")
    contact = text("Where they can be reached.")


class EditionRuleSchema(Shape):
    """When a letter gets its next edition: once both are fulfilled."""

    every_seconds = number("The shortest time between two editions, in seconds.")
    at_least = number("How many signatures have to come or go for one.")


class FigureRuleSchema(Shape):
    """When a cell of a breakdown is shown."""

    threshold = number("The least that a cell counts when it is first shown.")
    step = number("Cells are rounded down to a multiple of this.")


class PactSchema(Shape):
    """How many have to agree to be named before those who wait for one another are. How many have so far is told to
    nobody."""

    needed = number("So many have to agree.")
    kept_in = number("The edition that counted so many and since which names are shown; null before.", none=True)
    lapsed = flag("Whether the letter closed before an edition had counted so many; the names were erased.")


class CorrectionSchema(Shape):
    """What was put right after the letter opened."""

    date = day("The day of the correction.")
    text = by_language("What was put right.")


class LetterLogSchema(Shape):
    """The log of a letter, for whoever wants to check it."""

    origin = text("What the log calls itself (C2SP tlog-checkpoint).")
    key = text("The key that signs it, as a C2SP verifier key.")


class LetterSchema(SummarySchema):
    """A letter with its texts and its rules."""

    texts = fields.Dict(
        fields.String(),
        fields.Nested(TextSchema),
        required=True,
        metadata={"description": "The text. By language."},
    )
    addressee = by_language("To whom it is written.")
    responsible = one(ResponsibleSchema, "Who answers for it.")
    countries = codes("The countries whose regions signers may choose (ISO 3166-1).")
    professions = text("The vocabulary of professions that signers choose from.")
    display = codes("What signers may choose: `named`, `pseudonym`, or `counted`, which is in the total only.")
    pact = one(PactSchema, "What names can wait for; null in a letter without a pact.", none=True)
    custody = text("Who can unseal identities: `team` (organisers) or `offline` (a key that never touches the server).")
    opens = moment("When it opens by itself; null when no moment was set.", none=True)
    closes = moment("When it closes by itself; null when no moment was set.", none=True)
    edition_rule = one(EditionRuleSchema, "When it gets its next edition.")
    figures = one(FigureRuleSchema, "When a cell of a breakdown is shown.")
    identities_until = day("The last day on which sealed identities are kept; null until it is known.", none=True)
    names_hidden = flag("Whether the organisers have hidden every name, to protect signers.")
    delivered_on = day("The day on which it was handed to its addressee, or null.", none=True)
    log = one(LetterLogSchema, "Its log; null until it has begun, a moment after the letter opens.", none=True)
    corrections = many(CorrectionSchema, "What was put right after it opened; the text itself never changes.")
