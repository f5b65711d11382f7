"""Who may take a letter's signatures away: asked at the start, and again while they go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from letters.organising.accounts.sessions import find_session
from letters.organising.handover.downloads import Form
from letters.organising.lockdown import check_exportable
from letters.organising.teams.keys import NamesClosed, has_key
from letters.organising.workspace.access import Access, Member, check_role, member_of_letter
from verification.errors import Refusal
from verification.identity.keyring import Keyring


class KeyElsewhere(Refusal):
    """The letter's key is not on the server, so names are opened elsewhere."""


@dataclass(frozen=True)
class Permit:
    """What one organiser asks for, and where they stand while it goes."""

    member: Member
    access: Access
    form: Form

    def check(self, session: Session, keyring: Keyring, now: datetime) -> Member:
        """The member as the database knows them now.

        Raises `SessionOver`, `NotFound`, `NotAllowed`, `UnderLockdown`, `IdentitiesGone`, `KeyElsewhere` or
        `NamesClosed`: whoever is signed out, leaves the team or loses the key takes no further row, nor does anybody
        once the letter is under lockdown.
        """
        find_session(session, keyring, self.member.cookie, now)
        member = member_of_letter(session, self.member, self.member.of_letter.slug)
        check_role(member, self.access)
        check_exportable(member.of_letter)
        if self.form is not Form.SEALED:
            check_names(session, member)
        return member


def check_names(session: Session, member: Member) -> None:
    """Raises `KeyElsewhere`, or `NamesClosed` where others can open names and this member cannot."""
    letter = member.of_letter
    if letter.custody != "team":
        raise KeyElsewhere("The key to these names is not on this server. Take the sealed export and open it at home.")
    if not has_key(session, letter.id, member.session.account.id):
        raise NamesClosed(
            "Your account cannot open the names under this letter. Ask an owner who can to share them with you."
        )
