"""Journeys beside the people an allegation is about, and the files that came with a message."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BEFORE = "part IN ('alleged_offender', 'victim', 'witness', 'organisation')"
NOW = "part IN ('alleged_offender', 'victim', 'witness', 'organisation', 'journey')"


def upgrade() -> None:
    """Take the store up."""
    _allow(NOW)
    op.add_column(
        "messages", sa.Column("attachments", sa.JSON(), server_default="[]", nullable=False)
    )


def downgrade() -> None:
    """Take the store down; journeys are let go, the message has them still."""
    op.drop_column("messages", "attachments")
    op.execute("DELETE FROM subjects WHERE part = 'journey'")
    _allow(BEFORE)


def _allow(parts: str) -> None:
    with op.batch_alter_table("subjects") as batch_op:
        batch_op.drop_constraint(op.f("ck_subjects_part"), type_="check")
        batch_op.create_check_constraint(op.f("ck_subjects_part"), parts)
