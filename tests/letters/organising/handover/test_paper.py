"""The paper as a PDF, read by the programs that its readers use."""

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from letters.organising.handover.paper import Figure, Line, Paper, PaperFailed, Signatory, render
from tests.letters.organising.handover.papers import PAPER
from tests.letters.organising.handover.pdf import facts_of, metadata_of, starts_of, structure_of, text_of, widest_of

A4_WIDTH = 595.3
MOMENT = re.compile(r"\b20\d\d-\d\d-\d\d[^<]*")
HOSTILE = [
    '#read("/etc/passwd")', "#{1+1}", "*bold*", "_it_", "$x$", "@ref", "\\", "\\u{41}", '"quotes"', "'q'", "<label>",
    "= Head", "- item", "+ item", "/ t: d", "[a]", "{b}", "//c", "/*c*/", "~", "`raw`", "---", "...", "#", "//",
    "a\tb", "https://x.example",
]  # fmt: skip
NAME = st.text(st.characters(exclude_categories=["Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"]), min_size=1, max_size=40)


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return render(PAPER)


def test_everything_is_on_the_paper(pdf: bytes) -> None:
    text = text_of(pdf)
    for said in (
        "Остановите насилие", "Министру здравоохранения", "Мы пишем открыто.", "Что мы видим", "Первое",
        "5 декабря 2026", "Читать: бригада.", "letters@example.org", "Выпуск 12, 3 декабря 2026, 06:00 UTC",
        "4 410 подписей", "4 410 = 4 425 − 12 − 3", "С округлением вниз.", "Врачи", "1 200", "10–60",
        "Каждая подпись подтверждена.",
        "https://undersigned.example/ru/letters/stop-the-violence/editions/12", "Иван Образцов, профессор",
        "Вера Примерная, медсестра, Минская область", "Тихое озеро 417", "3/3",
    ):  # fmt: skip
        assert said in text, said


def test_a_paper_in_arabic_runs_from_right_to_left_and_conforms() -> None:
    title = "أوقفوا العنف"
    arabic = render(replace(PAPER, language="ar", title=title, text="نكتب **علنًا** ما رأيناه."))
    assert b"/Lang(ar)" in arabic
    assert "pdfuaid" in metadata_of(arabic)
    assert title in text_of(arabic), "letters that are joined can be copied"
    first, second = (word[::-1] for word in title.split())  # poppler tells a word from left to right
    assert starts_of(arabic)[first] > starts_of(arabic)[second]


def test_first_signatories_stand_on_top_of_the_list(pdf: bytes) -> None:
    text = text_of(pdf)
    assert text.index("Иван Образцов") < text.index("Вера Примерная") < text.index("Тихое озеро")


def test_the_same_paper_is_the_same_bytes(pdf: bytes) -> None:
    assert render(PAPER) == pdf


def test_it_is_tagged_and_names_its_title_and_language(pdf: bytes) -> None:
    facts, metadata, structure = facts_of(pdf), metadata_of(pdf), structure_of(pdf)
    assert (facts["Tagged"], facts["Title"], facts["JavaScript"]) == ("yes", "Остановите насилие", "no")
    assert facts["Page size"].endswith("(A4)")
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert b"/Lang(ru)" in pdf
    for tag in ("H1", "H2", "L", "LI", "Table", "TH", "TD", "Link"):
        assert re.search(rf"^ *{tag}\b", structure, re.MULTILINE), tag


def test_it_tells_the_day_of_the_edition_and_no_time(pdf: bytes) -> None:
    facts = facts_of(pdf)
    assert facts["CreationDate"].startswith("2026-12-03T00:00:00")
    assert facts["ModDate"].startswith("2026-12-03T00:00:00")
    assert set(MOMENT.findall(metadata_of(pdf))) == {"2026-12-03T00:00:00Z"}


@pytest.mark.parametrize("where", ["title", "addressee", "text", "name", "label"])
def test_nothing_that_was_typed_becomes_code(where: str) -> None:
    text = text_of(render(with_texts(where, HOSTILE)))
    for typed in HOSTILE:
        assert " ".join(typed.split()) in text, typed


@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(NAME, min_size=1, max_size=200))
def test_any_names_make_a_paper(names: list[str]) -> None:
    """In any script: what no font has is a box, and the paper is made all the same."""
    assert "Вера" in text_of(render(replace(PAPER, signatories=[Signatory("Вера"), *map(Signatory, names)])))


def test_a_letter_that_no_font_has_costs_only_the_promise_of_conformance() -> None:
    pdf = render(replace(PAPER, signatories=[Signatory("佐藤 例")]))
    assert facts_of(pdf)["Tagged"] == "yes"
    assert "pdfuaid" not in metadata_of(pdf)


@pytest.mark.parametrize("name", ["Е\u0301лена О\u0308мер", "Ņirgā Ģērķe", "მარიამი", "Ўладзімір Ёўчанка", "Іґор Ї"])
def test_marks_stay_on_their_letters(name: str) -> None:
    pdf = render(replace(PAPER, signatories=[Signatory(name)]))
    assert name in text_of(pdf)
    assert "pdfuaid" in metadata_of(pdf)


@pytest.mark.parametrize("word", ["Ы" * 60, "w" * 60, "n\u0303" * 60, "https://example.org/" + "a" * 100])
@pytest.mark.parametrize("where", ["title", "addressee", "text", "name", "label"])
def test_the_longest_word_stays_on_the_page(where: str, word: str) -> None:
    pdf = render(with_texts(where, [word]))
    left, right = widest_of(pdf)
    assert left > 60
    assert right < A4_WIDTH - 60
    assert word.replace("\u0303", "")[:12] in text_of(pdf).replace("\u0303", "").replace("ñ", "n")


@pytest.mark.parametrize("marker", ["> ", "- ", "1. ", "> - "])
def test_deep_nesting_makes_a_paper(marker: str) -> None:
    for levels in (6, 9, 18):
        assert "Мелко" in text_of(render(replace(PAPER, text=f"Мелко\n\n{marker * levels}Глубоко")))


def test_names_that_are_hidden_are_replaced_by_the_reason() -> None:
    text = text_of(render(replace(PAPER, hidden="Имена скрыты.", first_signatories=[], signatories=[])))
    assert "Имена скрыты." in text
    assert "Words: names" not in text


def test_a_paper_without_names_has_no_page_for_them(pdf: bytes) -> None:
    nameless = render(replace(PAPER, first_signatories=[], signatories=[]))
    assert int(facts_of(nameless)["Pages"]) == int(facts_of(pdf)["Pages"]) - 1


def test_reported_figures_stand_apart() -> None:
    text = text_of(render(replace(PAPER, reported=[Figure("На бумаге", "512")])))
    assert "Words: reported" in text
    assert "512" in text
    assert text.count("4 410") == text_of(render(PAPER)).count("4 410")
    assert "4 922" not in text


def test_the_head_of_the_log_is_printed_line_by_line() -> None:
    head = "undersigned.example/stop-the-violence\n4440\nqINS1GRFhWHwdkUeqLEoP4yEMkTBBzxBkGwGQlVlVcs=\n"
    text = text_of(render(replace(PAPER, log_head=head)))
    assert " ".join(head.split()) in text


def test_impatience_has_a_name() -> None:
    with pytest.raises(PaperFailed):
        render(PAPER, patience=0.001)


def with_texts(where: str, texts: list[str]) -> Paper:
    """The paper with these texts in one place, in Markdown as code blocks."""
    joined = " ".join(texts)
    match where:
        case "title":
            return replace(PAPER, title=joined)
        case "addressee":
            return replace(PAPER, addressee=joined)
        case "text":
            return replace(PAPER, text="\n\n".join(f"    {text} ." for text in texts))
        case "name":
            return replace(PAPER, signatories=[Signatory(text, text) for text in texts])
        case _:
            breakdown = replace(PAPER.breakdowns[0], figures=[Figure(text, "1") for text in texts])
            return replace(PAPER, breakdowns=[breakdown], corrections=[Line(text, text) for text in texts])
