"""What burning a letter leaves behind, where, and what can be done about it: only what is true of this installation."""

from __future__ import annotations

from collections.abc import Iterator

from letters.organising.burning import Burned, key_files
from letters.runtime import Runtime


def remains(runtime: Runtime, slug: str, burned: Burned) -> list[str]:
    """One sentence or a few for each place."""
    return [
        f"Here, for everybody to see: the letter, and the figures of its {burned.editions} editions.",
        _in_the_database(burned),
        *_in_backups(runtime, slug),
        *_beside_the_database(burned),
        _in_mail(runtime),
        _WITH_ORGANISERS,
        _WITH_READERS,
        _ON_THE_DISK,
    ]


_WITH_ORGANISERS = (
    "With organisers: exports, and tables that they opened. An export opens with their key as before; only they can "
    "destroy it."
)
_WITH_READERS = "With readers: names and pseudonyms that were public, in browsers, search engines, archives and copies."
_ON_THE_DISK = "On the disk: blocks that were set free. Solid-state disks and snapshots keep some, unless encrypted."


def _in_the_database(burned: Burned) -> str:
    return (
        f"In the database: {burned.rows} rows that prove these figures. Each says what was counted (profession, "
        "region, how it was checked) and in which edition. None holds a name, an address, a pseudonym or a time."
    )


def _in_backups(runtime: Runtime, slug: str) -> Iterator[str]:
    keyring = runtime.keyring
    dedupe, identities = key_files(keyring, slug)
    yield (
        "In backups of the database from before: sealed identities that nothing opens any more, not even the "
        "organisers' key, because the key around them is gone. Public names and the addresses of those who asked for "
        f"updates lie there in boxes that the server's keys in {keyring.folder} still open, and private links work "
        "again where such a backup is restored: destroy these backups, or burn again after restoring one."
    )
    yield f"In backups of the folder of keys: {dedupe} and {identities}. They would undo this: destroy those copies."


def _beside_the_database(burned: Burned) -> Iterator[str]:
    if burned.rewritten.database == "sqlite":
        return
    written_out = "" if burned.rewritten.flushed else " (this user may not run CHECKPOINT)"
    yield (
        "In PostgreSQL's write-ahead log (pg_wal, its archive and replicas): old versions of rows until it is "
        f"recycled{written_out}, and some values in its planner statistics. Names and addresses there are in boxes: "
        "sealed identities open with nothing, public names and subscriptions with the server's keys."
    )


def _in_mail(runtime: Runtime) -> str:
    settings = runtime.settings
    if settings.smtp_url:
        return (
            "With the mail server that you set, the relays after it, and signers' mailboxes: that a mail went to an "
            "address, and when. The links in it are dead. Mail logs are yours to delete."
        )
    count = sum(1 for _ in settings.mail_folder.glob("*.eml"))
    return f"In {settings.mail_folder}: caught mail of all letters, with addresses ({count} files). Delete it by hand."
