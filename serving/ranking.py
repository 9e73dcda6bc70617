"""The worker that keeps the queue of second looks ranked.

It may be killed at any moment: doubts are kept batch by batch, a ranking is published whole, and
the next worker goes on from what is there. A lease lets only one work at a time, and a worker
whose lease was taken over publishes nothing.
"""

from __future__ import annotations

import logging
import os
import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from data.errors import SecondLookError
from data.schema import Allegation
from model.predictor import Predictor
from model.types import Suggestion
from serving.intake import QUEUE
from serving.learning import Learner
from serving.promoted import PromotedModel
from serving.queueing import Place, compose
from serving.settings import Settings
from serving.store.database import Store, Unit
from serving.store.records import Doubt, Lesson, Marks, NewEntry, StoredAllegation, Waiting

LEASE = "ranking"
BATCH = 500
METHOD = "second look ranker"
MANY_DETAILS = 5
LONGEST_REST = 5.0
# Writing down precedents takes long, and whoever works from the top sees no more than these.
RECEIPTS = 20
OF_MODEL = ("suggested_value", "reasons", "details")

log = logging.getLogger(__name__)


class LeaseLost(SecondLookError):  # noqa: N818 - named for what happened
    """Another worker has taken over."""


class RankingWorker:
    """Ranks the queue whenever there is something new: records, a decision, another model.

    Parameters
    ----------
    store
        Where the queue is.
    promoted
        The model in service.
    settings
        Depth of the queue, audit share, times.

    Attributes
    ----------
    trouble
        Why the last attempt failed, or ``None``.
    """

    def __init__(self, store: Store, promoted: PromotedModel, settings: Settings) -> None:
        self.trouble: str | None = None
        self._store = store
        self._promoted = promoted
        self._settings = settings
        self._mismatched = False
        self._holder = f"{os.getpid()}-{secrets.token_hex(6)}"
        self._receipts: tuple[str, dict[int, Mapping[str, Any]]] = ("", {})
        self._learner: Learner | None = None
        self._learned_of: tuple[str, int, int] | None = None
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Work in a thread of this process."""
        self._thread = threading.Thread(target=self.run, name="ranking", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch in hand, let the lease go and return."""
        self._stopping.set()
        self._wake.set()
        if self._thread:
            self._thread.join()

    def wake(self) -> None:
        """Look for something new at once."""
        self._wake.set()

    def run(self) -> None:
        """Work until stopped."""
        while not self._stopping.is_set():
            began = time.monotonic()
            self._attempt()
            # a large queue takes seconds to rank: those who answer get as much of the processor
            self._stopping.wait(min(time.monotonic() - began, LONGEST_REST))
            self._wake.wait(self._settings.ranking_poll_seconds)
            self._wake.clear()

    def step(self) -> int | None:
        """Rank once if there is something new; gives the new ranking's number.

        Returns ``None`` where nothing is new, there is no model or another worker ranks.

        Raises
        ------
        LeaseLost
            When another worker took over meanwhile.
        NotReady
            When the store cannot be reached.
        """
        predictor = self._promoted.current()
        if predictor is None:
            return None
        self._explain_claims(predictor)
        if not self._is_due(predictor):
            return None
        token = self._take_lease()
        if token is None:
            return None
        try:
            self._doubt_new_records(predictor, token)
            return None if self._stopping.is_set() else self._rank(predictor, token)
        finally:
            self._release_lease()

    def _attempt(self) -> None:
        try:
            self.step()
        except SecondLookError as problem:
            self._note(str(problem))
        except Exception as fault:  # noqa: BLE001 - the worker outlives what befalls one ranking
            self._note(f"ranking failed: {type(fault).__name__}")
        else:
            self.trouble = self.trouble if self._mismatched else None

    def _note(self, trouble: str) -> None:
        if trouble != self.trouble:
            log.error("%s", trouble)
        self.trouble = trouble

    def _is_due(self, predictor: Predictor) -> bool:
        with self._store.reading() as unit:
            values = unit.allegations.value_order(QUEUE)
            marks = unit.decisions.marks(QUEUE)
            current = unit.rankings.current(QUEUE)
        if values is None:
            return False
        self._mismatched = values != predictor.value_codes
        if self._mismatched:
            self._note("the model in service knows other values than the store holds")
            return False
        return current is None or (
            marks != current.marks or current.model_version != predictor.version
        )

    def _take_lease(self) -> int | None:
        with self._store.writing() as unit:
            return self._lease(unit)

    def _lease(self, unit: Unit) -> int | None:
        return unit.leases.take(
            LEASE, self._holder, now=datetime.now(UTC), seconds=self._settings.lease_seconds
        )

    def _release_lease(self) -> None:
        with self._store.writing() as unit:
            unit.leases.release(LEASE, self._holder)

    def _keep_lease(self, unit: Unit, token: int) -> None:
        if self._lease(unit) != token:
            raise LeaseLost("another worker ranks now")

    def _doubt_new_records(self, predictor: Predictor, token: int) -> None:
        while not self._stopping.is_set():
            with self._store.reading() as unit:
                records = unit.allegations.without_doubt(QUEUE, predictor.version, limit=BATCH)
            if not records:
                return
            found = _doubts(predictor, records)
            with self._store.writing() as unit:
                self._keep_lease(unit, token)
                unit.allegations.keep_doubts(predictor.version, found)

    def _rank(self, predictor: Predictor, token: int) -> int:
        with self._store.reading() as unit:
            marks = unit.decisions.marks(QUEUE)
            waiting = unit.allegations.waiting(QUEUE, predictor.version)
            told = unit.decisions.told(QUEUE)
            held = unit.claims.held_records()
        learner, lessons = self._lessons(predictor, marks)
        learner.learn(lessons, told)
        scores = learner.scores([one.id for one in waiting])
        places = self._places(waiting, scores, marks)
        ids = [waiting[one.index].id for one in places]
        receipts = dict(self._receipts_for(predictor, ids))
        # whoever asks next gets the first that nobody holds
        first = [one for one in ids if one not in held][:RECEIPTS]
        for one, why in zip(first, self._named(learner.receipts(first)), strict=True):
            receipts[one] = {**receipts[one], **why}
        entries = [
            NewEntry(
                allegation_id=waiting[one.index].id,
                doubt=waiting[one.index].doubt,
                score=scores[one.index],
                selection_probability=one.probability,
                audit=one.audit,
                receipt=receipts[waiting[one.index].id],
            )
            for one in places
        ]
        return self._publish(predictor, token, entries, marks, len(waiting))

    def _published_receipts(self, version: str) -> dict[int, Mapping[str, Any]]:
        """Give what the current ranking says already, if the same model said it."""
        with self._store.reading() as unit:
            current = unit.rankings.current(QUEUE)
            if current is None or current.model_version != version:
                return {}
            entries = unit.rankings.entries(current.id, limit=self._settings.ranking_depth)
        return {
            one.allegation.id: {name: one.receipt[name] for name in OF_MODEL} for one in entries
        }

    def _named(self, receipts: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Put the references of precedents in the place of their numbers."""
        numbers = {one["allegation"] for receipt in receipts for one in receipt["precedents"]}
        with self._store.reading() as unit:
            known = {one.id: one for one in unit.allegations.by_ids(sorted(numbers))}
        return [
            {**receipt, "precedents": [_by_name(one, known) for one in receipt["precedents"]]}
            for receipt in receipts
        ]

    def _publish(
        self,
        predictor: Predictor,
        token: int,
        entries: Sequence[NewEntry],
        marks: Marks,
        waiting: int,
    ) -> int:
        with self._store.writing() as unit:
            self._keep_lease(unit, token)
            number = unit.rankings.publish(
                QUEUE,
                entries,
                made_at=datetime.now(UTC),
                method=METHOD,
                model_version=predictor.version,
                marks=marks,
                waiting=waiting,
            )
            unit.allegations.drop_other_doubts(predictor.version)
        log.info("ranking %d: %d waiting, %d queued", number, waiting, len(entries))
        return number

    def _lessons(self, predictor: Predictor, marks: Marks) -> tuple[Learner, list[Lesson]]:
        """Give the learner with what it does not know yet.

        One that knows a record as it no longer is, or another model's doubts, begins anew.
        """
        learner = self._learner or Learner(predictor.version)
        came = (predictor.version, marks.last_allegation_id, marks.assessments)
        if learner is self._learner and came == self._learned_of:
            return learner, []
        with self._store.reading() as unit:
            standings = unit.allegations.standings(QUEUE, predictor.version)
            if learner.version != predictor.version or any(
                standings.get(one) != was for one, was in learner.known.items()
            ):
                learner = Learner(predictor.version)
            new = [one for one in standings if one not in learner.known]
            lessons = unit.allegations.lessons(predictor.version, new)
        self._learner, self._learned_of = learner, came
        return learner, lessons

    def _explain_claims(self, predictor: Predictor) -> None:
        """Complete the receipts of records that were claimed before theirs was written."""
        learner = self._learner
        if learner is None or learner.version != predictor.version:
            return
        since = datetime.now(UTC) - timedelta(hours=1)
        with self._store.reading() as unit:
            found = unit.claims.unexplained(since=since, limit=RECEIPTS)
        known = [one for one in found if one.allegation_id in learner.known]
        receipts = learner.receipts([one.allegation_id for one in known]) if known else []
        for one, why in zip(known, self._named(receipts), strict=True):
            complete = replace(one.known, receipt={**one.known.receipt, **why})
            with self._store.writing() as unit:
                unit.claims.explain(one.id, complete)

    def _places(
        self, waiting: Sequence[Waiting], scores: Sequence[float], marks: Marks
    ) -> list[Place]:
        order = sorted(range(len(waiting)), key=lambda one: (-scores[one], waiting[one].id))
        return compose(
            order,
            [one.lot for one in waiting],
            depth=self._settings.ranking_depth,
            share=self._settings.audit_share,
            seed=(marks.last_allegation_id, marks.decisions, marks.withdrawals),
        )

    def _receipts_for(
        self, predictor: Predictor, ids: Sequence[int]
    ) -> Mapping[int, Mapping[str, Any]]:
        """Give reasons and details, those of the ranking before being used again."""
        version, known = self._receipts
        if version != predictor.version:
            known = self._published_receipts(predictor.version)
        missing = [one for one in ids if one not in known]
        with self._store.reading() as unit:
            records = unit.allegations.by_ids(missing)
        for record, found in zip(records, predictor.flag(_assessed(records)), strict=True):
            known[record.id] = {
                "suggested_value": found.suggested_value,
                "reasons": [asdict(one) for one in found.reasons],
                "details": [asdict(one) for one in found.details],
            }
        kept = {one: known[one] for one in ids}
        self._receipts = (predictor.version, kept)
        return kept


def _by_name(
    precedent: Mapping[str, Any], known: Mapping[int, StoredAllegation]
) -> Mapping[str, Any]:
    record = known[precedent["allegation"]]
    return {
        "reference": record.reference,
        "key": record.key,
        "similarity": precedent["similarity"],
        "kind": precedent["kind"],
    }


def _doubts(predictor: Predictor, records: Sequence[StoredAllegation]) -> list[Doubt]:
    lowest = predictor.value_codes[0]
    allegations = [one.as_allegation() for one in records]
    doubts = predictor.doubts([(one, lowest) for one in allegations])
    found = predictor.suggest(allegations, explain=False)
    return [
        Doubt(one.id, doubt, _evidence(it))
        for one, doubt, it in zip(records, doubts, found, strict=True)
    ]


def _evidence(found: Suggestion) -> dict[str, float]:
    """Give what speaks for a second look and what the value model does not use."""
    return {
        "investigable details": min(len(found.details), MANY_DETAILS) / MANY_DETAILS,
        "urgency rule": float(bool(found.urgency)),
        "safeguarding rule": float(bool(found.safeguarding)),
    }


def _assessed(records: Sequence[StoredAllegation]) -> list[tuple[Allegation, str]]:
    return [(one.as_allegation(), one.first_value or "") for one in records]
