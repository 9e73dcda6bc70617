"""What the queue knew travels with a claim; a record that is dismissed anew is looked at anew."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

STANDING = sa.text("withdrawn_at IS NULL")
REVIEWED = sa.text("reviewed_value IS NOT NULL")


def upgrade() -> None:
    """Take the store up."""
    op.add_column(
        "decisions", sa.Column("cycle", sa.Integer(), server_default="1", nullable=False)
    )
    _stand_on("allegation_id", "cycle")
    op.add_column("claims", sa.Column("known", sa.JSON(), nullable=True))
    op.add_column(
        "claims", sa.Column("explained", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    for name in ("decisions", "assessments"):
        op.add_column(
            "rankings", sa.Column(name, sa.Integer(), server_default="0", nullable=False)
        )
    op.create_index(
        "ix_doubts_model_version_doubt_allegation_id",
        "doubts",
        ["model_version", "doubt", "allegation_id"],
    )
    op.create_index(
        "ix_allegations_reviewed",
        "allegations",
        ["queue", "dismissed"],
        sqlite_where=REVIEWED,
        postgresql_where=REVIEWED,
    )
    if op.get_bind().dialect.name == "postgresql":
        # a decision has its claim's number, so claims are numbered on from the decisions
        op.execute(
            "SELECT setval('claims_id_seq', greatest((SELECT max(id) FROM claims), "
            "(SELECT max(id) FROM decisions))) WHERE EXISTS (SELECT 1 FROM decisions)"
        )


def downgrade() -> None:
    """Take the store down."""
    op.drop_index("ix_allegations_reviewed", "allegations")
    op.drop_index("ix_doubts_model_version_doubt_allegation_id", "doubts")
    for name in ("assessments", "decisions"):
        op.drop_column("rankings", name)
    for name in ("explained", "known"):
        op.drop_column("claims", name)
    _only_latest()
    _stand_on("allegation_id")
    op.drop_column("decisions", "cycle")


def _stand_on(*columns: str) -> None:
    op.drop_index("uq_decisions_standing", "decisions")
    op.create_index(
        "uq_decisions_standing",
        "decisions",
        list(columns),
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )


def _only_latest() -> None:
    """Let one decision stand per record, as it was before: the latest."""
    op.execute(
        "UPDATE decisions SET withdrawn_at = decided_at WHERE withdrawn_at IS NULL AND EXISTS ("
        "SELECT 1 FROM decisions AS later WHERE later.allegation_id = decisions.allegation_id"
        " AND later.cycle > decisions.cycle AND later.withdrawn_at IS NULL)"
    )
