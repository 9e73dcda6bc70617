"""Lists of assessments in the store, and what figures on automation bias are made of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from serving.store.records_assessing import Listed, ViewRow
from serving.store.tables import allegations, decisions, queues
from serving.store.tables_access import accounts
from serving.store.tables_casework import assessments, outcomes, own_views

_RECORD = tuple(
    allegations.c[one]
    for one in (
        "key", "reference", "channel", "received_at", "urgency", "safeguarding", "status",
    )
)  # fmt: skip


class AssessmentLists:
    """Lists over one transaction; planted records are on none."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def awaiting(self, account_id: int | None, *, limit: int) -> list[Listed]:
        """Closures that wait for a second person, other than one's own, most urgent first."""
        wanted = _assessed().where(
            assessments.c.awaits_second_person, assessments.c.withdrawn_at.is_(None)
        )
        if account_id is not None:
            wanted = wanted.where(assessments.c.account_id != account_id)
        order = (allegations.c.urgency.desc(), assessments.c.id)
        return self._listed(wanted.order_by(*order).limit(limit))

    def recent(self, account_id: int, *, limit: int) -> list[Listed]:
        """Assessments of one person, newest first."""
        wanted = _assessed().where(assessments.c.account_id == account_id)
        return self._listed(wanted.order_by(assessments.c.id.desc()).limit(limit))

    def returned(self, *, limit: int) -> list[Listed]:
        """Dismissals that a second look overturned and whose outcome nobody has recorded since."""
        done = sa.exists().where(
            outcomes.c.allegation_id == allegations.c.id,
            outcomes.c.made_at >= decisions.c.decided_at,
        )
        rows = self._connection.execute(
            sa.select(
                *_RECORD,
                decisions.c.value,
                allegations.c.closure_reason,
                sa.func.coalesce(accounts.c.display_name, decisions.c.reviewer, "").label("by"),
                decisions.c.decided_at.label("at"),
                sa.null().label("assessment"),
                sa.literal("returned").label("state"),
            )
            .join(allegations, allegations.c.id == decisions.c.allegation_id)
            .outerjoin(accounts, accounts.c.id == decisions.c.reviewer_id)
            .where(
                decisions.c.verdict == "overturn",
                decisions.c.withdrawn_at.is_(None),
                allegations.c.dismissed,
                sa.not_(allegations.c.planted),
                allegations.c.erased_at.is_(None),
                ~done,
            )
            .order_by(
                allegations.c.urgency.desc(), allegations.c.safeguarding.desc(), decisions.c.id
            )
            .limit(limit)
        )
        return [Listed(**row._mapping) for row in rows]  # noqa: SLF001

    def views(self, since: datetime, until: datetime) -> list[ViewRow]:
        """Assessments of a period that were not withdrawn, beside own view and suggestion."""
        rows = self._connection.execute(
            sa.select(
                assessments.c.account_id,
                accounts.c.display_name.label("account"),
                accounts.c.team,
                queues.c.value_order,
                own_views.c.value.label("own_value"),
                assessments.c.suggested_value,
                assessments.c.value,
                assessments.c.seconds,
            )
            .join(own_views, own_views.c.id == assessments.c.own_view_id)
            .join(accounts, accounts.c.id == assessments.c.account_id)
            .join(allegations, allegations.c.id == assessments.c.allegation_id)
            .join(queues, queues.c.name == allegations.c.queue)
            .where(
                assessments.c.made_at >= since,
                assessments.c.made_at < until,
                assessments.c.withdrawn_at.is_(None),
                sa.not_(allegations.c.planted),
            )
            .order_by(assessments.c.id)
        )
        return [_view(row) for row in rows]

    def _listed(self, wanted: sa.Select[*tuple[Any, ...]]) -> list[Listed]:
        return [Listed(**row._mapping) for row in self._connection.execute(wanted)]  # noqa: SLF001


def _assessed() -> sa.Select[*tuple[Any, ...]]:
    state = sa.case(
        (assessments.c.withdrawn_at.is_not(None), "withdrawn"),
        (assessments.c.awaits_second_person, "awaiting"),
        else_="standing",
    )
    return (
        sa.select(
            *_RECORD,
            assessments.c.value,
            assessments.c.closure_reason,
            accounts.c.display_name.label("by"),
            assessments.c.made_at.label("at"),
            assessments.c.id.label("assessment"),
            state.label("state"),
        )
        .join(allegations, allegations.c.id == assessments.c.allegation_id)
        .join(accounts, accounts.c.id == assessments.c.account_id)
        .where(sa.not_(allegations.c.planted))
    )


def _view(row: Row[*tuple[Any, ...]]) -> ViewRow:
    values = dict(row._mapping)  # noqa: SLF001 - the documented way to a row's columns
    values["value_order"] = tuple(values["value_order"])
    return ViewRow(**values)
