"""Let workers tell that they live, so that whoever keeps the server alive hears of it when none does."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from verification.database import Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "workers",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("seen_at", Moment(timezone=True), nullable=False),
        sa.Column("queue_since", Moment(timezone=True), nullable=True),
        sa.CheckConstraint("length(id) = 16", name=op.f("ck_workers_id_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )
