"""Lists of institutions: each domain once, canonical, and none where anybody can have an address."""

import io

import pytest

from letters.models.standing import is_listed
from letters.organising.tables.errors import BadTable
from letters.organising.tables.institutions import Institution, read_institutions
from verification.identity.addresses import parse_address

REGIONS = {"BY-MI", "BY-HM", "abroad"}


def institutions(*rows: str) -> list[Institution]:
    return read_institutions(io.BytesIO("\r\n".join(["domain;name;region", *rows, ""]).encode()), REGIONS)


def refusal(*rows: str) -> BadTable:
    with pytest.raises(BadTable) as caught:
        institutions(*rows)
    return caught.value


def test_institutions_come_in_the_order_of_the_file() -> None:
    assert institutions("clinic.example;Clinic “One”;BY-MI", "Hospital.Example.BY;Hospital;") == [
        Institution("clinic.example", "Clinic “One”", "BY-MI"),
        Institution("hospital.example.by", "Hospital", ""),
    ]


@pytest.mark.parametrize("written", ["пример.бел", "ПРИМЕР.БЕЛ", "xn--e1afmkfd.xn--90ais", "ｘn--e1afmkfd.xn--90ais"])
def test_a_domain_has_the_form_of_an_addresses_domain(written: str) -> None:
    (found,) = institutions(f"{written};Clinic;")
    assert found.domain == parse_address("vera@пример.бел").domain


@pytest.mark.parametrize(
    "domain",
    ["by", "com", "бел", "localhost", "127.0.0.1", "[127.0.0.1]", "https://example.org", "example.org/x",
     "example.org:25", "vera@example.org", "a..example", ".example.org", "example.org.", "exam ple.org",
     "example.org, other.org"],
)  # fmt: skip
def test_what_is_no_domain_is_refused_with_its_line(domain: str) -> None:
    error = refusal("clinic.example;Clinic;", f'"{domain}";Clinic;')
    assert (error.code, error.line, error.values["domain"]) == ("bad_domain", 3, domain)


@pytest.mark.parametrize("domain", ["com.by", "co.uk", "org.ru", "com.pl"])
def test_an_ending_below_which_names_are_sold_is_refused(domain: str) -> None:
    assert refusal(f"{domain};Everybody;").code == "open_suffix"


@pytest.mark.parametrize(
    "domain",
    ["gmail.com", "Mail.RU", "yandex.by", "yandex.com.tr", "ya.ru", "tut.by", "wp.pl", "proton.me", "yahoo.co.uk",
     "mailinator.com"],
)  # fmt: skip
def test_a_public_mailbox_provider_is_refused_with_the_reason(domain: str) -> None:
    error = refusal(f"{domain};Not an institution;")
    assert (error.code, error.line) == ("public_mailbox", 2)
    assert "anyone can get an address" in str(error)


@pytest.mark.parametrize(
    "domain", ["yandex.example.org", "notgmail.com", "example.com", "gov.example.by", "bsmu.example"]
)
def test_names_that_only_resemble_a_provider_pass(domain: str) -> None:
    assert [found.domain for found in institutions(f"{domain};Clinic;")] == [domain]


def test_a_domain_given_twice_is_refused_with_both_lines() -> None:
    error = refusal("clinic.example;One;", "other.example;Two;", "CLINIC.example;Three;")
    assert (error.code, error.values["first"], error.line) == ("duplicate_domain", 2, 4)


def test_a_region_is_one_of_the_letters_or_none() -> None:
    assert [found.region for found in institutions("a.example;A;by-mi", "b.example;B;abroad")] == ["BY-MI", "abroad"]
    error = refusal("a.example;A;RU-MOW")
    assert (error.code, error.line, error.values["region"]) == ("unknown_region", 2, "RU-MOW")


def test_twenty_thousand_institutions_are_the_most() -> None:
    rows = [f"c{number}.example;C;" for number in range(20_001)]
    assert len(institutions(*rows[:-1])) == 20_000
    assert refusal(*rows).code == "too_many_rows"


@pytest.mark.parametrize("domain", ["example.org", "mail.example.org", "a.b.example.org"])
def test_a_domain_below_a_listed_one_is_listed(domain: str) -> None:
    assert is_listed(domain, {"example.org"})


@pytest.mark.parametrize("domain", ["notexample.org", "example.org.evil.example", "org", "example.com", ""])
def test_a_domain_beside_a_listed_one_is_not(domain: str) -> None:
    assert not is_listed(domain, {"example.org"})
