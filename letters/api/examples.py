"""An answer of every resource, as its description shows it. The letter and its people are made up."""

from __future__ import annotations

from typing import Any

LETTER = "stop-the-violence"
WRONG_PAGE = "Give `page` once, as a number from 1 to 999999999, or leave it out for the first page."

_ORIGIN = f"letters.example.org/letters/{LETTER}/log"
_KEY = f"{_ORIGIN}+0a1b2c3d+AU1hZGUgdXAgZm9yIGFuIGV4YW1wbGUsIG5vIHJlYWwga2V5"
_ROOT = "xZ3Yv8m1Qy0nJw6kT2b9dHcE4pRfGu7sLaXiOoNeVzI="
_SUMMARY = {
    "letter": LETTER,
    "title": "Stop the violence: a letter from health workers",
    "state": "open",
    "languages": ["ru", "be", "en"],
    "edition": 12,
    "total": 4410,
    "goal": 5000,
    "url": f"https://letters.example.org/letters/{LETTER}",
}
_FIGURES = {
    "letter": LETTER,
    "edition": 12,
    "released_at": "2026-12-03T06:00:00Z",
    "total": 4410,
    "signatures": 4425,
    "withdrawn": 12,
    "voided": 3,
    "goal": 5000,
    "by_profession": [
        {"code": "nurse", "isco": "2221", "label": "Nurses", "count": 2150},
        {"code": "midwife", "isco": "2222", "label": "Midwives", "count": 2210},
        {"code": None, "label": "other or withheld", "count": None, "range": [14, 68]},
    ],
    "by_region": [
        {"code": "BY-MI", "label": "Minsk Region", "count": 4380},
        {"code": None, "label": "other or withheld", "count": None, "range": [12, 39]},
    ],
    "by_standing": [{"code": "mailbox", "label": "confirmed by e-mail", "count": 4410}],
}
_EDITION = {
    **_FIGURES,
    "changes": {"signatures": 63, "withdrawn": 1, "voided": 3, "total": 59},
    "reasons": {"burst": 3},
    "log": {
        "origin": _ORIGIN,
        "key": _KEY,
        "size": 4453,
        "root": _ROOT,
        "checkpoint": f"{_ORIGIN}\n4453\n{_ROOT}\n\n— {_ORIGIN} ChssPW1hZGUgdXAgZm9yIGFuIGV4YW1wbGU=\n",
        "cosignatures": [{"witness": "witness.example.net", "time": "2026-12-03T06:00:04Z"}],
    },
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "Letters": {"letters": [_SUMMARY], "page": 1, "pages": 1},
    "OneLetter": {
        **_SUMMARY,
        "texts": {
            "ru": {"title": "Остановите насилие: письмо медиков", "markdown": "…"},
            "be": {"title": "Спыніце гвалт: ліст медыкаў", "markdown": "…"},
            "en": {"title": "Stop the violence: a letter from health workers", "markdown": "…"},
        },
        "addressee": {"ru": "Министр здравоохранения", "be": "Міністр аховы здароўя", "en": "Minister of Health"},
        "responsible": {
            "name": {"ru": "Инициатива для примера", "be": "Ініцыятыва для прыкладу", "en": "Example Initiative"},
            "contact": "letters@example.org",
        },
        "countries": ["BY"],
        "professions": "health",
        "display": ["counted", "pseudonym", "named"],
        "pact": {"needed": 100, "kept_in": None, "lapsed": False},
        "custody": "offline",
        "opens": "2026-12-01T06:00:00Z",
        "closes": None,
        "edition_rule": {"every_seconds": 21600, "at_least": 50},
        "figures": {"threshold": 10, "step": 10},
        "identities_until": None,
        "names_hidden": False,
        "delivered_on": None,
        "log": {"origin": _ORIGIN, "key": _KEY},
        "corrections": [{"date": "2026-12-02", "text": {"ru": "…", "be": "…", "en": "A date was wrong."}}],
    },
    "Count": {
        **_FIGURES,
        "unverified": [{"gathered": "paper", "count": 180, "reported_on": "2026-12-02"}],
    },
    "Editions": {"editions": [_EDITION], "page": 1, "pages": 1},
    "OneEdition": _EDITION,
    "Signatories": {
        "letter": LETTER,
        "edition": 12,
        "names_hidden": False,
        "found": 2,
        "first_signatories": [{"name": "Anna Example (made-up name)", "title": "Surgeon"}],
        "signatories": [
            {
                "name": "Vera Example",
                "pseudonym": False,
                "profession": {"code": "nurse", "isco": "2221", "label": "nurse"},
                "region": {"code": "BY-MI", "label": "Minsk Region"},
            },
            {"name": "Quiet Heron 7", "pseudonym": True, "profession": None, "region": None},
        ],
        "page": 1,
        "pages": 1,
    },
}
