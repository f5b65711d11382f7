"""Signing with an institution's address: counted apart, and answered like any other."""

import re

import pytest
from sqlalchemy import event, select

from letters.models.signatures import SignatureRow
from letters.organising.tables.institutions import Institution
from tests.letters.organising.standing.test_lists import put
from tests.parts.campaign import Campaign
from tests.parts.organiser import Organiser

CLINIC = Institution("clinic.example.org", "Example Clinic", "BY-MI")
CYRILLIC = Institution("xn--80ak6aa92e.example.org", "Example School", "")


def standings(ours: Campaign) -> list[str]:
    with ours.runtime.reading() as session:
        return sorted(session.scalars(select(SignatureRow.standing)))


@pytest.mark.parametrize(
    ("address", "standing"),
    [
        ("vera@clinic.example.org", "institution"),
        ("Vera+letter@Ward.Clinic.Example.ORG", "institution"),
        ("vera@аррӏе.example.org", "institution"),
        ("vera@example.org", "mailbox"),
        ("vera@notclinic.example.org", "mailbox"),
        ("vera@clinic.example.org.example.net", "mailbox"),
    ],
)
def test_an_address_under_a_listed_domain_stands_for_the_institution(
    organiser: Organiser, ours: Campaign, address: str, standing: str
) -> None:
    put(organiser, ours, CLINIC, CYRILLIC)
    assert ours.sign(email=address).status_code == 303
    assert standings(ours) == [standing]


def test_standings_are_separate_figures(organiser: Organiser, ours: Campaign) -> None:
    put(organiser, ours, CLINIC)
    for address in (people := ["a@clinic.example.org", "b@example.org", "c@ward.clinic.example.org"]):
        ours.sign(email=address)
    ours.send_mail()
    for address in people:
        ours.confirm(ours.links(address)[0])
    assert ours.release().figures["standing"] == {"shown": {"institution": 2, "mailbox": 1}, "rest": None}


def test_a_list_changes_only_who_signs_after_it(organiser: Organiser, ours: Campaign) -> None:
    ours.sign(email="before@clinic.example.org")
    put(organiser, ours, CLINIC)
    ours.sign(email="during@clinic.example.org")
    put(organiser, ours)
    ours.sign(email="after@clinic.example.org")
    assert standings(ours) == ["institution", "mailbox", "mailbox"]


def test_the_answer_and_its_work_do_not_tell_whether_a_domain_is_listed(organiser: Organiser, ours: Campaign) -> None:
    put(organiser, ours, CLINIC)
    statements: list[str] = []
    event.listen(ours.runtime.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    told, worked = [], []
    for address in ("first@example.net", "vera@clinic.example.org", "vera@another.example.org"):
        form = ours.form(email=address)
        statements.clear()
        answer = ours.client.post(f"/en/letters/{ours.slug}/sign", data=form)
        told.append((answer.status_code, list(answer.headers), answer.data))
        worked.append(list(statements))
    assert told[1] == told[2]
    assert worked[1] == worked[2]


@pytest.mark.parametrize("database", ["sqlite"])
def test_signers_see_what_proves_their_signature(organiser: Organiser, ours: Campaign) -> None:
    put(organiser, ours, CLINIC)
    ours.sign(email="vera@clinic.example.org")
    ours.send_mail()
    thanks = ours.client.get(ours.confirm(ours.links("vera@clinic.example.org")[0]).location)
    private = "/en/" + re.findall(r"https?://[^/]+/(signature/[\w.-]+)", thanks.text)[0]
    assert "an address at an institution on the organisers’ list" in ours.client.get(private).text
    assert "institution" not in ours.client.get("/en" + ours.join(2)).text
