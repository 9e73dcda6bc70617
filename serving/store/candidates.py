"""Finding the record that a reviewer looks at next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from serving.store.allegations import stored
from serving.store.columns import BigId
from serving.store.records import Ranking
from serving.store.records_reviewing import Candidate, Known
from serving.store.tables import allegations, decisions, doubts, ranking_entries, rankings
from serving.store.tables_casework import (
    assessments,
    claims,
    plant_answers,
    plants,
    second_opinions,
)

SECOND_LOOK, SECOND_OPINION = "second_look", "second_opinion"
# written out, because an index over the held ones serves no other spelling
HELD: sa.ColumnElement[str] = sa.literal_column("'held'")
UNSURE: sa.ColumnElement[str] = sa.literal_column("'unsure'")
SKIPPED: sa.ColumnElement[str] = sa.literal_column("'skipped'")
DECIDED: sa.ColumnElement[str] = sa.literal_column("'decided'")
NOT_PLACES = ("allegation_id", "settled")
ALLEGATION = sa.bindparam("allegation", type_=BigId)
NEWEST = (
    sa.select(rankings.c.id)
    .where(rankings.c.queue == sa.bindparam("queue"))
    .order_by(rankings.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
IS_UNSURE = claims.c.state == UNSURE


@dataclass(frozen=True, slots=True)
class Seeker:
    """Whoever looks for a record.

    Parameters
    ----------
    account_id
        Never gets what this account assessed, agreed to close or answered.
    today
        When the day began: what was skipped since then does not come again.
    """

    account_id: int | sa.BindParameter[int]
    today: datetime | sa.BindParameter[datetime]


class CandidateRepository:
    """Looks for records to claim over one transaction, and locks the one that it finds."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def ranked(self, queue: str, seeker: Seeker) -> Candidate | None:
        """Find the first free record of the current ranking."""
        said = {"queue": queue, "me": seeker.account_id, "today": seeker.today}
        row = self._connection.execute(_ranked(), said).one_or_none()
        return None if row is None else _candidate(row, row.ranked_by)

    def by_doubt(self, queue: str, ranking: Ranking, seeker: Seeker) -> Candidate | None:
        """Find the free record that the model doubts most, ranked or not."""
        row = self._first(
            sa.select(allegations, doubts.c.doubt)
            .select_from(doubts)
            .join(allegations, allegations.c.id == doubts.c.allegation_id)
            .where(doubts.c.model_version == ranking.model_version, *_for_seeker(queue, seeker))
            .order_by(doubts.c.doubt.desc(), doubts.c.allegation_id.desc())
        )
        if row is None:
            return None
        known = Known(ranking.id, None, ranking.model_version, row.doubt)
        return Candidate(stored(row), SECOND_LOOK, known)

    def any(self, queue: str, seeker: Seeker) -> Candidate | None:
        """Find the first free record, where no model has doubted it yet."""
        row = self._first(
            sa.select(allegations).where(*_for_seeker(queue, seeker)).order_by(allegations.c.id)
        )
        return None if row is None else Candidate(stored(row), SECOND_LOOK, Known())

    def plant(self, queue: str, seeker: Seeker) -> Candidate | None:
        """Find the first planted record that the reviewer has not had."""
        had = sa.exists().where(
            claims.c.allegation_id == allegations.c.id,
            sa.or_(
                claims.c.state.in_((HELD, UNSURE)),
                sa.and_(claims.c.account_id == seeker.account_id, claims.c.state != "expired"),
            ),
        )
        row = self._first(
            sa.select(allegations)
            .where(
                # found from the few in their own table, and not by reading the large one
                allegations.c.id.in_(sa.select(plants.c.allegation_id)),
                allegations.c.queue.concat("") == queue,
                allegations.c.planted.is_(True),
                allegations.c.dismissed.is_(True),
                sa.not_(had),
            )
            .order_by(allegations.c.lot)
        )
        return None if row is None else Candidate(stored(row), SECOND_LOOK, Known())

    def opinion(self, seeker: Seeker, key: str | None = None) -> Candidate | None:
        """Find the first decision drawn for a second opinion that this reviewer may give.

        Parameters
        ----------
        key
            Only that of this record, and only once somebody was unsure about it.
        """
        by_other = _opinion_claim(_in_the_way(seeker) if key is None else claims.c.state == HELD)
        asked = [] if key is None else [allegations.c.key == key, _opinion_claim(IS_UNSURE)]
        row = self._first(
            sa.select(allegations, second_opinions.c.decision_id)
            .select_from(second_opinions)
            .join(allegations, allegations.c.id == second_opinions.c.allegation_id)
            .join(decisions, decisions.c.id == second_opinions.c.decision_id)
            .where(
                second_opinions.c.verdict.is_(None),
                second_opinions.c.first_reviewer_id != seeker.account_id,
                decisions.c.withdrawn_at.is_(None),
                decisions.c.cycle == allegations.c.cycle,
                allegations.c.dismissed.is_(True),
                _not_his_own(seeker),
                sa.not_(by_other),
                *asked,
            )
            .order_by(second_opinions.c.decision_id)
        )
        if row is None:
            return None
        return Candidate(stored(row), SECOND_OPINION, Known(), row.decision_id)

    def lock(self, queue: str, key: str) -> Row[*tuple[Any, ...]] | None:
        """Find a record by its key, its row locked until the transaction ends."""
        return self._connection.execute(
            sa.select(allegations)
            .where(allegations.c.queue == queue, allegations.c.key == key)
            .with_for_update(of=allegations, key_share=True)
        ).one_or_none()

    def holder(self, allegation_id: int) -> int | None:
        """Whose claim for a second look holds a record."""
        return self._connection.scalar(
            sa.select(claims.c.account_id).where(
                claims.c.allegation_id == allegation_id,
                claims.c.purpose == SECOND_LOOK,
                claims.c.state == HELD,
            )
        )

    def agreed(self, allegation_id: int, account_id: int) -> bool:
        """Whether an account was the second person who agreed to closing a record."""
        wanted = sa.select(allegations.c.id).where(allegations.c.id == allegation_id)
        found = self._connection.scalar(wanted.where(agreed_to(account_id)))
        return found is not None

    def is_answered(self, record: Row[*tuple[Any, ...]]) -> bool:
        """Whether a record has an answer that stands: a planted one looks like any other."""
        answered = sa.exists().where(
            plant_answers.c.allegation_id == record.id, plant_answers.c.withdrawn_at.is_(None)
        )
        decided = sa.exists().where(
            decisions.c.allegation_id == record.id,
            decisions.c.cycle == record.cycle,
            decisions.c.withdrawn_at.is_(None),
        )
        found = self._connection.scalar(sa.select(sa.or_(answered, decided)))
        return record.reviewed_value is not None or bool(found)

    def place(self, record: Row[*tuple[Any, ...]], ranking: Ranking | None) -> Candidate:
        """Say where one record stands in a ranking, or what the model makes of it."""
        if ranking is None:
            return Candidate(stored(record), SECOND_LOOK, Known())
        places = [one for one in ranking_entries.c if one.name not in NOT_PLACES]
        row = self._connection.execute(
            sa.select(allegations, *places)
            .join(ranking_entries, ranking_entries.c.allegation_id == allegations.c.id)
            .where(ranking_entries.c.ranking_id == ranking.id, allegations.c.id == record.id)
        ).one_or_none()
        if row is not None:
            return _candidate(row, ranking.model_version)
        doubt = self._connection.scalar(
            sa.select(doubts.c.doubt).where(
                doubts.c.allegation_id == record.id,
                doubts.c.model_version == ranking.model_version,
            )
        )
        known = Known(
            ranking.id, None, ranking.model_version if doubt is not None else None, doubt
        )
        return Candidate(stored(record), SECOND_LOOK, known)

    def _first(self, wanted: sa.Select[Any]) -> Row[*tuple[Any, ...]] | None:
        return self._connection.execute(
            wanted.limit(1).with_for_update(of=allegations, skip_locked=True, key_share=True)
        ).one_or_none()


def free_for_second_look() -> sa.ColumnElement[bool]:
    """Without a decision that stands on its present cycle."""
    return sa.not_(
        sa.exists().where(
            decisions.c.allegation_id == allegations.c.id,
            decisions.c.cycle == allegations.c.cycle,
            decisions.c.withdrawn_at.is_(None),
        )
    )


def still_free(purpose: str) -> sa.ColumnElement[bool]:
    """Whether a locked record may still be claimed, as it is now that it is locked."""
    held = sa.exists().where(
        claims.c.allegation_id == ALLEGATION, claims.c.purpose == purpose, claims.c.state == HELD
    )
    waits = (
        sa.exists().where(
            allegations.c.id == ALLEGATION,
            allegations.c.dismissed.is_(True),
            free_for_second_look(),
        )
        if purpose == SECOND_LOOK
        else sa.exists().where(
            second_opinions.c.decision_id == sa.bindparam("decision", type_=BigId),
            second_opinions.c.verdict.is_(None),
        )
    )
    return sa.and_(sa.not_(held), waits)


def _for_seeker(
    queue: str | sa.BindParameter[str], seeker: Seeker
) -> list[sa.ColumnElement[bool]]:
    taken = sa.exists().where(claims.c.allegation_id == allegations.c.id, _in_the_way(seeker))
    return [
        allegations.c.queue == queue,
        allegations.c.dismissed.is_(True),
        allegations.c.planted.is_(False),
        allegations.c.erased_at.is_(None),
        allegations.c.reviewed_value.is_(None),
        _not_his_own(seeker),
        free_for_second_look(),
        sa.not_(taken),
    ]


def _opinion_claim(state: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        claims.c.allegation_id == allegations.c.id, claims.c.purpose == SECOND_OPINION, state
    )


def _in_the_way(seeker: Seeker) -> sa.ColumnElement[bool]:
    """Held, left to be discussed, or skipped by this reviewer today."""
    return sa.or_(
        claims.c.state == HELD,
        claims.c.state == UNSURE,
        sa.and_(
            claims.c.state == SKIPPED,
            claims.c.account_id == seeker.account_id,
            claims.c.ended_at >= seeker.today,
        ),
    )


def agreed_to(account_id: int | sa.BindParameter[int]) -> sa.ColumnElement[bool]:
    """Whether an account was the second person who agreed to closing the record."""
    return sa.exists().where(
        assessments.c.allegation_id == allegations.c.id,
        assessments.c.cycle == allegations.c.cycle,
        assessments.c.second_person_id == account_id,
        assessments.c.second_person_agreed.is_(True),
    )


def _not_his_own(seeker: Seeker) -> sa.ColumnElement[bool]:
    assessed_it = sa.func.coalesce(allegations.c.assessed_by, 0) == seeker.account_id
    return sa.not_(sa.or_(assessed_it, agreed_to(seeker.account_id)))


@cache
def _ranked() -> sa.Select[Any]:
    """Build the query that is asked most, once: building it takes longer than asking it."""
    anybody = Seeker(
        sa.bindparam("me", type_=claims.c.account_id.type),
        sa.bindparam("today", type_=claims.c.ended_at.type),
    )
    places = [one for one in ranking_entries.c if one.name not in NOT_PLACES]
    return (
        sa.select(allegations, *places, rankings.c.model_version.label("ranked_by"))
        .select_from(ranking_entries)
        .join(rankings, rankings.c.id == ranking_entries.c.ranking_id)
        .join(allegations, allegations.c.id == ranking_entries.c.allegation_id)
        .where(
            ranking_entries.c.ranking_id == NEWEST,
            sa.text("NOT ranking_entries.settled"),
            *_for_seeker(sa.bindparam("queue"), anybody),
        )
        .order_by(ranking_entries.c.position)
        .limit(1)
        .with_for_update(of=allegations, skip_locked=True, key_share=True)
    )


def _candidate(row: Row[*tuple[Any, ...]], model_version: str) -> Candidate:
    known = Known(
        row.ranking_id,
        row.position,
        model_version,
        row.doubt,
        row.score,
        row.selection_probability,
        row.audit,
        row.receipt,
    )
    return Candidate(stored(row), SECOND_LOOK, known)
