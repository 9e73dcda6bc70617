"""The tables of what comes in: messages, people, suggestions, links."""

from __future__ import annotations

import sqlalchemy as sa

from serving.store.columns import BigId, UtcDateTime, metadata, text_check

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("fingerprint", sa.String(64), nullable=False, unique=True),
    sa.Column("kind", sa.String(12), nullable=False),
    # as received; it may name the reporter, so only who may read identities reads it
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("allegation_id", BigId, sa.ForeignKey("allegations.id"), nullable=False),
    sa.Column("defects", sa.JSON, nullable=False),
    # name, type and number of each file; where it lies is told by the message alone
    sa.Column("attachments", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("deliveries", sa.Integer, nullable=False, server_default="1"),
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("erased_at", UtcDateTime),
    text_check("kind", ("eform", "json"), "kind"),
    sa.Index("ix_messages_allegation_id", "allegation_id"),
)

reporters = sa.Table(
    "reporters",
    metadata,
    sa.Column("reference", sa.String(40), primary_key=True),
    sa.Column("details", sa.JSON, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("erased_at", UtcDateTime),
)

subjects = sa.Table(
    "subjects",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("allegation_id", BigId, sa.ForeignKey("allegations.id"), nullable=False),
    sa.Column("part", sa.String(20), nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
    text_check(
        "part", ("alleged_offender", "victim", "witness", "organisation", "journey"), "part"
    ),
    sa.Index("ix_subjects_allegation_id", "allegation_id"),
)

suggestions = sa.Table(
    "suggestions",
    metadata,
    sa.Column("allegation_id", BigId, sa.ForeignKey("allegations.id"), primary_key=True),
    sa.Column("model_version", sa.String(80), nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
)

fact_keys = sa.Table(
    "fact_keys",
    metadata,
    sa.Column("allegation_id", BigId, sa.ForeignKey("allegations.id"), primary_key=True),
    sa.Column("kind", sa.String(20), primary_key=True),
    sa.Column("value", sa.String(120), primary_key=True),
    sa.Index("ix_fact_keys_kind_value", "kind", "value"),
)

# hashes of the text by which near-identical narratives find each other
bands = sa.Table(
    "bands",
    metadata,
    sa.Column("allegation_id", BigId, sa.ForeignKey("allegations.id"), primary_key=True),
    sa.Column("band", sa.Integer, primary_key=True),
    sa.Column("hash", sa.BigInteger, nullable=False),
    sa.Index("ix_bands_hash", "hash"),
)

# one row a pair, the newer record first
links = sa.Table(
    "links",
    metadata,
    sa.Column("allegation_id", BigId, sa.ForeignKey("allegations.id"), primary_key=True),
    sa.Column("other_id", BigId, sa.ForeignKey("allegations.id"), primary_key=True),
    sa.Column("kind", sa.String(20), primary_key=True),
    sa.Column("similarity", sa.Float),
    sa.Column("found_at", UtcDateTime, nullable=False),
    sa.CheckConstraint("allegation_id > other_id", name="newer_first"),
    sa.Index("ix_links_other_id", "other_id"),
)
