"""Institutions whose addresses prove more than a mailbox: the domains that organisers list."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import IO

from letters.organising.tables.errors import BadTable
from letters.organising.tables.mailboxes import is_open_suffix, is_public_mailbox
from letters.organising.tables.reading import Column, Row, read_table
from verification.identity.addresses import BadAddress, parse_address

MOST_INSTITUTIONS = 20_000

_COLUMNS = (Column("domain", required=True, longest=253), Column("name", required=True, longest=200),
            Column("region", required=False, longest=20))  # fmt: skip


@dataclass(frozen=True)
class Institution:
    """An institution and its domain, canonical like `Address.domain`; `region` is a code or empty."""

    domain: str
    name: str
    region: str


def read_institutions(file: IO[bytes], known_regions: Collection[str]) -> list[Institution]:
    """Read a table of domain, name and region; each domain once, each region one of `known_regions` or empty.

    Raises `BadTable`, also for domains where anybody can have an address.
    """
    regions = frozenset(known_regions)
    lines: dict[str, int] = {}
    institutions = []
    for row in read_table(file, _COLUMNS, most_rows=MOST_INSTITUTIONS):
        domain = _domain(row)
        first = lines.setdefault(domain, row.line)
        if first != row.line:
            raise BadTable("duplicate_domain", line=row.line, values={"first": first, "domain": domain})
        institutions.append(Institution(domain, row.values["name"], _region(row, regions)))
    return institutions


def _domain(row: Row) -> str:
    typed = row.values["domain"]
    try:
        domain = parse_address(f"staff@{typed}").domain
    except BadAddress:
        raise BadTable("bad_domain", line=row.line, values={"domain": typed}) from None
    if is_open_suffix(domain):
        raise BadTable("open_suffix", line=row.line, values={"domain": domain})
    if is_public_mailbox(domain):
        raise BadTable("public_mailbox", line=row.line, values={"domain": domain})
    return domain


def _region(row: Row, known: Collection[str]) -> str:
    typed = row.values["region"]
    region = typed if typed in known else typed.upper()
    if region and region not in known:
        raise BadTable("unknown_region", line=row.line, values={"region": typed})
    return region
