"""The tables of oversight: the audit log, what was shown, retention and erasure.

The audit log is only ever added to: triggers made by the migrations refuse anything else.
"""

from __future__ import annotations

import sqlalchemy as sa

from serving.store.columns import BigId, UtcDateTime, metadata

audit_log = sa.Table(
    "audit_log",
    metadata,
    sa.Column("seq", BigId, primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("actor_id", BigId, sa.ForeignKey("accounts.id")),
    sa.Column("actor", sa.String(80), nullable=False),
    sa.Column("action", sa.String(60), nullable=False),
    # the key of the record, or the name of whatever else was read or changed
    sa.Column("subject", sa.String(80)),
    # canonical JSON, kept as text because the hash is of these very characters
    sa.Column("details", sa.Text, nullable=False),
    sa.Column("previous_hash", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
    sa.Index("ix_audit_log_subject_seq", "subject", "seq"),
    sa.Index("ix_audit_log_actor_id_seq", "actor_id", "seq"),
    sa.Index("ix_audit_log_action_seq", "action", "seq"),
)

audit_head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("seq", BigId, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.CheckConstraint("id = 1", name="one"),
)

exhibits = sa.Table(
    "exhibits",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("allegation_id", BigId, sa.ForeignKey("allegations.id"), nullable=False),
    sa.Column("account_id", BigId, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    # what was shown beside the narrative, as canonical JSON; the digest outlives its erasure
    sa.Column("content", sa.Text),
    sa.Column("content_sha256", sa.String(64), nullable=False),
    sa.Column("narrative_sha256", sa.String(64), nullable=False),
    sa.Column("model_version", sa.String(80)),
    sa.Column("ranking_id", BigId, sa.ForeignKey("rankings.id")),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Index("ix_exhibits_allegation_id", "allegation_id"),
)

retention_reviews = sa.Table(
    "retention_reviews",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("allegation_id", BigId, sa.ForeignKey("allegations.id"), nullable=False),
    sa.Column("account_id", BigId, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("keep_until", UtcDateTime, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Index("ix_retention_reviews_allegation_id", "allegation_id"),
)

erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("allegation_id", BigId, sa.ForeignKey("allegations.id"), primary_key=True),
    sa.Column("account_id", BigId, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    # names of the models that were trained on the erased record
    sa.Column("models", sa.JSON, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
)
