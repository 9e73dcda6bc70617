"""The narrative: what the free-text fields say, in the order of ``form.toml``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from data.schema import DONT_KNOW
from serving.eform.form import Form

_OPENING: Final = "Web form without free text."
_SAID: Final[Mapping[str, Mapping[str, str]]] = {
    "children_involved": {
        "yes": "Children are involved.",
        "no": "No children are involved.",
        DONT_KNOW: "Whether children are involved is not known.",
    },
    "timing": {
        "now": "It is happening now.",
        "ongoing": "It is ongoing.",
        "already": "It has already happened.",
        "not_yet": "It has not happened yet.",
        DONT_KNOW: "When it happens is not known.",
    },
    "timing_future": {
        "next_24_hours": "It is to happen in the next 24 hours.",
        "later_date": "It is to happen more than 24 hours ahead.",
        DONT_KNOW: "When it is to happen is not known.",
    },
}


def narrative(told: Mapping[str, Sequence[str]], form: Form) -> str:
    """Return the free text in the form's fixed order, a paragraph for each field.

    Parameters
    ----------
    told
        The texts of each field, by its name on the form.
    form
        The form, which knows the order and the words that stand before a text.
    """
    written = [
        f"{question.to}: {text}" if question.to else text
        for question in form.questions.values()
        if question.part == "narrative"
        for text in told.get(question.field, ())
    ]
    return "\n\n".join(written)


def made_narrative(titles: Sequence[str], fields: Mapping[str, str]) -> str:
    """State what was ticked, for a message without any free text.

    Parameters
    ----------
    titles
        Titles of the categories that were ticked.
    fields
        The structured answers; whom it is about stays out of it.
    """
    return " ".join(_sentences(titles, fields))


def _sentences(titles: Sequence[str], fields: Mapping[str, str]) -> Iterator[str]:
    yield _OPENING
    yield f"Ticked: {', '.join(titles)}." if titles else "No kind of crime is ticked."
    for name, sentences in _SAID.items():
        if fields.get(name) in sentences:
            yield sentences[fields[name]]
    if fields.get("transport"):
        means = fields["transport"].replace("|", ", ").replace(DONT_KNOW, "not known")
        yield f"Transport: {means}."
