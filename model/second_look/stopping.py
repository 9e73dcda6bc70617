"""Advice on whether to go on with a second look, in plain words.

Every piece of advice states the interval it rests on: nobody is told to stop on a single figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from model.second_look.estimate import SecondLookEstimate
from model.second_look.standing import standing

NEXT_REVIEWS = 100


class Step(StrEnum):
    """What the advice amounts to."""

    FINISHED = "finished"
    TARGET_MET = "target_met"
    TARGET_LIKELY = "target_likely"
    CARRY_ON = "carry_on"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True, slots=True)
class Advice:
    """A step and the sentences that explain it; ``text`` always holds an interval."""

    step: Step
    text: str

    @property
    def may_stop(self) -> bool:
        """Whether stopping is backed by a certificate or by having reviewed everything."""
        return self.step in {Step.FINISHED, Step.TARGET_MET}


def advise(estimate: SecondLookEstimate, *, next_reviews: int = NEXT_REVIEWS) -> Advice:
    """Say where a second look stands and what more reviews would bring.

    Parameters
    ----------
    estimate
        What is known so far.
    next_reviews
        How many more reviews to speak of.
    """
    step = _step(estimate)
    return Advice(step, f"{_opening(step, estimate)} {standing(estimate, next_reviews)}".strip())


def _step(estimate: SecondLookEstimate) -> Step:
    if not estimate.backlog:
        return Step.FINISHED
    if estimate.certified:
        return Step.TARGET_MET
    if not estimate.audited:
        return Step.NOT_KNOWN
    if estimate.found and estimate.recall.low >= estimate.target_recall:
        return Step.TARGET_LIKELY
    return Step.CARRY_ON


def _opening(step: Step, estimate: SecondLookEstimate) -> str:
    target = f"{estimate.target_recall:.0%}"
    if step is Step.FINISHED:
        return "Finished: every dismissed allegation has been reviewed."
    if step is Step.TARGET_MET:
        return (
            f"Target met: at least {target} of the wrong dismissals have been found, "
            f"with {estimate.confidence:.0%} confidence."
        )
    if step is Step.TARGET_LIKELY:
        return (
            f"Nearly there: {target} of the wrong dismissals have probably been found, "
            "but that is not certain yet."
        )
    if step is Step.NOT_KNOWN:
        return "Carry on: without a random audit draw nobody can say how many remain."
    return "Carry on."
