"""What is kept about one decision or assessment, whole, for whoever checks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from serving.store.tables import decisions
from serving.store.tables_access import accounts
from serving.store.tables_casework import assessments, own_views


class ReplayRepository:
    """Decisions and assessments as kept, over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def facts(self, kind: str, number: int) -> Mapping[str, Any] | None:
        """Give every column of a decision or an assessment, or ``None``.

        ``account_id`` and ``maker`` say who made it; an assessment brings the own view that
        came before the suggestion.
        """
        wanted = _decision(number) if kind == "decision" else _assessment(number)
        row = self._connection.execute(wanted).one_or_none()
        return None if row is None else dict(row._mapping)  # noqa: SLF001


def _decision(number: int) -> sa.Select[Any]:
    return (
        sa.select(
            decisions,
            decisions.c.reviewer_id.label("account_id"),
            sa.func.coalesce(accounts.c.username, decisions.c.reviewer).label("maker"),
        )
        .select_from(decisions.outerjoin(accounts, accounts.c.id == decisions.c.reviewer_id))
        .where(decisions.c.id == number)
    )


def _assessment(number: int) -> sa.Select[Any]:
    return (
        sa.select(
            assessments,
            accounts.c.username.label("maker"),
            own_views.c.value.label("own_value"),
            own_views.c.categories.label("own_categories"),
            own_views.c.made_at.label("own_view_at"),
        )
        .select_from(
            assessments.join(own_views, own_views.c.id == assessments.c.own_view_id).join(
                accounts, accounts.c.id == assessments.c.account_id
            )
        )
        .where(assessments.c.id == number)
    )
