"""The tables of accounts, roles, sessions and service keys."""

from __future__ import annotations

import sqlalchemy as sa

from serving.store.columns import BigId, UtcDateTime, metadata, text_check

ROLES = ("assessor", "reviewer", "lead", "data_scientist", "source_handler", "inspector")
PERSON, SERVICE = "person", "service"

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("username", sa.String(80), nullable=False, unique=True),
    sa.Column("display_name", sa.String(120), nullable=False),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("team", sa.String(60)),
    sa.Column("password_hash", sa.String(200)),
    sa.Column("password_changed_at", UtcDateTime),
    sa.Column("must_change_password", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("failed_attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("locked_until", UtcDateTime),
    sa.Column("issuer", sa.String(300)),
    sa.Column("subject", sa.String(300)),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("disabled_at", UtcDateTime),
    text_check("kind", (PERSON, SERVICE), "kind"),
    # what a person alone may do refers to both
    sa.UniqueConstraint("id", "kind"),
    sa.UniqueConstraint("issuer", "subject"),
)

account_roles = sa.Table(
    "account_roles",
    metadata,
    sa.Column("account_id", BigId, sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("role", sa.String(20), primary_key=True),
    text_check("role", ROLES, "role"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_sha256", sa.String(64), primary_key=True),
    sa.Column("account_id", BigId, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("csrf_token", sa.String(64), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Index("ix_sessions_account_id", "account_id"),
)

service_keys = sa.Table(
    "service_keys",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("account_id", BigId, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("prefix", sa.String(16), nullable=False, unique=True),
    sa.Column("secret_sha256", sa.String(64), nullable=False),
    sa.Column("scopes", sa.JSON, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime),
    sa.Column("revoked_at", UtcDateTime),
    sa.Column("last_used_at", UtcDateTime),
)
