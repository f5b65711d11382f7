"""A whole campaign in real browsers, through real processes and a real mail server.

The owner has a phone without JavaScript and a code app, a colleague one with JavaScript and a passkey.
"""

import csv
import io
import json
import re
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Page
from sqlalchemy import update

from letters.commands.organisers import first_run_page
from letters.models.accounts import SessionRow
from letters.models.signatures import Suspicion
from letters.runtime import Runtime
from letters.settings import Settings
from tests.journeys.fakes import PROFESSION, flood
from tests.journeys.organiser import AtWork, give_authenticator, link_in
from tests.journeys.witness import Witness
from tests.letters.organising.handover.pdf import text_of
from tests.letters.publishing.crowd import Crowd
from tests.parts.browser import Visitor, follow
from tests.parts.server import run_command, running_web, running_worker
from tests.parts.smtp import MailServer
from verification.database import make_engine

SLUG, TITLE = "a-quiet-ward", "For a quiet ward"
OWNER, COLLEAGUE, SIGNER = "owner@example.org", "colleague@example.org", "vera@example.org"
NAME, WORKPLACE = "Vera Example", "=1+1 Example Clinic"
PATIENCE = 60.0
"""Seconds for a mail, an edition or a batch to come."""
HELD, RELEASED = 400, 100
"""Of the 500 fakes: those that were noticed at once, and those that an edition has counted already."""
REASON = "A burst of signatures that nobody gave by hand"


@dataclass(frozen=True)
class Site:
    """An installation as its host runs it, and the same one in this process, for what happens behind the scenes."""

    url: str
    runtime: Runtime
    mail_server: MailServer
    first_run: str

    def figures(self) -> tuple[int, ...]:
        """What is public: the total, signatures, withdrawn, voided."""
        with urllib.request.urlopen(f"{self.url}/api/v1/letters/{SLUG}/count", timeout=10) as answer:
            told = json.load(answer)
        return tuple(told[name] for name in ("total", "signatures", "withdrawn", "voided"))

    def mail(self, address: str, number: int = 1) -> EmailMessage:
        """The mail of that number to an address, once it is there."""
        await_that(lambda: len(self.mail_server.to(address)) >= number)
        return self.mail_server.to(address)[number - 1]

    def let_time_pass(self) -> None:
        """Ten minutes, after which an organiser is asked again who it is."""
        weak = update(SessionRow).values(strong_until=None)
        self.runtime.settle(lambda session: session.execute(weak))


@pytest.fixture
def site(environment: dict[str, str], mail_server: MailServer, tmp_path: Path) -> Iterator[Site]:
    """Web and worker are processes of their own."""
    assert run_command("db", "upgrade", environment=environment, folder=tmp_path).returncode == 0
    with running_web(environment, tmp_path, host="localhost") as (url, _web):
        own = {**environment, "UNDERSIGNED_BASE_URL": url}
        settings = Settings.read(own)
        runtime = Runtime(settings, make_engine(settings.database_url))
        with running_worker(own, tmp_path):
            yield Site(url, runtime, mail_server, str(first_run_page(runtime)))
        runtime.engine.dispose()


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_campaign_from_the_first_run_page_to_the_handing_over(site: Site, visitor: Visitor) -> None:
    owner = AtWork(visitor(javascript=False), site.url, OWNER)
    owner.join(site.first_run, team="Team Example")
    owner.use_code_app()
    write_a_letter(owner)
    open_the_letter(owner, site)

    someone = visitor(javascript=False)
    watched = Witness(someone)
    sign(someone, site)
    colleague = invite_a_colleague(owner, site, visitor)

    flood_the_letter(site)
    see_the_flood(owner)
    propose_to_void_it(owner)
    approve(colleague)
    see_it_gone_for_readers(site, someone)

    open_the_names(owner)
    take_the_table(owner)
    take_the_paper(owner)
    send_news(owner, site)
    unsubscribe(owner, site)
    hand_the_team_over(owner, colleague)
    for witness in (owner.witness, colleague.witness, watched):
        assert witness.failures == []
        assert witness.hosts == {urllib.parse.urlsplit(site.url).netloc}
    assert (owner.too_wide, colleague.too_wide) == ([], [])


def write_a_letter(owner: AtWork) -> None:
    """In two languages, page by page."""
    owner.press("Write a letter")
    owner.press("Begin a new letter")
    owner.press("Address and languages")
    owner.choose(languages=["be", "en"], first="en")
    owner.fill(**{"addressee-be": "Міністр-прыклад", "addressee-en": "Minister of Examples", "slug": SLUG})
    owner.press("Save and go on")
    for title, body in ((TITLE, "Let it be **quiet** at night."), ("За ціхую палату", "Няхай уначы будзе *ціха*.")):
        owner.fill(title=title, body=body)
        owner.press("Show the preview")
        assert owner.page.locator(".preview-box :is(strong, em)").count() == 1
        owner.press("Save and go on")
    owner.fill(**{"responsible-be": "Група-прыклад", "responsible-en": "Example Group", "contact": OWNER})
    owner.press("Save and go on")
    owner.choose(countries="BY", professions="health", display=["counted", "pseudonym", "named"])
    owner.press("Save and go on")
    owner.press("Save and go on")
    owner.choose(preset="own")
    owner.unfold("Own values")
    owner.fill(every="1", at_least="1", threshold="1", step="1")
    owner.choose(unit="s")
    owner.press("Save and go on")
    owner.choose(custody="team")
    owner.press("Save and go on")
    for notice in ("The example group keeps what you write.", "Група-прыклад захоўвае тое, што вы пішаце."):
        owner.fill(notice=notice)
        owner.press("Save and go on")


def open_the_letter(owner: AtWork, site: Site) -> None:
    owner.press("To the check list")
    assert owner.reads("Nothing is missing")
    assert owner.reads(owner.name)
    site.let_time_pass()
    owner.choose(sure="1")
    owner.press("Open the letter now")
    owner.show_again()
    assert owner.reads("The letter is open")


def has_form(page: Page, site: Site) -> bool:
    """Whether the letter's page is there for readers, who ask again."""
    page.goto(f"{site.url}/en/letters/{SLUG}")
    return page.locator("#f-name").count() == 1


def sign(page: Page, site: Site) -> None:
    """Somebody signs by name, asks for news, and presses the button behind the mailed link."""
    await_that(lambda: has_form(page, site))  # a process looks for new letters once a second
    for name, text in (("name", NAME), ("email", SIGNER), ("workplace", WORKPLACE)):
        page.locator(f"#f-{name}").fill(text)
    page.locator("#f-profession").select_option("nurse")
    page.locator("#f-region").select_option("BY-MI")
    page.locator("[name=display][value=named]").check()
    page.locator("#f-updates").check()
    page.locator("#f-consent").check()
    follow(page.locator(".sign .button"))
    page.goto(link_in(site.mail(SIGNER).get_content()))
    follow(page.locator("form .button"))
    await_that(lambda: site.figures()[0] == 1)


def invite_a_colleague(owner: AtWork, site: Site, visitor: Visitor) -> AtWork:
    """An editor, who joins with a passkey."""
    owner.open("/workspace/")
    owner.press("The team")
    owner.fill(address=COLLEAGUE)
    owner.choose(role="editor")
    owner.press("Invite")
    page = visitor()
    give_authenticator(page)
    colleague = AtWork(page, site.url, COLLEAGUE, "Colleague Example")
    colleague.join(link_in(site.mail(COLLEAGUE).get_content()))
    colleague.use_passkey()
    colleague.press("Sign out")
    colleague.sign_in()
    assert colleague.reads(TITLE)
    return colleague


def flood_the_letter(site: Site) -> None:
    flood(site.runtime, SLUG, range(RELEASED))
    flood(site.runtime, SLUG, range(RELEASED, RELEASED + HELD), Suspicion.BURST)
    await_that(lambda: site.figures()[0] == 1 + RELEASED)


def see_the_flood(owner: AtWork) -> None:
    owner.open(f"/workspace/letters/{SLUG}")
    assert owner.reads(f"{1 + RELEASED} confirmed signatures")
    assert owner.reads(f"a sudden burst {HELD}")


def propose_to_void_it(owner: AtWork) -> None:
    """Everything that the fakes share, in one go; one organiser alone may not."""
    owner.press("Signatures")
    owner.unfold("Filter")
    owner.choose(profession=PROFESSION)
    owner.press("Show")
    owner.press("Void everything that fits …")
    assert owner.reads(f"{HELD + RELEASED} signatures would be voided.")
    owner.choose(reason="burst")
    owner.press("Propose to void them")
    assert owner.reads("Waits for a second organiser. Nothing is voided yet.")
    assert owner.page.get_by_role("button", name="Approve and void them").count() == 0


def approve(colleague: AtWork) -> None:
    """The other organiser decides; the worker does it."""
    colleague.open(f"/workspace/letters/{SLUG}")
    colleague.press("Voiding 1")
    colleague.press("Approve and void them")
    colleague.show_again()

    def is_done() -> bool:
        colleague.open(colleague.page.url)
        return colleague.reads(f"{HELD + RELEASED} signatures are voided for good.")

    await_that(is_done)


def see_it_gone_for_readers(site: Site, page: Page) -> None:
    """What was released and voided stands in the figures, and the decision beside them; of the rest, the decision."""
    await_that(lambda: site.figures() == (1, 1 + RELEASED, 0, RELEASED))
    page.goto(f"{site.url}/en/letters/{SLUG}/count")
    decisions = page.locator("section[aria-labelledby=decisions]").inner_text()
    assert REASON in decisions
    assert f"{HELD + RELEASED} signatures voided" in decisions
    page.goto(f"{site.url}/en/letters/{SLUG}/signatories")
    assert page.locator(".signatories .name").all_text_contents() == [NAME]
    assert Crowd(site.runtime, SLUG).recount() == []


def open_the_names(owner: AtWork) -> None:
    owner.open(f"/workspace/letters/{SLUG}/signatures")
    owner.press("Open the names")
    owner.show_again()
    owner.fill(words="vera")
    owner.press("Open names")
    assert all(owner.reads(text) for text in (NAME, SIGNER, WORKPLACE))


def take_the_table(owner: AtWork) -> None:
    """The names in it are true, and none of them is a formula."""
    owner.open(f"/workspace/letters/{SLUG}/handover")
    owner.press("The table with names")
    owner.choose(form="csv")
    name, content = owner.take("Take the table")
    assert name == "signatures-1.csv"
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert (row["name"], row["address"]) == (NAME, SIGNER)
    assert row["workplace"].endswith(WORKPLACE)
    assert not row["workplace"].startswith("=")


def take_the_paper(owner: AtWork) -> None:
    """For the addressee."""
    owner.open(f"/workspace/letters/{SLUG}/handover")
    name, pdf = owner.take("English")
    assert re.fullmatch(rf"{SLUG}-\d+-en\.pdf", name)
    told = text_of(pdf)
    assert all(text in told for text in (TITLE, "Minister of Examples", NAME))
    assert "Fake Example" not in told


def send_news(owner: AtWork, site: Site) -> None:
    """Written, tried out, and sent to whoever asked for news."""
    owner.open(f"/workspace/letters/{SLUG}")
    owner.press("News for signers")
    owner.press("Write an update")
    owner.fill(**{"subject-en": "News", "body-en": "The minister has answered."})
    owner.press("Save and send me a test")
    assert "The minister has answered." in site.mail(OWNER).get_content()
    owner.press("Save and go on to sending")
    owner.press("Send to 1 subscriber")
    assert "The minister has answered." in site.mail(SIGNER, 2).get_content()


def unsubscribe(owner: AtWork, site: Site) -> None:
    """By the one click of a mailbox's own button (RFC 8058)."""
    link = site.mail(SIGNER, 2)["List-Unsubscribe"].strip("<>")
    body = urllib.parse.urlencode({"List-Unsubscribe": "One-Click"}).encode()
    with urllib.request.urlopen(link, body, timeout=10) as answer:
        assert answer.status == 200
    owner.open(f"/workspace/letters/{SLUG}/updates")
    assert owner.reads("Signers who asked for news by mail 0")


def hand_the_team_over(owner: AtWork, colleague: AtWork) -> None:
    """Afterwards the earlier owner may not do what owners do, and the new one may."""
    owner.open("/workspace/")
    owner.press("The team")
    owner.press(colleague.name)
    hers = owner.page.url
    owner.press("Hand over")
    assert owner.page.get_by_role("button", name="Invite").count() == 0
    owner.open(hers)
    assert owner.reads("This was not done")
    colleague.open(owner.page.url.partition("/members/")[0])
    assert colleague.page.get_by_role("button", name="Invite").count() == 1
    colleague.press(owner.name)
    assert colleague.page.get_by_role("button", name="Remove").count() == 1


def await_that(fact: Callable[[], bool]) -> None:
    """Return once it is so; fail when it never is."""
    until = time.monotonic() + PATIENCE
    while not fact():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.2)
