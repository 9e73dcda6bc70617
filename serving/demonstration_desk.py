"""The demonstration's assessors, who work through what arrives."""

from __future__ import annotations

import random
from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from data.synthetic import generate
from data.taxonomy import Taxonomy
from serving.actors import SYSTEM, Actor
from serving.assessing import assess
from serving.assessment_rules import AssessmentAnswer
from serving.countersigning import countersign
from serving.demonstration_scene import (
    ARRIVALS,
    PERSUADED,
    SEED,
    SLIP,
    SPAN,
    UNASSESSED,
    Scene,
    person_of,
)
from serving.noticing import NewCase
from serving.opening import OpenRecord, open_record
from serving.own_view import give_own_view
from serving.receiving import receive
from serving.source_handling import NOBODY, Reporter
from serving.suggestion_shown import suggestion_for

TOLD_BY = 12
"""One in so many says who reports."""
REPORTER = Reporter(
    first_name="Jo",
    surname="Fenn",
    phone="07700 900123",
    relationship="Neighbour",
    reported_before="yes",
    risk_if_used="yes",
    how_found_out="Sees it from the window",
)


class Desk:
    """Two assessors and a lead who work through what arrives."""

    def __init__(self, scene: Scene, chance: random.Random) -> None:
        self._scene = scene
        self._chance = chance
        self._assessors = [person_of(scene.store, one) for one in ("assessor", "assessor2")]
        self._lead = person_of(scene.store, "lead")

    def work(self, now: datetime) -> None:
        """Let everything arrive, and all but the newest be assessed."""
        sample = generate(rows=ARRIVALS, seed=SEED)
        records = zip(
            sample.allegations.to_dict("records"), sample.truth["true_value"], strict=True
        )
        for number, (row, true_value) in enumerate(records):
            arrived = now - SPAN * (1 - (number + 1) / (ARRIVALS + 1))
            if number >= ARRIVALS - UNASSESSED:
                arrived = now - timedelta(hours=2.2 * (ARRIVALS - number))
            key = self._receive(number, row, arrived)
            if number < ARRIVALS - UNASSESSED:
                self._assess(key, str(true_value), arrived)

    def _receive(self, number: int, row: Mapping[Hashable, Any], arrived: datetime) -> str:
        case = NewCase(
            "api",
            str(row["narrative"]),
            channel=str(row["channel"]),
            received_at=arrived,
            fields={name: str(row[name]) for name in ("children_involved", "timing") if row[name]},
            reporter=REPORTER if number % TOLD_BY == 0 else NOBODY,
        )
        scene = self._scene
        receipt = receive(
            scene.store,
            SYSTEM,
            case,
            scene.promoted.current(),
            scene.settings.clock,
            now=arrived,
        )
        return receipt.key

    def _assess(self, key: str, true_value: str, arrived: datetime) -> None:
        store, taxonomy = self._scene.store, self._scene.taxonomy
        who = self._chance.choice(self._assessors)
        at = arrived + timedelta(hours=self._chance.expovariate(1 / 20))
        opened = open_record(store, who, key, now=at)
        if opened.case.status != "unassessed":
            return
        own = self._slipped(true_value, taxonomy)
        categories = [str(one["category"]) for one in opened.suggested_categories[:1]]
        give_own_view(store, who, key, own, categories, opened.reading, taxonomy=taxonomy, now=at)
        suggested = suggestion_for(store, who, key, now=at).content.get("value")
        final = own
        if suggested and suggested != own and self._chance.random() < PERSUADED:
            final = suggested
        later = at + timedelta(seconds=self._chance.randint(40, 400))
        self._settle(who, opened, final, tuple(categories), later)

    def _settle(
        self, who: Actor, opened: OpenRecord, value: str, categories: Sequence[str], at: datetime
    ) -> None:
        scene = self._scene
        closes = value == scene.taxonomy.value_codes[0]
        done = assess(
            scene.store,
            who,
            opened.case.key,
            AssessmentAnswer(
                value,
                tuple(categories),
                self._chance.choice(("detail", "seriousness", "linked")),
                closure_reason=scene.taxonomy.second_look_codes[0] if closes else None,
                outcome="no_action" if closes else None,
            ),
            taxonomy=scene.taxonomy,
            expected_version=opened.case.version,
            now=at,
        )
        if done.awaits_second_person and self._chance.random() < 0.5:
            read_at = at + timedelta(minutes=50)
            open_record(scene.store, self._lead, opened.case.key, now=read_at)
            countersign(
                scene.store,
                self._lead,
                done.assessment,
                True,
                "Read; nothing to pursue and nobody at risk.",
                taxonomy=scene.taxonomy,
                now=at + timedelta(hours=1),
            )

    def _slipped(self, value: str, taxonomy: Taxonomy) -> str:
        if self._chance.random() < SLIP:
            return self._chance.choice(taxonomy.value_codes)
        return value
