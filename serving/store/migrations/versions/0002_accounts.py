"""The tables of accounts, and what an allegation needs to be worked on."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CHECKS = {
    "origin": "origin IN ('import', 'api', 'eform', 'staff')",
    "status": "status IN ('unassessed', 'open', 'closed')",
    "urgency": "urgency BETWEEN 0 AND 2",
    "dismissed_is_closed": "NOT dismissed OR status = 'closed'",
    "valued": "first_value IS NOT NULL OR status = 'unassessed'",
}
ADDED = (
    "erased_at",
    "review_on",
    "planted",
    "outcome",
    "closed_at",
    "closure_reason",
    "assessed_by",
    "assessed_at",
    "due_at",
    "reporter_reference",
    "identifies_reporter",
    "source_alerts",
    "safeguarding_flags",
    "safeguarding",
    "urgency_flags",
    "urgency",
    "version",
    "cycle",
    "status",
    "origin",
)


def upgrade() -> None:
    """Take the store up."""
    op.create_table(
        "accounts",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("username", sa.String(length=80), nullable=False),
        sa.Column("display_name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("team", sa.String(length=60), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "must_change_password", sa.Boolean(), server_default=sa.false(), nullable=False
        ),
        sa.Column("failed_attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issuer", sa.String(length=300), nullable=True),
        sa.Column("subject", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('person', 'service')", name=op.f("ck_accounts_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("id", "kind", name=op.f("uq_accounts_id_kind")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_accounts_issuer_subject")),
        sa.UniqueConstraint("username", name=op.f("uq_accounts_username")),
    )
    op.create_table(
        "account_roles",
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "role IN ('assessor', 'reviewer', 'lead', 'data_scientist', 'source_handler', 'inspector')",
            name=op.f("ck_account_roles_role"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_account_roles_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "role", name=op.f("pk_account_roles")),
    )
    op.create_table(
        "sessions",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("csrf_token", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_sessions_account_id")
        ),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_account_id", "sessions", ["account_id"], unique=False)
    op.create_table(
        "service_keys",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("prefix", sa.String(length=16), nullable=False),
        sa.Column("secret_sha256", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_service_keys_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_keys")),
        sa.UniqueConstraint("prefix", name=op.f("uq_service_keys_prefix")),
    )
    op.create_table(
        "reporters",
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_reporters")),
    )
    with op.batch_alter_table("allegations") as batch_op:
        batch_op.add_column(
            sa.Column("origin", sa.String(length=12), server_default="import", nullable=False)
        )
        batch_op.add_column(
            sa.Column("status", sa.String(length=12), server_default="open", nullable=False)
        )
        batch_op.add_column(sa.Column("cycle", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("urgency", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(
            sa.Column("urgency_flags", sa.JSON(), server_default="[]", nullable=False)
        )
        batch_op.add_column(
            sa.Column("safeguarding", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(
            sa.Column("safeguarding_flags", sa.JSON(), server_default="[]", nullable=False)
        )
        batch_op.add_column(
            sa.Column("source_alerts", sa.JSON(), server_default="[]", nullable=False)
        )
        batch_op.add_column(
            sa.Column(
                "identifies_reporter", sa.Boolean(), server_default=sa.false(), nullable=False
            )
        )
        batch_op.add_column(sa.Column("reporter_reference", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("assessed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("assessed_by", BIG_ID, nullable=True))
        batch_op.add_column(sa.Column("closure_reason", sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("outcome", sa.String(length=60), nullable=True))
        batch_op.add_column(
            sa.Column("planted", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(sa.Column("review_on", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.alter_column("first_value", existing_type=sa.String(length=60), nullable=True)
        batch_op.create_foreign_key(
            "fk_allegations_assessed_by", "accounts", ["assessed_by"], ["id"]
        )
        batch_op.create_foreign_key(
            "fk_allegations_reporter_reference", "reporters", ["reporter_reference"], ["reference"]
        )
    op.execute("UPDATE allegations SET status = 'closed' WHERE dismissed")
    with op.batch_alter_table("allegations") as batch_op:
        for name, rule in CHECKS.items():
            batch_op.create_check_constraint(op.f(f"ck_allegations_{name}"), rule)
        batch_op.create_index("ix_allegations_reporter_reference", ["reporter_reference"])
        batch_op.create_index(
            "ix_allegations_status_urgency_due_at_id", ["status", "urgency", "due_at", "id"]
        )


def downgrade() -> None:
    """Take the store down."""
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM allegations WHERE first_value IS NULL")):
        raise RuntimeError(
            "allegations without an assessment cannot be kept by the version before"
        )
    with op.batch_alter_table("allegations") as batch_op:
        for name in CHECKS:
            batch_op.drop_constraint(op.f(f"ck_allegations_{name}"), type_="check")
        batch_op.drop_constraint("fk_allegations_reporter_reference", type_="foreignkey")
        batch_op.drop_constraint("fk_allegations_assessed_by", type_="foreignkey")
        batch_op.drop_index("ix_allegations_status_urgency_due_at_id")
        batch_op.drop_index("ix_allegations_reporter_reference")
        batch_op.alter_column("first_value", existing_type=sa.String(length=60), nullable=False)
        for name in ADDED:
            batch_op.drop_column(name)
    op.drop_table("reporters")
    op.drop_table("service_keys")
    op.drop_table("sessions")
    op.drop_table("account_roles")
    op.drop_table("accounts")
