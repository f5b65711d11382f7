"""Addresses: one canonical form for one mailbox, and a refusal for whatever is not one plain address."""

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from verification.identity.addresses import Address, BadAddress, parse_address, unpad

SAME = [
    ("vera@example.org", "VERA@Example.ORG"),
    ("vera@example.org", " vera@example.org\t"),
    ("vera@example.org", "vera+letters@example.org"),
    ("vera@example.org", "vera+one+two@example.org"),
    ("vera@example.org", "vera.+dot@example.org"),
    ("vera@example.org", "ｖｅｒａ＠ｅｘａｍｐｌｅ．ｏｒｇ"),
    ("office@example.org", "oﬃce@example.org"),
    ("vera@xn--e1afmkfd.xn--90ais", "vera@пример.бел"),
    ("vera@xn--e1afmkfd.xn--90ais", "Vera@ПРИМЕР.БЕЛ"),
    ("vera@xn--e1afmkfd.xn--90ais", "vera@XN--E1AFMKFD.XN--90AIS"),
    ("vera@xn--bcher-kva.example", "vera@bücher.example"),
    ("vera@xn--bcher-kva.example", "vera@bu\u0308cher.example"),
    ("вера@example.org", "ВЕРА@example.org"),
    ("andre\u0301@example.org", "andr\u00e9@example.org"),
]

DIFFERENT = [
    ("vera@example.org", "vera@example.com"),
    ("vera@example.org", "v.era@example.org"),
    ("vera@faß.example", "vera@fass.example"),
    ("vera@example.org", "вера@example.org"),
    ("+one@example.org", "+two@example.org"),
]

REFUSED = {
    "nothing": "",
    "spaces": "   ",
    "no at sign": "vera.example.org",
    "no local part": "@example.org",
    "no domain": "vera@",
    "no dot in the domain": "vera@localhost",
    "two at signs": "vera@ivan@example.org",
    "two addresses": "vera@example.org,ivan@example.org",
    "two addresses with a semicolon": "vera@example.org;ivan@example.org",
    "two addresses with a space": "vera@example.org ivan@example.org",
    "a name around it": "Vera Example <vera@example.org>",
    "angle brackets": "<vera@example.org>",
    "a mailto link": "mailto:vera example@example.org",
    "a line break": "vera@example.org\nBcc: ivan@example.org",
    "a carriage return": "vera@example.org\r\nBcc: ivan@example.org",
    "a line break at the end": "vera@example.org\n",
    "NUL": "vera\x00@example.org",
    "a zero-width space": "vera\u200b@example.org",
    "a right-to-left override": "vera\u202e@example.org",
    "a lone surrogate": "vera\ud800@example.org",
    "a broken encoding": "vera\ufffd@example.org",
    "a quoted local part": '"vera example"@example.org',
    "a quoted local part that would not need it": '"vera"@example.org',
    "a comment": "vera(comment)@example.org",
    "an IPv4 literal": "vera@[127.0.0.1]",
    "an IPv6 literal": "vera@[IPv6:::1]",
    "an IPv4 address": "vera@127.0.0.1",
    "an IPv4 address in other digits": "vera@0x7f.1",
    "a Cyrillic letter in a Latin local part": "v\u0435ra@example.org",
    "a Greek letter in a Latin local part": "ver\u03b1@example.org",
    "two dots in a row": "vera..example@example.org",
    "a dot in front": ".vera@example.org",
    "a label with a hyphen in front": "vera@-example.org",
    "a label over 63 characters": f"vera@{'e' * 64}.org",
    "an empty label": "vera@example..org",
    "a local part over 64 characters": f"{'v' * 65}@example.org",
    "over 254 characters": f"vera@{'.'.join(['example'] * 32)}.org",
    "over 254 characters in punycode alone": f"vera@{'.'.join(['ж' * 30] * 7)}.org",
    "a megabyte": "v" * 1_000_000 + "@example.org",
    "an encoded word that holds more addresses": "=?utf-8?q?a=40example.org=2Cb=40example.org=2Cc?=@example.org",
    "a domain without an encoding": "vera@\ufffd.org",
    "punycode that stands for nothing": "vera@xn--99999999999.org",
}


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_mailbox_are_recognised(one: str, other: str) -> None:
    assert parse_address(one).canonical == parse_address(other).canonical


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_mailboxes_stay_different(one: str, other: str) -> None:
    assert parse_address(one).canonical != parse_address(other).canonical


@pytest.mark.parametrize("typed", REFUSED.values(), ids=REFUSED)
def test_what_is_not_one_plain_address_is_refused(typed: str) -> None:
    with pytest.raises(BadAddress):
        parse_address(typed)


def test_mail_goes_to_what_was_typed() -> None:
    assert parse_address("Vera.Example+Letters@Example.org").deliverable == "Vera.Example+Letters@example.org"


def test_mail_to_an_international_domain_goes_to_its_punycode() -> None:
    address = parse_address("вера@пример.бел")
    assert address.deliverable == "вера@xn--e1afmkfd.xn--90ais"
    assert address.domain == "xn--e1afmkfd.xn--90ais"


def test_a_refusal_does_not_repeat_what_was_typed() -> None:
    with pytest.raises(BadAddress) as refusal:
        parse_address("marker at example.org")
    assert "marker" not in str(refusal.value)


domains = st.sampled_from(["example.org", "пример.бел", "Bücher.example", "例え.example", "ｅxample.org"])
locals_ = st.text(st.characters(categories=["L", "N", "M", "S", "P"]), min_size=1, max_size=10)


@given(locals_, domains)
def test_the_canonical_form_of_a_canonical_form_is_itself(local: str, domain: str) -> None:
    try:
        once = parse_address(f"{local}@{domain}").canonical
    except BadAddress:
        reject()
    assert parse_address(once).canonical == once


@given(st.from_regex(r"[A-Za-zà-ö]{1,10}|[А-я]{1,10}", fullmatch=True), domains)
def test_a_tag_never_makes_another_mailbox(local: str, domain: str) -> None:
    plain = parse_address(f"{local}@{domain}")
    tagged = parse_address(f"{local}+tag@{domain}")
    assert tagged.canonical == plain.canonical
    assert tagged.deliverable != plain.deliverable


@given(st.text(st.characters()) | st.builds("{}@{}".format, st.text(st.characters()), st.text(st.characters())))
def test_no_text_brings_anything_but_an_address_or_a_refusal(typed: str) -> None:
    try:
        address = parse_address(typed)
    except BadAddress:
        return
    for text in (address.deliverable, address.canonical):
        assert text.isprintable()
        assert text.count("@") == 1
        assert " " not in text


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60))
def test_an_address_comes_back_from_its_padding(local: str) -> None:
    padded = Address(f"{local}@example.org", "").padded()
    assert (unpad(padded), len(padded)) == (f"{local}@example.org", max(256, len(f"{local}@example.org".encode())))
