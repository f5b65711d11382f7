"""Making a SQLite table anew in a migration: SQLite changes no constraint, and puts a new column behind all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from alembic import op


def remake_table(
    table: str, columns: Mapping[str, tuple[str, str]], checks: Mapping[str, str], unique: str | None = None
) -> None:
    """Make a table anew around its rows, by its own statement with these new columns (type, value) and checks."""
    bind = op.get_bind()
    found = sa.text("SELECT type, sql FROM sqlite_master WHERE tbl_name = :table AND sql IS NOT NULL")
    statements = bind.execute(found, {"table": table}).all()
    kept = [column["name"] for column in sa.inspect(bind).get_columns(table)]
    rules = {f"ck_{table}_{name}": f"CHECK ({rule})" for name, rule in checks.items()}
    if unique:
        rules[f"uq_{table}_{unique}"] = f"UNIQUE ({unique})"
    types = [f"{name} {type_}" for name, (type_, _value) in columns.items()]
    op.execute(f"CREATE TEMPORARY TABLE old_{table} AS SELECT * FROM {table}")  # noqa: S608
    op.drop_table(table)
    op.execute(_edited(next(sql for kind, sql in statements if kind == "table"), types, rules))
    names = ", ".join([*kept, *columns])
    values = ", ".join([*kept, *(value for _type, value in columns.values())])
    op.execute(f"INSERT INTO {table} ({names}) SELECT {values} FROM old_{table}")  # noqa: S608
    op.execute(f"DROP TABLE old_{table}")
    for kind, sql in statements:
        if kind == "index":
            op.execute(sql)


def _edited(statement: str, columns: Sequence[str], constraints: Mapping[str, str]) -> str:
    """A CREATE TABLE of SQLAlchemy's, one column or constraint a line, with these put in or exchanged."""
    head, *lines = statement.split("\n\t")
    lines[-1], tail = lines[-1].split("\n)", 1)
    parts = [line.strip().removesuffix(",") for line in lines]
    names = [part.split()[1] if part.startswith("CONSTRAINT ") else "" for part in parts]
    kept = [part for part, name in zip(parts, names, strict=True) if name not in constraints]
    first = next(place for place, part in enumerate(kept) if part.startswith("CONSTRAINT "))
    new = [f"CONSTRAINT {name} {rule}" for name, rule in constraints.items()]
    return f"{head}\n\t" + ", \n\t".join([*kept[:first], *columns, *kept[first:], *new]) + f"\n){tail}"
