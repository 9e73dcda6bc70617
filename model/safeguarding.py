"""What calls for safeguarding, independent of the value, the reporter and any model."""

from __future__ import annotations

from collections.abc import Mapping

from model.rules import fire, load_rules
from model.types import RuleFlag


def safeguarding(text: str, fields: Mapping[str, str]) -> tuple[RuleFlag, ...]:
    """Apply the rules of ``data/terms/safeguarding.toml``.

    Parameters
    ----------
    text
        The narrative.
    fields
        Structured answers by the name of the question.
    """
    return fire(load_rules("safeguarding"), text, fields)
