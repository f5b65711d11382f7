"""What of a page is its letter's text, and what is no such page."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from letters.web.markdown import to_html
from verification.ledger.auditing.page_text import BadPage, LetterPage, PageFigures, visible_text


def letter(title: str, body: str, around: str = "") -> str:
    inner = f'<header><h1>{title}</h1></header>{around}<div class="prose" lang="en">{body}</div>'
    return f'<html><body><h1>Site</h1><article class="letter">{inner}</article><p>below</p></body></html>'


def test_the_text_is_the_title_and_the_body_alone() -> None:
    page = letter("Stop  it", "<p>We ask\n<strong>you</strong>.</p><ul><li>now</li></ul>", "<p>4,410 signatures</p>")
    assert visible_text(page) == "Stop it\nWe ask you. now"


def test_letters_of_one_word_stay_together_and_blocks_apart() -> None:
    assert visible_text(letter("T", "<p>a<em>b</em>c<br>d</p><p>e</p>")) == "T\nabc d e"


def test_characters_are_read_as_they_are_shown() -> None:
    assert visible_text(letter("A &amp; B", "<p>&lt;b&gt; &#8220;x&#8221;</p>")) == "A & B\n<b> “x”"


def test_comments_are_not_seen() -> None:
    assert visible_text(letter("T", "<p>a<!-- not --> b</p>")) == "T\na b"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.text(st.characters(exclude_categories=["Cs"])))
def test_every_letter_that_the_site_can_show_is_read(title: str, markdown: str) -> None:
    page = letter(str(escape(title)), to_html(markdown), '<div class="other">x</div>')
    assert visible_text(page) == visible_text(letter(str(escape(title)), to_html(markdown)))


@given(st.text())
def test_no_page_is_more_than_refused(page: str) -> None:
    for read in (visible_text, lambda text: LetterPage(text).figures):
        try:
            read(page)
        except BadPage:
            continue


@pytest.mark.parametrize(
    "page",
    [
        "",
        letter("T", "<p>a</p>").replace("prose", "prosa"),
        letter("T", "<p>a</p>", "<h1>Another title</h1>"),
        letter("T", "<p>a</p>", '<div class="prose">another text</div>'),
        letter("T", "<p>a</p>") + letter("T", "<p>a</p>"),
        letter("T", "<p>a <span>b</span></p>"),
        letter("T", '<p class="visually-hidden">a</p>'),
        letter("T", '<a href="/" hidden>a</a>'),
        letter("T", "<img alt='a'>"),
        letter("T", "<style>p { display: none }</style>"),
        letter("T", "<p>a</p>").replace('lang="en"', "hidden"),
        letter("T", "<p>a</p>").replace("<h1>T", "<h1 style='x'>T"),
        letter("T", "<p>a</p>").replace("<article ", "<article hidden "),
        "<div>" + letter("T", "<p>a</p>") + "</div>",
        "<template>" + letter("T", "<p>a</p>"),
        "<!--" + letter("T", "<p>a</p>") + "-->" + letter("U", "<p>b</p>").replace("article", "section"),
        letter("T", "<p>a</p>").replace("<body>", "<body hidden>"),
        letter("T", "<p>a</p>") + "<ARTICLE class=letter><h1>U</h1></ARTICLE>",
        "<div>" * 200 + letter("T", "<p>a</p>"),
    ],
)
def test_a_page_with_more_less_or_something_hidden_is_refused(page: str) -> None:
    with pytest.raises(BadPage):
        visible_text(page)


@pytest.mark.parametrize("begun", ["", "<a", "<a '", "<!--", "<script>", "</a", "<!doctype ", "<?"])
def test_reading_ends_soon_whatever_the_page_is(begun: str) -> None:
    start = time.monotonic()
    for piece in ("<p>", "<", "<!", "</p", "<a b='", "<article class='letter'>", "&#", "<!--", "<a ", "<![", " ", "a="):
        with pytest.raises(BadPage):
            visible_text(begun + piece * (1 << 14))
    assert time.monotonic() - start < 20


def count(total: str, value: str = "4410", edition: str = "12") -> str:
    figure = f'<strong class="count-total"><data value="{value}">{total}</data></strong>'
    return f'<section class="count" data-edition="{edition}">{figure} signatures</section>'


@pytest.mark.parametrize("total", ["4,410", "4 410", "4\u202f410", "4.410", "4410"])
def test_the_number_is_read_in_every_spelling(total: str) -> None:
    assert LetterPage(count(total)).figures == PageFigures(12, 4410, 4410)


def test_the_number_of_readers_and_that_of_machines_are_both_told() -> None:
    assert LetterPage(count("4,411")).figures == PageFigures(12, 4410, 4411)


@pytest.mark.parametrize(
    "page",
    ["", count("4,410") * 2, count("many"), count("1" * 40), count("4,410", "x"), count("4,410", edition="-1")],
)
def test_a_page_without_one_number_is_refused(page: str) -> None:
    with pytest.raises(BadPage):
        _ = LetterPage(page).figures


HONEST = letter("T", "<p>a</p>", count("4,410"))

MENDED: dict[str, tuple[str, str]] = {
    "an end that browsers pass over": ("<body>", "<body><div hidden></body>"),
    "another such end": ("<body>", "<body><div hidden></html>"),
    "an end out of order": ("<body>", "<body><span hidden><div></span></div>"),
    "a slash that ends nothing": ("<body>", "<body><div hidden/>"),
    "a template": ("<h1>T", "<template></template><h1>T</template>"),
    "details": ("<h1>T</h1>", "<details><h1>T</h1></details>"),
    "a dialog": ("<h1>T</h1>", "<dialog><h1>T</h1></dialog>"),
    "a hidden header": ("<header>", "<header hidden>"),
    "a popover": ("<article ", "<article popover "),
    "a comment that ends soon": ("<body>", "<body><!--> other words <div hidden> -->"),
    "a comment that ends otherwise": ("<body>", "<body><!-- --!> other words <div hidden> -->"),
    "a comment in what is no markup": ("<body>", "<body><title><!--</title> other words --></title>"),
    "a marked section": ("<body>", "<body><![CDATA[> other words <div hidden> ]]>"),
    "a script in a script": ("<body>", "<body><script><!--<script></script>"),
    "an end with a quote": ("<body>", '<body><p></p a=">">'),
    "drawings": ("<body>", "<body><svg><div hidden/></svg>"),
    "frames": ("<body>", "<frameset></frameset><body>"),
    "a second body": ("<p>below</p>", "<body hidden>"),
    "a hidden count": ("<section ", "<section hidden "),
    "a count without looks": ("<section ", '<section style="display:none" '),
    "a count for eyes alone": ("<section ", '<section aria-hidden="true" '),
    "a count in a template": ("<section ", "<template></template><section inert "),
    "a total that hides digits": (">4,410<", "><span hidden>4,410</span><"),
    "the parts behind their end": ('<article class="letter">', '<article></article><article class="letter">'),
}


@pytest.mark.parametrize("name", MENDED)
def test_a_page_that_a_browser_may_read_otherwise_is_refused(name: str) -> None:
    assert LetterPage(HONEST).figures == PageFigures(12, 4410, 4410)
    assert visible_text(HONEST) == "T\na"
    old, new = MENDED[name]
    assert HONEST.count(old) == 1
    page = LetterPage(HONEST.replace(old, new))
    with pytest.raises(BadPage):
        _ = page.text, page.figures


@pytest.mark.parametrize("around", ["template", "details", "dialog", "noscript", "span"])
def test_a_count_in_what_may_hide_it_is_refused(around: str) -> None:
    with pytest.raises(BadPage):
        _ = LetterPage(f"<{around}>{count('4,410')}</{around}>").figures


@pytest.mark.parametrize(
    "total", ["4,410 thousand", "4,410⁹⁹", "4,410-", "−4,410", "4,410½", "4,410%", "4,410\u200b1x"]
)
def test_a_total_that_is_more_than_digits_is_refused(total: str) -> None:
    with pytest.raises(BadPage):
        _ = LetterPage(count(total)).figures


@pytest.mark.parametrize("sign", [" ", "\u00a0", "\u202f", "\u2009", ",", ".", "'", "’"])
def test_digits_may_be_grouped_as_any_language_does(sign: str) -> None:
    assert LetterPage(count(f"4{sign}410")).figures.in_digits == 4410
