"""What stands beside the fields of a message: attachments, and what is not known."""

from __future__ import annotations

from typing import Any, Final

from serving.eform.findings import Findings
from serving.eform.message import Message
from serving.eform.tree import Number, as_json
from serving.eform.types import Attachment, Unread

_MOST_ATTACHMENTS: Final = 3
_OLD_SPELLING: Final = "Attachements"
_OUTER: Final = frozenset({"AdditionalPeople", "Attachments", _OLD_SPELLING})


def read_attachments(message: Message, found: Findings) -> tuple[Attachment, ...]:
    """Return the attachments; what is none is reported and kept unread."""
    if _OLD_SPELLING in message.outer:
        found.report(_OLD_SPELLING, "misspelt_attachments", f"/{_OLD_SPELLING}")
    several: list[Attachment] = []
    for name in ("Attachments", _OLD_SPELLING):
        listed = message.outer.get(name)
        if isinstance(listed, list):
            read = (_attachment(one, f"/{name}/{at}", found) for at, one in enumerate(listed))
            several += [one for one in read if one is not None]
        elif listed not in (None, "", {}):
            _leave(name, listed, f"/{name}", "attachment_unread", found)
    if len(several) > _MOST_ATTACHMENTS:
        found.report("Attachments", "attachments_many", "/Attachments")
    return tuple(several)


def _attachment(one: object, where: str, found: Findings) -> Attachment | None:
    if isinstance(one, dict):
        texts = [one.get(key) for key in ("name", "mimetype", "id")]
        if all(isinstance(text, str) and not isinstance(text, Number) for text in texts):
            for key in one.keys() - {"name", "mimetype", "id", "url"}:
                _leave(key, one[key], where, "unknown_key", found)
            return Attachment(*map(str, texts))
    _leave("Attachments", one, where, "attachment_unread", found)
    return None


def report_strays(message: Message, found: Findings) -> None:
    """Report what stands beside the parts that a message has, and keep it unread."""
    for key, value in message.outer.items():
        if key not in _OUTER:
            _leave(key, value, "/(name)", "unknown_key", found)


def _leave(name: str, value: Any, where: str, rule: str, found: Findings) -> None:  # noqa: ANN401
    found.report(where, rule, where)
    found.unread.append(Unread(where, name, as_json(value)))
