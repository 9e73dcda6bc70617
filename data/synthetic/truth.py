"""The rule by which the true value of a synthetic report follows from its facts.

It is an assumption, written to be read: can anything be looked into, how far is it to be
believed, is it still so, and how serious would it be. Facts that the text leaves open (a street
without a number, half a registration) count only where they would have resolved, which no reader
can see: that is the part of the truth that no model can learn.
"""

from data.synthetic.facts import FIRM, SERIOUSNESS, VAGUE, Facts

FIRM_POINTS = {"place": 3.0, "person": 2.0, "vehicle": 2.0, "when": 1.0}
ENOUGH, ENOUGH_IF_GRAVE = 3.5, 3.0
GRAVE = 3
BY_SERIOUSNESS = ("low", "low", "medium", "high", "high", "high")


def leads(facts: Facts) -> float:
    """Return how much there is to look into."""
    levels = (facts.place, facts.person, facts.vehicle, facts.when)
    points = 0.0
    for firm, level, resolves in zip(FIRM_POINTS.values(), levels, facts.resolves, strict=True):
        if level == FIRM:
            points += firm
        elif level == VAGUE and resolves:
            points += 1.0
    return points


def belief(facts: Facts) -> float:
    """Return what source, corroboration and currency add or take away."""
    points = {0: -1.0, 1: 0.0, 2: 1.0}[facts.source]
    points += 1.0 if facts.corroborated else 0.0
    points += {"past": -2.0, "": 0.0, "now": 0.5, "imminent": 1.0}[facts.currency]
    return points - (1.0 if facts.lawful else 0.0)


def seriousness(facts: Facts) -> int:
    """Return 0 to 5: the gravest category, two more with harm to people or large amounts."""
    worst = max(SERIOUSNESS.get(category, 1) for category in facts.categories)
    return worst + 2 * int(facts.harm) - int(facts.mild)


def true_value(facts: Facts) -> str:
    """Return the value that a careful assessor with time to check would record."""
    if facts.nothing:
        return "no_value"
    grave = seriousness(facts)
    enough = ENOUGH_IF_GRAVE if grave >= GRAVE else ENOUGH
    if leads(facts) + belief(facts) < enough:
        return "no_value"
    return BY_SERIOUSNESS[grave]
