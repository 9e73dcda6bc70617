"""What makes an allegation urgent, independent of its value and of any model."""

from __future__ import annotations

from collections.abc import Mapping

from model.rules import fire, load_rules
from model.types import RuleFlag


def urgency(text: str, fields: Mapping[str, str]) -> tuple[RuleFlag, ...]:
    """Apply the rules of ``data/terms/urgency.toml``.

    Parameters
    ----------
    text
        The narrative.
    fields
        Structured answers by the name of the question.
    """
    return fire(load_rules("urgency"), text, fields)
