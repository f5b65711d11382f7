"""Accounts as other rooms see them; who an organiser is lies in a box under the server key `accounts`."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.accounts import AccountRow
from verification.errors import Refusal
from verification.identity.addresses import Address
from verification.identity.boxes import NONCE, lock, unlock
from verification.identity.dedupe import address_index
from verification.identity.keyring import Keyring

LONGEST_NAME = 80
"""Characters of the name that colleagues see."""


class NoSuchAccount(Refusal):
    """There is no account of this id or address."""


class BadName(Refusal):
    """A name is one line of text."""


@dataclass(frozen=True)
class Profile:
    """Who an organiser is for colleagues: the address they sign in with, and any name they like."""

    address: str
    name: str


@dataclass(frozen=True)
class Account:
    """One organiser's account; `ready` once a second factor is set up."""

    id: bytes
    profile: Profile
    language: str
    public_key: str
    ready: bool


def clean_account_name(typed: str) -> str:
    """Raises `BadName`."""
    name = " ".join(typed.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadName(f"Write a name of at most {LONGEST_NAME} characters; it need not be your real one.")
    return name


def index_of(keyring: Keyring, address: Address) -> bytes:
    """By what an account is found: without the server key nobody can test an address."""
    return address_index(keyring.server("accounts"), address.canonical)


def lock_profile(keyring: Keyring, profile: Profile, account_id: bytes) -> bytes:
    """A profile in its box."""
    content = json.dumps({"address": profile.address, "name": profile.name}, ensure_ascii=False).encode()
    return lock(keyring.server("accounts"), content, account_id, keyring.random_bytes(NONCE))


def open_account(keyring: Keyring, row: AccountRow) -> Account:
    """The account of a row, its profile out of the box. Raises `BoxDamaged`."""
    profile = Profile(**json.loads(unlock(keyring.server("accounts"), row.profile_box, row.id)))
    return Account(row.id, profile, row.language, row.public_key, row.ready)


def find_account(session: Session, keyring: Keyring, account_id: bytes) -> Account:
    """Raises `NoSuchAccount`."""
    row = session.get(AccountRow, account_id)
    if row is None:
        raise NoSuchAccount("This account is gone.")
    return open_account(keyring, row)


def account_row_at(session: Session, keyring: Keyring, address: Address) -> AccountRow | None:
    """The account with which the owner of an address signs in."""
    return session.scalar(select(AccountRow).where(AccountRow.address_index == index_of(keyring, address)))


def change_profile(session: Session, keyring: Keyring, account_id: bytes, name: str, language: str) -> None:
    """What colleagues read, and in which language the workspace speaks. Raises `BadName`."""
    name, row = clean_account_name(name), session.get_one(AccountRow, account_id)
    row.profile_box = lock_profile(keyring, Profile(open_account(keyring, row).profile.address, name), account_id)
    row.language = language
