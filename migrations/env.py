"""How Alembic reaches the database; `letters.migrate` passes the address."""

from __future__ import annotations

from alembic import context

from letters.models import editions, letters, signatures  # noqa: F401 - each module adds its tables to the metadata
from verification.database import Base, make_engine
from verification.mailbox import challenges, outbox  # noqa: F401


def run() -> None:
    """Run the migrations in one transaction."""
    engine = make_engine(context.config.attributes["url"])
    options = {"target_metadata": Base.metadata, "render_as_batch": True, "compare_type": True}
    try:
        with engine.connect() as connection:
            context.configure(connection=connection, **options)
            with context.begin_transaction():
                context.run_migrations()
    finally:
        engine.dispose()


run()
