"""The tables of records, rankings and decisions."""

from __future__ import annotations

import sqlalchemy as sa

from serving.store.columns import BigId, UtcDateTime, metadata, text_check

__all__ = [
    "allegations",
    "decisions",
    "doubts",
    "idempotency_keys",
    "leases",
    "metadata",
    "queues",
    "ranking_entries",
    "rankings",
]

queues = sa.Table(
    "queues",
    metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("value_order", sa.JSON, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
)

allegations = sa.Table(
    "allegations",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("queue", sa.String(40), sa.ForeignKey("queues.name"), nullable=False),
    sa.Column("key", sa.String(64), nullable=False, unique=True),
    sa.Column("reference", sa.String(200), nullable=False),
    sa.Column("narrative", sa.Text, nullable=False),
    sa.Column("channel", sa.String(60)),
    sa.Column("received_at", UtcDateTime),
    sa.Column("fields", sa.JSON, nullable=False),
    # of the first assessment; absent until there is one
    sa.Column("first_value", sa.String(60)),
    sa.Column("categories", sa.JSON, nullable=False),
    # closed as of no value, so that it waits for a second look
    sa.Column("dismissed", sa.Boolean, nullable=False),
    sa.Column("reviewed_value", sa.String(60)),
    # a random number that stays: whoever is below a threshold is the audit sample
    sa.Column("lot", sa.Float, nullable=False),
    sa.Column("content_sha256", sa.String(64), nullable=False),
    sa.Column("imported_at", UtcDateTime, nullable=False),
    sa.Column("origin", sa.String(12), nullable=False, server_default="import"),
    sa.Column("status", sa.String(12), nullable=False, server_default="open"),
    # counts assessments: a closed allegation that is reopened begins its next cycle
    sa.Column("cycle", sa.Integer, nullable=False, server_default="1"),
    # changes with every change: the ETag
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("urgency", sa.Integer, nullable=False, server_default="0"),
    sa.Column("urgency_flags", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("safeguarding", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("safeguarding_flags", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("source_alerts", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("identifies_reporter", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("reporter_reference", sa.String(40), sa.ForeignKey("reporters.reference")),
    sa.Column("due_at", UtcDateTime),
    sa.Column("assessed_at", UtcDateTime),
    sa.Column("assessed_by", BigId, sa.ForeignKey("accounts.id")),
    sa.Column("closure_reason", sa.String(60)),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("outcome", sa.String(60)),
    # planted to measure reviewers: its answer is known, and it stays out of every figure
    sa.Column("planted", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("review_on", UtcDateTime),
    sa.Column("erased_at", UtcDateTime),
    sa.UniqueConstraint("queue", "reference"),
    text_check("origin", ("import", "api", "eform", "staff"), "origin"),
    text_check("status", ("unassessed", "open", "closed"), "status"),
    sa.CheckConstraint("urgency BETWEEN 0 AND 2", name="urgency"),
    sa.CheckConstraint("NOT dismissed OR status = 'closed'", name="dismissed_is_closed"),
    sa.CheckConstraint("first_value IS NOT NULL OR status = 'unassessed'", name="valued"),
    sa.Index("ix_allegations_queue_dismissed_id", "queue", "dismissed", "id"),
    sa.Index("ix_allegations_status_urgency_due_at_id", "status", "urgency", "due_at", "id"),
    sa.Index("ix_allegations_reporter_reference", "reporter_reference"),
    sa.Index(
        "ix_allegations_reviewed",
        "queue",
        "dismissed",
        sqlite_where=sa.text("reviewed_value IS NOT NULL"),
        postgresql_where=sa.text("reviewed_value IS NOT NULL"),
    ),
)

doubts = sa.Table(
    "doubts",
    metadata,
    sa.Column("allegation_id", BigId, sa.ForeignKey("allegations.id"), primary_key=True),
    sa.Column("model_version", sa.String(80), primary_key=True),
    sa.Column("doubt", sa.Float, nullable=False),
    sa.Column("evidence", sa.JSON, nullable=False),
    sa.Index(
        "ix_doubts_model_version_doubt_allegation_id", "model_version", "doubt", "allegation_id"
    ),
)

rankings = sa.Table(
    "rankings",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("queue", sa.String(40), sa.ForeignKey("queues.name"), nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("method", sa.String(60), nullable=False),
    sa.Column("model_version", sa.String(80), nullable=False),
    sa.Column("last_allegation_id", BigId, nullable=False),
    sa.Column("last_decision_id", BigId, nullable=False),
    sa.Column("withdrawals", sa.Integer, nullable=False, server_default="0"),
    # how many it had heard of: numbers do not tell, since they need not arrive in their order
    sa.Column("decisions", sa.Integer, nullable=False, server_default="0"),
    sa.Column("assessments", sa.Integer, nullable=False, server_default="0"),
    sa.Column("waiting", sa.Integer, nullable=False),
    sa.Index("ix_rankings_queue_id", "queue", "id"),
)

ranking_entries = sa.Table(
    "ranking_entries",
    metadata,
    sa.Column("ranking_id", BigId, sa.ForeignKey("rankings.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("allegation_id", BigId, sa.ForeignKey("allegations.id"), nullable=False),
    sa.Column("doubt", sa.Float, nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("selection_probability", sa.Float, nullable=False),
    sa.Column("audit", sa.Boolean, nullable=False),
    sa.Column("receipt", sa.JSON, nullable=False),
    # decided since it was ranked: whoever looks for the next one need not look at it
    sa.Column("settled", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.UniqueConstraint("ranking_id", "allegation_id"),
    sa.Index(
        "ix_ranking_entries_unsettled",
        "ranking_id",
        "position",
        sqlite_where=sa.text("NOT settled"),
        postgresql_where=sa.text("NOT settled"),
    ),
)

decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("allegation_id", BigId, sa.ForeignKey("allegations.id"), nullable=False),
    sa.Column("queue", sa.String(40), sa.ForeignKey("queues.name"), nullable=False),
    sa.Column("verdict", sa.String(12), nullable=False),
    sa.Column("value", sa.String(60), nullable=False),
    sa.Column("reason", sa.String(40), nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("reviewer", sa.String(80)),
    sa.Column("decided_at", UtcDateTime, nullable=False),
    sa.Column("model_version", sa.String(80)),
    sa.Column("ranking_id", BigId, sa.ForeignKey("rankings.id")),
    sa.Column("position", sa.Integer),
    sa.Column("doubt", sa.Float),
    sa.Column("score", sa.Float),
    sa.Column("selection_probability", sa.Float),
    sa.Column("audit", sa.Boolean, nullable=False),
    sa.Column("reviewer_id", BigId, sa.ForeignKey("accounts.id")),
    sa.Column("assessed_by", BigId, sa.ForeignKey("accounts.id")),
    sa.Column("claim_id", BigId, sa.ForeignKey("claims.id"), unique=True),
    sa.Column("exhibit_id", BigId, sa.ForeignKey("exhibits.id")),
    sa.Column("seconds", sa.Float),
    sa.Column("withdrawn_at", UtcDateTime),
    # of the allegation: once reopened and dismissed anew, it is looked at anew
    sa.Column("cycle", sa.Integer, nullable=False, server_default="1"),
    sa.CheckConstraint("verdict IN ('uphold', 'overturn')", name="verdict"),
    sa.CheckConstraint("reviewer_id <> assessed_by", name="not_ones_own"),
    sa.Index("ix_decisions_queue_id", "queue", "id"),
    # one that stands; a withdrawn one makes room for another
    sa.Index(
        "uq_decisions_standing",
        "allegation_id",
        "cycle",
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    ),
)

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("holder", sa.String(80), nullable=False),
    sa.Column("token", sa.Integer, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
)

idempotency_keys = sa.Table(
    "idempotency_keys",
    metadata,
    sa.Column("key", sa.String(200), primary_key=True),
    sa.Column("request_sha256", sa.String(64), nullable=False),
    sa.Column("response", sa.JSON, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
)
