"""A dump of the database together with every key of the server opens no name; neither does a cookie alone.

Whoever seizes the machine gets all rows and all key files. What they lack is what an organiser's browser keeps, and
what an organiser knows.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import select

from letters.models.log import LogTileRow
from letters.organising.accounts.sessions import COOKIE_BYTES, find_session
from letters.organising.teams.keys import opener_of
from letters.runtime import Runtime
from letters.signing.pending import seal_context
from tests.letters.organising.accounts.browsing import another_browser, cookie_of
from tests.letters.organising.accounts.test_account_pages import add_code_app
from tests.parts.campaign import Campaign
from tests.parts.organiser import Organiser
from tests.parts.smtp import MailServer
from verification.database import Base, table_of
from verification.identity import account_keys
from verification.identity.boxes import NONCE, unlock
from verification.identity.hybrid import CannotOpen, decrypt
from verification.identity.keypairs import SECRET_PREFIX, BadSecretKey, encode_key, read_secret

ADDRESS, NAME, WORKPLACE = "signer1@example.org", "Vera Seized Example", "Example Hospital Nine"
OF_A_SIGNER = [text.encode() for text in (ADDRESS, NAME, WORKPLACE, "signer1", "Seized")]


@dataclass(frozen=True)
class Loot:
    """What lay on the machine."""

    values: list[bytes]
    """Every value of every row, as bytes."""
    keys: list[bytes]
    """Every key of every file, and those that can be derived from them and the rows."""


@pytest.fixture
def campaign(organiser: Organiser, mail_server: MailServer) -> Campaign:
    """A letter under custody `team` that somebody has signed, counted in the total only."""
    add_code_app(organiser)
    another_browser(organiser)
    campaign = organiser.campaign(mail_server)
    campaign.join(name=NAME, workplace=WORKPLACE)
    campaign.release()
    return campaign


@pytest.fixture
def loot(campaign: Campaign, runtime: Runtime) -> Loot:
    values = list(rows(runtime))
    return Loot(values, list(derived(key_files(runtime.settings.keys), values)))


def rows(runtime: Runtime) -> Iterator[bytes]:
    with runtime.reading() as session:
        for table in set(Base.metadata.sorted_tables) - {table_of(LogTileRow)}:  # which everybody may read
            for row in session.execute(select(table)):
                yield from map(as_bytes, row)


def as_bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def key_files(folder: Path) -> list[bytes]:
    """The server's keys and every letter's: 32 bytes in hexadecimal."""
    return [bytes.fromhex(file.read_text().strip()) for file in sorted(folder.rglob("*.key"))]


def derived(keys: list[bytes], values: Iterable[bytes]) -> Iterator[bytes]:
    """The keys, what lies in the rows and is as long as one, and what the house derives from either."""
    material = {*keys, *(value for value in values if len(value) == 32), bytes(32), b""}
    yield from (one for one in material if one)
    for salt, one, context in product((*keys, None), material, (account_keys._SESSION, account_keys._CODE, b"")):
        yield HKDF(SHA256(), 32, salt, context).derive(one)
    for key, one in product(keys, material):
        yield hmac.digest(key, one, hashlib.sha256)


def opened(loot: Loot) -> set[bytes]:
    """Whatever any of the keys opens, under the contexts that the rows give, boxes within boxes included."""
    contexts = [b"", account_keys._CODE, account_keys._SESSION, *{value for value in loot.values if len(value) == 16}]
    ciphers = [AESGCMSIV(key) for key in loot.keys]
    boxes = {value for value in loot.values if len(value) >= 28}
    found: set[bytes] = set()
    while boxes:
        inner = {plain for box in boxes for plain in unlocked(box, ciphers, contexts)}
        boxes = {plain for plain in inner - found if len(plain) >= 28}
        found |= inner
    return found


def unlocked(box: bytes, ciphers: Iterable[AESGCMSIV], contexts: Iterable[bytes]) -> Iterator[bytes]:
    for cipher, context in product(ciphers, contexts):
        with suppress(InvalidTag):
            yield cipher.decrypt(box[:NONCE], box[NONCE:], context)


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_database_and_all_keys_together_open_no_name(loot: Loot) -> None:
    """And neither an organiser's secret key nor a letter's, also where a value is taken for the key itself."""
    plain = {*loot.values, *opened(loot)}
    assert any(b"owner@example.org" in text for text in plain), "an organiser's own address is what these keys open"
    assert [text for text in plain for told in OF_A_SIGNER if told in text] == []
    assert [text for text in plain if SECRET_PREFIX.encode() in text or is_secret_key(text)] == []


def is_secret_key(value: bytes) -> bool:
    with suppress(BadSecretKey, UnicodeDecodeError):
        read_secret(value.decode())
        return True
    with suppress(BadSecretKey):
        read_secret(encode_key(SECRET_PREFIX, value))
        return True
    return False


@pytest.mark.parametrize("database", ["sqlite"])
def test_no_cookie_can_be_made_from_them(loot: Loot, runtime: Runtime, organiser: Organiser) -> None:
    ids = {value for value in loot.values if len(value) == 32}
    made = {account_keys.session_id(key) for key in loot.keys if len(key) == COOKIE_BYTES}
    assert account_keys.session_id(cookie_bytes(organiser)) in ids
    assert made & ids == set()


def test_the_cookie_with_them_opens_the_names(campaign: Campaign, runtime: Runtime, organiser: Organiser) -> None:
    """The positive control: one signed-in browser is what was missing."""
    with runtime.reading() as session:
        found = find_session(session, runtime.keyring, cookie_bytes(organiser), runtime.clock())
        secret = found.secret(runtime.keyring)
        opener = opener_of(session, campaign.letter, found.account.id, secret)
        table = Base.metadata.tables["signatures"]
        ((id, box),) = session.execute(select(table.c.id, table.c.sealed))
    sealed = unlock(runtime.keyring.identities(campaign.slug), box, id)
    plain = opener.open(sealed, seal_context(campaign.slug, id))
    assert all(told in plain for told in (NAME.encode(), ADDRESS.encode(), WORKPLACE.encode()))


def cookie_bytes(organiser: Organiser) -> bytes:
    return urlsafe_b64decode(cookie_of(organiser) + "==")


def test_the_password_with_them_opens_the_names(campaign: Campaign, runtime: Runtime, organiser: Organiser) -> None:
    """So a password is to be strong: it is what a seized machine is guessed against."""
    table, keyed = Base.metadata.tables["accounts"], Base.metadata.tables["letter_keys"]
    pepper = runtime.keyring.server("accounts")
    with runtime.reading() as session:
        ((id, box),) = session.execute(select(table.c.id, table.c.secret_box))
        ((wrapped,),) = session.execute(select(keyed.c.wrapped))
    secret = account_keys.open_with_password(box, organiser.password, pepper, id)
    assert account_keys.open_as_member(wrapped, secret, campaign.slug, id) == campaign.pair.secret


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_cookie_without_the_database_opens_nothing(
    campaign: Campaign, runtime: Runtime, organiser: Organiser
) -> None:
    """Not even together with the server's keys: the cookie is random, and holds nothing."""
    cookie, keys = cookie_bytes(organiser), key_files(runtime.settings.keys)
    plain = {cookie, *derived([*keys, cookie], [])}
    assert [text for text in plain for told in OF_A_SIGNER if told in text] == []
    assert len(cookie) == COOKIE_BYTES


def test_the_database_without_the_server_keys_opens_nothing_with_the_cookie(
    campaign: Campaign, runtime: Runtime, organiser: Organiser
) -> None:
    cookie = cookie_bytes(organiser)
    with runtime.reading() as session:
        found = find_session(session, runtime.keyring, cookie, runtime.clock())
    for pepper in (bytes(32), cookie, account_keys.session_id(cookie)):
        with pytest.raises(account_keys.SessionUnusable):
            account_keys.open_in_session(found.secret_box, cookie, pepper)


def test_a_key_wrapped_to_one_member_opens_for_no_other(
    campaign: Campaign, runtime: Runtime, organiser: Organiser
) -> None:
    colleague = organiser.colleague()
    keyed = Base.metadata.tables["letter_keys"]
    with runtime.reading() as session:
        theirs = find_session(session, runtime.keyring, cookie_bytes(colleague), runtime.clock())
        ((wrapped,),) = session.execute(select(keyed.c.wrapped))
    secret = theirs.secret(runtime.keyring)
    for account_id in (theirs.account.id, organiser.account_id):
        with pytest.raises(CannotOpen):
            account_keys.open_as_member(wrapped, secret, campaign.slug, account_id)
    with pytest.raises(CannotOpen):
        decrypt(read_secret(secret), wrapped, b"")
