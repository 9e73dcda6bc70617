"""What an assessment may say, and when closing a record takes two people."""

from __future__ import annotations

from dataclasses import dataclass, replace

from data.taxonomy import ClosureReason, Taxonomy
from serving.casework import noted, one_of
from serving.errors import NotAllowed
from serving.own_view import categories_of
from serving.reasons import REASONS
from serving.store.records_assessing import CaseFile

SUSPECTED_FALSE = "suspected_false"
"""The closure reason that says somebody invented the report: a person's tag, with a note."""


@dataclass(frozen=True, slots=True)
class AssessmentAnswer:
    """What an assessor settles on.

    Parameters
    ----------
    reason
        One of ``REASONS``.
    closure_reason, outcome
        Both are given to close the record; neither to leave it open for pursuit.
    """

    value: str
    categories: tuple[str, ...]
    reason: str
    note: str | None = None
    closure_reason: str | None = None
    outcome: str | None = None


def checked(answer: AssessmentAnswer, case: CaseFile, taxonomy: Taxonomy) -> AssessmentAnswer:
    """Check an answer against every rule; gives it with its categories in order, its note trimmed.

    Raises
    ------
    NotAllowed
        Naming the first field that breaks a rule, and the rule.
    """
    one_of(answer.value, case.value_order, "/value")
    chosen = categories_of(answer.categories, taxonomy)
    one_of(answer.reason, tuple(REASONS), "/reason")
    _check_closing(answer, case, taxonomy)
    needed = None
    if answer.reason == "other":
        needed = "is needed where the reason is 'other'"
    if answer.closure_reason == SUSPECTED_FALSE:
        needed = "is needed where a report is suspected to be false: say what speaks for it"
    return replace(answer, categories=chosen, note=noted(answer.note, needed=needed))


def _check_closing(answer: AssessmentAnswer, case: CaseFile, taxonomy: Taxonomy) -> None:
    lowest = case.value_order[0]
    if answer.closure_reason is None:
        if answer.value == lowest:
            raise NotAllowed("/closure_reason", f"is needed where the value is {lowest}")
        if answer.outcome is not None:
            raise NotAllowed("/outcome", "is given here only where the record is closed")
        return
    one_of(answer.closure_reason, taxonomy.closure_codes, "/closure_reason")
    if answer.outcome is None:
        raise NotAllowed("/outcome", "is needed where the record is closed")
    one_of(answer.outcome, taxonomy.outcome_codes, "/outcome")
    if answer.closure_reason in taxonomy.second_look_codes and answer.value != lowest:
        raise NotAllowed("/value", f"must be {lowest} where the record is closed as of no value")


def closure(code: str | None, taxonomy: Taxonomy) -> ClosureReason | None:
    """Find a closure reason by its code."""
    return next((one for one in taxonomy.closure_reasons if one.code == code), None)


def needs_two(case: CaseFile, value: str, reason: ClosureReason | None) -> bool:
    """Whether closing the record so takes a second person."""
    if reason is None or not case.safeguarding:
        return False
    lowest = value == case.value_order[0]
    return lowest or reason.second_look or reason.code == SUSPECTED_FALSE
