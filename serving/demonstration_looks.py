"""The demonstration's reviewers, half-way through a second look."""

from __future__ import annotations

import random
from collections.abc import Mapping

from serving import claiming, deciding, planting
from serving.actors import Actor
from serving.claiming import ReviewRules
from serving.demonstration_scene import BETWEEN_RANKINGS, SECOND_LOOKS, Scene, person_of
from serving.errors import Conflict
from serving.ranking import RankingWorker
from serving.store.database import Store


def review(scene: Scene, truth: Mapping[str, str], chance: random.Random) -> None:
    """Let two reviewers take second looks, the queue ranked anew now and then."""
    store = scene.store
    worker = RankingWorker(store, scene.promoted, scene.settings)
    reviewers = [person_of(store, one) for one in ("reviewer", "reviewer2")]
    rules = ReviewRules.of(scene.settings)
    planting.plant(
        store,
        person_of(store, "lead"),
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
