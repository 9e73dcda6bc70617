"""Pages of who reported: records with something to mind, and one reporter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from data.schema import DONT_KNOW
from data.taxonomy import Taxonomy
from serving.identities import Alerted, Identity
from serving.parts.figures import Cell, Column, Pagination, Table
from serving.parts.records import Fact, RecordHeader
from serving.store.records_intake import WorkItem
from serving.views import moment

SAID = {"yes": "Yes", "no": "No", DONT_KNOW: "Don’t know"}
ASKED = {
    "how_found_out": "How they know",
    "who_else_knows": "Who else knows",
    "reported_before": "Reported before",
    "relationship": "Relationship to the person reported",
    "risk_if_used": "Would acting on it put anyone at risk",
    "under_18": "Under 18",
    "may_contact": "May be contacted",
    "contact_time": "When",
    "email": "E-mail address",
    "phone": "Telephone number",
}


@dataclass(frozen=True, slots=True)
class AlertedRow:
    """A record with something to mind about who reported.

    Parameters
    ----------
    header
        Its reference, tags and facts; leads to who reported.
    alerts
        What to mind.
    """

    header: RecordHeader
    alerts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AlertedPage:
    """Context of ``identities.html``.

    Parameters
    ----------
    title
        Heading and title of the page.
    rows
        Records with something to mind.
    pagination
        The pages before and after.
    """

    title: str
    rows: tuple[AlertedRow, ...]
    pagination: Pagination


@dataclass(frozen=True, slots=True)
class IdentityPage:
    """Context of ``identity.html``.

    Parameters
    ----------
    title
        Heading and title of the page.
    alerts
        What to mind before speaking to them.
    facts
        What they said of themselves.
    erased
        When that was erased, or empty.
    readings
        Who read it before.
    """

    title: str
    alerts: tuple[str, ...]
    facts: tuple[Fact, ...]
    erased: str
    readings: Table


def alerted_page(found: Alerted, taxonomy: Taxonomy, *, first: bool) -> AlertedPage:
    """Make the context of the list of source alerts."""
    following = f"/identities?cursor={found.next_cursor}" if found.next_cursor else ""
    return AlertedPage(
        title="Who reported",
        rows=tuple(_alerted(one, found.readings.get(one.key, 0), taxonomy) for one in found.items),
        pagination=Pagination(
            "" if first else "/identities", following, "Source alerts", "First page"
        ),
    )


def identity_page(found: Identity) -> IdentityPage:
    """Make the context of the page of who reported."""
    about = found.allegation or "an allegation that is gone"
    return IdentityPage(
        title=f"Who reported {about}",
        alerts=found.alerts,
        facts=tuple(_said(name, value) for name, value in found.details.items()),
        erased=moment(found.erased_at) if found.erased_at else "",
        readings=Table(
            "Who read this before you",
            (Column("Who"), Column("When")),
            tuple((Cell(one.by), Cell(moment(one.at))) for one in found.readings),
            empty="Nobody before you.",
        ),
    )


def _alerted(item: WorkItem, readings: int, taxonomy: Taxonomy) -> AlertedRow:
    read = "Nobody yet" if not readings else "Once" if readings == 1 else f"{readings} times"
    facts = (
        Fact("Received", moment(item.received_at) if item.received_at else ""),
        Fact("Channel", taxonomy.title(item.channel) if item.channel else ""),
        Fact("Identity read", read if item.reporter_reference else "None was given"),
    )
    url = f"/identities/{item.reporter_reference}" if item.reporter_reference else ""
    header = RecordHeader(item.reference, facts=tuple(one for one in facts if one.text), url=url)
    return AlertedRow(header, tuple(one["words"] for one in item.source_alerts))


def _said(name: str, value: Any) -> Fact:  # noqa: ANN401 - whatever was kept
    said = str(value)
    return Fact(ASKED.get(name, name.replace("_", " ").capitalize()), SAID.get(said, said))
