"""Watched mail domains: who signs from them is held, and does not notice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.models.signatures import Suspicion
from letters.organising.defending.domains import (
    MOST_DOMAINS,
    BadDomains,
    TooManyDomains,
    Watched,
    read_domains,
    set_domains,
    watched_domains,
)
from letters.organising.moderation import count_held
from letters.runtime import Runtime
from tests.letters.organising.defending.guards import OWNER, Guards, guard, guard_letter
from tests.letters.publishing.crowd import Crowd
from tests.parts.campaign import TOKEN, Campaign

sqlite_only = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def guards(runtime: Runtime) -> Guards:
    return guard_letter(runtime)


def watched(guards: Guards) -> list[str]:
    return guards.read(lambda session: watched_domains(session, guards.crowd.letter.id))


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("Example.ORG", "example.org"),
        (" @example.org ", "example.org"),
        ("somebody@mail.example.org", "mail.example.org"),
        ("клиника.бел", "xn--80apagcdp.xn--90ais"),
        ("ｅxample.org", "example.org"),
    ],
)
def test_a_domain_is_kept_in_one_form(typed: str, canonical: str) -> None:
    assert read_domains(typed) == {canonical}


def test_lines_that_are_no_domains_are_named() -> None:
    with pytest.raises(BadDomains) as refused:
        read_domains("example.org\n\nno domain\nexample.net\nlocalhost\n*.example.com")
    assert refused.value.lines == (3, 5, 6)


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        domains = read_domains(text)
    except BadDomains:
        return
    assert read_domains("\n".join(domains)) == domains


def test_there_is_a_limit() -> None:
    with pytest.raises(TooManyDomains):
        read_domains("\n".join(f"example{number}.org" for number in range(MOST_DOMAINS + 1)))


def test_the_list_is_put_in_the_place_of_the_old_one(guards: Guards) -> None:
    assert guards.do(set_domains, "example.org\nexample.net\nEXAMPLE.net") == Watched(2, added=2, removed=0)
    assert guards.do(set_domains, "example.net\nexample.com") == Watched(2, added=1, removed=1)
    assert watched(guards) == ["example.com", "example.net"]
    assert guards.trail() == [("domains-changed", 2, None, OWNER)] * 2


def test_a_refused_list_changes_nothing(guards: Guards) -> None:
    guards.do(set_domains, "example.org")
    with pytest.raises(BadDomains):
        guards.do(set_domains, "example.net\nbad domain")
    assert watched(guards) == ["example.org"]


def test_who_signs_from_a_watched_domain_is_held_with_that_reason(guards: Guards) -> None:
    crowd = guards.crowd
    before = crowd.join(1)
    guards.do(set_domains, "example.org")
    after = crowd.join(2)
    assert guards.states(before, after) == ["confirmed", "held"]
    assert crowd.row(after).held_for == "domain"
    guards.do(set_domains, "")
    assert guards.states(crowd.join(3)) == ["confirmed"]


@sqlite_only
def test_a_rule_is_about_whole_labels_and_what_is_below(guards: Guards) -> None:
    guards.do(set_domains, "clinic.example.org")
    letter = guards.crowd.letter
    watched = "clinic.example.org", "mail.clinic.example.org", "example.org", "myclinic.example.org", "clinic.example"
    assert [letter.watches(domain) for domain in watched] == [True, True, False, False, False]


@sqlite_only
def test_until_the_button_is_pressed_everybody_sees_the_same(campaign: Campaign) -> None:
    """The throttle is off here: a rule of the organisers holds all the same."""
    guards = guard(Crowd(campaign.runtime, campaign.slug))
    letter = f"/en/letters/{campaign.slug}"
    page = campaign.client.get(letter).text
    guards.do(set_domains, "watched.example")
    assert TOKEN.sub("", campaign.client.get(letter).text) == TOKEN.sub("", page)
    answers = [campaign.sign(email=f"signer@{domain}.example") for domain in ("watched", "plain")]
    assert {(answer.status_code, answer.location, answer.text) for answer in answers} == {
        (303, answers[1].location, answers[1].text)
    }
    campaign.send_mail()
    links = [link for domain in ("watched", "plain") for link in campaign.links(f"signer@{domain}.example")]
    pages = [campaign.client.get(link).text.replace(link.rpartition("/")[2], "") for link in links]
    assert pages[0] == pages[1]
    for link in links:
        campaign.confirm(link)
    with campaign.runtime.reading() as session:
        assert count_held(session, campaign.letter.id)[Suspicion.DOMAIN] == 1
