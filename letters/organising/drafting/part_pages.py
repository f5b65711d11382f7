"""The pages on which the parts of a draft are written, each saved on its own."""

from __future__ import annotations

from typing import Any

from flask import request

from letters.organising.accounts.profiles import find_account
from letters.organising.draft import FolderText
from letters.organising.drafting.checks import who_see
from letters.organising.drafting.choosing import country_choices, fingerprints, profession_choices
from letters.organising.drafting.draft_part import DraftPart
from letters.organising.drafting.parts import LetterPart, Part, PrivacyPart, Side, TextPart, languages_of
from letters.organising.drafting.previews import announced_until, preview_letter
from letters.organising.drafting.public_parts import PeoplePart
from letters.organising.drafting.rule_parts import CustodyPart, RulesPart, SchedulePart, SignersPart
from letters.organising.drafting.starters import privacy_notice
from letters.organising.workspace.access import Member
from letters.vocabularies.languages import LANGUAGES
from letters.web.markdown import to_html

NEW_ROWS = 2
"""Empty first signatories below those that are written."""


class LetterFields(DraftPart):
    """The address of the letter, its languages, its addressee."""

    part, name = LetterPart, "letter"

    def extras(self, member: Member, text: FolderText, part: Any) -> dict[str, Any]:
        return {"all_languages": LANGUAGES.values(), "base_url": self.site.runtime.settings.base_url}


class TextFields(DraftPart):
    """The text in one language, beside what readers will see."""

    part, name = TextPart, "text"

    def extras(self, member: Member, text: FolderText, part: Any) -> dict[str, Any]:
        return {"preview": to_html(part.body)}


class PrivacyFields(DraftPart):
    """The privacy notice in one language; an empty one begins with a text that fits the letter's rules."""

    part, name = PrivacyPart, "privacy"

    def begun(self, text: FolderText, part: Part) -> Part:
        assert isinstance(part, PrivacyPart)
        if part.notice.strip() and "starter" not in request.args:
            return part
        return PrivacyPart(part.spoken, privacy_notice(preview_letter(text), part.spoken, announced_until(text)))

    def extras(self, member: Member, text: FolderText, part: Any) -> dict[str, Any]:
        unsaved = PrivacyPart.of(Side(text, part.spoken)).notice != part.notice
        return {"preview": to_html(part.notice), "proposed": unsaved and request.method == "GET"}


class PeopleFields(DraftPart):
    """Who is responsible, and who signed first."""

    part, name = PeoplePart, "people"

    def extras(self, member: Member, text: FolderText, part: Any) -> dict[str, Any]:
        return {"rows": len(part.people) + NEW_ROWS}


class SignersFields(DraftPart):
    """Countries, professions, and how signers may appear."""

    part, name = SignersPart, "signers"

    def extras(self, member: Member, text: FolderText, part: Any) -> dict[str, Any]:
        folders, languages = self.site.runtime.settings.vocabularies, languages_of(text)
        return {
            "countries": country_choices(languages, folders, member.session.account.language),
            "vocabularies": profession_choices(languages, folders, member.session.account.language),
        }


class ScheduleFields(DraftPart):
    """When it opens and closes, what is kept how long, and the goal."""

    part, name = SchedulePart, "schedule"


class RulesFields(DraftPart):
    """Editions and figures."""

    part, name = RulesPart, "rules"


class CustodyFields(DraftPart):
    """Who can open names."""

    part, name = CustodyPart, "custody"

    def extras(self, member: Member, text: FolderText, part: Any) -> dict[str, Any]:
        return {"fingerprints": fingerprints(part.public_key), "seeing": self.seeing(member)}

    def seeing(self, member: Member) -> list[str]:
        """The names of the members who will be able to open names."""
        runtime = self.site.runtime
        with runtime.reading() as session:
            accounts = who_see(session, member.team_id)
            return [find_account(session, runtime.keyring, id).profile.name for id in accounts]
