"""The tables of assessing and reviewing, and the rules that the store itself keeps."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Take the store up."""
    op.create_table(
        "readings",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("allegation_id", BIG_ID, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_readings_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["allegation_id"], ["allegations.id"], name=op.f("fk_readings_allegation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readings")),
        sa.UniqueConstraint(
            "id",
            "allegation_id",
            "account_id",
            "cycle",
            name=op.f("uq_readings_id_allegation_id_account_id_cycle"),
        ),
    )
    op.create_index(
        "ix_readings_allegation_id_account_id",
        "readings",
        ["allegation_id", "account_id"],
        unique=False,
    )
    op.create_table(
        "own_views",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("reading_id", BIG_ID, nullable=False),
        sa.Column("allegation_id", BIG_ID, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(length=60), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["reading_id", "allegation_id", "account_id", "cycle"],
            ["readings.id", "readings.allegation_id", "readings.account_id", "readings.cycle"],
            name="fk_own_views_reading",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_views")),
        sa.UniqueConstraint(
            "allegation_id",
            "cycle",
            "account_id",
            name=op.f("uq_own_views_allegation_id_cycle_account_id"),
        ),
        sa.UniqueConstraint(
            "id",
            "allegation_id",
            "account_id",
            "cycle",
            name=op.f("uq_own_views_id_allegation_id_account_id_cycle"),
        ),
        sa.UniqueConstraint("reading_id", name=op.f("uq_own_views_reading_id")),
    )
    op.create_table(
        "assessments",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("own_view_id", BIG_ID, nullable=False),
        sa.Column("allegation_id", BIG_ID, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("account_kind", sa.String(length=12), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(length=60), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("model_version", sa.String(length=80), nullable=True),
        sa.Column("suggested_value", sa.String(length=60), nullable=True),
        sa.Column("changed", sa.Boolean(), nullable=False),
        sa.Column("no_value", sa.Boolean(), nullable=False),
        sa.Column("safeguarding", sa.Boolean(), nullable=False),
        sa.Column("closes", sa.Boolean(), nullable=False),
        sa.Column("closure_reason", sa.String(length=60), nullable=True),
        sa.Column("outcome", sa.String(length=60), nullable=True),
        sa.Column("awaits_second_person", sa.Boolean(), nullable=False),
        sa.Column("second_person_id", BIG_ID, nullable=True),
        sa.Column("second_person_agreed", sa.Boolean(), nullable=True),
        sa.Column("second_person_note", sa.Text(), nullable=True),
        sa.Column("second_person_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("exhibit_id", BIG_ID, nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "account_kind = 'person'", name=op.f("ck_assessments_a_person_decides")
        ),
        sa.CheckConstraint(
            "NOT (safeguarding AND no_value AND closes) OR (second_person_id IS NOT NULL AND second_person_agreed)",
            name=op.f("ck_assessments_safeguarding_needs_two"),
        ),
        sa.CheckConstraint(
            "NOT closes OR closure_reason IS NOT NULL",
            name=op.f("ck_assessments_closing_has_a_reason"),
        ),
        sa.CheckConstraint(
            "NOT closes OR outcome IS NOT NULL", name=op.f("ck_assessments_closing_has_an_outcome")
        ),
        sa.CheckConstraint(
            "second_person_id <> account_id", name=op.f("ck_assessments_another_person")
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "account_kind"],
            ["accounts.id", "accounts.kind"],
            name="fk_assessments_person",
        ),
        sa.ForeignKeyConstraint(
            ["exhibit_id"], ["exhibits.id"], name=op.f("fk_assessments_exhibit_id")
        ),
        sa.ForeignKeyConstraint(
            ["own_view_id", "allegation_id", "account_id", "cycle"],
            ["own_views.id", "own_views.allegation_id", "own_views.account_id", "own_views.cycle"],
            name="fk_assessments_own_view",
        ),
        sa.ForeignKeyConstraint(
            ["second_person_id"], ["accounts.id"], name=op.f("fk_assessments_second_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessments")),
    )
    op.create_index("ix_assessments_allegation_id", "assessments", ["allegation_id"], unique=False)
    op.create_index(
        "uq_assessments_standing",
        "assessments",
        ["allegation_id", "cycle"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "gradings",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("allegation_id", BIG_ID, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("source", sa.Integer(), nullable=False),
        sa.Column("information", sa.String(length=1), nullable=False),
        sa.Column("handling", sa.String(length=1), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "handling = 'P' OR conditions IS NOT NULL",
            name=op.f("ck_gradings_conditions_are_said"),
        ),
        sa.CheckConstraint("handling IN ('P', 'C')", name=op.f("ck_gradings_handling")),
        sa.CheckConstraint(
            "information IN ('A', 'B', 'C', 'D', 'E')", name=op.f("ck_gradings_information")
        ),
        sa.CheckConstraint("source BETWEEN 1 AND 3", name=op.f("ck_gradings_source")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_gradings_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["allegation_id"], ["allegations.id"], name=op.f("fk_gradings_allegation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gradings")),
    )
    op.create_index("ix_gradings_allegation_id", "gradings", ["allegation_id"], unique=False)
    op.create_table(
        "outcomes",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("allegation_id", BIG_ID, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("outcome", sa.String(length=60), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_outcomes_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["allegation_id"], ["allegations.id"], name=op.f("fk_outcomes_allegation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcomes")),
    )
    op.create_index("ix_outcomes_allegation_id", "outcomes", ["allegation_id"], unique=False)
    op.create_table(
        "claims",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("allegation_id", BIG_ID, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("ranking_id", BIG_ID, nullable=True),
        sa.Column("exhibit_id", BIG_ID, nullable=True),
        sa.CheckConstraint(
            "purpose IN ('second_look', 'second_opinion')", name=op.f("ck_claims_purpose")
        ),
        sa.CheckConstraint(
            "state IN ('held', 'decided', 'skipped', 'unsure', 'expired')",
            name=op.f("ck_claims_state"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_claims_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["allegation_id"], ["allegations.id"], name=op.f("fk_claims_allegation_id")
        ),
        sa.ForeignKeyConstraint(
            ["exhibit_id"], ["exhibits.id"], name=op.f("fk_claims_exhibit_id")
        ),
        sa.ForeignKeyConstraint(
            ["ranking_id"], ["rankings.id"], name=op.f("fk_claims_ranking_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
    )
    op.create_index("ix_claims_account_id_state", "claims", ["account_id", "state"], unique=False)
    op.create_index("ix_claims_allegation_id", "claims", ["allegation_id"], unique=False)
    op.create_index("ix_claims_state_expires_at", "claims", ["state", "expires_at"], unique=False)
    op.create_index(
        "uq_claims_held",
        "claims",
        ["allegation_id", "purpose"],
        unique=True,
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_table(
        "second_opinions",
        sa.Column("decision_id", BIG_ID, nullable=False),
        sa.Column("allegation_id", BIG_ID, nullable=False),
        sa.Column("first_reviewer_id", BIG_ID, nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", BIG_ID, nullable=True),
        sa.Column("claim_id", BIG_ID, nullable=True),
        sa.Column("verdict", sa.String(length=12), nullable=True),
        sa.Column("value", sa.String(length=60), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "verdict IN ('uphold', 'overturn')", name=op.f("ck_second_opinions_verdict")
        ),
        sa.CheckConstraint(
            "account_id <> first_reviewer_id", name=op.f("ck_second_opinions_another_reviewer")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_second_opinions_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["allegation_id"], ["allegations.id"], name=op.f("fk_second_opinions_allegation_id")
        ),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["claims.id"], name=op.f("fk_second_opinions_claim_id")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_second_opinions_decision_id")
        ),
        sa.ForeignKeyConstraint(
            ["first_reviewer_id"],
            ["accounts.id"],
            name=op.f("fk_second_opinions_first_reviewer_id"),
        ),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_second_opinions")),
    )
    op.create_index(
        "ix_second_opinions_allegation_id", "second_opinions", ["allegation_id"], unique=False
    )
    op.create_table(
        "plants",
        sa.Column("allegation_id", BIG_ID, nullable=False),
        sa.Column("true_value", sa.String(length=60), nullable=False),
        sa.Column("planted_by", BIG_ID, nullable=False),
        sa.Column("planted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["allegation_id"], ["allegations.id"], name=op.f("fk_plants_allegation_id")
        ),
        sa.ForeignKeyConstraint(
            ["planted_by"], ["accounts.id"], name=op.f("fk_plants_planted_by")
        ),
        sa.PrimaryKeyConstraint("allegation_id", name=op.f("pk_plants")),
    )
    op.create_table(
        "plant_answers",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("allegation_id", BIG_ID, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("claim_id", BIG_ID, nullable=True),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("value", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "verdict IN ('uphold', 'overturn')", name=op.f("ck_plant_answers_verdict")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_plant_answers_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["allegation_id"],
            ["plants.allegation_id"],
            name=op.f("fk_plant_answers_allegation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["claims.id"], name=op.f("fk_plant_answers_claim_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plant_answers")),
        sa.UniqueConstraint("claim_id", name=op.f("uq_plant_answers_claim_id")),
    )
    op.create_index(
        "ix_plant_answers_allegation_id", "plant_answers", ["allegation_id"], unique=False
    )
    op.create_table(
        "remarks",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("allegation_id", BIG_ID, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_remarks_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["allegation_id"], ["allegations.id"], name=op.f("fk_remarks_allegation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remarks")),
    )
    op.create_index("ix_remarks_allegation_id", "remarks", ["allegation_id"], unique=False)
    with op.batch_alter_table("decisions") as batch_op:
        batch_op.add_column(sa.Column("reviewer_id", BIG_ID, nullable=True))
        batch_op.add_column(sa.Column("assessed_by", BIG_ID, nullable=True))
        batch_op.add_column(sa.Column("claim_id", BIG_ID, nullable=True))
        batch_op.add_column(sa.Column("exhibit_id", BIG_ID, nullable=True))
        batch_op.add_column(sa.Column("seconds", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_constraint("uq_decisions_allegation_id", type_="unique")
        batch_op.create_unique_constraint("uq_decisions_claim_id", ["claim_id"])
        batch_op.create_check_constraint(
            op.f("ck_decisions_not_ones_own"), "reviewer_id <> assessed_by"
        )
        batch_op.create_foreign_key("fk_decisions_claim_id", "claims", ["claim_id"], ["id"])
        batch_op.create_foreign_key("fk_decisions_exhibit_id", "exhibits", ["exhibit_id"], ["id"])
        batch_op.create_foreign_key(
            "fk_decisions_assessed_by", "accounts", ["assessed_by"], ["id"]
        )
        batch_op.create_foreign_key(
            "fk_decisions_reviewer_id", "accounts", ["reviewer_id"], ["id"]
        )
        batch_op.create_index(
            "uq_decisions_standing",
            ["allegation_id"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )
    op.add_column(
        "rankings", sa.Column("withdrawals", sa.Integer(), server_default="0", nullable=False)
    )


def downgrade() -> None:
    """Take the store down."""
    op.drop_column("rankings", "withdrawals")
    op.execute("DELETE FROM second_opinions")
    op.execute("DELETE FROM decisions WHERE withdrawn_at IS NOT NULL")
    with op.batch_alter_table("decisions") as batch_op:
        batch_op.drop_index("uq_decisions_standing")
        for name in ("reviewer_id", "assessed_by", "exhibit_id", "claim_id"):
            batch_op.drop_constraint(f"fk_decisions_{name}", type_="foreignkey")
        batch_op.drop_constraint(op.f("ck_decisions_not_ones_own"), type_="check")
        batch_op.drop_constraint("uq_decisions_claim_id", type_="unique")
        batch_op.create_unique_constraint("uq_decisions_allegation_id", ["allegation_id"])
        for name in (
            "withdrawn_at",
            "seconds",
            "exhibit_id",
            "claim_id",
            "assessed_by",
            "reviewer_id",
        ):
            batch_op.drop_column(name)
    op.drop_table("remarks")
    op.drop_table("plant_answers")
    op.drop_table("plants")
    op.drop_table("second_opinions")
    op.drop_table("claims")
    op.drop_table("outcomes")
    op.drop_table("gradings")
    op.drop_table("assessments")
    op.drop_table("own_views")
    op.drop_table("readings")
