"""A service in use, to be looked at: accounts of every role, and work half-way done.

Nothing in it is real. The answers that people give here are the generator's own, now and then
another, so that every page has something to show; no figure of the demonstration means anything.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from data.synthetic import generate
from data.taxonomy import Taxonomy
from serving import accounts, claiming, deciding, planting
from serving.actors import SYSTEM, Actor
from serving.assessing import assess
from serving.assessment_rules import AssessmentAnswer
from serving.claiming import ReviewRules
from serving.countersigning import countersign
from serving.errors import Conflict
from serving.noticing import NewCase
from serving.opening import OpenRecord, open_record
from serving.own_view import give_own_view
from serving.passwords import Passwords, generated
from serving.promoted import PromotedModel
from serving.ranking import RankingWorker
from serving.receiving import receive
from serving.settings import Settings
from serving.source_handling import Reporter
from serving.store.database import Store
from serving.suggestion_shown import suggestion_for

PEOPLE: tuple[tuple[str, str, str, str], ...] = (
    ("assessor", "Asha Field", "assessor", "North"),
    ("assessor2", "Col Brook", "assessor", "South"),
    ("reviewer", "Rowan Mead", "reviewer", "North"),
    ("reviewer2", "Rhian Stone", "reviewer", "South"),
    ("lead", "Leigh Hart", "lead", "North"),
    ("scientist", "Dara Vale", "data_scientist", "North"),
    ("sources", "Sam Lowe", "source_handler", "North"),
    ("inspector", "Ines Ward", "inspector", ""),
)
"""User name, display name, role and team; invented."""

ARRIVALS, UNASSESSED = 160, 30
SPAN = timedelta(weeks=11)
SECOND_LOOKS, BETWEEN_RANKINGS = 160, 8
SLIP, PERSUADED = 0.08, 0.4
SEED = 20

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Scene:
    """Where the demonstration plays."""

    store: Store
    promoted: PromotedModel
    taxonomy: Taxonomy
    settings: Settings


@dataclass(frozen=True, slots=True)
class SignIn:
    """What somebody signs in with; told once."""

    username: str
    role: str
    password: str


def make_accounts(store: Store, passwords: Passwords) -> list[SignIn]:
    """Make an account for every role, where there is no account yet."""
    if accounts.list_accounts(store, SYSTEM):
        return []
    made = []
    for username, display_name, role, team in PEOPLE:
        password = generated()
        accounts.create_account(
            store,
            SYSTEM,
            username,
            [role],
            passwords,
            display_name=display_name,
            team=team or None,
            password=password,
        )
        made.append(SignIn(username, role, password))
    return made


def make_busy(
    scene: Scene, truth: Mapping[str, str], told: Told, *, now: datetime | None = None
) -> None:
    """Let people work for a while on what was imported, and on new arrivals.

    Parameters
    ----------
    truth
        True value of each imported allegation by its reference.
    told
        Called with what is being done.
    """
    now = now or datetime.now(UTC)
    chance = random.Random(SEED)  # noqa: S311 - a play, not a secret
    told("Receiving and assessing allegations of the last weeks")
    _Desk(scene, chance).work(now)
    told("Taking second looks, half of the way")
    _review(scene, truth, chance)


def _person(store: Store, username: str) -> Actor:
    return next(
        one.actor() for one in accounts.list_accounts(store, SYSTEM) if one.username == username
    )


class _Desk:
    """Two assessors and a lead who work through what arrives."""

    def __init__(self, scene: Scene, chance: random.Random) -> None:
        self._scene = scene
        self._chance = chance
        self._assessors = [_person(scene.store, one) for one in ("assessor", "assessor2")]
        self._lead = _person(scene.store, "lead")

    def work(self, now: datetime) -> None:
        sample = generate(rows=ARRIVALS, seed=SEED)
        records = zip(
            sample.allegations.to_dict("records"), sample.truth["true_value"], strict=True
        )
        for number, (row, true_value) in enumerate(records):
            arrived = now - SPAN * (1 - (number + 1) / (ARRIVALS + 1))
            if number >= ARRIVALS - UNASSESSED:
                arrived = now - timedelta(hours=2.2 * (ARRIVALS - number))
            key = self._receive(row, arrived)
            if number < ARRIVALS - UNASSESSED:
                self._assess(key, str(true_value), arrived)

    def _receive(self, row: Mapping[Hashable, Any], arrived: datetime) -> str:
        case = NewCase(
            "api",
            str(row["narrative"]),
            channel=str(row["channel"]),
            received_at=arrived,
            fields={name: str(row[name]) for name in ("children_involved", "timing") if row[name]},
            reporter=Reporter(),
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


def _review(scene: Scene, truth: Mapping[str, str], chance: random.Random) -> None:
    store = scene.store
    worker = RankingWorker(store, scene.promoted, scene.settings)
    reviewers = [_person(store, one) for one in ("reviewer", "reviewer2")]
    rules = ReviewRules.of(scene.settings)
    planting.plant(
        store,
        _person(store, "lead"),
        "Man with a white van, plate AB12 CDE, unloads sleeves of foreign cigarettes at the "
        "garages behind Mill Lane every Friday around six.",
        ["cigarettes_tobacco"],
        "medium",
    )
    for number in range(SECOND_LOOKS):
        if number % BETWEEN_RANKINGS == 0:
            worker.step()
        _look(store, reviewers[number % 2], truth, rules, chance)
    worker.step()


def _look(
    store: Store,
    who: Actor,
    truth: Mapping[str, str],
    rules: ReviewRules,
    chance: random.Random,
) -> None:
    try:
        claimed = claiming.claim_next(store, who, rules=rules)
    except Conflict:
        return
    if claimed is None:
        return
    if chance.random() < 0.01:
        claiming.unsure(store, who, claimed.claim, "Is this the same van as in the other reports?")
        return
    value = truth.get(claimed.reference, "medium")
    right = value == claimed.first_value
    answer = deciding.Answer(
        "uphold" if right else "overturn",
        None if right else value,
        chance.choice(("detail", "seriousness", "lawful")),
    )
    deciding.decide(store, who, claimed.claim, answer, rules=rules)
