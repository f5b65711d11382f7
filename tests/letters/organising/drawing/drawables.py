"""A card and a poster to change for each test."""

from letters.reading.drawable import Card, Poster, Tongue

ENGLISH = Tongue("en", "ltr", "en", "ltr")
ARABIC = Tongue("ar", "rtl", "ar", "rtl")

CARD = Card(
    tongue=ENGLISH,
    open_letter="Open letter",
    title="Stop the violence",
    addressee="Minister of Health",
    total="4,410",
    signatures="signatures",
    goal="Goal: 5,000",
    edition="Edition 12, 3 December 2026",
    site="Undersigned",
    host="undersigned.example",
)

POSTER = Poster(
    tongue=ENGLISH,
    open_letter="Open letter",
    title="Stop the violence",
    addressee="Minister of Health",
    text="We write **openly**, and [together](https://example.org/).\n\n> Do no harm.\n\n"
    "## What we see\n\n1. First\n2. Second\n\n---\n",
    read="Read the whole letter and sign it:",
    address="https://undersigned.example/letters/stop-the-violence",
    short="undersigned.example/letters/stop-the-violence",
    safely=["Sign on your own phone.", "Give a private e-mail address."],
)
