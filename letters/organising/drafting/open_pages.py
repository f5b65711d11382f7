"""Before a draft opens: its check list, the page as signers will see it, and the tick that opens it."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import Response, abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import refresh

from letters.models.teams import Role
from letters.organising.accounts.profiles import find_account
from letters.organising.drafting.checks import Finding, findings, who_see
from letters.organising.drafting.choosing import fingerprints
from letters.organising.drafting.draft_pages import WholeDraft
from letters.organising.drafting.drafts import HasOpened, Stored, title_of
from letters.organising.drafting.opening import Opening, open_draft
from letters.organising.drafting.parts import Side, languages_of
from letters.organising.drafting.places import place_of, places
from letters.organising.drafting.previews import preview_letter
from letters.organising.drafting.rule_parts import CustodyPart, preset_of
from letters.organising.drafting.showing import show_letter
from letters.organising.drafting.starters import Mail, invitation
from letters.organising.drafting.words import field_words, problem_words
from letters.organising.folder import Problem
from letters.organising.workspace.access import Access, Member
from letters.organising.workspace.words import says
from letters.vocabularies.languages import LANGUAGES
from letters.web.headers import personal
from letters.web.site import Site
from verification.errors import Refusal
from verification.identity.keypairs import new_key_pair


class OpenDraft(WholeDraft):
    """What is missing, who will see names, what freezes; opening asks for a tick."""

    needs_post: ClassVar[Access | None] = Access(role=Role.EDITOR, strong=True)

    def get(self, member: Member) -> ResponseReturnValue:
        stored, slug = self.stored(member)
        if slug:
            return redirect(url_for("workspace_change", slug=slug), 303)
        return self._page(member, stored)

    def post(self, member: Member) -> ResponseReturnValue:
        stored, _slug = self.stored(member)
        if "sure" not in request.form:
            return self._page(member, stored, status=422, unsure=True)
        runtime, doing, version = self.site.runtime, self.doing(member), _number(request.form.get("version", ""))
        opening = Opening(runtime.keyring, runtime.settings.vocabularies, new_key_pair)
        try:
            letter = runtime.settle(lambda session: open_draft(session, doing, stored.id, version, opening))
        except HasOpened as refusal:
            return self.refuse(member, says(refusal), 409)
        except Refusal as refusal:
            return self._page(member, stored, status=422, sentence=says(refusal))
        return redirect(url_for("workspace_change", slug=letter.slug, done="opened"), 303)

    def _page(self, member: Member, stored: Stored, *, status: int = 200, **values: Any) -> Response:
        runtime, draft = self.site.runtime, stored.id.hex()
        with runtime.reading() as session:
            found = findings(session, stored, runtime.settings.vocabularies, runtime.clock())
            seeing = [find_account(session, runtime.keyring, id) for id in who_see(session, stored.team_id)]
        parts = places(stored.text, draft, [])
        letter = preview_letter(stored.text)
        return self.answer(
            "organising/drafting/open.html",
            member,
            status,
            draft=draft,
            version=stored.version,
            title=title_of(stored.text),
            letter=letter,
            findings=[(field_words(item.field), _why(item), place_of(item.field, parts)) for item in found],
            seeing=[account.profile.name for account in seeing],
            fingerprints=fingerprints(CustodyPart.of(Side(stored.text)).public_key),
            preset=preset_of(stored.text),
            later=letter.opens_at is not None and letter.opens_at > runtime.clock(),
            scheduled=stored.letter_id is not None,
            address=letter_url(self.site, letter.slug) if stored.text.toml.get("slug") else "",
            languages=[LANGUAGES[code] for code in languages_of(stored.text)],
            **{"sentence": "", "unsure": False, **values},
        )


class DraftPreview(WholeDraft):
    """The page as signers will see it, in one language."""

    def get(self, member: Member, spoken: str) -> ResponseReturnValue:
        stored, _slug = self.stored(member)
        if spoken not in languages_of(stored.text):
            abort(404)
        draft = stored.id.hex()
        sides = [
            (LANGUAGES[code], url_for("workspace_draft_preview", draft=draft, spoken=code))
            for code in languages_of(stored.text)
        ]
        back = url_for("workspace_draft", draft=draft)
        g.language = spoken  # the page speaks as it will to its signers
        refresh()
        return personal(show_letter(self.site, stored.text, spoken, switch=[], back=back, sides=sides))


class DraftMail(WholeDraft):
    """A mail to invite people with, in each language."""

    def get(self, member: Member) -> ResponseReturnValue:
        stored, _slug = self.stored(member)
        letter = preview_letter(stored.text)
        return self.answer(
            "organising/drafting/mail.html",
            member,
            mails=[(LANGUAGES[mail.spoken], mail) for mail in mails(self.site, letter)],
            back=url_for("workspace_draft", draft=stored.id.hex()),
        )


def mails(site: Site, letter: Any) -> list[Mail]:
    """The starting mail in each of the letter's languages."""
    return [invitation(letter, code, letter_url(site, letter.slug)) for code in letter.languages if code in LANGUAGES]


def letter_url(site: Site, slug: str) -> str:
    return site.url(url_for("letter", slug=slug))


def _why(finding: Finding) -> str:
    return problem_words(finding.why) if isinstance(finding.why, Problem) else says(finding.why)


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
