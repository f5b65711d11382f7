"""What burning says it left: every place that is there, and none that is not."""

from dataclasses import replace

import pytest

from letters.organising.burning import Burned
from letters.organising.remains import remains
from letters.runtime import Runtime
from verification.rewriting import Rewritten

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def said(runtime: Runtime, rewritten: Rewritten) -> str:
    return "\n".join(remains(runtime, "fair-shifts", Burned(rows=40, editions=3, rewritten=rewritten)))


def test_only_postgresql_has_a_log_that_is_recycled(runtime: Runtime) -> None:
    assert "pg_wal" not in said(runtime, Rewritten("sqlite", flushed=True))
    assert "pg_wal" in said(runtime, Rewritten("postgresql", flushed=True))


def test_it_says_where_the_log_could_not_be_written_out(runtime: Runtime) -> None:
    assert "CHECKPOINT" not in said(runtime, Rewritten("postgresql", flushed=True))
    assert "may not run CHECKPOINT" in said(runtime, Rewritten("postgresql", flushed=False))


def test_it_names_the_keys_whose_copies_would_undo_it(runtime: Runtime) -> None:
    text = said(runtime, Rewritten("sqlite", flushed=True))
    for kind in ("dedupe", "identities"):
        assert str(runtime.settings.keys / kind / "fair-shifts.key") in text


def test_a_demo_counts_the_mail_that_it_caught(runtime: Runtime) -> None:
    folder = runtime.settings.keys.parent / "mail"
    folder.mkdir()
    (folder / "1.eml").touch()
    demo = replace(runtime, settings=replace(runtime.settings, smtp_url=None, mail_folder=folder))
    text = said(demo, Rewritten("sqlite", flushed=True))
    assert f"In {folder}: caught mail of all letters, with addresses (1 files)" in text
    assert "relays" not in text
