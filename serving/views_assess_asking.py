"""What an allegation's page asks: the own view, the assessment, the second person, additions.

Nothing is chosen beforehand but what the reader has chosen already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from data.taxonomy import Label, Taxonomy
from serving.casework import NOTE_LIMIT
from serving.grading import BLOCKS_SHARING, HANDLING, INFORMATION, SOURCE
from serving.opening import OpenRecord, Standing
from serving.parts.answers import CategoryQuestion, Choice, Note, Question, Reasons
from serving.parts.figures import SuggestionView
from serving.parts.phrases import Phrase, plainly, strength, tells
from serving.parts.records import Fact
from serving.reasons import REASONS
from serving.suggestion_shown import Shown
from serving.views import moment
from serving.views_assess import (
    DecisionForm,
    GradeForm,
    OutcomeForm,
    OwnViewForm,
    RemarkForm,
    SecondPersonForm,
    StandingView,
)

VALUE_KEYS: Final = "1234"
REASON_KEYS: Final = "56789"
MOST_PHRASES: Final = 6
NO_NAMES: Final = "Do not name the reporter."


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed into one of the forms, to be shown again beside what is wrong with it.

    Parameters
    ----------
    form
        Which of them: ``own_view``, ``decision``, ``second_person``, ``grade``, ``outcome`` or
        ``remark``.
    answers
        By field.
    errors
        By field.
    """

    form: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def of(self, form: str) -> Typed:
        """Give what was typed into this form: nothing where it was another."""
        return self if form == self.form else Typed(form)

    def text(self, name: str) -> str:
        """Give a field's answer."""
        return str(self.answers.get(name) or "")

    def error(self, name: str) -> str:
        """Give what is wrong with a field."""
        return self.errors.get(name, "")


def own_view_form(opened: OpenRecord, typed: Typed, taxonomy: Taxonomy) -> OwnViewForm:
    """Ask for the own view."""
    # the time to an assessment counts from the first reading, unless that one no longer serves
    first = typed.answers.get("reading") if "main-content" not in typed.errors else None
    return OwnViewForm(
        reading=int(first or opened.reading),
        value=_value(opened, typed, taxonomy, "What is it worth?", explained=True),
        categories=_categories(opened, typed, taxonomy),
    )


def decision_form(
    opened: OpenRecord, shown: Shown, typed: Typed, taxonomy: Taxonomy
) -> DecisionForm:
    """Ask for the assessment; what the own view said is filled in."""
    view = opened.own_view
    assert view is not None  # noqa: S101 - the form follows an own view
    if not typed.answers:
        typed = Typed("decision", {"value": view.value, "categories": view.categories})
    return DecisionForm(
        version=opened.case.version,
        own=taxonomy.title(view.value),
        suggestion=suggestion(shown, view.value, taxonomy),
        value=_value(opened, typed, taxonomy, "Value"),
        categories=_categories(opened, typed, taxonomy),
        chosen=", ".join(map(taxonomy.title, typed.answers["categories"])) or "none",
        reasons=Reasons(
            _question("reason", "What decided it?", REASONS, typed, keys=REASON_KEYS),
            _note("note", "Note", typed, f"Needed for “something else”. {NO_NAMES}"),
        ),
        closing=_question("closing", "What happens now?", CLOSING, typed, keys="oc"),
        closure_reason=_labels(
            "closure_reason", "Why is it closed?", taxonomy.closure_reasons, typed
        ),
        outcome=_labels("outcome", "What came of it?", taxonomy.outcomes, typed),
        two=opened.case.safeguarding,
    )


CLOSING: Final = {"open": "Keep it open, to be pursued", "close": "Close it"}


def suggestion(shown: Shown, own: str, taxonomy: Taxonomy) -> SuggestionView | None:
    """Give the suggestion as it was kept for this reader."""
    if not shown.suggested:
        return None
    content = shown.content
    agrees = content["value"] == own
    return SuggestionView(
        question="Value",
        answer=taxonomy.title(content["value"]),
        unsure=content["unsure"],
        confidence=content["confidence_percent"],
        words=content["confidence_words"],
        own=taxonomy.title(own),
        agrees=agrees,
        phrases=_phrases(content["reasons"], content["value"]),
        source=f"Model {content['model_version']}. It compares words, and can be wrong.",
    )


def standing_view(
    opened: OpenRecord, taxonomy: Taxonomy, *, assesses: bool, undo_minutes: int, now: datetime
) -> StandingView | None:
    """Tell of the assessment that stands."""
    made = opened.standing
    if made is None:
        return None
    last = made.made_at + timedelta(minutes=undo_minutes)
    undo = ""
    if assesses and made.own and (made.awaits_second_person or now <= last):
        undo = (
            "until the second person has decided"
            if made.awaits_second_person
            else f"until {moment(last)} (UTC)"
        )
    facts = [
        Fact("Value", taxonomy.title(made.value)),
        Fact("Categories", ", ".join(map(taxonomy.title, made.categories)) or "None"),
        Fact("Reason", REASONS.get(made.reason, made.reason)),
        Fact("By", made.made_by),
        Fact("When", moment(made.made_at)),
    ]
    if made.closure_reason:
        facts.insert(1, Fact("Closed as", taxonomy.title(made.closure_reason)))
        facts.insert(2, Fact("Outcome", taxonomy.title(made.outcome or "")))
    if made.second_person:
        facts.append(Fact("Second person", made.second_person))
    # as long as it can be taken back, that is what whoever erred wants
    can_take_up = assesses and not undo and opened.case.status == "open"
    return StandingView(
        _became(opened, made, taxonomy),
        tuple(facts),
        made.note or "",
        undo,
        opened.case.version if can_take_up else None,
    )


def second_person_form(opened: OpenRecord, typed: Typed) -> SecondPersonForm | None:
    """Ask the second person, where somebody else's assessment awaits one."""
    made = opened.standing
    if made is None or made.own or not made.awaits_second_person:
        return None
    agreeing = {
        "yes": "I agree: close it",
        "no": "I do not agree: it is assessed anew",
    }
    return SecondPersonForm(
        made.number,
        _question("agree", "Do you agree with closing it?", agreeing, typed, keys="ad"),
        _note("note", "Why?", typed, f"Needed either way. {NO_NAMES}"),
    )


def grade_form(opened: OpenRecord, typed: Typed) -> GradeForm:
    """Ask for a grade by 3x5x2."""
    sources = {str(code): f"{code}: {title}" for code, title in SOURCE.items()}
    at_risk = any(one.get("code") == BLOCKS_SHARING for one in opened.case.source_alerts)
    hint = "Must be C: using the information may put somebody at risk." if at_risk else ""
    information = {code: f"{code}: {title}" for code, title in INFORMATION.items()}
    handling = {code: f"{code}: {title}" for code, title in HANDLING.items()}
    return GradeForm(
        _question("source", "Source", sources, typed, "An anonymous report is normally 2."),
        _question("information", "Information", information, typed),
        _question("handling", "Handling", handling, typed, hint),
        _note("conditions", "Conditions", typed, "Needed where handling is C."),
        open=bool(typed.answers),
    )


def outcome_form(typed: Typed, taxonomy: Taxonomy, *, unfolded: bool) -> OutcomeForm:
    """Ask what came of a record."""
    return OutcomeForm(
        _labels("outcome", "What came of it?", taxonomy.outcomes, typed),
        _note("note", "Note", typed, NO_NAMES),
        open=unfolded or bool(typed.answers),
    )


def remark_form(typed: Typed) -> RemarkForm:
    """Ask for a remark."""
    hint = f"For whoever works on it next. It cannot be changed afterwards. {NO_NAMES}"
    return RemarkForm(_note("text", "Remark", typed, hint), open=bool(typed.answers))


def _became(opened: OpenRecord, made: Standing, taxonomy: Taxonomy) -> str:
    value = taxonomy.title(made.value)
    if made.awaits_second_person:
        return f"{value}: awaits a second person"
    if opened.case.status == "closed":
        return f"{value}: closed"
    return f"{value}: open, to be pursued"


def _value(
    opened: OpenRecord, typed: Typed, taxonomy: Taxonomy, legend: str, *, explained: bool = False
) -> Question:
    known = {one.code: one for one in taxonomy.values}
    chosen = typed.text("value")
    keys = dict(zip(opened.case.value_order, VALUE_KEYS, strict=False))
    choices = tuple(
        Choice(
            code,
            taxonomy.title(code),
            known[code].description if explained and code in known else "",
            keys.get(code, ""),
            chosen == code,
        )
        for code in opened.case.value_order
    )
    return Question("value", legend, choices, error=typed.error("value"))


def _categories(opened: OpenRecord, typed: Typed, taxonomy: Taxonomy) -> CategoryQuestion:
    ticked = set(typed.answers.get("categories") or ())
    known = taxonomy.category_codes
    first = [one["category"] for one in opened.suggested_categories if one["category"] in known]
    # those that the reader ticked stand above the fold, whoever thought of them first
    first += [one for one in known if one in ticked and one not in first]
    rest = [one for one in known if one not in first]

    def choices(codes: Iterable[str]) -> tuple[Choice, ...]:
        return tuple(Choice(one, taxonomy.title(one), chosen=one in ticked) for one in codes)

    return CategoryQuestion(
        "categories",
        "What is it about?",
        choices(first),
        choices(rest),
        error=typed.error("categories"),
    )


def _question(
    name: str,
    legend: str,
    titles: Mapping[str, str],
    typed: Typed,
    hint: str = "",
    *,
    keys: str = "",
) -> Question:
    letters = dict(zip(titles, keys, strict=False))
    choices = tuple(
        Choice(code, title, "", letters.get(code, ""), typed.text(name) == code)
        for code, title in titles.items()
    )
    return Question(name, legend, choices, hint, typed.error(name))


def _labels(name: str, legend: str, labels: Sequence[Label], typed: Typed) -> Question:
    return _question(name, legend, {one.code: one.title for one in labels}, typed)


def _note(name: str, label: str, typed: Typed, hint: str) -> Note:
    return Note(name, label, typed.text(name), hint, typed.error(name), limit=NOTE_LIMIT)


def _phrases(reasons: Sequence[Mapping[str, Any]], value: str) -> tuple[Phrase, ...]:
    found = [one for one in reasons if one["contribution"] and tells(one["phrase"])]
    found = found[:MOST_PHRASES]
    most = max((abs(one["contribution"]) for one in found), default=1.0)
    return tuple(
        Phrase(
            plainly(one["phrase"]),
            strength(abs(one["contribution"]) / most),
            "towards" if (one["contribution"] > 0) == (one["towards"] == value) else "against",
        )
        for one in found
    )
