"""What is kept about signers: where, why, until when, and what ends it.

The page "What this site knows about you" shows this table in every language, `docs/retention.md` in English.
"""

from __future__ import annotations

from letters.models.retention.others import ELSEWHERE, ORGANISERS
from letters.models.retention.parts import N_, Kept
from letters.models.retention.signers import MAIL, PUBLIC, SIGNATURES

__all__ = ["KEPT", "Kept"]

KEPT: dict[str, tuple[Kept, ...]] = {
    N_("Your signature"): SIGNATURES,
    N_("Mail and links"): MAIL,
    N_("What is public"): PUBLIC,
    N_("Organisers"): ORGANISERS,
    N_("Elsewhere"): ELSEWHERE,
}
