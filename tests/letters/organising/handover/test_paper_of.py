"""The paper of a letter says what its public pages say, and nothing newer."""

import html
import json
import re
from dataclasses import asdict, replace
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, update

from letters.models.editions import EditionRow, EntryRow
from letters.models.values import Correction, FigurePolicy
from letters.organising.handover.paper import Figure, Line, Signatory, render
from letters.organising.handover.paper_of import MOST_NAMES, NoEditionYet, NotInThisLanguage
from letters.publishing.listing import PAGE
from letters.vocabularies.languages import LANGUAGES
from tests.letters.organising.handover.conftest import MakePaper
from tests.letters.organising.handover.pdf import facts_of, text_of
from tests.letters.publishing.crowd import Crowd

one_database = pytest.mark.parametrize("database", ["sqlite"])


def people(crowd: Crowd, number: int = 3) -> None:
    """Some people under their names, one under a pseudonym, one counted; then an edition."""
    for each in range(number):
        crowd.join(each, display="named", name=f"Vera Example {each}")
    crowd.join(number, display="pseudonym", profession="doctor")
    crowd.join(number + 1, display="counted")
    crowd.release()


def print_more(crowd: Crowd, number: int) -> None:
    """So many further pseudonyms in the first edition, past every verb."""
    entry = {"letter_id": crowd.letter.id, "edition": 1, "leaving": False}
    crowd.tamper(
        *(
            insert(EntryRow).values(
                [
                    {**entry, "position": 100 + each, "signature_id": each.to_bytes(16), "pseudonym": each}
                    for each in range(start, min(start + 1000, number))
                ]
            )
            for start in range(0, number, 1000)
        )
    )


def test_everybody_on_the_public_list_is_on_the_paper(crowd: Crowd, make_paper: MakePaper) -> None:
    people(crowd)
    print_more(crowd, 2 * PAGE + 1)
    signatories = make_paper().signatories
    assert len({each.name for each in signatories}) == len(signatories) == len(crowd.entries())
    assert [each.name for each in signatories if not each.pseudonymous] == crowd.names()
    assert Signatory("Vera Example 0", "nurse, Minsk Region") in signatories


@one_database
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_paper_says_what_the_pages_say(
    language: str, crowd: Crowd, make_paper: MakePaper, reader: FlaskClient
) -> None:
    people(crowd)
    paper = make_paper(language)
    pages = " ".join(
        " ".join(html.unescape(reader.get(f"/{language}/letters/{crowd.slug}{page}").text).split())
        for page in ("", "/count", "/editions/1", "/signatories")
    )
    for said in (paper.title, paper.addressee, paper.responsible.partition(", letters@")[0]):
        assert " ".join(said.split()) in pages, said
    for table in paper.breakdowns:
        assert table.title in pages
        for figure in table.figures:
            assert " ".join(figure.label.split()) in pages, figure
            assert figure.text in pages, figure
    for signatory in [*paper.first_signatories, *paper.signatories]:
        assert signatory.name in pages, signatory
        assert signatory.about in pages, signatory


@one_database
def test_figures_are_those_of_the_current_edition(crowd: Crowd, make_paper: MakePaper) -> None:
    people(crowd)
    crowd.join(50, display="named", name="Newer Example")
    paper = make_paper()
    assert (paper.total, paper.signatures) == ("5", "signatures")
    assert paper.sum == "5 = 5 signatures − 0 withdrawn − 0 voided. The total is exact."
    assert "Newer Example" not in str(paper)
    assert [figure.text for figure in paper.breakdowns[0].figures] == ["4", "1"]


@one_database
def test_small_cells_stay_hidden(crowd: Crowd, make_paper: MakePaper) -> None:
    people(crowd)
    crowd.tamper(
        update(EditionRow).values(
            figures={
                "profession": {"shown": {"nurse": 20}, "rest": [10, 60]},
                "region": {"shown": {}, "rest": [5, 5]},
                "standing": {"shown": {}, "rest": None},
            }
        )
    )
    paper = make_paper(letter=replace(crowd.letter, policy=FigurePolicy.usual(10, 10)))
    assert [[figure.text for figure in table.figures] for table in paper.breakdowns] == [["20", "10–60"], ["5"]]
    assert paper.breakdowns[0].figures[1].share == 0
    assert "from 10 signatures on" in paper.breakdowns_note


@one_database
def test_professions_by_region_come_with_the_last_edition(crowd: Crowd, make_paper: MakePaper) -> None:
    people(crowd)
    figures = {**crowd.letter.edition.figures, "profession_region": [["nurse", "BY-MI", 4]]}
    crowd.tamper(update(EditionRow).values(figures=figures))
    table = make_paper().breakdowns[-1]
    assert table.title == "Professions by region"
    assert [figure.text for figure in table.figures] == ["4"]


@one_database
def test_it_names_the_edition_and_the_pages_to_check_it_at(
    crowd: Crowd, make_paper: MakePaper, reader: FlaskClient
) -> None:
    people(crowd)
    paper = make_paper("be")
    assert paper.day == crowd.letter.edition.released_at.date()
    for line in paper.addresses:
        assert line.text.startswith(f"https://undersigned.example/be/letters/{crowd.slug}/")
        assert reader.get(line.text.removeprefix("https://undersigned.example")).status_code == 200
    assert paper.addresses[1].text.endswith("/editions/1")


@one_database
def test_under_lockdown_nobody_is_named(crowd: Crowd, make_paper: MakePaper) -> None:
    people(crowd)
    paper = make_paper(letter=replace(crowd.letter, locked=True))
    assert (paper.signatories, paper.first_signatories) == ([], [])
    assert paper.hidden
    text = text_of(render(paper))
    assert paper.hidden in text
    for name in ("Vera Example", "Anna Example", "Lake"):
        assert name not in text
    assert paper.total == "5"


@one_database
def test_after_burning_the_figures_stay(crowd: Crowd, make_paper: MakePaper) -> None:
    people(crowd)
    paper = make_paper(letter=replace(crowd.letter, burned=True))
    assert (paper.signatories, paper.total) == ([], "5")
    assert "destroyed" in paper.hidden


@one_database
def test_a_list_that_is_too_long_for_paper_is_named_instead(crowd: Crowd, make_paper: MakePaper) -> None:
    people(crowd)
    print_more(crowd, MOST_NAMES)
    paper = make_paper()
    assert paper.signatories == []
    assert paper.hidden == "20,004 people chose to appear by name or pseudonym: too many for paper."
    assert paper.first_signatories


@one_database
def test_corrections_are_dated(crowd: Crowd, make_paper: MakePaper) -> None:
    people(crowd)
    correction = Correction(date(2026, 12, 5), {"ru": "Читать: бригада."})
    paper = make_paper("ru", letter=replace(crowd.letter, corrections=[correction]))
    assert paper.corrections == [Line("5 декабря 2026", "Читать: бригада.")]


@one_database
def test_reported_figures_change_no_total(crowd: Crowd, make_paper: MakePaper) -> None:
    people(crowd)
    paper = make_paper(reported={"On paper": 1024})
    assert paper.reported == [Figure("On paper", "1,024")]
    assert replace(paper, reported=[]) == make_paper()


@one_database
def test_before_the_first_edition_there_is_no_paper(crowd: Crowd, make_paper: MakePaper) -> None:
    crowd.join(1)
    with pytest.raises(NoEditionYet, match="first one"):
        make_paper()


@one_database
def test_a_language_that_the_letter_lacks_is_refused(crowd: Crowd, make_paper: MakePaper) -> None:
    people(crowd)
    spoken = {language: text for language, text in crowd.letter.texts.items() if language != "en"}
    with pytest.raises(NotInThisLanguage, match="choose one of ru, be"):
        make_paper("en", letter=replace(crowd.letter, texts=spoken))


@one_database
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_makes_a_paper(language: str, crowd: Crowd, make_paper: MakePaper) -> None:
    people(crowd)
    paper = make_paper(language)
    pdf = render(paper)
    assert facts_of(pdf)["Title"] == crowd.letter.texts[language].title
    printed = text_of(pdf)
    assert [word for word in re.findall(r"[^\W_]+", paper.edition) if word not in printed] == []


@one_database
def test_nothing_secret_is_in_the_value(crowd: Crowd, make_paper: MakePaper) -> None:
    people(crowd)
    told = json.dumps(asdict(make_paper()), default=str)
    for secret in ("signer0@example.org", "BY-MI", "signature_id"):
        assert secret not in told


def test_the_signed_head_of_the_edition_stands_on_it(crowd: Crowd, make_paper: MakePaper) -> None:
    crowd.join(1)
    crowd.release()
    head = crowd.letter.head
    assert head is not None
    paper = make_paper()
    assert paper.log_head == head.checkpoint
    assert head.note is not None
    lines = head.note.splitlines()
    assert all(line in text_of(render(paper)) for line in lines[:3])
