"""Where each page of the workspace is found in each of its states, whose browser sees it, and what they do there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from playwright.sync_api import FilePayload, Page

from tests.journeys.office_letters import BUSY, DONE, FIRST
from tests.parts.browser import follow

Deed = Callable[[Page], None]

_SEND = "main form .button[type=submit]"


def nothing(page: Page) -> None:
    """Only look."""


@dataclass(frozen=True)
class OfficeView:
    """One state of one page; `{…}` in its address stands for a link of the office."""

    address: str
    deed: Deed = nothing
    who: str = "owner"
    rare: bool = False
    """Whether it differs so little from another one that the short mode passes it by."""


def press(button: str = _SEND) -> Deed:
    """Press a button and wait for the page that it leads to; the browser checks no field before."""

    def deed(page: Page) -> None:
        page.locator("form").evaluate_all("forms => forms.forEach(one => { one.noValidate = true; })")
        follow(page.locator(button))

    return deed


def write(button: str = _SEND, /, **fields: str) -> Deed:
    """Write into fields, whether they can be seen or not, and press."""

    def deed(page: Page) -> None:
        for name, text in fields.items():
            page.locator(f"main [name='{name}']").first.evaluate("(one, text) => { one.value = text; }", text)
        press(button)(page)

    return deed


def tick(*boxes: str, button: str = _SEND) -> Deed:
    """Tick or choose, and press."""

    def deed(page: Page) -> None:
        for box in boxes:
            page.locator(box).first.check(force=True)
        press(button)(page)

    return deed


def overtake(**fields: str) -> Deed:
    """Save over what a colleague has saved meanwhile."""
    return write("[name=stay], main form.editor .actions .button", seen="older", **fields)


def upload(content: str) -> Deed:
    """Choose a table and send it."""

    def deed(page: Page) -> None:
        file: FilePayload = {"name": "table.csv", "mimeType": "text/csv", "buffer": content.encode()}
        page.locator("#f-table").set_input_files([file])
        press("form:has(#f-table) .button")(page)

    return deed


def unfold(page: Page) -> None:
    """Open whatever is folded."""
    for summary in page.locator("main summary").all():
        summary.click()


def search(page: Page) -> None:
    """Look for a name that nobody has."""
    write("form:has([name=words]) .button", words="nobody")(page)


_WORK, _BUSY, _FIRST = "/workspace", f"/workspace/letters/{BUSY}", f"/workspace/letters/{FIRST}"
_OFFLINE, _CHANGE = "/workspace/letters/stop-the-violence", f"/workspace/letters/{BUSY}/change"
_TEAM, _PARTS = "/workspace/teams/{team}", ("letter", "people", "signers", "schedule", "rules", "custody")
_WEAK = "password1234"

ENTRY: Mapping[str, OfficeView] = {
    "sign in": OfficeView(f"{_WORK}/sign-in", who="nobody"),
    "sign in, refused": OfficeView(f"{_WORK}/sign-in", write(address="x@example.org", password="x"), "nobody"),
    "sign in with a new password": OfficeView(f"{_WORK}/sign-in?renewed=", who="nobody"),
    "second step": OfficeView(f"{_WORK}/second-factor", who="half"),
    "second step, refused": OfficeView(f"{_WORK}/second-factor", write(code="1"), "half"),
    "lost password": OfficeView(f"{_WORK}/lost-password", who="nobody"),
    "lost password, refused": OfficeView(f"{_WORK}/lost-password", write(address="x"), "nobody"),
    "lost password, sent": OfficeView(f"{_WORK}/lost-password?sent=", who="nobody"),
    "reset": OfficeView("{reset}", unfold, "nobody"),
    "reset, refused": OfficeView("{reset}", write(password=_WEAK, code="x"), "nobody"),
    "found a team": OfficeView("{found}", who="nobody"),
    "join": OfficeView("{join}", who="nobody"),
    "join, refused": OfficeView("{join}", write(name="Vera Example", password=_WEAK), "nobody"),
    "join, signed in": OfficeView("{join}", who="founder"),
    "join, gone": OfficeView("{used}", who="nobody"),
    "set up": OfficeView(f"{_WORK}/set-up", who="fresh"),
    "set up, refused": OfficeView(f"{_WORK}/set-up", write(code="1"), "fresh"),
    "first recovery codes": OfficeView(f"{_WORK}/recovery-codes", who="ready"),
    "is it you": OfficeView(f"{_WORK}/account/password", who="doubted"),
    "is it you, refused": OfficeView(f"{_WORK}/account/password", write(again_password="x"), "doubted"),
    "is it you, about a form": OfficeView(_TEAM, write("form:has([name=sees_names]) .button", address="x"), "doubted"),
}

OWN: Mapping[str, OfficeView] = {
    "home": OfficeView(f"{_WORK}/"),
    "home of a team without letters": OfficeView(f"{_WORK}/", who="founder"),
    "home without a team": OfficeView(f"{_WORK}/", who="lonely"),
    "home of a reviewer": OfficeView(f"{_WORK}/", who="reviewer", rare=True),
    "account": OfficeView(f"{_WORK}/account"),
    "account, refused": OfficeView(f"{_WORK}/account", write(name="")),
    "account without codes": OfficeView(f"{_WORK}/account", who="founder"),
    "account without a team": OfficeView(f"{_WORK}/account", who="lonely", rare=True),
    "password": OfficeView(f"{_WORK}/account/password"),
    "password, refused": OfficeView(f"{_WORK}/account/password", write(password=_WEAK)),
    "new recovery codes": OfficeView(f"{_WORK}/account/recovery-codes"),
    "new recovery codes, shown": OfficeView(f"{_WORK}/account/recovery-codes", press(), "lonely"),
    "another factor": OfficeView(f"{_WORK}/account/factors"),
    "another factor, refused": OfficeView(f"{_WORK}/account/factors", write(code="1")),
    "team": OfficeView(_TEAM),
    "team of a reviewer": OfficeView(_TEAM, who="reviewer"),
    "team, refused": OfficeView(_TEAM, write("form:has([name=sees_names]) .button", address="x")),
    "member": OfficeView(f"{_TEAM}/members/{{editor}}"),
    "member who is oneself": OfficeView(f"{_TEAM}/members/{{owner}}"),
    "member, refused": OfficeView(f"{_TEAM}/members/{{owner}}", tick("[name=role][value=editor]")),
    "leave": OfficeView(f"{_TEAM}/leave"),
    "leave, refused": OfficeView(f"{_TEAM}/leave", press()),
    "trail of the team": OfficeView(f"{_TEAM}/trail"),
    "trail of the team, older": OfficeView(f"{_TEAM}/trail", press("a[rel=next]"), rare=True),
    "trail of a team that has done little": OfficeView("/workspace/teams/{elsewhere}/trail", who="founder"),
    "not allowed": OfficeView("{blank}", who="reviewer"),
    "nothing there": OfficeView(f"{_WORK}/letters/none"),
}

DRAFTS: Mapping[str, OfficeView] = {
    "new letter": OfficeView(f"{_TEAM}/drafts/new"),
    "new letter where there is none": OfficeView("/workspace/teams/{elsewhere}/drafts/new", who="founder"),
    "new letter, refused": OfficeView(f"{_TEAM}/drafts/new", press("form:has(#f-folder) .button")),
    "draft with nothing in it": OfficeView("{blank}"),
    "draft with everything": OfficeView("{whole}"),
    "draft with a secret link": OfficeView("{sealed}"),
    "draft that is scheduled": OfficeView("{waiting}"),
    **{f"part of a draft: {part}": OfficeView(f"{{whole}}/{part}", unfold) for part in _PARTS},
    **{f"part of a blank draft: {part}": OfficeView(f"{{blank}}/{part}?check=1", rare=True) for part in _PARTS},
    "part of a draft: text": OfficeView("{whole}/text/ru", unfold),
    "part of a blank draft: text": OfficeView("{unseen}/text/be", write("[name=preview]", body="# *x*"), "founder"),
    "part of a draft: privacy": OfficeView("{whole}/privacy/ru"),
    "privacy, proposed": OfficeView("{whole}/privacy/be?starter=1"),
    "custody, a key file": OfficeView("{sealed}/custody"),
    "custody, nobody sees names": OfficeView("{unseen}/custody", who="founder"),
    "letter, overtaken": OfficeView("{whole}/letter", overtake(slug="other")),
    "text, overtaken": OfficeView("{whole}/text/en", overtake(title="Other")),
    "people, overtaken": OfficeView("{whole}/people", overtake(contact="other@example.org"), rare=True),
    "schedule, overtaken": OfficeView("{whole}/schedule", overtake(goal="12"), rare=True),
    "rules, overtaken": OfficeView("{whole}/rules", overtake(preset="ordinary"), rare=True),
    "custody, overtaken": OfficeView("{whole}/custody", overtake(public_key="x"), rare=True),
    "privacy, overtaken": OfficeView("{whole}/privacy/en", overtake(notice="Other"), rare=True),
    "preview": OfficeView("{whole}/preview/{language}"),
    "preview by the secret link": OfficeView("/{language}{preview}", who="nobody"),
    "mail to invite people": OfficeView("{whole}/mail"),
    "discard": OfficeView("{whole}/discard"),
    "discard, refused": OfficeView("{whole}/discard", press()),
    "check list with findings": OfficeView("{blank}/open"),
    "check list without findings": OfficeView("{whole}/open"),
    "check list of a sealed letter": OfficeView("{sealed}/open"),
    "check list where nobody sees names": OfficeView("{unseen}/open", who="founder"),
    "check list of a scheduled letter": OfficeView("{waiting}/open"),
    "check list, refused": OfficeView("{whole}/open", press()),
}

CHANGES: Mapping[str, OfficeView] = {
    "change": OfficeView(_CHANGE, unfold),
    "change, opened": OfficeView(f"{_CHANGE}?done=opened"),
    "change, saved": OfficeView(f"{_CHANGE}?done=changed", rare=True),
    "change, untold": OfficeView(f"{_CHANGE}?done=privacy"),
    "change, scheduled": OfficeView(f"{_WORK}/letters/scheduled/change?done=opened"),
    "change, paused": OfficeView(f"{_WORK}/letters/paused/change", rare=True),
    "change, closed": OfficeView(f"{_WORK}/letters/closed/change"),
    "change, archived": OfficeView(f"{_WORK}/letters/archived/change", rare=True),
    "correction": OfficeView(f"{_CHANGE}/correction"),
    "correction, shown": OfficeView(f"{_CHANGE}/correction", press("[name=preview]")),
    "correction, refused": OfficeView(f"{_CHANGE}/correction", press("form.editor .actions .button")),
    "closing": OfficeView(f"{_CHANGE}/closing"),
    "closing, overtaken": OfficeView(f"{_CHANGE}/closing", overtake(goal="7"), rare=True),
    "people": OfficeView(f"{_CHANGE}/people"),
    "privacy": OfficeView(f"{_CHANGE}/privacy/ru"),
    "delivery": OfficeView(f"{_CHANGE}/delivery"),
    "delivery, overtaken": OfficeView(f"{_CHANGE}/delivery", overtake(on="2026-10-01"), rare=True),
    "addresses": OfficeView(f"{_CHANGE}/addresses"),
    "addresses, refused": OfficeView(f"{_CHANGE}/addresses", write(mirrors="nowhere")),
    "close": OfficeView(f"{_CHANGE}/close"),
    "close, refused": OfficeView(f"{_CHANGE}/close", press()),
    "archive": OfficeView(f"{_WORK}/letters/closed/change/close", rare=True),
}

WATCHING: Mapping[str, OfficeView] = {
    "dashboard": OfficeView(_BUSY),
    "dashboard of a reviewer": OfficeView(_BUSY, who="reviewer", rare=True),
    "dashboard before the first signature": OfficeView(_FIRST),
    "dashboard of an offline letter": OfficeView(_OFFLINE, rare=True),
    **{
        f"dashboard of a letter: {slug}": OfficeView(f"{_WORK}/letters/{slug}", rare=slug not in ("locked", DONE))
        for slug in ("scheduled", "paused", "closed", "archived", "locked", "down", DONE)
    },
    "trail of a letter": OfficeView(f"{_BUSY}/trail"),
    "trail of a letter of which nothing is told": OfficeView(f"{_OFFLINE}/trail"),
}

DEFENDING: Mapping[str, OfficeView] = {
    "signatures": OfficeView(f"{_BUSY}/signatures", unfold),
    "signatures, next page": OfficeView(f"{_BUSY}/signatures", press(".pager a[rel=next]")),
    "signatures that are held": OfficeView(f"{_BUSY}/signatures?state=held"),
    "signatures that are pending": OfficeView(f"{_BUSY}/signatures?state=pending"),
    "signatures that are voided": OfficeView(f"{_BUSY}/signatures?state=voided"),
    "signatures, none fits": OfficeView(f"{_BUSY}/signatures?profession=midwife&state=held"),
    "signatures, none": OfficeView(f"{_FIRST}/signatures"),
    "signatures of a reviewer": OfficeView(f"{_BUSY}/signatures?state=held", who="reviewer", rare=True),
    "signatures, refused": OfficeView(f"{_BUSY}/signatures", press("[value=hold]")),
    "signatures, accepted": OfficeView(f"{_BUSY}/signatures?done=accept&count=3"),
    "names, before": OfficeView(f"{_BUSY}/names"),
    "names, opened": OfficeView(f"{_BUSY}/names?state=held", press("form:has([name=words]) .button")),
    "names, searched": OfficeView(f"{_BUSY}/names", search),
    "names, closed to a reviewer": OfficeView(f"{_BUSY}/names", who="reviewer"),
    "names under lockdown": OfficeView(f"{_WORK}/letters/locked/names"),
    "names of an offline letter": OfficeView(f"{_OFFLINE}/names"),
    "void, by a filter": OfficeView(f"{_BUSY}/void?state=held"),
    "void, many": OfficeView(f"{_BUSY}/void?profession=midwife"),
    "void, ticked": OfficeView(
        f"{_BUSY}/signatures?state=held", tick("[name=id]", "#f-whole-page", button="[formaction]")
    ),
    "void, refused": OfficeView(f"{_BUSY}/void?state=held", press()),
    "void, nothing": OfficeView(f"{_FIRST}/void"),
    "batches": OfficeView(f"{_BUSY}/batches"),
    "batches, none": OfficeView(f"{_FIRST}/batches"),
    **{f"batch {number}": OfficeView(f"{_BUSY}/batches/{number}", rare=2 < number < 8) for number in range(1, 9)},
    "batch, of a reviewer": OfficeView(f"{_BUSY}/batches/8", who="reviewer", rare=True),
    "domains": OfficeView(f"{_BUSY}/domains"),
    "domains, none": OfficeView(f"{_FIRST}/domains"),
    "domains, saved": OfficeView(f"{_BUSY}/domains?done=1"),
    "domains, refused": OfficeView(f"{_BUSY}/domains", write(domains="not one\n<b>")),
}

REST: Mapping[str, OfficeView] = {
    "institutions": OfficeView(f"{_BUSY}/institutions"),
    "institutions, another page": OfficeView(f"{_BUSY}/institutions?page=2"),
    "institutions, few": OfficeView(f"{_FIRST}/institutions"),
    "institutions, none": OfficeView(f"{_OFFLINE}/institutions"),
    "institutions, what would change": OfficeView(
        f"{_FIRST}/institutions", upload("domain,name,region\nclinic.example,Example Clinic,BY-MI\n")
    ),
    "institutions, refused": OfficeView(f"{_FIRST}/institutions", upload("domain,name,region\nnot one,x,\n")),
    "unverified": OfficeView(f"{_BUSY}/unverified"),
    "unverified, none": OfficeView(f"{_FIRST}/unverified"),
    "unverified, counted": OfficeView(
        f"{_FIRST}/unverified", upload("name,profession,region\nVera Example,nurse,Minsk\nUlad Example,,\n")
    ),
    "unverified, refused": OfficeView(f"{_FIRST}/unverified", write("form:has([name=number]) .button", number="x")),
    "handover": OfficeView(f"{_BUSY}/handover"),
    "handover before an edition": OfficeView(f"{_FIRST}/handover"),
    "handover of an offline letter": OfficeView(f"{_OFFLINE}/handover"),
    "handover under lockdown": OfficeView(f"{_WORK}/letters/locked/handover"),
    "handover of an editor without keys": OfficeView(f"{_BUSY}/handover", who="editor"),
    "table with names": OfficeView(f"{_BUSY}/handover/names"),
    "table with names, closed": OfficeView(f"{_BUSY}/handover/names", who="editor"),
    "sealed file": OfficeView(f"{_BUSY}/handover/sealed"),
    "sealed file of an offline letter": OfficeView(f"{_OFFLINE}/handover/sealed"),
    "updates": OfficeView(f"{_BUSY}/updates"),
    "updates, none": OfficeView(f"{_OFFLINE}/updates"),
    "update, empty": OfficeView(f"{_BUSY}/updates/1"),
    "update, written": OfficeView(f"{_BUSY}/updates/2"),
    "update, tried out": OfficeView(f"{_BUSY}/updates/2?saved=test"),
    "update, refused": OfficeView(f"{_BUSY}/updates/1", write(**{"subject-ru": "x" * 200})),
    "update, overtaken": OfficeView(f"{_BUSY}/updates/2", write(version="1")),
    "update, being sent": OfficeView(f"{_BUSY}/updates/3"),
    "update, stopped": OfficeView(f"{_BUSY}/updates/4"),
    "update, sent": OfficeView(f"{_BUSY}/updates/5"),
    "sending, a text is missing": OfficeView(f"{_BUSY}/updates/1/send"),
    "sending, ready": OfficeView(f"{_BUSY}/updates/2/send"),
    "sending, going on": OfficeView(f"{_BUSY}/updates/4/send"),
    "sending, nobody asked": OfficeView(f"{_FIRST}/updates/1/send"),
    "unsubscribe": OfficeView("{subscribed}", who="nobody"),
    "unsubscribed": OfficeView("{unsubscribed}", who="nobody"),
}

SAMPLES: Mapping[str, OfficeView] = {
    "samples": OfficeView(f"{_BUSY}/samples", rare=True),
    "samples, none": OfficeView(f"{_FIRST}/samples", rare=True),
    "samples, refused": OfficeView(f"{_FIRST}/samples", write(journalist="Vera Example"), rare=True),
    "samples under lockdown": OfficeView(f"{_WORK}/letters/locked/samples", rare=True),
    "sample, announced": OfficeView(f"{_BUSY}/samples/1", rare=True),
    "sample, waiting for a witness": OfficeView(f"{_BUSY}/samples/2", rare=True),
    "sample, drawn": OfficeView(f"{_BUSY}/samples/3", rare=True),
    "sample, refused": OfficeView(f"{_BUSY}/samples/3", write(confirmed="x"), rare=True),
    "sample, reported": OfficeView(f"{_BUSY}/samples/4", rare=True),
    "sample, given up": OfficeView(f"{_BUSY}/samples/5", rare=True),
    "opening a sample": OfficeView(f"{_BUSY}/samples/3/open", rare=True),
    "opening a sample, not drawn": OfficeView(f"{_BUSY}/samples/1/open", rare=True),
    "opening a sample without a key": OfficeView(f"{_BUSY}/samples/3/open", who="editor", rare=True),
}

VIEWS: Mapping[str, OfficeView] = {**ENTRY, **OWN, **DRAFTS, **CHANGES, **WATCHING, **DEFENDING, **REST, **SAMPLES}
