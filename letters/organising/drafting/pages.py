"""Where the pages are on which letters are written, opened and changed."""

from __future__ import annotations

from collections.abc import Mapping

from letters.organising.drafting import change_pages as change
from letters.organising.drafting import draft_pages as draft
from letters.organising.drafting import open_pages as opening
from letters.organising.drafting import part_pages as parts
from letters.organising.drafting import step_pages as steps
from letters.organising.workspace.page import WorkspacePage

_DRAFT = "/workspace/drafts/<draft>"
_CHANGE = "/workspace/letters/<slug>/change"

ROUTES: Mapping[str, tuple[str, type[WorkspacePage]]] = {
    "/workspace/teams/<int:team_id>/drafts/new": ("new_draft", draft.NewDraft),
    _DRAFT: ("draft", draft.DraftEditor),
    f"{_DRAFT}/letter": ("draft_letter", parts.LetterFields),
    f"{_DRAFT}/text/<spoken>": ("draft_text", parts.TextFields),
    f"{_DRAFT}/privacy/<spoken>": ("draft_privacy", parts.PrivacyFields),
    f"{_DRAFT}/people": ("draft_people", parts.PeopleFields),
    f"{_DRAFT}/signers": ("draft_signers", parts.SignersFields),
    f"{_DRAFT}/schedule": ("draft_schedule", parts.ScheduleFields),
    f"{_DRAFT}/rules": ("draft_rules", parts.RulesFields),
    f"{_DRAFT}/custody": ("draft_custody", parts.CustodyFields),
    f"{_DRAFT}/preview/<spoken>": ("draft_preview", opening.DraftPreview),
    f"{_DRAFT}/link": ("draft_link", draft.DraftPreviewLink),
    f"{_DRAFT}/mail": ("draft_mail", opening.DraftMail),
    f"{_DRAFT}/letter.zip": ("draft_folder", draft.DraftFolder),
    f"{_DRAFT}/discard": ("draft_discard", draft.DiscardDraft),
    f"{_DRAFT}/open": ("draft_open", opening.OpenDraft),
    _CHANGE: ("change", change.ChangePage),
    f"{_CHANGE}/correction": ("change_correction", change.CorrectionFields),
    f"{_CHANGE}/closing": ("change_closing", change.ClosingFields),
    f"{_CHANGE}/people": ("change_people", change.PeopleChanges),
    f"{_CHANGE}/privacy/<spoken>": ("change_privacy", change.PrivacyChanges),
    f"{_CHANGE}/delivery": ("change_delivery", change.DeliveryFields),
    f"{_CHANGE}/pause": ("pause", steps.PausePage),
    f"{_CHANGE}/close": ("close", steps.ClosePage),
    f"{_CHANGE}/letter.zip": ("letter_folder", change.LetterFolder),
}
