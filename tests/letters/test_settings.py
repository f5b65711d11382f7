"""Settings: each that cannot be used is refused in a sentence that names it."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.settings import BadSetting, Settings

REAL = {"SMTP_URL": "smtp://mail.example.org:25", "BASE_URL": "https://letters.example.org"}

BAD = {
    "DATABASE_URL": [
        "undersigned.db",
        "var/undersigned.db",
        "mysql://host/name",
        "postgresql://host/name",
        "postgresql+psycopg2://host/name",
        "postgresql+psycopg://host",
        "postgresql+psycopg://host:port/name",
        "sqlite://",
        "sqlite:///:memory:",
        "://",
    ],
    "BASE_URL": [
        "letters.example.org",
        "ftp://letters.example.org",
        "//letters.example.org",
        "https://",
        "https:///letters",
        "https://letters.example.org/path",
        "https://letters.example.org?query",
        "https://letters.example.org#part",
        "https://user@letters.example.org",
        "https://letters.example.org:port",
        "https://[::1",
        "https://[::1]",
        "https://letters example.org",
        "https://letters.example.org\nhttps://other.example.org",
        "javascript:alert(1)",
        "https://letters..example.org",
        f"https://{'a' * 64}.example.org",
        "https://straße.example.org",
    ],
    "MAIL_FROM": [
        "letters",
        "@",
        "letters@",
        "@example.org",
        "letters@example.org\nBcc: all@example.org",
        "Letters <>",
    ],
    "LANGUAGES": ["tlh", "ru,tlh", ",", "ru,ru", "ru;en", "RU"],
    "TRUSTED_PROXIES": ["-1", "1.5", "one", "١", "1 2"],
    "THROTTLE": ["yes", "ON", "1", "off "],
}


def read(**settings: str) -> Settings:
    return Settings.read({f"UNDERSIGNED_{name}": value for name, value in settings.items()})


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_a_bad_value_is_refused_in_a_sentence_that_names_it(name: str, value: str) -> None:
    with pytest.raises(BadSetting) as refused:
        read(**{**REAL, name: value})
    sentence = str(refused.value)
    assert sentence.startswith(f"UNDERSIGNED_{name} ")
    assert sentence.endswith(".")
    assert "\n" not in sentence


@given(st.sampled_from(sorted(BAD)), st.text(max_size=40))
def test_whatever_a_setting_says_it_is_read_or_refused(name: str, value: str) -> None:
    with suppress(BadSetting):
        read(**{**REAL, name: value})


@pytest.mark.parametrize("site", ["https://letters.example.org", "http://192.0.2.7:8000", "https://письма.example"])
def test_without_a_mail_server_the_site_stays_on_this_machine(site: str) -> None:
    """Caught mail is shown to everybody."""
    with pytest.raises(BadSetting, match="UNDERSIGNED_SMTP_URL is missing"):
        read(BASE_URL=site)


@pytest.mark.parametrize("site", ["http://127.0.0.1:8000", "http://localhost", "http://localhost:8123/"])
def test_a_demo_runs_on_this_machine(site: str) -> None:
    settings = read(BASE_URL=site)
    assert settings.demo
    assert settings.base_url == site.rstrip("/")


def test_a_demo_needs_no_settings() -> None:
    settings = Settings.read({})
    assert settings.demo
    assert (settings.database_url, settings.base_url) == ("sqlite:///var/undersigned.db", "http://127.0.0.1:8000")
    assert (settings.keys, settings.mail_folder) == (Path("var/keys"), Path("var/mail"))
    assert settings.languages == ("ru", "be", "uk", "en", "pl", "de", "ar")
    assert (settings.trusted_proxies, settings.throttle) == (0, True)
    assert settings.vocabularies == ()


def test_an_installation_is_what_its_settings_say() -> None:
    settings = read(
        **REAL,
        DATABASE_URL="postgresql+psycopg://user:secret@host/name",
        KEYS="/run/keys",
        MAIL_FROM="Letters <no-reply@example.org>",
        LANGUAGES="be, ru",
        TRUSTED_PROXIES="2",
        THROTTLE="off",
        VOCABULARIES="/etc/vocabularies",
    )
    assert not settings.demo
    assert (settings.host, settings.mail_from) == ("letters.example.org", "Letters <no-reply@example.org>")
    assert (settings.languages, settings.trusted_proxies, settings.throttle) == (("be", "ru"), 2, False)
    assert (settings.keys, settings.vocabularies) == (Path("/run/keys"), (Path("/etc/vocabularies"),))


def test_mail_comes_from_the_site_unless_it_is_told_otherwise() -> None:
    assert read(**REAL).mail_from == "letters@letters.example.org"


@pytest.mark.parametrize("name", ["BASE_URL", "SMTP_URL", "KEYS", "THROTTLE", "LANGUAGES", "TRUSTED_PROXIES"])
def test_an_empty_setting_is_none(name: str) -> None:
    assert read(**{name: ""}) == Settings.read({})
