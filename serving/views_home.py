"""The home page: what needs whoever reads it now, the most pressing first, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from serving.actors import Actor
from serving.needs import AT_MOST, Held, Needs
from serving.plots import written
from serving.rates import Rate

NOTABLE = 0.02
WHOLE = 1.0


@dataclass(frozen=True, slots=True)
class Need:
    """Something that waits for the reader.

    Parameters
    ----------
    text
        What waits, with its number, such as "3 allegations are past the time limit".
    url
        Where it is dealt with.
    told
        What helps to understand it, or empty.
    pressing
        Whether it stands above the rest.
    """

    text: str
    url: str
    told: str = ""
    pressing: bool = False


@dataclass(frozen=True, slots=True)
class HomePage:
    """Context of ``home.html``.

    Parameters
    ----------
    title
        Heading and title of the page.
    pressing
        What cannot wait.
    rest
        What else waits.
    empty
        What to say where nothing does.
    actions
        What the reader can begin, as words and address; the first is the main one.
    """

    title: str
    pressing: tuple[Need, ...]
    rest: tuple[Need, ...]
    empty: str
    actions: tuple[tuple[str, str], ...]


def home_page(found: Needs, actor: Actor, *, challenger: bool = False) -> HomePage:
    """Make the context of the home page.

    Parameters
    ----------
    challenger
        Whether a model waits to be compared with the one in force.
    """
    every = (
        *_of_work(found, assesses=actor.may("assess")),
        *_of_review(found),
        *_of_others(found),
        *_of_oversight(found),
        *_of_sources(found),
        *_of_models(challenger=challenger and actor.may("read_models")),
    )
    return HomePage(
        title="What needs you now",
        pressing=tuple(one for one in every if one.pressing),
        rest=tuple(one for one in every if not one.pressing),
        empty="Nothing needs you now.",
        actions=tuple(_actions(actor, found)),
    )


def _actions(actor: Actor, found: Needs) -> Iterator[tuple[str, str]]:
    if actor.may("assess") and found.waiting:
        yield "Assess the next one", "/next-allegation"
    if actor.may("review") and found.second_looks and not found.held:
        yield "Take a second look", "/second-look"
    if actor.may("oversee"):
        yield "See the figures", "/lead"
    if actor.may("intake"):
        yield "Record an allegation", "/records/new"
    if actor.may("read_audit"):
        yield "Search the audit log", "/audit"
    if actor.may("read_models") and not actor.may("oversee"):
        yield "See the models", "/data"


def _of_work(found: Needs, *, assesses: bool) -> Iterator[Need]:
    if found.overdue:
        text = _many(found.overdue, "allegation is", "allegations are")
        yield Need(f"{text} past the time limit", "/records?overdue=1", "", pressing=True)
    if found.urgent:
        text = _many(found.urgent, "allegation is", "allegations are")
        yield Need(f"{text} urgent", "/records?status=unassessed&urgency=1", "", pressing=True)
    if found.begun:
        text = _many(found.begun, "allegation that you have begun", "allegations you have begun")
        yield Need(text, "/records?status=unassessed&mine=1")
    if found.waiting and assesses:
        text = _many(found.waiting, "allegation waits", "allegations wait")
        yield Need(f"{text} to be assessed", "/records")
    if found.returned:
        text = _many(found.returned, "allegation was", "allegations were")
        yield Need(f"{text} overturned, to be worked", "/returned", pressing=True)


def _of_review(found: Needs) -> Iterator[Need]:
    for one in found.held:
        yield _held(one)
    if found.second_looks:
        text = _many(found.second_looks, "record waits", "records wait")
        yield Need(f"{text} for a second look", "/second-look")


def _held(one: Held) -> Need:
    told = "You have taken it and not decided it yet."
    return Need(
        f"Second look at {one.reference}", f"/second-look/{one.claim}", told, pressing=True
    )


def _of_others(found: Needs) -> Iterator[Need]:
    if found.second_person:
        text = _many(found.second_person, "closure waits", "closures wait")
        told = "With a safeguarding flag, so not one person’s to close as of no value."
        yield Need(f"{text} for a second person", "/second-person", told, pressing=True)
    if found.to_discuss:
        text = _many(found.to_discuss, "record is", "records are")
        yield Need(f"{text} to be discussed", "/to-discuss", "Somebody was unsure.")


def _of_oversight(found: Needs) -> Iterator[Need]:
    if found.retention:
        text = _many(found.retention, "record is", "records are", at_most=AT_MOST)
        yield Need(f"{text} due to be kept or erased", "/retention")
    if found.in_time and found.in_time.share is not None and found.in_time.share < WHOLE:
        yield _clock(found.in_time, found.in_time_before)


def _clock(lately: Rate, before: Rate | None) -> Need:
    share = written(lately.share, "percent")
    text = f"{share} assessed in time over the last four weeks"
    if before is None or before.share is None or lately.share is None:
        return Need(text, "/lead")
    change = lately.share - before.share
    way = "Steady" if abs(change) < NOTABLE else "Better" if change > 0 else "Worse"
    told = f"{way}: it was {written(before.share, 'percent')} in the four weeks before."
    return Need(text, "/lead", told, pressing=way == "Worse")


def _of_sources(found: Needs) -> Iterator[Need]:
    if found.alerts:
        text = _many(found.alerts, "record has", "records have")
        lately = f"{found.new_alerts or 0:,} of the last four weeks."
        yield Need(f"{text} something to mind about who reported", "/identities", lately)


def _of_models(*, challenger: bool) -> Iterator[Need]:
    if challenger:
        yield Need("A model waits to be compared with the one in force", "/data")


def _many(count: int, one: str, several: str, at_most: int = 0) -> str:
    if at_most and count >= at_most:
        return f"{count:,} or more {several}"
    return f"{count:,} {one if count == 1 else several}"
