"""Entries of a ranking whose record was decided are passed over without being looked at."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the store up."""
    op.add_column(
        "ranking_entries",
        sa.Column("settled", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.create_index(
        "ix_ranking_entries_unsettled",
        "ranking_entries",
        ["ranking_id", "position"],
        sqlite_where=sa.text("NOT settled"),
        postgresql_where=sa.text("NOT settled"),
    )


def downgrade() -> None:
    """Take the store down."""
    op.drop_index("ix_ranking_entries_unsettled", "ranking_entries")
    op.drop_column("ranking_entries", "settled")
