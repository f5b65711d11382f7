"""Labels: every page is there in every language of its site, also where professions and regions have none in it."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import insert, update

from letters.app import create_app
from letters.models.letters import LetterRow
from letters.models.standing import InstitutionRow
from letters.runtime import Runtime
from letters.vocabularies.languages import LANGUAGES
from tests.letters.signing.asking import show
from tests.parts.campaign import Campaign, demo_draft, open_campaign
from tests.parts.smtp import MailServer

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

FAR = "Dādra and Nagar Haveli and Damān and Diu"
"""A region, IN-DH, that has a label in English only."""

OWN = """
[perfusionist]
parent = "health-technician"
label = {ru = "Перфузиологи", be = "Перфузіёлагі", en = "Perfusionists"}
one = {ru = "перфузиолог", be = "перфузіёлаг", en = "perfusionist"}
"""


def in_english(runtime: Runtime, app: Flask, mail_server: MailServer) -> Campaign:
    """A letter in English only, for a country with regions that have labels in few other languages."""
    texts = {"en": demo_draft()[0].texts["en"]}
    return open_campaign(runtime, app, mail_server, languages=("en",), texts=texts, countries=("IN",))


@pytest.fixture
def indian(runtime: Runtime, app: Flask, mail_server: MailServer) -> Campaign:
    return in_english(runtime, app, mail_server)


@pytest.fixture
def own(runtime: Runtime, mail_server: MailServer, tmp_path: Path) -> Campaign:
    """A site whose own profession has labels in three languages."""
    (tmp_path / "own" / "professions").mkdir(parents=True)
    (tmp_path / "own" / "professions" / "health.toml").write_text(OWN, encoding="utf-8")
    runtime = replace(runtime, settings=replace(runtime.settings, vocabularies=(tmp_path / "own",)))
    return open_campaign(runtime, create_app(runtime), mail_server)


def paths(campaign: Campaign, **changes: str) -> list[str]:
    """Sign, be released and wait as such a person; the path of each page that says what somebody like that is."""
    private = campaign.join(1, display="named", **changes)
    campaign.join(2, **changes)
    campaign.sign(email="waiting@example.org", **changes)
    campaign.send_mail()
    _list_institution(campaign, changes.get("region", "abroad"))
    campaign.release()
    letter = f"/letters/{campaign.slug}"
    public = ("", "/check-mail", "/count", "/editions/1", "/signatories", "/signatories?q=Signer", "/institutions")
    return [*(letter + page for page in public), private, campaign.links("waiting@example.org")[0]]


def _list_institution(campaign: Campaign, region: str) -> None:
    row = {"letter_id": campaign.letter.id, "domain": "example.org", "name": "Clinic", "region": region}
    campaign.runtime.settle(lambda session: session.execute(insert(InstitutionRow), [row]))
    campaign.runtime.settle(lambda session: session.execute(update(LetterRow).values(revision=LetterRow.revision + 1)))


def check_everywhere(campaign: Campaign, **changes: str) -> None:
    """Look at every page in every language, and send forms with a mistake there."""
    found = paths(campaign, **changes)
    private = next(path for path in found if "/signature/" in path)
    for language in LANGUAGES:
        for path in found:
            answer = campaign.client.get(f"/{language}{path}")
            assert (answer.status_code, show(answer).language) == (200, language), path
        for path in (f"/letters/{campaign.slug}/sign", private):
            refused = campaign.client.post(f"/{language}{path}", data={**changes, "name": "1", "display": "named"})
            assert (refused.status_code, show(refused).language) == (422, language), path


def test_regions_without_labels_in_a_language_keep_no_page_away(indian: Campaign) -> None:
    check_everywhere(indian, region="IN-DH")


def test_professions_without_labels_in_a_language_keep_no_page_away(own: Campaign) -> None:
    check_everywhere(own, profession="perfusionist")


def test_a_site_without_the_language_of_the_letter_shows_it_and_takes_signatures(
    runtime: Runtime, app: Flask, mail_server: MailServer
) -> None:
    campaign = in_english(runtime, app, mail_server)
    found = paths(campaign, region="IN-DH")
    client = create_app(replace(runtime, settings=replace(runtime.settings, languages=("be", "ru")))).test_client()
    for path in found:
        assert client.get(path).status_code == 200, path
    for part in ("count", "signatories", "editions"):
        assert client.get(f"/api/v1/letters/{campaign.slug}/{part}").status_code == 200, part
    sent = client.post(f"/letters/{campaign.slug}/sign", data=campaign.form(email="new@example.org", region="IN-DH"))
    assert sent.status_code == 303
    assert client.post(next(path for path in found if "/signature/" in path), data={"withdraw": "1"}).status_code == 303


def test_a_label_in_another_language_than_its_page_says_so(indian: Campaign) -> None:
    form, checked, *shown = [path for path in paths(indian, region="IN-DH") if "?" not in path]
    marked = f'<span lang="en" dir="ltr">{FAR}</span>'
    for path in shown:
        assert marked in indian.client.get(f"/ar{path}").text, path
        assert marked not in indian.client.get(f"/en{path}").text, path
    options = '<option value="IN-DH"{}>'
    assert options.format(' lang="en" dir="ltr"') in indian.client.get(f"/ar{form}").text
    assert options.format("") in indian.client.get(f"/en{form}").text
    assert FAR not in indian.client.get(f"/ar{checked}").text
