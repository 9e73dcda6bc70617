"""Rules that triggers keep, and the index for full-text search.

The audit log, readings and own views are only ever added to. An allegation is closed only by an
assessment that closes it, and dismissed only by one that says so; what was closed elsewhere comes
in by import.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

APPEND_ONLY = ("audit_log", "readings", "own_views", "erasures")
CLOSED_UNSEEN = (
    "NEW.status = 'closed' AND OLD.status <> 'closed' AND NOT EXISTS ("
    "SELECT 1 FROM assessments WHERE allegation_id = NEW.id AND cycle = NEW.cycle"
    " AND closes AND withdrawn_at IS NULL)"
)
DISMISSED_UNSEEN = (
    "NEW.dismissed AND NOT OLD.dismissed AND NOT EXISTS ("
    "SELECT 1 FROM assessments WHERE allegation_id = NEW.id AND cycle = NEW.cycle"
    " AND closes AND no_value AND withdrawn_at IS NULL)"
)
CAME_CLOSED = "NEW.status = 'closed' AND NEW.origin <> 'import' AND NOT NEW.planted"
RULES = {
    "closing": ("UPDATE", CLOSED_UNSEEN, "only an assessment closes an allegation"),
    "dismissing": ("UPDATE", DISMISSED_UNSEEN, "only an assessment dismisses an allegation"),
    "arriving": ("INSERT", CAME_CLOSED, "an allegation does not arrive closed"),
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
    for table in APPEND_ONLY:
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{event.lower()} BEFORE {event} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END"
            )
    for name, (event, when, told) in RULES.items():
        op.execute(
            f"CREATE TRIGGER allegations_{name} BEFORE {event} ON allegations WHEN {when} "
            f"BEGIN SELECT RAISE(ABORT, '{told}'); END"
        )
    op.execute(
        "CREATE VIRTUAL TABLE allegations_fts USING fts5(narrative, content='allegations', "
        "content_rowid='id', tokenize='porter unicode61')"
    )
    op.execute("INSERT INTO allegations_fts(allegations_fts) VALUES ('rebuild')")
    add = "INSERT INTO allegations_fts(rowid, narrative) VALUES (NEW.id, NEW.narrative);"
    drop = (
        "INSERT INTO allegations_fts(allegations_fts, rowid, narrative) "
        "VALUES ('delete', OLD.id, OLD.narrative);"
    )
    for event, body in (
        ("INSERT", add),
        ("DELETE", drop),
        ("UPDATE OF narrative", drop + " " + add),
    ):
        name = f"allegations_fts_{event.split()[0].lower()}"
        op.execute(f"CREATE TRIGGER {name} AFTER {event} ON allegations BEGIN {body} END")


def _down_sqlite() -> None:
    for name in ("insert", "delete", "update"):
        op.execute(f"DROP TRIGGER allegations_fts_{name}")
    op.execute("DROP TABLE allegations_fts")
    for name in RULES:
        op.execute(f"DROP TRIGGER allegations_{name}")
    for table in APPEND_ONLY:
        for event in ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_refuses_{event}")


def _up_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION secondlook_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation'; END $$"
    )
    for table in APPEND_ONLY:
        told = f"'{table} is only ever added to'"
        op.execute(
            f"CREATE TRIGGER {table}_refuses BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION secondlook_refuse({told})"
        )
        op.execute(
            f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION secondlook_refuse({told})"
        )
    op.execute(
        "CREATE FUNCTION secondlook_closing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        + " ".join(
            f"IF TG_OP = '{event}' THEN IF {when} THEN RAISE EXCEPTION '{told}' "
            "USING ERRCODE = 'check_violation'; END IF; END IF;"
            for event, when, told in RULES.values()
        )
        + " RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER allegations_closing BEFORE INSERT OR UPDATE OF status, dismissed "
        "ON allegations FOR EACH ROW EXECUTE FUNCTION secondlook_closing()"
    )
    op.execute(
        "CREATE INDEX ix_allegations_fts ON allegations "
        "USING gin (to_tsvector('english', narrative))"
    )


def _down_postgresql() -> None:
    op.execute("DROP INDEX ix_allegations_fts")
    op.execute("DROP TRIGGER allegations_closing ON allegations")
    op.execute("DROP FUNCTION secondlook_closing()")
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER {table}_refuses ON {table}")
        op.execute(f"DROP TRIGGER {table}_refuses_truncate ON {table}")
    op.execute("DROP FUNCTION secondlook_refuse()")
