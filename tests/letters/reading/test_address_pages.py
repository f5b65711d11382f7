"""The official addresses, in words and as a signed note."""

import pytest

from letters.organising.addressing.mirrors import put_mirrors
from letters.organising.releasing import tend_letters
from letters.publishing.editions import lock_letter
from letters.reading.address_pages import in_own_script
from tests.letters.signing.asking import show
from tests.parts.campaign import Campaign
from verification.ledger.notes import VerifierKey
from verification.ledger.official import open_addresses

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

LOOKALIKE = "https://xn--80ak6aa92e.example/x"


def test_the_page_and_the_note_say_the_same(campaign: Campaign) -> None:
    page, file = f"/en/letters/{campaign.slug}/addresses", f"/letters/{campaign.slug}/addresses.txt"
    assert campaign.client.get(file).status_code == 404
    assert "has not begun" in campaign.client.get(page).text
    campaign.runtime.settle(lambda session: put_mirrors(session, lock_letter(session, campaign.slug), [LOOKALIKE]))
    tend_letters(campaign.runtime)
    answer, head = campaign.client.get(file), campaign.letter.head
    assert head is not None
    found = open_addresses(answer.text, VerifierKey.parse(head.verifier))
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    shown = show(campaign.client.get(page)).text
    assert all(address in shown for address in found.addresses)
    assert head.verifier in shown


def test_a_name_of_other_letters_is_shown_beside_its_network_name(campaign: Campaign) -> None:
    campaign.runtime.settle(lambda session: put_mirrors(session, lock_letter(session, campaign.slug), [LOOKALIKE]))
    tend_letters(campaign.runtime)
    shown = show(campaign.client.get(f"/en/letters/{campaign.slug}/addresses")).text
    assert f"{LOOKALIKE} browsers may show it as аррӏе.example" in shown
    assert in_own_script("xn--0.example") == in_own_script("plain.example") == ""


@pytest.mark.parametrize("rest", ["", "/log"])
def test_the_letter_and_its_log_lead_to_it(campaign: Campaign, rest: str) -> None:
    tend_letters(campaign.runtime)
    assert (
        f'href="/en/letters/{campaign.slug}/addresses"'
        in campaign.client.get(f"/en/letters/{campaign.slug}{rest}").text
    )
