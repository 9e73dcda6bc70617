"""The tables. Types are those that SQLite and PostgreSQL both have."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite forgets time zones, so they are put back on reading."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Store in UTC; a moment without a zone is taken to be UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401, ARG002
        """Give back an aware moment."""
        if value is None:
            return None
        aware: datetime = value.replace(tzinfo=UTC) if value.tzinfo is None else value
        return aware.astimezone(UTC)


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
    sa.Column("first_value", sa.String(60), nullable=False),
    sa.Column("categories", sa.JSON, nullable=False),
    sa.Column("dismissed", sa.Boolean, nullable=False),
    sa.Column("reviewed_value", sa.String(60)),
    # a random number that stays: whoever is below a threshold is the audit sample
    sa.Column("lot", sa.Float, nullable=False),
    sa.Column("content_sha256", sa.String(64), nullable=False),
    sa.Column("imported_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("queue", "reference"),
    sa.Index("ix_allegations_queue_dismissed_id", "queue", "dismissed", "id"),
)

doubts = sa.Table(
    "doubts",
    metadata,
    sa.Column("allegation_id", BigId, sa.ForeignKey("allegations.id"), primary_key=True),
    sa.Column("model_version", sa.String(80), primary_key=True),
    sa.Column("doubt", sa.Float, nullable=False),
    sa.Column("evidence", sa.JSON, nullable=False),
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
    sa.UniqueConstraint("ranking_id", "allegation_id"),
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
    sa.UniqueConstraint("allegation_id"),
    sa.CheckConstraint("verdict IN ('uphold', 'overturn')", name="verdict"),
    sa.Index("ix_decisions_queue_id", "queue", "id"),
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
