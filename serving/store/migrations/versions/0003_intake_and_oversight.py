"""The tables of intake and oversight."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Take the store up."""
    op.create_table(
        "messages",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("allegation_id", BIG_ID, nullable=False),
        sa.Column("defects", sa.JSON(), nullable=False),
        sa.Column("deliveries", sa.Integer(), server_default="1", nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('eform', 'json')", name=op.f("ck_messages_kind")),
        sa.ForeignKeyConstraint(
            ["allegation_id"], ["allegations.id"], name=op.f("fk_messages_allegation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_messages_fingerprint")),
    )
    op.create_index("ix_messages_allegation_id", "messages", ["allegation_id"], unique=False)
    op.create_table(
        "subjects",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("allegation_id", BIG_ID, nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "part IN ('alleged_offender', 'victim', 'witness', 'organisation')",
            name=op.f("ck_subjects_part"),
        ),
        sa.ForeignKeyConstraint(
            ["allegation_id"], ["allegations.id"], name=op.f("fk_subjects_allegation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subjects")),
    )
    op.create_index("ix_subjects_allegation_id", "subjects", ["allegation_id"], unique=False)
    op.create_table(
        "suggestions",
        sa.Column("allegation_id", BIG_ID, nullable=False),
        sa.Column("model_version", sa.String(length=80), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["allegation_id"], ["allegations.id"], name=op.f("fk_suggestions_allegation_id")
        ),
        sa.PrimaryKeyConstraint("allegation_id", name=op.f("pk_suggestions")),
    )
    op.create_table(
        "fact_keys",
        sa.Column("allegation_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["allegation_id"], ["allegations.id"], name=op.f("fk_fact_keys_allegation_id")
        ),
        sa.PrimaryKeyConstraint("allegation_id", "kind", "value", name=op.f("pk_fact_keys")),
    )
    op.create_index("ix_fact_keys_kind_value", "fact_keys", ["kind", "value"], unique=False)
    op.create_table(
        "bands",
        sa.Column("allegation_id", BIG_ID, nullable=False),
        sa.Column("band", sa.Integer(), nullable=False),
        sa.Column("hash", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["allegation_id"], ["allegations.id"], name=op.f("fk_bands_allegation_id")
        ),
        sa.PrimaryKeyConstraint("allegation_id", "band", name=op.f("pk_bands")),
    )
    op.create_index("ix_bands_hash", "bands", ["hash"], unique=False)
    op.create_table(
        "links",
        sa.Column("allegation_id", BIG_ID, nullable=False),
        sa.Column("other_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("similarity", sa.Float(), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("allegation_id > other_id", name=op.f("ck_links_newer_first")),
        sa.ForeignKeyConstraint(
            ["allegation_id"], ["allegations.id"], name=op.f("fk_links_allegation_id")
        ),
        sa.ForeignKeyConstraint(["other_id"], ["allegations.id"], name=op.f("fk_links_other_id")),
        sa.PrimaryKeyConstraint("allegation_id", "other_id", "kind", name=op.f("pk_links")),
    )
    op.create_index("ix_links_other_id", "links", ["other_id"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", BIG_ID, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "audit_log",
        sa.Column("seq", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", BIG_ID, nullable=True),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["accounts.id"], name=op.f("fk_audit_log_actor_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_log")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_log_hash")),
    )
    op.create_index("ix_audit_log_action_seq", "audit_log", ["action", "seq"], unique=False)
    op.create_index("ix_audit_log_actor_id_seq", "audit_log", ["actor_id", "seq"], unique=False)
    op.create_index("ix_audit_log_subject_seq", "audit_log", ["subject", "seq"], unique=False)
    op.create_table(
        "exhibits",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("allegation_id", BIG_ID, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("narrative_sha256", sa.String(length=64), nullable=False),
        sa.Column("model_version", sa.String(length=80), nullable=True),
        sa.Column("ranking_id", BIG_ID, nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_exhibits_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["allegation_id"], ["allegations.id"], name=op.f("fk_exhibits_allegation_id")
        ),
        sa.ForeignKeyConstraint(
            ["ranking_id"], ["rankings.id"], name=op.f("fk_exhibits_ranking_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exhibits")),
    )
    op.create_index("ix_exhibits_allegation_id", "exhibits", ["allegation_id"], unique=False)
    op.create_table(
        "retention_reviews",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("allegation_id", BIG_ID, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("keep_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_retention_reviews_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["allegation_id"], ["allegations.id"], name=op.f("fk_retention_reviews_allegation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_reviews")),
    )
    op.create_index(
        "ix_retention_reviews_allegation_id", "retention_reviews", ["allegation_id"], unique=False
    )
    op.create_table(
        "erasures",
        sa.Column("allegation_id", BIG_ID, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("models", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_erasures_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["allegation_id"], ["allegations.id"], name=op.f("fk_erasures_allegation_id")
        ),
        sa.PrimaryKeyConstraint("allegation_id", name=op.f("pk_erasures")),
    )
    op.bulk_insert(
        sa.table("audit_head", sa.column("id"), sa.column("seq"), sa.column("hash")),
        [{"id": 1, "seq": 0, "hash": "0" * 64}],
    )


def downgrade() -> None:
    """Take the store down."""
    op.drop_table("erasures")
    op.drop_table("retention_reviews")
    op.drop_table("exhibits")
    op.drop_table("audit_log")
    op.drop_table("audit_head")
    op.drop_table("links")
    op.drop_table("bands")
    op.drop_table("fact_keys")
    op.drop_table("suggestions")
    op.drop_table("subjects")
    op.drop_table("messages")
