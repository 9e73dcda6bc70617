"""The frozen answers that the model gives: no behaviour beyond what each one is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Detail:
    """One investigable fact found in a narrative.

    Parameters
    ----------
    kind
        ``postcode``, ``phone``, ``vehicle_registration``, ``date``, ``time``, ``person``,
        ``business``, ``address`` or ``amount``.
    text
        The words as they stand in the narrative.
    start, end
        Character offsets in the narrative, end exclusive.
    """

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class RuleFlag:
    """A rule, independent of any model, that fired on an allegation.

    Parameters
    ----------
    rule
        Its name, such as ``child_at_risk`` or ``next_24_hours``.
    because
        What made it fire, in words an assessor understands.
    start, end
        Character offsets of the evidence in the narrative, or ``None`` where a structured
        answer made the rule fire.
    """

    rule: str
    because: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """A word, phrase or answer that moved a score.

    Parameters
    ----------
    phrase
        The words, with ``[a name]`` and the like in place of protected ones, or the name of a
        structured answer. Never such a placeholder alone.
    contribution
        What it added to the raw score of ``towards``; positive moves towards it. Log-odds.
    towards
        The value or category whose score it moved.
    """

    phrase: str
    contribution: float
    towards: str


@dataclass(frozen=True, slots=True)
class CategorySuggestion:
    """A category and its calibrated probability, between 0 and 1."""

    category: str
    probability: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the model suggests for one allegation.

    Parameters
    ----------
    reference
        The allegation's reference.
    value
        The suggested value: the one that suits best when rare values count as much as common
        ones, which is not always the most probable.
    confidence
        Calibrated probability of ``value``; another value's may be larger.
    unsure
        Whether ``confidence`` is below the threshold chosen on held-out data.
    value_probabilities
        Calibrated probability of each value, lowest value first; they sum to 1.
    categories
        The categories worth naming, most probable first: at most five, and none less probable
        than 0.05 but for the first.
    details
        Investigable facts found in the narrative.
    reasons
        What moved the score of ``value`` most, largest contribution first.
    urgency, safeguarding
        Rules that fired, independent of the model.
    model_version
        Version of the artefact that answered.
    """

    reference: str
    value: str
    confidence: float
    unsure: bool
    value_probabilities: Mapping[str, float]
    categories: tuple[CategorySuggestion, ...] = ()
    details: tuple[Detail, ...] = ()
    reasons: tuple[Reason, ...] = ()
    urgency: tuple[RuleFlag, ...] = ()
    safeguarding: tuple[RuleFlag, ...] = ()
    model_version: str = ""


@dataclass(frozen=True, slots=True)
class Flagged:
    """How doubtful a recorded value is.

    Parameters
    ----------
    reference
        The allegation's reference.
    recorded_value
        The value that was recorded for it.
    doubt
        Calibrated probability that the recorded value is wrong, between 0 and 1.
    flagged
        Whether ``doubt`` reaches ``threshold``.
    threshold
        The threshold in force.
    suggested_value
        The value that the model suggests: ``Suggestion.value`` of the same allegation.
    reasons
        What speaks against the recorded value, largest contribution first.
    details
        Investigable facts found in the narrative.
    """

    reference: str
    recorded_value: str
    doubt: float
    flagged: bool
    threshold: float
    suggested_value: str
    reasons: tuple[Reason, ...] = ()
    details: tuple[Detail, ...] = field(default=())
    model_version: str = ""
