"""A migrated database without anything of letters around it."""

from tests.verification.mailbox.conftest import engine, session

__all__ = ["engine", "session"]
