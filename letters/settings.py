"""The settings of one installation, from the environment; `docs/settings.md` documents each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from letters.vocabularies.languages import LANGUAGES
from verification.errors import Refusal
from verification.ledger.official import BadOfficial, plain_official

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: the templates, static files and migrations lie in it."""

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost"})

DEMO_URL = "http://127.0.0.1:8000"
"""Where the demo is when nobody says otherwise."""


_REDIS = re.compile(r"(?:rediss?://[^\s/]+(?:/\d+)?|unix://(?:[^\s/]*@)?/\S+)")
_SITE = re.compile(r"https?://[\w.-]+(?::\d{1,5})?/?")


class BadSetting(Refusal):
    """A setting cannot be used."""


@dataclass(frozen=True)
class Settings:
    """Everything that an installation may choose. Without a mail server it is a demo, and only on this machine."""

    database_url: str
    base_url: str
    keys: Path
    mail_from: str
    languages: tuple[str, ...]
    smtp_url: str | None
    mail_folder: Path
    vocabularies: tuple[Path, ...]
    trusted_proxies: int
    throttle: bool
    bounces: Path | None = None
    witnesses: Path | None = None
    pages: Path | None = None
    redis_url: str | None = None
    counts: Path | None = None

    @property
    def demo(self) -> bool:
        return self.smtp_url is None

    @property
    def command(self) -> str:
        """How to call `undersigned` beside the demo, in a shell: a demo on another port has to be named."""
        where = "" if self.base_url == DEMO_URL else f"UNDERSIGNED_BASE_URL={self.base_url} "
        return f"{where}.venv/bin/undersigned"

    @property
    def host(self) -> str:
        """The host of `base_url`, for Message-IDs and for telling one's own pages."""
        return urlsplit(self.base_url).hostname or ""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """Raises `BadSetting` with a sentence for the host."""

        def get(name: str, default: str) -> str:
            return environment.get(f"UNDERSIGNED_{name}", "") or default

        base_url = _base_url(get("BASE_URL", DEMO_URL))
        smtp_url = environment.get("UNDERSIGNED_SMTP_URL") or None
        if smtp_url is None and urlsplit(base_url).hostname not in LOCAL_HOSTS:
            raise BadSetting(
                "UNDERSIGNED_SMTP_URL is missing. Without a mail server mail is shown to everybody, "
                "so the demo runs on http://127.0.0.1 only; name your mail server."
            )
        extra, bounces, witnesses = get("VOCABULARIES", ""), get("BOUNCES", ""), get("WITNESSES", "")
        pages, counts = get("PAGES", ""), get("COUNTS", "")
        return cls(
            database_url=_database_url(get("DATABASE_URL", "sqlite:///var/undersigned.db")),
            base_url=base_url,
            keys=Path(get("KEYS", "var/keys")),
            mail_from=_mail_from(get("MAIL_FROM", f"letters@{urlsplit(base_url).hostname}")),
            languages=_languages(get("LANGUAGES", ",".join(LANGUAGES))),
            smtp_url=smtp_url,
            mail_folder=Path("var/mail"),
            vocabularies=(Path(extra),) if extra else (),
            trusted_proxies=_whole_number("TRUSTED_PROXIES", get("TRUSTED_PROXIES", "0")),
            throttle=_switch("THROTTLE", get("THROTTLE", "on")),
            bounces=Path(bounces) if bounces else None,
            witnesses=Path(witnesses) if witnesses else None,
            pages=Path(pages) if pages else None,
            redis_url=_redis_url(get("REDIS_URL", "")),
            counts=Path(counts) if counts else None,
        )


def _database_url(text: str) -> str:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in ("sqlite", "postgresql+psycopg") or url.database in (None, "", ":memory:"):
        raise BadSetting(
            "UNDERSIGNED_DATABASE_URL must read sqlite:///path or postgresql+psycopg://user:password@host/name."
        )
    return text


def _redis_url(text: str) -> str | None:
    if text and not _REDIS.fullmatch(text):
        raise BadSetting("UNDERSIGNED_REDIS_URL must read redis://host:port, rediss://… or unix:///path/to/socket.")
    return text or None


def _base_url(text: str) -> str:
    if not _SITE.fullmatch(text) or not _may_be_official(text):
        raise BadSetting("UNDERSIGNED_BASE_URL must read https://host or https://host:port, as signers see the site.")
    return text.rstrip("/")


def _may_be_official(address: str) -> bool:
    """Whether it can stand on the signed list of every letter."""
    try:
        plain_official(address)
    except BadOfficial:
        return False
    return True


def _mail_from(text: str) -> str:
    mailbox, _at, domain = parseaddr(text)[1].rpartition("@")
    if not mailbox or not domain or not text.isprintable():
        raise BadSetting("UNDERSIGNED_MAIL_FROM must be a mail address, such as letters@example.org.")
    return text


def _languages(text: str) -> tuple[str, ...]:
    chosen = tuple(code.strip() for code in text.split(",") if code.strip())
    if not chosen or len(set(chosen)) < len(chosen) or not set(chosen) <= set(LANGUAGES):
        raise BadSetting(f"UNDERSIGNED_LANGUAGES may name only: {', '.join(LANGUAGES)}, each once.")
    return chosen


def _whole_number(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise BadSetting(f"UNDERSIGNED_{name} must be a whole number, 0 or more.")
    return int(text)


def _switch(name: str, text: str) -> bool:
    if text not in ("on", "off"):
        raise BadSetting(f"UNDERSIGNED_{name} must be on or off.")
    return text == "on"
