"""The first tables: allegations, rankings, decisions, leases."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Take the store up."""
    op.create_table(
        "idempotency_keys",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("request_sha256", sa.String(length=64), nullable=False),
        sa.Column("response", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_idempotency_keys")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "queues",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value_order", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_queues")),
    )
    op.create_table(
        "allegations",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("queue", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("narrative", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=60), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("first_value", sa.String(length=60), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("dismissed", sa.Boolean(), nullable=False),
        sa.Column("reviewed_value", sa.String(length=60), nullable=True),
        sa.Column("lot", sa.Float(), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["queue"], ["queues.name"], name=op.f("fk_allegations_queue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allegations")),
        sa.UniqueConstraint("key", name=op.f("uq_allegations_key")),
        sa.UniqueConstraint("queue", "reference", name=op.f("uq_allegations_queue_reference")),
    )
    op.create_index(
        "ix_allegations_queue_dismissed_id",
        "allegations",
        ["queue", "dismissed", "id"],
        unique=False,
    )
    op.create_table(
        "rankings",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("queue", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("method", sa.String(length=60), nullable=False),
        sa.Column("model_version", sa.String(length=80), nullable=False),
        sa.Column("last_allegation_id", BIG_ID, nullable=False),
        sa.Column("last_decision_id", BIG_ID, nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["queue"], ["queues.name"], name=op.f("fk_rankings_queue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rankings")),
    )
    op.create_index("ix_rankings_queue_id", "rankings", ["queue", "id"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("allegation_id", BIG_ID, nullable=False),
        sa.Column("queue", sa.String(length=40), nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("value", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("reviewer", sa.String(length=80), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("model_version", sa.String(length=80), nullable=True),
        sa.Column("ranking_id", BIG_ID, nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("doubt", sa.Float(), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("selection_probability", sa.Float(), nullable=True),
        sa.Column("audit", sa.Boolean(), nullable=False),
        sa.CheckConstraint("verdict IN ('uphold', 'overturn')", name=op.f("ck_decisions_verdict")),
        sa.ForeignKeyConstraint(
            ["allegation_id"], ["allegations.id"], name=op.f("fk_decisions_allegation_id")
        ),
        sa.ForeignKeyConstraint(["queue"], ["queues.name"], name=op.f("fk_decisions_queue")),
        sa.ForeignKeyConstraint(
            ["ranking_id"], ["rankings.id"], name=op.f("fk_decisions_ranking_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("allegation_id", name=op.f("uq_decisions_allegation_id")),
    )
    op.create_index("ix_decisions_queue_id", "decisions", ["queue", "id"], unique=False)
    op.create_table(
        "doubts",
        sa.Column("allegation_id", BIG_ID, nullable=False),
        sa.Column("model_version", sa.String(length=80), nullable=False),
        sa.Column("doubt", sa.Float(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["allegation_id"], ["allegations.id"], name=op.f("fk_doubts_allegation_id")
        ),
        sa.PrimaryKeyConstraint("allegation_id", "model_version", name=op.f("pk_doubts")),
    )
    op.create_table(
        "ranking_entries",
        sa.Column("ranking_id", BIG_ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("allegation_id", BIG_ID, nullable=False),
        sa.Column("doubt", sa.Float(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("selection_probability", sa.Float(), nullable=False),
        sa.Column("audit", sa.Boolean(), nullable=False),
        sa.Column("receipt", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["allegation_id"], ["allegations.id"], name=op.f("fk_ranking_entries_allegation_id")
        ),
        sa.ForeignKeyConstraint(
            ["ranking_id"], ["rankings.id"], name=op.f("fk_ranking_entries_ranking_id")
        ),
        sa.PrimaryKeyConstraint("ranking_id", "position", name=op.f("pk_ranking_entries")),
        sa.UniqueConstraint(
            "ranking_id", "allegation_id", name=op.f("uq_ranking_entries_ranking_id_allegation_id")
        ),
    )


def downgrade() -> None:
    """Take the store down."""
    op.drop_table("ranking_entries")
    op.drop_table("doubts")
    op.drop_index("ix_decisions_queue_id", table_name="decisions")
    op.drop_table("decisions")
    op.drop_index("ix_rankings_queue_id", table_name="rankings")
    op.drop_table("rankings")
    op.drop_index("ix_allegations_queue_dismissed_id", table_name="allegations")
    op.drop_table("allegations")
    op.drop_table("queues")
    op.drop_table("leases")
    op.drop_table("idempotency_keys")
