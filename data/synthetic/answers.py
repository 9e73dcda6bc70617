"""The structured answers that come with a report, as the real form asks for them.

"dont_know" is an answer; a blank means that nobody answered.
"""

from random import Random

from data.synthetic.facts import FIRM, NONE, Facts
from data.synthetic.grammar import pick

COLUMNS = (
    "children_involved",
    "timing",
    "timing_future",
    "transport",
    "how_found_out",
    "who_else_knows",
    "reported_before",
    "relationship",
    "risk_if_acted_on",
    "organisation_sector",
    "owner_knows",
    "may_contact",
)
SECTORS = (
    "restaurant_takeaway", "car_wash", "nail_bar", "barber", "retail", "construction", "farming",
    "food_processing", "care", "cleaning", "hotel", "taxi", "delivery", "warehouse", "other",
    "unknown",
)  # fmt: skip


def answers(facts: Facts, rng: Random) -> tuple[str, ...]:
    """Return the answers in the order of ``COLUMNS``."""
    if facts.channel not in ("web_form", "phone_hotline"):
        children = "yes" if facts.children else pick(("", "", "", "dont_know", "no"), rng)
        return (children, *[""] * (len(COLUMNS) - 1))
    timing = {"past": "already", "now": pick(("now", "ongoing"), rng), "imminent": "not_yet"}
    when = timing.get(facts.currency, pick(("ongoing", "dont_know", "now"), rng))
    future = pick(("next_24_hours", "later_date", "dont_know"), rng) if when == "not_yet" else ""
    sources = {
        FIRM: ("saw_it", "works_there", "told_by_subject", "lives_near"),
        NONE: ("told_by_someone", "online", "local_talk"),
    }
    full = (
        "yes" if facts.children else pick(("no", "no", "no", "dont_know"), rng),
        when,
        future,
        "vehicle" if facts.vehicle else pick(("", "", "", "aeroplane", "courier_post"), rng),
        pick(sources.get(facts.source, ("other", "saw_it", "told_by_someone")), rng),
        pick(("nobody", "family", "neighbours", "colleagues", "dont_know"), rng),
        "yes" if facts.repeat else pick(("no", "no", "no", "dont_know"), rng),
        pick(
            ("neighbour", "colleague", "former_partner", "relative", "customer", "stranger"), rng
        ),
        pick(("no", "no", "yes", "dont_know"), rng),
        pick(SECTORS, rng) if facts.categories and facts.place else "",
        pick(("yes", "no", "dont_know"), rng) if facts.place else "",
        pick(("yes", "no", "no"), rng),
    )
    # Only the first question has to be answered; callers skip the rest as they like.
    return (full[0], *(a if rng.random() < 0.55 else "" for a in full[1:]))
