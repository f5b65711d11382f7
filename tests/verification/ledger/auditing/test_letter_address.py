"""Which addresses are a letter's."""

import pytest

from verification.ledger.auditing.letter_address import BadAddress, LetterAddress


@pytest.mark.parametrize(
    "rest", ["", "/", "/count", "/log/checkpoint", "/editions/12?x=1", "?q=/letters/other", "#sign"]
)
@pytest.mark.parametrize("language", ["", "/be", "/pt-BR"])
def test_a_letters_pages_all_lead_to_it(language: str, rest: str) -> None:
    address = LetterAddress.parse(f"https://Example.org:8443{language}/letters/stop-the-violence{rest}")
    assert address.url == "https://example.org:8443/letters/stop-the-violence"
    assert address.log == "/letters/stop-the-violence/log"
    assert address.api == "/api/v1/letters/stop-the-violence"
    assert address.page("ru") == "/ru/letters/stop-the-violence"


def test_a_name_in_another_script_is_asked_for_as_the_network_has_it() -> None:
    assert LetterAddress.parse("https://пример.бел/letters/a").host == "xn--e1afmkfd.xn--90ais"


@pytest.mark.parametrize(
    ("path", "readings"),
    [
        ("/letters/a", [("", "a")]),
        ("/letters/letters", [("", "letters")]),
        ("/letters/letters/a", [("/letters", "a"), ("", "letters")]),
        ("/letters/en/letters/a/index.html", [("/letters/en", "a"), ("", "en")]),
        ("/en/letters/letters/count", [("/en/letters", "count"), ("/en", "letters")]),
        ("/x/letters/letters/letters/a", [("/x/letters/letters", "a"), ("/x/letters", "letters"), ("/x", "letters")]),
        ("/letters/A b/letters/a", []),
    ],
)
def test_folders_and_letters_called_letters_are_told_apart(path: str, readings: list[tuple[str, str]]) -> None:
    try:
        found = LetterAddress.readings(f"https://example.org{path}")
    except BadAddress:
        found = []
    assert [(address.before, address.slug) for address in found] == readings


@pytest.mark.parametrize("language", ["", "/be"])
@pytest.mark.parametrize(
    ("rest", "named"),
    [
        ("", True),
        ("/", True),
        ("/index.html", True),
        ("/count", True),
        ("/count/index.html", True),
        ("?a=b", True),
        ("#sign", True),
        ("/log", False),
        ("/counts", False),
        ("//", False),
    ],
)
def test_the_page_that_was_named_is_known(language: str, rest: str, *, named: bool) -> None:
    path = f"{language}/letters/count{rest}"
    address = LetterAddress.parse(f"https://example.org{path}")
    assert address.named == (path.partition("#")[0] if named else "")
    assert address.names_count == (named and rest.startswith("/count"))


def test_what_stands_in_a_query_is_asked_for_as_browsers_do() -> None:
    assert LetterAddress.parse("https://example.org/letters/a?b=%20ы c").named == "/letters/a?b=%20%D1%8B%20c"


@pytest.mark.parametrize("site", ["https://example.org:443", "https://example.org.", "https://EXAMPLE.org"])
def test_one_site_has_one_spelling(site: str) -> None:
    assert LetterAddress.parse(f"{site}/letters/a").url == "https://example.org/letters/a"


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:81", "abc.onion"])
def test_this_machine_and_onion_services_may_be_asked_in_clear(host: str) -> None:
    assert LetterAddress.parse(f"http://{host}/letters/a").site == f"http://{host}"


def test_any_other_only_when_that_is_accepted() -> None:
    with pytest.raises(BadAddress, match="--insecure"):
        LetterAddress.parse("http://example.org/letters/a")
    assert not LetterAddress.parse("http://example.org/letters/a", insecure=True).secure


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org/letters/a",
        "ftp://example.org/letters/a",
        "https://example.org/",
        "https://example.org/letters/",
        "https://example.org/letters/..",
        "https://example.org/letters/A b",
        "https://user@example.org/letters/a",
        "https://exa mple.org/letters/a",
        "https://example.org:99999/letters/a",
        "https:///letters/a",
        "https://[::1/letters/a",
        f"https://{'a' * 70}.org/letters/a",
        "https://straße.example.org/letters/a",
        "https://exa\u200dmple.org/letters/a",
        "https://\u2c7cohn.example.org/letters/a",
    ],
)
def test_everything_else_is_refused(url: str) -> None:
    with pytest.raises(BadAddress):
        LetterAddress.parse(url)


@pytest.mark.parametrize("language", ["", "..", "en/../x", "e n"])
def test_no_language_leads_elsewhere(language: str) -> None:
    with pytest.raises(BadAddress):
        LetterAddress.parse("https://example.org/letters/a").page(language)
