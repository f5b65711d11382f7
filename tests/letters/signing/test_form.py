"""The form: each mistake is said beside its field in the reader's language, what was typed stays, nothing is stored."""

import json
from urllib.parse import urlencode

import pytest

from tests.letters.signing.asking import URLENCODED, change_letter, everything, one_database, post, send, show, stored
from tests.parts.campaign import FORM, Campaign

pytestmark = one_database

HIDDEN: dict[str, object] = {
    "NUL": "Vera\x00Example",
    "a line break": "Vera\nBcc: ivan@example.org",
    "a zero-width space": "Vera\u200bExample",
    "a right-to-left override": "Vera\u202eelpmaxE",
    "invalid UTF-8": b"Vera \xff\xfe Example",
    "an encoded surrogate": b"Vera \xed\xa0\x80 Example",
}

BAD: dict[str, tuple[str, object]] = {
    "no name": ("name", ""),
    "a name of spaces": ("name", "   \t "),
    "a name without a letter": ("name", "12345 --"),
    "a name that is too long": ("name", "V" * 101),
    "a name with a web address": ("name", "Vera https://example.org/"),
    "a name with a bare site": ("name", "Vera Example.COM"),
    **{f"a name with {what}": ("name", value) for what, value in HIDDEN.items()},
    **{f"a workplace with {what}": ("workplace", value) for what, value in HIDDEN.items()},
    "a workplace that is too long": ("workplace", "W" * 121),
    "no address": ("email", ""),
    "an address of spaces": ("email", "   "),
    "half an address": ("email", "vera@"),
    "two addresses": ("email", "vera@example.org, ivan@example.org"),
    "an address with a line break": ("email", "vera@example.org\r\nBcc: ivan@example.org"),
    "an address with NUL": ("email", "vera\x00@example.org"),
    "an address in invalid UTF-8": ("email", b"ver\xff@example.org"),
    "a quoted address": ("email", '"vera example"@example.org'),
    "an address at an IP literal": ("email", "vera@[192.0.2.1]"),
    "an address in two alphabets": ("email", "v\u0435ra@example.org"),
    "an address that is too long": ("email", f"{'v' * 60}@{'e' * 60}.{'e' * 60}.{'e' * 60}.{'e' * 60}.org"),
    "no profession": ("profession", ""),
    "an unknown profession": ("profession", "astronaut"),
    "a profession with NUL": ("profession", "nurse\x00"),
    "a missing profession": ("profession", None),
    "no region": ("region", ""),
    "an unknown region": ("region", "BY-XX"),
    "a region of another country": ("region", "DE-BE"),
    "a missing region": ("region", None),
    "an unknown display": ("display", "everything"),
    "an empty display": ("display", ""),
    "no consent": ("consent", None),
    "consent that says no": ("consent", "false"),
}

KEPT = {"name": "Вера “Example” <b>", "workplace": 'Ward 3 & "ICU"', "email": "vera+x@example.org", "region": "BY-HM"}


@pytest.mark.parametrize(("name", "value"), BAD.values(), ids=BAD)
def test_a_mistake_is_said_beside_its_field_and_nothing_else_is_lost(
    campaign: Campaign, name: str, value: object
) -> None:
    kept = {**KEPT, "updates": "1", "press": "1", name: value}
    answer = send(campaign, kept)
    shown = show(answer)
    assert answer.status_code == 422
    assert set(shown.errors) == {name}
    assert answer.headers["Cache-Control"] == "no-store"
    for other in set(KEPT) - {name}:
        assert shown.fields[other] == KEPT[other]
    assert (shown.fields["updates"], shown.fields["press"]) == ("1", "1")
    assert stored(campaign.runtime) == 0


@pytest.mark.parametrize("name", ["name", "email", "workplace"])
def test_what_was_typed_wrongly_stands_there_to_be_put_right(campaign: Campaign, name: str) -> None:
    wrong = "x" * 90 + "<script>\u202e&amp;\"' https://example.org"
    assert show(send(campaign, {name: wrong})).fields[name] == wrong


def test_every_mistake_is_said_at_once(campaign: Campaign) -> None:
    answer = post(campaign, "")
    assert answer.status_code == 422
    assert set(show(answer).errors) == {"name", "email", "profession", "region", "consent"}


@pytest.mark.parametrize("language", ["ru", "be", "en"])
@pytest.mark.parametrize("name", ["name", "email", "profession", "region", "display", "workplace", "consent"])
def test_a_mistake_is_said_in_the_language_of_the_page(campaign: Campaign, name: str, language: str) -> None:
    shown = show(send(campaign, {name: None if name == "consent" else "\x00"}, language))
    cyrillic = any("а" <= letter <= "я" for letter in shown.errors[name].lower())
    assert shown.language == language
    assert cyrillic == (language != "en")


def test_messages_differ_between_the_cyrillic_languages(campaign: Campaign) -> None:
    russian, belarusian = (show(post(campaign, "", language=code)).errors for code in ("ru", "be"))
    assert russian["name"] != belarusian["name"]


@pytest.mark.parametrize("name", ["Вера", "Vera", "Вера Прыкладная-Узорная"])
def test_names_of_one_word_and_in_cyrillic_are_accepted(campaign: Campaign, name: str) -> None:
    assert send(campaign, {"name": name}).status_code == 303
    assert stored(campaign.runtime) == 2


@pytest.mark.parametrize("region", ["abroad", "BY-HM"])
def test_regions_of_the_letter_are_accepted(campaign: Campaign, region: str) -> None:
    assert send(campaign, {"region": region}).status_code == 303


@pytest.mark.parametrize("name", sorted(FORM.keys() - {"website"} | {"updates", "press"}))
def test_a_field_sent_more_than_once_is_refused(campaign: Campaign, name: str) -> None:
    value = campaign.form().get(name) or "1"
    answer = send(campaign, {name: [value, value]})
    assert answer.status_code == 422
    assert set(show(answer).errors) == {name}
    assert stored(campaign.runtime) == 0


@pytest.mark.parametrize("spelling", ["name[]", "name[0]", "name.x", "NAME", " name"])
def test_a_field_under_another_spelling_is_not_that_field(campaign: Campaign, spelling: str) -> None:
    answer = send(campaign, {"name": None, spelling: "Vera Example"})
    assert answer.status_code == 422
    assert set(show(answer).errors) == {"name"}


@pytest.mark.parametrize("display", ["named", "pseudonym"])
def test_a_display_that_the_letter_does_not_offer_is_refused(campaign: Campaign, display: str) -> None:
    change_letter(campaign, displays=["counted"])
    answer = send(campaign, {"display": display})
    assert answer.status_code == 422
    assert set(show(answer).errors) == {"display"}
    assert stored(campaign.runtime) == 0


@pytest.mark.parametrize("website", ["https://example.org", " ", "\x00"])
def test_a_filled_trap_looks_like_success_and_stores_nothing(campaign: Campaign, website: str) -> None:
    honest, before = send(campaign, {}), everything(campaign.runtime)
    caught = send(campaign, {"email": "bot@example.org", "website": website})
    assert (caught.status_code, caught.data, caught.headers) == (honest.status_code, honest.data, honest.headers)
    assert everything(campaign.runtime) == before


@pytest.mark.parametrize("name", ["name", "email", "workplace", "form_token", "website", "unknown"])
def test_a_field_of_a_megabyte_is_too_large(campaign: Campaign, name: str) -> None:
    answer = send(campaign, {name: "x" * 1_000_000})
    assert answer.status_code == 413
    assert show(answer).language
    assert stored(campaign.runtime) == 0


def bodies(campaign: Campaign) -> dict[str, tuple[bytes, str]]:
    """The same form in shapes that no browser sends, each with what it claims to be."""
    fields = campaign.form()
    encoded = urlencode(fields).encode()
    part = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    return {
        "without a content type": (encoded, ""),
        "a strange content type": (encoded, "text/plain"),
        "JSON": (json.dumps(fields).encode(), "application/json"),
        "broken JSON": (b"{", "application/json"),
        "XML": (b"<name/>", "application/xml"),
        "nothing": (b"", URLENCODED),
        "no form at all": (b"\x00\xff\xfe%%%&&&===", URLENCODED),
        "ten thousand fields": ("&".join(f"f{number}" for number in range(10_000)).encode(), URLENCODED),
        "a field ten thousand times": (b"&".join([b"name="] * 10_000), URLENCODED),
        "multipart without a boundary": (encoded, "multipart/form-data"),
        "multipart with an empty boundary": (b"--\r\n", "multipart/form-data; boundary="),
        "multipart that breaks off": (part % (b"name", b"Vera"), "multipart/form-data; boundary=x"),
        "multipart with odd bytes": (part % (b"\xff\x00", b"\xff") + b"--x--", "multipart/form-data; boundary=x"),
        "a file for a field": (
            b'--x\r\nContent-Disposition: form-data; name="name"; filename="a"\r\n\r\nVera\r\n--x--',
            "multipart/form-data; boundary=x",
        ),
    }


@pytest.mark.parametrize(
    "shape",
    [
        "without a content type",
        "a strange content type",
        "JSON",
        "broken JSON",
        "XML",
        "nothing",
        "no form at all",
        "ten thousand fields",
        "a field ten thousand times",
        "multipart without a boundary",
        "multipart with an empty boundary",
        "multipart that breaks off",
        "multipart with odd bytes",
        "a file for a field",
    ],
)
def test_a_body_that_is_no_form_is_answered_with_the_form(campaign: Campaign, shape: str) -> None:
    body, content_type = bodies(campaign)[shape]
    answer = post(campaign, body, content_type)
    assert answer.status_code in (413, 422)
    assert "name" in show(answer).errors or answer.status_code == 413
    assert stored(campaign.runtime) == 0


def test_a_multipart_form_of_a_browser_is_accepted(campaign: Campaign) -> None:
    url = f"/en/letters/{campaign.slug}/sign"
    answer = campaign.client.post(url, data=campaign.form(), content_type="multipart/form-data")
    assert answer.status_code == 303


def test_a_multipart_form_of_too_many_parts_is_too_large(campaign: Campaign) -> None:
    parts = {f"field{number}": "1" for number in range(200)}
    url = f"/en/letters/{campaign.slug}/sign"
    assert campaign.client.post(url, data=parts, content_type="multipart/form-data").status_code == 413
