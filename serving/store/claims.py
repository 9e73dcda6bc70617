"""Claims in the store: who has which record, and until when.

Whoever claims or decides locks the record's row first. A record that another locked is passed
over, and a claim is only kept if, seen from behind that lock, the record is still free: so no
record is given out twice, whatever was decided while the search was under way.
"""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from serving.store.allegations import stored
from serving.store.candidates import (
    ALLEGATION,
    HELD,
    SECOND_LOOK,
    SECOND_OPINION,
    agreed_to,
    free_for_second_look,
    still_free,
)
from serving.store.columns import BigId
from serving.store.records_reviewing import Candidate, Claim, HeldClaim, Known, Standing, Unsure
from serving.store.tables import allegations, decisions, queues
from serving.store.tables_access import accounts
from serving.store.tables_casework import claims, plant_answers, second_opinions

KNOWN = [one.name for one in fields(Known)]
GIVEN = (
    *("account_id", "purpose", "claimed_at", "expires_at"),
    *("ranking_id", "exhibit_id", "known", "explained"),
)
# built once: building them takes longer than running them
WITH_RECORD = (
    sa.select(
        allegations,
        *(column.label(f"claim_{column.name}") for column in claims.c),
        queues.c.value_order,
    )
    .join(claims, claims.c.allegation_id == allegations.c.id)
    .join(queues, queues.c.name == allegations.c.queue)
)
LOCKED = (
    WITH_RECORD.add_columns(agreed_to(sa.bindparam("me", type_=BigId)).label("agreed"))
    .where(claims.c.id == sa.bindparam("claim"), claims.c.account_id == sa.bindparam("me"))
    .with_for_update(of=(claims, allegations), key_share=True)
)
LATE = (
    sa.select(claims.c.id)
    .where(claims.c.state == HELD, claims.c.expires_at <= sa.bindparam("now"))
    .with_for_update(skip_locked=True)
)
EXPIRE = sa.update(claims).where(claims.c.id.in_(LATE))
EXPIRE = EXPIRE.values(state="expired", ended_at=claims.c.expires_at)
CHANGE = sa.update(claims).where(claims.c.id == sa.bindparam("claim"))
MINE = claims.c.account_id == sa.bindparam("me")
STANDING = sa.select(
    sa.select(sa.func.count()).where(MINE, claims.c.state == HELD).scalar_subquery(),
    sa.select(claims.c.id)
    .where(MINE, claims.c.state != "expired")
    .order_by(claims.c.id.desc())
    .limit(1)
    .scalar_subquery(),
    sa.select(allegations.c.lot)
    # compared so that the first is found by its number, and not by sorting the whole queue
    .where(allegations.c.queue.concat("") == sa.bindparam("queue"))
    .order_by(allegations.c.id)
    .limit(1)
    .scalar_subquery(),
)


class ClaimRepository:
    """Claims over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def expire(self, now: datetime) -> int:
        """Let go of claims whose time has run out; gives how many."""
        return self._connection.execute(EXPIRE, {"now": now}).rowcount

    def standing_of(self, queue: str, account_id: int) -> Standing:
        """How many records somebody holds, which he had last, and what draws are seeded with."""
        row = self._connection.execute(STANDING, {"queue": queue, "me": account_id}).one()
        return Standing(*row)

    def add(
        self,
        account_id: int,
        candidate: Candidate,
        exhibit_id: int,
        *,
        now: datetime,
        until: datetime,
    ) -> int | None:
        """Claim a record whose row is locked; gives the claim's number.

        Gives ``None`` where it was decided or claimed before the lock was had.
        """
        known = {name: getattr(candidate.known, name) for name in KNOWN}
        number: int | None = self._connection.scalar(
            _adding(candidate.purpose, self._connection.dialect.name),
            {
                "allegation": candidate.allegation.id,
                "decision": candidate.decision_id,
                "account_id": account_id,
                "purpose": candidate.purpose,
                "claimed_at": now,
                "expires_at": until,
                "ranking_id": candidate.known.ranking_id,
                "exhibit_id": exhibit_id,
                "known": known,
                "explained": "parts" in candidate.known.receipt,
            },
        )
        if number is not None and candidate.decision_id is not None:
            self._connection.execute(
                sa.update(second_opinions)
                .where(second_opinions.c.decision_id == candidate.decision_id)
                .values(claim_id=number)
            )
        return number

    def end(self, claim_id: int, state: str, *, now: datetime, note: str | None = None) -> None:
        """Close a claim: decided, skipped, unsure, or expired where it is given back."""
        self._set(claim_id, state=state, ended_at=now, note=note)

    def explain(self, claim_id: int, known: Known) -> None:
        """Complete the receipt of a claim."""
        self._set(claim_id, known=asdict(known), explained=True)

    def again(self, claim: Claim, *, now: datetime) -> int:
        """Claim a record again whose decision was taken back, until the same moment."""
        new = {
            "allegation_id": claim.allegation_id,
            "account_id": claim.account_id,
            "purpose": claim.purpose,
            "state": "held",
            "claimed_at": now,
            "expires_at": claim.expires_at,
            "ranking_id": claim.known.ranking_id,
            "exhibit_id": claim.exhibit_id,
            "known": asdict(claim.known),
            "explained": claim.explained,
            **_number(self._connection.dialect.name),
        }
        number = self._connection.scalar(sa.insert(claims).values(new).returning(claims.c.id))
        assert number is not None  # noqa: S101 - an insert that returns nothing cannot be
        return int(number)

    def lock(self, claim_id: int, account_id: int) -> HeldClaim | None:
        """Find somebody's claim with its record, both locked until the transaction ends."""
        row = self._connection.execute(LOCKED, {"claim": claim_id, "me": account_id}).one_or_none()
        return None if row is None else _held(row, agreed=row.agreed)

    def find(self, claim_id: int) -> HeldClaim | None:
        """Find a claim with its record, whoever made it."""
        row = self._connection.execute(WITH_RECORD.where(claims.c.id == claim_id)).one_or_none()
        return None if row is None else _held(row)

    def held_by(self, account_id: int, now: datetime) -> list[HeldClaim]:
        """Give what somebody holds, the oldest first."""
        rows = self._connection.execute(
            WITH_RECORD.where(
                claims.c.account_id == account_id,
                claims.c.state == HELD,
                claims.c.expires_at > now,
            ).order_by(claims.c.id)
        )
        return [_held(row) for row in rows]

    def unexplained(self, *, since: datetime, limit: int) -> list[Claim]:
        """Find the newest claims of ranked records whose receipts are not complete."""
        rows = self._connection.execute(
            sa.select(claims)
            .where(
                claims.c.state.in_(("held", "decided")),
                claims.c.claimed_at >= since,
                claims.c.explained.is_(False),
                claims.c.ranking_id.is_not(None),
            )
            .order_by(claims.c.id.desc())
            .limit(limit)
        )
        return [_claim(row) for row in rows]

    def held_records(self) -> set[int]:
        """Give the records that anybody holds."""
        return set(
            self._connection.scalars(
                sa.select(claims.c.allegation_id).where(claims.c.state == HELD)
            )
        )

    def to_discuss(self, account_id: int | None) -> list[Unsure]:
        """Give records that somebody was unsure about and nobody has answered since.

        Parameters
        ----------
        account_id
            Leaves out what this reviewer may not answer: what he assessed or answered first.
        """
        rows = self._connection.execute(
            sa.select(
                claims.c.id,
                allegations.c.key,
                allegations.c.reference,
                accounts.c.username,
                claims.c.note,
                claims.c.ended_at,
            )
            .join(allegations, allegations.c.id == claims.c.allegation_id)
            .join(accounts, accounts.c.id == claims.c.account_id)
            .where(
                claims.c.state == "unsure",
                allegations.c.dismissed.is_(True),
                sa.func.coalesce(allegations.c.assessed_by, 0) != (account_id or -1),
                sa.not_(agreed_to(account_id or -1)),
                _unanswered(account_id),
            )
            .order_by(claims.c.id)
        )
        return [Unsure(*row) for row in rows]

    def _set(self, claim_id: int, **values: Any) -> None:  # noqa: ANN401
        self._connection.execute(CHANGE, {"claim": claim_id, **values})


@cache
def _adding(purpose: str, dialect: str) -> sa.sql.dml.ReturningInsert[int]:
    """Build the statement that adds a claim, once for each purpose."""
    new: dict[str, sa.ColumnElement[Any]] = {
        "allegation_id": ALLEGATION,
        "state": HELD,
        **{name: sa.bindparam(name, type_=claims.c[name].type) for name in GIVEN},
        **_number(dialect),
    }
    return (
        sa.insert(claims)
        .from_select(list(new), sa.select(*new.values()).where(still_free(purpose)))
        .returning(claims.c.id)
    )


def _number(dialect: str) -> dict[str, sa.ColumnElement[int]]:
    """Give a claim a number above every decision's: a decision takes its claim's."""
    if dialect != "sqlite":
        return {}
    last = [
        sa.func.coalesce(sa.select(sa.func.max(table.c.id)).scalar_subquery(), 0)
        for table in (claims, decisions)
    ]
    return {"id": sa.func.max(*last) + 1}


def _unanswered(account_id: int | None) -> sa.ColumnElement[bool]:
    answered_plant = sa.exists().where(
        plant_answers.c.allegation_id == claims.c.allegation_id,
        plant_answers.c.made_at > claims.c.ended_at,
        plant_answers.c.withdrawn_at.is_(None),
    )
    opinion_due = sa.exists().where(
        second_opinions.c.claim_id == claims.c.id,
        second_opinions.c.verdict.is_(None),
        second_opinions.c.first_reviewer_id != (account_id or -1),
    )
    return sa.or_(
        sa.and_(claims.c.purpose == SECOND_LOOK, free_for_second_look(), sa.not_(answered_plant)),
        sa.and_(claims.c.purpose == SECOND_OPINION, opinion_due),
    )


def _held(row: Row[*tuple[Any, ...]], *, agreed: bool = False) -> HeldClaim:
    return HeldClaim(
        claim=_claim(row, "claim_"),
        allegation=stored(row),
        planted=row.planted,
        cycle=row.cycle,
        assessed_by=row.assessed_by,
        value_order=tuple(row.value_order),
        agreed=agreed,
    )


def _claim(row: Row[*tuple[Any, ...]], prefix: str = "") -> Claim:
    columns = row._mapping  # noqa: SLF001 - the documented way to a row's columns
    values = {one.name: columns[prefix + one.name] for one in fields(Claim)}
    return Claim(**{**values, "known": Known(**(values["known"] or {}))})
