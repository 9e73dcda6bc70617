"""The tables of assessing and reviewing.

The rules that no use case may be trusted with alone are constraints here: an assessment rests on
an own view, an own view on a reading by the same person of the same record, each used once; a
record flagged for safeguarding is not closed as of no value by one person; one assessment stands
at a time, and one claim.
"""

from __future__ import annotations

import sqlalchemy as sa

from serving.store.columns import BigId, UtcDateTime, metadata, text_check
from serving.store.tables_access import PERSON

STANDING = sa.text("withdrawn_at IS NULL")
HELD = sa.text("state = 'held'")

readings = sa.Table(
    "readings",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("allegation_id", BigId, sa.ForeignKey("allegations.id"), nullable=False),
    sa.Column("account_id", BigId, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("cycle", sa.Integer, nullable=False),
    sa.Column("read_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("id", "allegation_id", "account_id", "cycle"),
    sa.Index("ix_readings_allegation_id_account_id", "allegation_id", "account_id"),
)

own_views = sa.Table(
    "own_views",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("reading_id", BigId, nullable=False, unique=True),
    sa.Column("allegation_id", BigId, nullable=False),
    sa.Column("account_id", BigId, nullable=False),
    sa.Column("cycle", sa.Integer, nullable=False),
    sa.Column("value", sa.String(60), nullable=False),
    sa.Column("categories", sa.JSON, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.ForeignKeyConstraint(
        ["reading_id", "allegation_id", "account_id", "cycle"],
        ["readings.id", "readings.allegation_id", "readings.account_id", "readings.cycle"],
        name="fk_own_views_reading",
    ),
    sa.UniqueConstraint("allegation_id", "cycle", "account_id"),
    sa.UniqueConstraint("id", "allegation_id", "account_id", "cycle"),
)

assessments = sa.Table(
    "assessments",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("own_view_id", BigId, nullable=False),
    sa.Column("allegation_id", BigId, nullable=False),
    sa.Column("account_id", BigId, nullable=False),
    sa.Column("account_kind", sa.String(12), nullable=False),
    sa.Column("cycle", sa.Integer, nullable=False),
    sa.Column("value", sa.String(60), nullable=False),
    sa.Column("categories", sa.JSON, nullable=False),
    sa.Column("reason", sa.String(40), nullable=False),
    sa.Column("note", sa.Text),
    # what was suggested, if anything was, and whether the own view was changed after seeing it
    sa.Column("model_version", sa.String(80)),
    sa.Column("suggested_value", sa.String(60)),
    sa.Column("changed", sa.Boolean, nullable=False),
    sa.Column("no_value", sa.Boolean, nullable=False),
    sa.Column("safeguarding", sa.Boolean, nullable=False),
    sa.Column("closes", sa.Boolean, nullable=False),
    sa.Column("closure_reason", sa.String(60)),
    sa.Column("outcome", sa.String(60)),
    # wants to close a flagged record as of no value: a second person decides
    sa.Column("awaits_second_person", sa.Boolean, nullable=False),
    sa.Column("second_person_id", BigId, sa.ForeignKey("accounts.id")),
    sa.Column("second_person_agreed", sa.Boolean),
    sa.Column("second_person_note", sa.Text),
    sa.Column("second_person_at", UtcDateTime),
    sa.Column("exhibit_id", BigId, sa.ForeignKey("exhibits.id")),
    sa.Column("seconds", sa.Float),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("withdrawn_at", UtcDateTime),
    sa.ForeignKeyConstraint(
        ["own_view_id", "allegation_id", "account_id", "cycle"],
        ["own_views.id", "own_views.allegation_id", "own_views.account_id", "own_views.cycle"],
        name="fk_assessments_own_view",
    ),
    sa.ForeignKeyConstraint(
        ["account_id", "account_kind"],
        ["accounts.id", "accounts.kind"],
        name="fk_assessments_person",
    ),
    sa.CheckConstraint(f"account_kind = '{PERSON}'", name="a_person_decides"),
    sa.CheckConstraint("second_person_id <> account_id", name="another_person"),
    sa.CheckConstraint(
        "NOT (safeguarding AND no_value AND closes)"
        " OR (second_person_id IS NOT NULL AND second_person_agreed)",
        name="safeguarding_needs_two",
    ),
    sa.CheckConstraint("NOT closes OR closure_reason IS NOT NULL", name="closing_has_a_reason"),
    sa.CheckConstraint("NOT closes OR outcome IS NOT NULL", name="closing_has_an_outcome"),
    sa.Index("ix_assessments_allegation_id", "allegation_id"),
    sa.Index(
        "uq_assessments_standing",
        "allegation_id",
        "cycle",
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    ),
)

gradings = sa.Table(
    "gradings",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("allegation_id", BigId, sa.ForeignKey("allegations.id"), nullable=False),
    sa.Column("account_id", BigId, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("source", sa.Integer, nullable=False),
    sa.Column("information", sa.String(1), nullable=False),
    sa.Column("handling", sa.String(1), nullable=False),
    sa.Column("conditions", sa.Text),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.CheckConstraint("source BETWEEN 1 AND 3", name="source"),
    text_check("information", ("A", "B", "C", "D", "E"), "information"),
    text_check("handling", ("P", "C"), "handling"),
    sa.CheckConstraint("handling = 'P' OR conditions IS NOT NULL", name="conditions_are_said"),
    sa.Index("ix_gradings_allegation_id", "allegation_id"),
)

outcomes = sa.Table(
    "outcomes",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("allegation_id", BigId, sa.ForeignKey("allegations.id"), nullable=False),
    sa.Column("account_id", BigId, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("outcome", sa.String(60), nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Index("ix_outcomes_allegation_id", "allegation_id"),
)

claims = sa.Table(
    "claims",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("allegation_id", BigId, sa.ForeignKey("allegations.id"), nullable=False),
    sa.Column("account_id", BigId, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("purpose", sa.String(20), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("claimed_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("note", sa.Text),
    sa.Column("ranking_id", BigId, sa.ForeignKey("rankings.id")),
    sa.Column("exhibit_id", BigId, sa.ForeignKey("exhibits.id")),
    # what the queue knew when it was claimed: shown to nobody before the answer
    sa.Column("known", sa.JSON),
    sa.Column("explained", sa.Boolean, nullable=False, server_default=sa.false()),
    text_check("purpose", ("second_look", "second_opinion"), "purpose"),
    text_check("state", ("held", "decided", "skipped", "unsure", "expired"), "state"),
    sa.Index(
        "uq_claims_held",
        "allegation_id",
        "purpose",
        unique=True,
        sqlite_where=HELD,
        postgresql_where=HELD,
    ),
    sa.Index("ix_claims_account_id_state", "account_id", "state"),
    sa.Index("ix_claims_account_id_id", "account_id", "id"),
    sa.Index("ix_claims_state_expires_at", "state", "expires_at"),
    sa.Index("ix_claims_allegation_id", "allegation_id"),
)

# decisions drawn at random for a second reviewer who does not see the first answer
second_opinions = sa.Table(
    "second_opinions",
    metadata,
    sa.Column("decision_id", BigId, sa.ForeignKey("decisions.id"), primary_key=True),
    sa.Column("allegation_id", BigId, sa.ForeignKey("allegations.id"), nullable=False),
    sa.Column("first_reviewer_id", BigId, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("probability", sa.Float, nullable=False),
    sa.Column("drawn_at", UtcDateTime, nullable=False),
    sa.Column("account_id", BigId, sa.ForeignKey("accounts.id")),
    sa.Column("claim_id", BigId, sa.ForeignKey("claims.id")),
    sa.Column("verdict", sa.String(12)),
    sa.Column("value", sa.String(60)),
    sa.Column("reason", sa.String(40)),
    sa.Column("note", sa.Text),
    sa.Column("made_at", UtcDateTime),
    text_check("verdict", ("uphold", "overturn"), "verdict"),
    sa.CheckConstraint("account_id <> first_reviewer_id", name="another_reviewer"),
    sa.Index("ix_second_opinions_allegation_id", "allegation_id"),
)

plants = sa.Table(
    "plants",
    metadata,
    sa.Column("allegation_id", BigId, sa.ForeignKey("allegations.id"), primary_key=True),
    sa.Column("true_value", sa.String(60), nullable=False),
    sa.Column("planted_by", BigId, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("planted_at", UtcDateTime, nullable=False),
)

plant_answers = sa.Table(
    "plant_answers",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("allegation_id", BigId, sa.ForeignKey("plants.allegation_id"), nullable=False),
    sa.Column("account_id", BigId, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("claim_id", BigId, sa.ForeignKey("claims.id"), unique=True),
    sa.Column("verdict", sa.String(12), nullable=False),
    sa.Column("value", sa.String(60), nullable=False),
    sa.Column("reason", sa.String(40), nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("seconds", sa.Float),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("withdrawn_at", UtcDateTime),
    text_check("verdict", ("uphold", "overturn"), "verdict"),
    sa.Index("ix_plant_answers_allegation_id", "allegation_id"),
)

remarks = sa.Table(
    "remarks",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("allegation_id", BigId, sa.ForeignKey("allegations.id"), nullable=False),
    sa.Column("account_id", BigId, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Index("ix_remarks_allegation_id", "allegation_id"),
)
