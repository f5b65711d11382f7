"""Where each page is found in each of its states, and what a visitor does there to see it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from letters.web.guards import LARGEST
from tests.journeys.showcase import FULL, QUIET
from tests.parts.browser import follow
from tests.parts.campaign import FORM

Deed = Callable[[Page], None]


def nothing(page: Page) -> None:
    """Only look."""


@dataclass(frozen=True)
class View:
    """One state of one page; `{…}` in its address stands for a link of the showcase."""

    address: str
    deed: Deed = nothing
    empty: bool = False
    """Whether it is found in the empty installation."""
    crowded: bool = False
    """Whether it is found where many sign from one network."""


def send(page: Page) -> None:
    """Send the form as it stands, and wait for the answer."""
    follow(page.locator("form[method=post] .button"))


def send_stale(page: Page) -> None:
    """Send a form that lay open for too long."""
    page.locator("[name=form_token]").evaluate("field => field.value = 'old'")
    send(page)


def send_too_much(page: Page) -> None:
    """Send more than a form may hold."""
    page.locator("#f-name").evaluate("(field, much) => field.value = 'x'.repeat(much)", LARGEST)
    send(page)


def turn_and_return(page: Page) -> None:
    """Send an empty form, look at it in another language, and come back."""
    spoken = page.locator("html").get_attribute("lang")
    send(page)
    follow(page.locator("[name=turn]"))
    follow(page.locator(f"[name=turn][value={spoken}]"))


def fill(page: Page) -> None:
    """Fill in what every signer has to."""
    for name in ("name", "email"):
        page.locator(f"#f-{name}").fill(FORM[name])
    for name in ("profession", "region"):
        page.locator(f"#f-{name}").select_option(FORM[name])
    page.locator("#f-consent").check()


def sign(page: Page) -> None:
    """Sign from a network that is over its limit, and wait until the work that is asked for is done."""
    fill(page)
    send(page)
    page.locator("#slow [name=altcha]:not([value=''])").wait_for(state="attached")


def sign_without_work(page: Page) -> None:
    """Sign there with a browser that cannot do the work."""
    page.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
    fill(page)
    send(page)
    page.locator("#slow").wait_for()


def sign_too_early(page: Page) -> None:
    """Do so, and press again before the time."""
    sign_without_work(page)
    waiting = page.get_by_role("status").inner_text()
    page.locator("#slow .button").click()
    expect(page.get_by_role("status")).not_to_have_text(waiting)


def sign_and_look(page: Page) -> None:
    """Do so, and look at what was written."""
    sign(page)
    unfold(page)


def name_oneself_without_a_name(page: Page) -> None:
    """Ask to appear by name, but write none."""
    page.get_by_role("radio").last.check()
    send(page)


def unfold(page: Page) -> None:
    """Open what is folded: the table of the growth chart, or the receipt."""
    page.locator("summary").click()


def ask_without_the_tick(page: Page) -> None:
    """Ask for a receipt, but do not say that one knows what it is."""
    unfold(page)
    follow(page.locator("[name=receipt]"))


def ask_in_vain(page: Page) -> None:
    """Ask for a receipt from a page that was opened when there still was one."""
    button = page.locator("[name=press]")
    link = page.url.partition("?")[0].rsplit("/", 1)[1]
    fields = f"<input type=hidden name=understood value=1><input type=hidden name=link value={link}>"
    button.evaluate("(button, fields) => button.insertAdjacentHTML('afterend', fields)", fields)
    button.evaluate("button => { button.form.action = '/receipt'; button.name = 'receipt' }")
    follow(page.locator("[name=receipt]"))


def agree(page: Page) -> None:
    """Let a journalist ask, whatever held before."""
    page.locator("[name=press]").evaluate("button => button.value = '1'")
    follow(page.locator("[name=press]"))


_FULL, _QUIET = f"/letters/{FULL}", f"/letters/{QUIET}"

VIEWS: Mapping[str, View] = {
    "home": View("/"),
    "home without letters": View("/", empty=True),
    "letter": View(_FULL),
    "letter before its first edition": View(_QUIET),
    "letter in another language than the page": View("/{language}/letters/only-in-russian"),
    "letter that is scheduled": View("/letters/scheduled"),
    "letter that is paused": View("/letters/paused"),
    "letter that is delivered, answered and corrected": View("/letters/delivered"),
    "letter with its last edition of all": View("/letters/forgotten"),
    "letter whose names wait for one another": View("/letters/together"),
    "letter whose names have waited": View("/letters/kept"),
    "letter whose names have waited in vain": View("/letters/lapsed"),
    "letter with errors": View(_FULL, send),
    "letter with a form that has changed its language": View(_FULL, turn_and_return),
    "letter with a stale form": View(_FULL, send_stale),
    "letter that many sign, work done": View(_FULL, sign, crowded=True),
    "letter that many sign, waiting": View(_FULL, sign_without_work, crowded=True),
    "letter that many sign, too early": View(_FULL, sign_too_early, crowded=True),
    "letter that many sign, what was written": View(_FULL, sign_and_look, crowded=True),
    "check mail": View(f"{_FULL}/check-mail"),
    "signatories": View(f"{_FULL}/signatories"),
    "signatories, another page": View(f"{_FULL}/signatories?page=2"),
    "signatories, none yet": View(f"{_QUIET}/signatories"),
    "signatories, some found": View(f"{_FULL}/signatories?q=signer"),
    "signatories, none found": View(f"{_FULL}/signatories?q=nobody"),
    "count": View(f"{_FULL}/count", unfold),
    "count before the first edition": View(f"{_QUIET}/count"),
    "pass it on": View(f"{_FULL}/share"),
    "pass it on, while signing is paused": View("/letters/paused/share"),
    "pass it on, when it is closed": View("/letters/delivered/share"),
    "frame": View(f"{_FULL}/embed"),
    "frame before the first edition": View(f"{_QUIET}/embed"),
    "frame, while signing is paused": View("/letters/paused/embed"),
    "frame, when it is closed": View("/letters/delivered/embed"),
    "frame of a letter that was taken down": View("/letters/down/embed"),
    "institutions": View(f"{_FULL}/institutions"),
    "institutions, another page": View(f"{_FULL}/institutions?page=2"),
    "institutions, none": View(f"{_QUIET}/institutions"),
    "edition": View(f"{_FULL}/editions/1"),
    "edition, its checkpoint": View(f"{_FULL}/editions/2", unfold),
    "edition from before there was a log": View("/letters/forgotten/editions/1"),
    "edition, none yet": View(f"{_QUIET}/editions/latest"),
    "log": View(f"{_FULL}/log", unfold),
    "log without a witness": View("/letters/delivered/log"),
    "log that has not begun": View(f"{_QUIET}/log"),
    "addresses": View(f"{_FULL}/addresses"),
    "addresses that wait for a signature": View("/letters/delivered/addresses"),
    "addresses before there is a log": View(f"{_QUIET}/addresses"),
    "data for programs": View("/api/v1/"),
    "what this site knows": View("/knows"),
    "language that nobody speaks": View("/eo/letters/stop-the-violence"),
    "edition, the last of all": View("/letters/forgotten/editions/2"),
    "count with professions by region, and decisions": View("/letters/forgotten/count"),
    "letter under lockdown": View("/letters/locked"),
    "signatories under lockdown": View("/letters/locked/signatories"),
    "count under lockdown": View("/letters/locked/count"),
    "letter that is burned": View("/letters/burned"),
    "signatories that were destroyed": View("/letters/burned/signatories"),
    "count of a burned letter": View("/letters/burned/count"),
    "letter that was taken down": View("/letters/down"),
    "confirm": View("{confirm}"),
    "confirm, to wait for colleagues": View("{would}"),
    "confirm, declined": View("{declined}"),
    "confirm, superseded": View("{superseded}"),
    "confirm, damaged": View("/confirm/x"),
    "confirm, foreign": View("{foreign}"),
    "confirm, expired": View("{expired}"),
    "confirm, too late": View("{late}"),
    "signed": View("{fresh}"),
    "signed, but held": View("{suspected}"),
    "signed, a while ago": View("{stale}"),
    "signed, gone since": View("{gone}"),
    "signature that is counted": View("{counted}"),
    "signature under a pseudonym": View("{pseudonym}"),
    "signature by name": View("{named}"),
    "signature that waits": View("{waiting}"),
    "signature under lockdown": View("{locked}"),
    "signature of a letter that was taken down": View("{down}"),
    "signature that is held": View("{held}"),
    "signature that is voided": View("{voided}"),
    "signature that is final": View("{final}"),
    "signature that is withdrawn": View("{withdrawn}"),
    "signature that waits for colleagues": View("{waits}"),
    "signature whose name has waited": View("{kept}"),
    "signature whose name has waited in vain": View("{lapsed}"),
    "signature with errors": View("{counted}", name_oneself_without_a_name),
    "signature, changed": View("{pseudonym}", send),
    "signature whose signer may be asked": View("{named}", agree),
    "signature with a receipt": View("{counted}", unfold),
    "signature with a receipt, without the tick": View("{counted}", ask_without_the_tick),
    "signature without a receipt yet": View("{waiting}", unfold),
    "signature without a receipt after all": View("{waiting}", ask_in_vain),
    "nothing there": View("/nothing"),
    "too much": View(_FULL, send_too_much),
    "caught mail": View("/demo/mail", empty=True),
    "tour without letters": View("/demo", empty=True),
}
