"""What is told of an allegation that was taken in: to its sender, and to the audit log."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from serving.noticing import NewCase, Noticed
from serving.store.records_intake import Case, Flag, KeptMessage


@dataclass(frozen=True, slots=True)
class Link:
    """An allegation that another is linked to, why, and whether it is a repeat of it."""

    key: str
    kinds: tuple[str, ...]
    similarity: float | None
    repeats: bool
    reopened: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was taken in and what was noticed. The suggested value is not among it.

    Parameters
    ----------
    repeated
        Whether the same message had come before, so that nothing new was made.
    categories
        The model's category suggestions, as code and probability.
    """

    key: str
    repeated: bool
    due_at: datetime | None
    urgency: int
    urgency_flags: tuple[Flag, ...]
    safeguarding_flags: tuple[Flag, ...]
    source_alerts: tuple[Mapping[str, str], ...]
    identifies_reporter: bool
    links: tuple[Link, ...] = ()
    categories: tuple[Mapping[str, Any], ...] = ()
    defects: tuple[Mapping[str, str], ...] = ()


def receipt_of(case: Case, message: KeptMessage | None) -> Receipt:
    """Return what is to be said of an allegation that was taken in before."""
    return Receipt(
        key=case.key,
        repeated=True,
        due_at=case.due_at,
        urgency=case.urgency,
        urgency_flags=case.urgency_flags,
        safeguarding_flags=case.safeguarding_flags,
        source_alerts=case.source_alerts,
        identifies_reporter=case.identifies_reporter,
        defects=message.defects if message else (),
    )


def for_the_log(received: NewCase, receipt: Receipt, noticed: Noticed) -> dict[str, Any]:
    """Return what the audit log says of it: codes, numbers and digests."""
    suggestion = noticed.suggestion
    return {
        "origin": received.origin,
        "urgency": receipt.urgency,
        "urgency_rules": _rules(receipt.urgency_flags),
        "safeguarding_rules": _rules(receipt.safeguarding_flags),
        "took_over_from": sorted(set(_from(receipt))),
        "source_alerts": [one["code"] for one in receipt.source_alerts],
        "links": len(receipt.links),
        "reopened": sum(one.reopened for one in receipt.links),
        "defects": len(receipt.defects),
        "model_version": suggestion.model_version if suggestion else None,
        "narrative_sha256": hashlib.sha256(received.narrative.encode()).hexdigest(),
    }


def _rules(flags: Sequence[Flag]) -> list[str]:
    return sorted({flag["rule"] for flag in flags})


def _from(receipt: Receipt) -> Iterator[str]:
    for flag in (*receipt.urgency_flags, *receipt.safeguarding_flags):
        if "from" in flag:
            yield flag["from"]
