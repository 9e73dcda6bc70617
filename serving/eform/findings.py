"""What does not fit in a message, collected on the way through it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from serving.eform.types import Defect, Unread

WORDS: Final[Mapping[str, str]] = {
    "unknown_field": "the form is not known to have a field of this name; kept unread",
    "other_case": "the name is written in other capital and small letters than the form's",
    "unknown_key": "not a part of the message that is known; kept unread",
    "repeated_same": "sent more than once, with the same answer",
    "repeated_differs": "sent more than once, with different answers; the first is used, or the "
    "graver where one is, and the others are kept unread",
    "repeated_text": "sent more than once, with different texts; all of them are in the narrative",
    "two_answers": "another field answers the same question differently; the first is used, or "
    "the graver where one is, and the other is kept unread",
    "no_value": "holds nothing, not even an empty text",
    "number_for_text": "a number where a text is expected",
    "list_for_text": "a list where one text is expected",
    "not_a_text": "neither a text nor a number; kept unread",
    "tick_as_text": "a tick box sent as text",
    "tick_not_one": "a tick box that holds something other than 1; not counted as ticked",
    "unknown_code": "not among the answers that the form offers; kept unread",
    "words_for_answer": "words where the form offers answers to choose from",
    "free_text_too_long": "free text of more than 1,200 characters; taken whole",
    "note_too_long": "a timing note of more than 50 characters; taken whole",
    "not_a_date": "not a date as the form writes it (YYYY-MM-DD); taken as it stands",
    "impossible_date": "a day that does not exist or that this cannot be; taken as it stands",
    "impossible_time": "not a time of day (HH:MM); taken as it stands",
    "nationality_unreliable": "the form's stored nationality codes are known to slip by a row: "
    "do not rely on it",
    "age_band_unclear": "the form sends 74+ as 75+ beside a band of 65–74: an age of 74 may be "
    "meant by either",
    "age_and_birth_disagree": "the age and the date of birth disagree",
    "conflict": "says something different from another answer",
    "missing_crime_type": "the type of crime is missing; the form asks for it always",
    "missing_tick": "no kind of crime is ticked; the form asks for at least one",
    "missing_children": "whether children are involved is missing; the form asks for it always",
    "no_free_text": "there is no free text; the narrative only states what was ticked",
    "people_unread": "a further person is listed in a way that is not known; kept unread",
    "people_empty": "further people are listed without anything about them",
    "people_twice": "further people are listed in two places; the same person may stand twice",
    "attachment_unread": "an attachment without a text for name, type or number; kept unread",
    "attachments_many": "more than three attachments; the form takes three",
    "misspelt_attachments": "an older spelling of Attachments; taken as such",
}


@dataclass(slots=True)
class Findings:
    """What is found on the way through a message.

    Parameters
    ----------
    on
        The day of receipt.
    """

    on: date
    defects: list[Defect] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)

    def report(self, name: str, rule: str, where: str, more: str = "") -> None:
        """Report a rule that is broken; ``more`` completes its words and quotes nothing."""
        self.defects.append(Defect(name, rule, WORDS[rule] + more, where))
