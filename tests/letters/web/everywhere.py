"""One address of every page there is, on a letter where everything has happened."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.routing import IntegerConverter, Rule

from letters.models.drafts import DraftRow
from letters.organising.accounts.joining import FOUNDING, invite
from letters.organising.accounts.resetting import ask_reset
from letters.organising.addressing.signing import sign_list
from letters.organising.drafting.content import to_json
from letters.organising.folder import folder_text
from letters.runtime import Runtime
from tests.letters.signing.asking import send
from tests.parts.campaign import Campaign, demo_draft
from tests.parts.drawings import draw_all
from tests.parts.organiser import found_team
from verification.mailbox.challenges import Kind, challenge_about
from verification.mailbox.tokens import Purpose

WORKSPACE = "/workspace/"
SOMETHING = "01" * 16
"""What stands in an address for an id of which nothing is known here."""


@dataclass(frozen=True)
class Links:
    """The links that people of the letter hold, and the tokens of those that its organisers were given."""

    waiting: str
    spent: str
    signed: str
    private: str
    preview: str
    invited: str
    reset: str


def busy(campaign: Campaign) -> Links:
    """Let people sign, confirm, be released and wait, and the worker draw; let an organiser write, invite and lose a
    password."""
    private = campaign.join(1, display="named")
    campaign.join(2, display="pseudonym", updates="1")
    campaign.release()
    draw_all(campaign)
    sign_list(campaign.runtime, campaign.slug)
    send(campaign, {"email": "waiting@example.org"})
    campaign.send_mail()
    send(campaign, {"email": "unsent@example.org", "updates": "1"})
    spent = campaign.links("signer1@example.org")[0]
    waiting, signed = campaign.links("waiting@example.org")[0], campaign.confirm(spent).location
    return Links(waiting, spent, signed, private, *_organised(campaign))


def _organised(campaign: Campaign) -> tuple[str, str, str]:
    """The tokens of a secret link to a draft, of an invitation, and of a mail to whoever has lost a password."""
    runtime, organiser = campaign.runtime, found_team(campaign.runtime, campaign.app)
    handle, account_id, team_id = runtime.chance.token(16), organiser.account_id, organiser.team_id

    def verb(session: Session) -> tuple[bytes, bytes]:
        session.add(_draft(runtime, team_id, account_id, handle))
        invited = invite(session, runtime.keyring, FOUNDING, None, "en", runtime.clock())
        ask_reset(session, runtime.keyring, organiser.address, "en", runtime.clock())
        challenge = challenge_about(session, Kind.RESET, account_id)
        assert challenge is not None
        return invited, challenge.id

    invited, reset = runtime.settle(verb)
    mint = runtime.tokens.mint
    return mint(Purpose.PREVIEW, handle), mint(Purpose.INVITE, invited), mint(Purpose.RESET, reset)


def _draft(runtime: Runtime, team_id: int, account_id: bytes, preview: bytes) -> DraftRow:
    content = to_json(folder_text(demo_draft()[0]))
    return DraftRow(
        id=bytes.fromhex(SOMETHING), team_id=team_id, title="Example", content=content, version=1,
        changed_by=account_id, changed_on=runtime.clock().date(), preview=preview,
    )  # fmt: skip


def every_address(campaign: Campaign, links: Links) -> list[str]:
    """An address for every page of the application, with every kind of link where it takes one.

    A page of the workspace is found even where its team is not; one that is only posted to is none.
    """
    rules = [rule for rule in campaign.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    tokens = _tokens(campaign, links)
    return sorted({_address(campaign, rule, token) for rule in rules for token in tokens.get(rule.endpoint, [""])})


def public_addresses(campaign: Campaign, links: Links) -> list[str]:
    """Those that are for readers and signers; `tests/house/test_workspace.py` tries the others."""
    return [address for address in every_address(campaign, links) if not address.startswith(WORKSPACE)]


def _tokens(campaign: Campaign, links: Links) -> dict[str, list[str]]:
    """By page, the tokens that its address may hold."""
    return {
        "confirm": [path.rpartition("/")[2] for path in (links.waiting, links.spent)],
        "signed": [links.signed.rpartition("/")[2]],
        "signature": [links.private.rpartition("/")[2]],
        "unsubscribe": [campaign.runtime.tokens.mint(Purpose.UNSUBSCRIBE, bytes(16))],
        "preview": [links.preview],
        "workspace_join": [links.invited],
        "workspace_reset": [links.reset],
    }


def _address(campaign: Campaign, rule: Rule, token: str) -> str:
    known = {"language": "be", "slug": campaign.slug, "filename": "undersigned.css", "token": token, "handle": token}
    known |= {"number": "1", "path": "0/000.p/1"}
    values: dict[str, Any] = {
        name: known.get(name, 1 if isinstance(kind, IntegerConverter) else SOMETHING)
        for name, kind in rule._converters.items()
    }
    if rule.endpoint == "oembed":
        values["url"] = campaign.runtime.settings.base_url + f"/letters/{campaign.slug}"
    return str(campaign.app.url_map.bind("undersigned.example").build(rule.endpoint, values))
