"""Second opinions in the store: blind second answers to decisions drawn at random."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from serving.store.records_reviewing import Given, OpinionPair
from serving.store.tables import allegations, decisions
from serving.store.tables_access import accounts
from serving.store.tables_casework import second_opinions


class OpinionRepository:
    """Second opinions over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def draw(
        self,
        decision_id: int,
        allegation_id: int,
        first_reviewer_id: int,
        probability: float,
        *,
        now: datetime,
    ) -> None:
        """Note that a decision was drawn, and with what probability."""
        self._connection.execute(
            sa.insert(second_opinions).values(
                decision_id=decision_id,
                allegation_id=allegation_id,
                first_reviewer_id=first_reviewer_id,
                probability=probability,
                drawn_at=now,
            )
        )

    def answer(self, claim_id: int, account_id: int, given: Given) -> None:
        """Keep the answer of whoever claimed it."""
        self._connection.execute(
            sa.update(second_opinions)
            .where(second_opinions.c.claim_id == claim_id)
            .values(
                account_id=account_id,
                verdict=given.verdict,
                value=given.value,
                reason=given.reason,
                note=given.note,
                made_at=given.made_at,
            )
        )

    def take_back(self, claim_id: int, new_claim_id: int) -> None:
        """Forget an answer; the record is claimed anew."""
        nothing = dict.fromkeys(("account_id", "verdict", "value", "reason", "note", "made_at"))
        self._connection.execute(
            sa.update(second_opinions)
            .where(second_opinions.c.claim_id == claim_id)
            .values(claim_id=new_claim_id, **nothing)
        )

    def by_claim(self, claim_id: int) -> Given | None:
        """Give the answer to a claim, or ``None``."""
        opinion = second_opinions.c
        row = self._connection.execute(
            sa.select(
                opinion.verdict, opinion.value, opinion.reason, opinion.note, opinion.made_at
            ).where(opinion.claim_id == claim_id, opinion.verdict.is_not(None))
        ).one_or_none()
        return None if row is None else Given(*row, seconds=None)

    def pairs(self) -> list[OpinionPair]:
        """Decisions that stand with their second answers, in the order of these."""
        first, second = accounts.alias(), accounts.alias()
        rows = self._connection.execute(
            sa.select(
                allegations.c.key,
                allegations.c.reference,
                decisions.c.verdict,
                decisions.c.value,
                first.c.username,
                second_opinions.c.verdict,
                second_opinions.c.value,
                second.c.username,
                second_opinions.c.made_at,
            )
            .select_from(second_opinions)
            .join(decisions, decisions.c.id == second_opinions.c.decision_id)
            .join(allegations, allegations.c.id == second_opinions.c.allegation_id)
            .join(first, first.c.id == second_opinions.c.first_reviewer_id)
            .join(second, second.c.id == second_opinions.c.account_id)
            .where(second_opinions.c.verdict.is_not(None), decisions.c.withdrawn_at.is_(None))
            .order_by(second_opinions.c.made_at, second_opinions.c.decision_id)
        )
        return [OpinionPair(*row) for row in rows]

    def due(self) -> int:
        """How many decisions still wait for a second answer."""
        return (
            self._connection.scalar(
                sa.select(sa.func.count())
                .select_from(second_opinions)
                .join(decisions, decisions.c.id == second_opinions.c.decision_id)
                .where(second_opinions.c.verdict.is_(None), decisions.c.withdrawn_at.is_(None))
            )
            or 0
        )
