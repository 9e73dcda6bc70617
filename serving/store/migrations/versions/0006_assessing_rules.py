"""Rules of assessing that triggers keep.

A reading is of the present cycle. What the model suggests is shown to nobody before an own view
exists. A flagged record is closed at the lowest value, as of no value or as suspected false only
once a second person who has read it agreed. An assessment is never rewritten or removed, only
withdrawn, and not while the record is closed by it. Gradings, outcomes and remarks are only added
to; erasure may take their words away.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

LOWEST = {
    "sqlite": "(SELECT json_extract(q.value_order, '$[0]') FROM queues q WHERE q.name = a.queue)",
    "postgresql": "(SELECT q.value_order ->> 0 FROM queues q WHERE q.name = a.queue)",
}

ANOTHER_CYCLE = "NEW.cycle <> (SELECT a.cycle FROM allegations a WHERE a.id = NEW.allegation_id)"
NO_OWN_VIEW = (
    "NEW.kind = 'suggestion' AND NOT EXISTS ("
    "SELECT 1 FROM own_views v JOIN allegations a ON a.id = v.allegation_id AND a.cycle = v.cycle"
    " WHERE v.allegation_id = NEW.allegation_id AND v.account_id = NEW.account_id)"
)
ALONE = (
    "NEW.closes AND NOT (NEW.second_person_id IS NOT NULL"
    " AND COALESCE(NEW.second_person_agreed, FALSE)) AND EXISTS ("
    "SELECT 1 FROM allegations a WHERE a.id = NEW.allegation_id AND a.safeguarding"
    " AND (NEW.no_value OR NEW.closure_reason = 'suspected_false' OR NEW.value = {lowest}))"
)
NOT_LOWEST = (
    "NEW.no_value AND NEW.closes AND NOT EXISTS ("
    "SELECT 1 FROM allegations a WHERE a.id = NEW.allegation_id AND NEW.value = {lowest})"
)
SECOND_UNREAD = (
    "NEW.second_person_id IS NOT NULL AND NOT EXISTS ("
    "SELECT 1 FROM readings r JOIN accounts p ON p.id = r.account_id AND p.kind = 'person'"
    " WHERE r.allegation_id = NEW.allegation_id AND r.cycle = NEW.cycle"
    " AND r.account_id = NEW.second_person_id)"
)
SECOND_REPLACED = (
    "OLD.second_person_id IS NOT NULL AND"
    " (NEW.second_person_id IS NULL OR NEW.second_person_id <> OLD.second_person_id)"
)
BROUGHT_BACK = "OLD.withdrawn_at IS NOT NULL AND NEW.withdrawn_at IS NULL"
STILL_CLOSED = (
    "OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL AND OLD.closes AND EXISTS ("
    "SELECT 1 FROM allegations a WHERE a.id = NEW.allegation_id AND a.cycle = NEW.cycle"
    " AND a.status = 'closed')"
)

ARRIVING = (
    (ALONE, "a flagged record is not closed so by one person"),
    (NOT_LOWEST, "of no value is the lowest value"),
    (SECOND_UNREAD, "a second person has to have read the record"),
)
# by table and event: what is refused, and in which words
RULES = {
    ("readings", "INSERT"): ((ANOTHER_CYCLE, "a reading is of the present cycle"),),
    ("exhibits", "INSERT"): ((NO_OWN_VIEW, "an own view comes before the suggestion"),),
    ("assessments", "INSERT"): ARRIVING,
    ("assessments", "UPDATE"): (
        *ARRIVING,
        (SECOND_REPLACED, "a second person stays"),
        (BROUGHT_BACK, "what is withdrawn stays withdrawn"),
        (STILL_CLOSED, "the record is reopened first"),
    ),
}
WHOSE = ("allegation_id", "account_id", "made_at")
FIXED = {
    "assessments": (
        *WHOSE, "own_view_id", "account_kind", "cycle", "value", "reason", "model_version",
        "suggested_value", "closure_reason", "outcome",
    ),
    "gradings": (*WHOSE, "source", "information", "handling"),
    "outcomes": (*WHOSE, "outcome"),
    "remarks": WHOSE,
}


def upgrade() -> None:
    """Take the store up."""
    if op.get_bind().dialect.name == "postgresql":
        _up_postgresql()
    else:
        _up_sqlite()


def downgrade() -> None:
    """Take the store down."""
    if op.get_bind().dialect.name == "postgresql":
        _down_postgresql()
    else:
        _down_sqlite()


def _up_sqlite() -> None:
    for (table, event), rules in RULES.items():
        for number, (when, told) in enumerate(rules):
            op.execute(
                f"CREATE TRIGGER {table}_{event.lower()}_{number} BEFORE {event} ON {table} "
                f"WHEN {when.format(lowest=LOWEST['sqlite'])} "
                f"BEGIN SELECT RAISE(ABORT, '{told}'); END"
            )
    for table, columns in FIXED.items():
        for name, event in (("rewrites", f"UPDATE OF {', '.join(columns)}"), ("loses", "DELETE")):
            op.execute(
                f"CREATE TRIGGER {table}_never_{name} BEFORE {event} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} are not rewritten'); END"
            )


def _down_sqlite() -> None:
    for (table, event), rules in RULES.items():
        for number, _ in enumerate(rules):
            op.execute(f"DROP TRIGGER {table}_{event.lower()}_{number}")
    for table in FIXED:
        op.execute(f"DROP TRIGGER {table}_never_rewrites")
        op.execute(f"DROP TRIGGER {table}_never_loses")


def _up_postgresql() -> None:
    for (table, event), rules in RULES.items():
        name = f"secondlook_{table}_{event.lower()}"
        checks = " ".join(
            f"IF {when.format(lowest=LOWEST['postgresql'])} THEN RAISE EXCEPTION '{told}' "
            "USING ERRCODE = 'check_violation'; END IF;"
            for when, told in rules
        )
        # whoever assesses holds the record, so that no flag or state changes meanwhile
        held = "PERFORM 1 FROM allegations WHERE id = NEW.allegation_id FOR NO KEY UPDATE;"
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"{held if table == 'assessments' else ''} {checks} RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_{event.lower()} BEFORE {event} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {name}()"
        )
    for table, columns in FIXED.items():
        for name, event in (("rewrites", f"UPDATE OF {', '.join(columns)}"), ("loses", "DELETE")):
            op.execute(
                f"CREATE TRIGGER {table}_never_{name} BEFORE {event} ON {table} FOR EACH ROW "
                f"EXECUTE FUNCTION secondlook_refuse('{table} are not rewritten')"
            )


def _down_postgresql() -> None:
    for table, event in RULES:
        op.execute(f"DROP TRIGGER {table}_{event.lower()} ON {table}")
        op.execute(f"DROP FUNCTION secondlook_{table}_{event.lower()}()")
    for table in FIXED:
        op.execute(f"DROP TRIGGER {table}_never_rewrites ON {table}")
        op.execute(f"DROP TRIGGER {table}_never_loses ON {table}")
