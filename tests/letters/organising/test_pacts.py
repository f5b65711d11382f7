"""A letter's pact in its files, its draft and its description; and that organisers are not told who waits."""

import json

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from letters.models.letters import LetterState
from letters.models.signatures import Display
from letters.models.values import Pact
from letters.organising.defending.filters import Filter
from letters.organising.defending.looking import count_fitting, list_signatures
from letters.organising.drafting.parts import Posted, Side, with_toml
from letters.organising.drafting.previews import preview_letter
from letters.organising.drafting.rule_parts import SignersPart
from letters.organising.drafting.starters import privacy_notice
from letters.organising.exports import sealed_records
from letters.organising.folder import problems_of
from letters.organising.loading import LetterFrozen
from letters.organising.needs import Need
from letters.organising.releasing import tend_letters
from letters.runtime import Runtime
from letters.vocabularies.languages import LANGUAGES
from tests.letters.organising.drafting.writers import begin, save, whole_text
from tests.letters.organising.letter_files import Desk
from tests.letters.publishing.crowd import open_crowd
from tests.parts.organiser import Organiser
from tests.parts.smtp import MailServer

sqlite_only = pytest.mark.parametrize("database", ["sqlite"])
NAMED = {"display": '["counted", "named"]'}


def test_a_draft_gets_another_pact_or_none(desk: Desk) -> None:
    pacts = []
    for fields in ({"pact": "100"}, {"pact": "7"}, {}, {"pact": "2"}):
        desk.load(**NAMED, **fields)
        pacts.append(desk.letter.pact)
    assert pacts == [Pact(100), Pact(7), None, Pact(2)]


@sqlite_only
def test_for_how_many_names_wait_is_frozen(desk: Desk) -> None:
    desk.load(**NAMED, pact="100")
    desk.open()
    desk.load(**NAMED, pact="100")
    for fields in ({"pact": "99"}, {}):
        with pytest.raises(LetterFrozen, match="its pact cannot change"):
            desk.load(**NAMED, **fields)
    assert desk.letter.pact == Pact(100)


@sqlite_only
def test_a_lapsed_pact_stays_lapsed_when_the_letter_is_loaded_again(desk: Desk) -> None:
    desk.load(**NAMED, pact="100")
    desk.open()
    desk.move(LetterState.CLOSED)
    tend_letters(desk.runtime)
    desk.load(**NAMED, pact="100", goal="200")
    assert desk.letter.pact == Pact(100, lapsed=True)


@pytest.mark.parametrize("typed", ["", "100", "1 000", "many", "1"])
def test_what_was_typed_comes_back(typed: str) -> None:
    form = MultiDict([("display", "counted"), ("display", "named"), ("pact", typed)])
    text = SignersPart.posted(Posted(form, ["en"])).into(whole_text())
    assert SignersPart.of(Side(text)).pact == typed.replace(" ", "")
    pact = {"": None, "100": Pact(100), "1 000": Pact(1000), "many": None, "1": Pact(1)}[typed]
    assert preview_letter(text).pact == pact
    refused = [problem for problem in problems_of(text) if problem.field == "pact"]
    assert [problem.need for problem in refused] == ([Need.PACT] if typed in ("many", "1") else [])


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_a_proposed_privacy_notice_says_what_becomes_of_names_that_wait(spoken: str) -> None:
    without = with_toml(whole_text(), display=["counted", "named"])
    notices = [privacy_notice(preview_letter(with_toml(without, pact=pact)), spoken, None) for pact in (None, 217)]
    assert ["217" in notice for notice in notices] == [False, True]


@sqlite_only
def test_the_draft_asks_for_the_number_in_plain_words(organiser: Organiser) -> None:
    path = begin(organiser, how="blank", language="en")
    form = {"countries": ["BY"], "professions": "health", "display": ["counted", "named"], "first": "counted"}
    answer = save(organiser, f"{path}/signers", **form, pact="1", stay="1")
    assert "Please write a whole number from 2 to 100000" in organiser.get(answer.location).text
    save(organiser, f"{path}/signers", **form, pact="100")
    assert "A name can wait until 100 colleagues have agreed" in organiser.get(f"{path}/open").text
    assert "only once 100 colleagues have agreed to" in organiser.get(f"{path}/preview/en").text


# Nobody is told who waits.


@sqlite_only
def test_organisers_see_of_a_name_that_waits_as_much_as_of_one_who_is_only_counted(runtime: Runtime) -> None:
    crowd = open_crowd(runtime, pact=3)
    counted, waits, named = (crowd.join(number, display=how) for number, how in enumerate(("counted", "pact", "named")))
    crowd.release()
    with runtime.reading() as session:
        lines = {line.id: line.display for line in list_signatures(session, crowd.letter.id, Filter()).lines}
        found = [count_fitting(session, crowd.letter.id, Filter(display=how)) for how in Display]
        exported = [json.loads(line) for line in sealed_records(session, crowd.letter, runtime.keyring)]
    wanted = {counted: Display.COUNTED, waits: Display.COUNTED, named: Display.NAMED}
    assert lines == {signer.signature: display for signer, display in wanted.items()}
    assert found == [2, 0, 1]
    assert {record["signature"]: record["display"] for record in exported} == {
        signer.signature.hex(): display.value for signer, display in wanted.items()
    }


@sqlite_only
def test_the_description_tells_how_the_pact_stands_and_nothing_of_who_waits(
    runtime: Runtime, client: FlaskClient
) -> None:
    crowd = open_crowd(runtime, pact=2)
    answers = []
    for number in range(2):
        answers.append(client.get(f"/api/v1/letters/{crowd.slug}").json["pact"])
        crowd.join(number, display="pact")
        crowd.release()
    answers.append(client.get(f"/api/v1/letters/{crowd.slug}").json["pact"])
    waits = {"needed": 2, "kept_in": None, "lapsed": False}
    assert answers == [waits, waits, {**waits, "kept_in": 2}]


@sqlite_only
def test_the_dashboard_says_no_more_than_the_public_page(organiser: Organiser, mail_server: MailServer) -> None:
    campaign = organiser.campaign(mail_server, pact=3)
    campaign.join(1, display="pact")
    campaign.release()
    page = organiser.get(f"/workspace/letters/{campaign.slug}").text
    assert "A name can wait until 3 colleagues have agreed" in page
