"""Who is on the public list."""

from __future__ import annotations

from letters.api.schemas.figures import ProfessionSchema, RegionSchema
from letters.api.schemas.parts import Shape, flag, many, number, one, text, the_page, the_pages


class FirstSignatorySchema(Shape):
    """Somebody who stands above the list, by name and title."""

    name = text("In the language asked for.")
    title = text("In the language asked for; may be empty.")


class SignatorySchema(Shape):
    """One line of the public list."""

    name = text("The name that the signer gave to be public, or the pseudonym in the language asked for.")
    pseudonym = flag("Whether it is a pseudonym. It was drawn by chance and says nothing about a person.")
    profession = one(
        ProfessionSchema, "As finely as it may be shown, of one person; null where it may not be.", none=True
    )
    region = one(RegionSchema, "As finely as it may be shown; null where it may not be.", none=True)


class SignatoryListSchema(Shape):
    """Those who chose to appear. Whoever is in the total only is not here, and names can be taken away at any time."""

    letter = text("The letter's name in addresses.")
    edition = number("The number of the current edition; 0 before the first.")
    names_hidden = flag("Whether the organisers have hidden every name, to protect signers. Then nobody is listed.")
    found = number("How many are on the list, first signatories aside.")
    first_signatories = many(FirstSignatorySchema, "Those above the list, the same on every page.")
    signatories = many(SignatorySchema, "The newest edition first, shuffled within each, 100 on a page.")
    page = the_page()
    pages = the_pages()
