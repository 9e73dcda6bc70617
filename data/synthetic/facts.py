"""What is true of one report before a word of it is written."""

from dataclasses import dataclass
from random import Random

IMMIGRATION = {
    "illegal_working": 21.0,
    "no_permission_to_stay": 18.0,
    "employing_illegal_workers": 13.0,
    "fake_marriage": 10.0,
    "fake_documents": 7.0,
    "lied_on_application": 5.0,
    "helping_others_enter_or_stay": 4.0,
    "other_immigration": 4.0,
    "trafficking_smuggling_slavery": 5.0,
    "student_working_full_time": 3.0,
}
SMUGGLING = {
    "drugs": 3.2,
    "cigarettes_tobacco": 2.6,
    "cash": 2.0,
    "alcohol": 1.1,
    "other_smuggling": 1.1,
    "firearms": 1.0,
}
SHARES = IMMIGRATION | SMUGGLING
ALSO = {
    "illegal_working": "no_permission_to_stay",
    "no_permission_to_stay": "illegal_working",
    "employing_illegal_workers": "illegal_working",
    "fake_marriage": "lied_on_application",
    "fake_documents": "illegal_working",
    "lied_on_application": "no_permission_to_stay",
    "helping_others_enter_or_stay": "fake_documents",
    "trafficking_smuggling_slavery": "employing_illegal_workers",
    "student_working_full_time": "fake_documents",
    "other_immigration": "lied_on_application",
    "drugs": "cash",
    "cigarettes_tobacco": "alcohol",
    "cash": "drugs",
    "alcohol": "cigarettes_tobacco",
    "firearms": "drugs",
    "other_smuggling": "cigarettes_tobacco",
}
AT_A_BUSINESS = ("employing_illegal_workers", "illegal_working", "student_working_full_time")
SERIOUSNESS = {
    "trafficking_smuggling_slavery": 3,
    "firearms": 3,
    "drugs": 3,
    "helping_others_enter_or_stay": 2,
    "employing_illegal_workers": 2,
    "fake_documents": 2,
    "cash": 2,
    "fake_marriage": 2,
}
CHANNELS = {
    "web_form": 45.0,
    "phone_hotline": 23.0,
    "letter": 6.3,
    "crimestoppers": 10.8,
    "police": 4.4,
    "other_department": 7.76,
    "staff": 2.5,
    "mp": 0.24,
}
NOTHING = {
    "general_rant": 5.0,
    "neighbour_dispute": 4.0,
    "grudge": 3.5,
    "query": 4.0,
    "empty": 2.0,
    "suspicion_only": 6.0,
}
STYLES = {"careful": 24.0, "casual": 38.0, "messy": 20.0, "second_language": 13.0, "capitals": 5.0}
NONE, VAGUE, FIRM = 0, 1, 2


@dataclass(slots=True)
class Facts:
    """The latent facts of one report.

    ``place``, ``person``, ``vehicle`` and ``when`` are 0 (nothing), 1 (vague) or 2 (firm);
    ``source`` is 0 (hearsay), 1 (not said) or 2 (first-hand); ``currency`` is "past", "",
    "now" or "imminent"; ``resolves`` says of each vague fact whether it would turn out to be
    enough, which the text does not tell.
    """

    channel: str
    voice: str
    style: str
    gender: str
    nationality: str
    country: str
    nothing: str = ""
    categories: tuple[str, ...] = ()
    place: int = 0
    person: int = 0
    vehicle: int = 0
    when: int = 0
    resolves: tuple[bool, ...] = (False, False, False, False)
    source: int = 1
    corroborated: bool = False
    currency: str = ""
    lawful: bool = False
    harm: bool = False
    mild: bool = False
    angry: bool = False
    fact_last: bool = False
    indirect: bool = False
    anonymous: bool = False
    repeat: bool = False
    says_nationality: bool = False
    children: bool = False


def weighted(shares: dict[str, float], rng: Random) -> str:
    """Return a key, each as likely as its share of the total."""
    left = rng.random() * sum(shares.values())
    for key, share in shares.items():
        left -= share
        if left < 0:
            return key
    return next(iter(shares))


def level(rng: Random, nothing: float, vague: float) -> int:
    """Draw 0, 1 or 2 with those chances of the first two."""
    u = rng.random()
    return NONE if u < nothing else VAGUE if u < nothing + vague else FIRM


def draw_facts(rng: Random, nationality: tuple[str, str]) -> Facts:
    """Draw the facts of one report; gender and nationality depend on none of them."""
    channel = weighted(CHANNELS, rng)
    noted = channel not in ("web_form", "letter") and rng.random() < 0.88
    style = "careful" if channel == "letter" and rng.random() < 0.6 else weighted(STYLES, rng)
    facts = Facts(
        channel=channel,
        voice="noted" if noted else "own",
        style="noted" if noted else style,
        gender="m" if rng.random() < 0.5 else "f",
        nationality=nationality[0],
        country=nationality[1],
        says_nationality=rng.random() < 0.22,
        anonymous=channel == "letter" and rng.random() < 0.6,
        angry=not noted and rng.random() < 0.16,
    )
    if rng.random() < 0.155:
        facts.nothing = weighted(NOTHING, rng)
        facts.angry = not noted and rng.random() < 0.35
        return facts
    _draw_offence(facts, rng)
    _draw_leads(facts, rng)
    return facts


def _draw_offence(facts: Facts, rng: Random) -> None:
    primary = weighted(SHARES, rng)
    extra = (ALSO[primary],) if rng.random() < 0.24 else ()
    facts.categories = (primary, *extra)
    serious = SERIOUSNESS.get(primary, 1)
    facts.harm = rng.random() < 0.13 + 0.03 * serious
    facts.mild = not facts.harm and rng.random() < 0.08
    facts.indirect = primary == "trafficking_smuggling_slavery" and rng.random() < 0.5
    facts.children = rng.random() < (0.5 if facts.indirect else 0.1)


# For a report that says little, middling or much, the chances of nothing and of a vague fact:
# place, person, vehicle, time.
SPARSE = {
    "poor": ((0.66, 0.33), (0.62, 0.35), (0.9, 0.09), (0.72, 0.22)),
    "middling": ((0.25, 0.4), (0.3, 0.4), (0.7, 0.15), (0.5, 0.2)),
    "rich": ((0.02, 0.06), (0.1, 0.16), (0.5, 0.08), (0.4, 0.15)),
}
RICHNESS = {"poor": 19.0, "middling": 5.0, "rich": 76.0}


def _draw_leads(facts: Facts, rng: Random) -> None:
    # One report says much or little throughout: its facts rise and fall together.
    richness = weighted(RICHNESS, rng)
    facts.place, facts.person, facts.vehicle, facts.when = (
        level(rng, nothing, vague) for nothing, vague in SPARSE[richness]
    )
    facts.resolves = tuple(rng.random() < 0.2 for _ in range(4))
    poor = richness == "poor"
    facts.source = level(rng, 0.5, 0.3) if poor else level(rng, 0.26, 0.24)
    facts.corroborated = rng.random() < (0.05 if poor else 0.22)
    past = 26 if poor else 9
    facts.currency = weighted({"": 46, "now": 26, "past": past, "imminent": 9}, rng)
    facts.lawful = rng.random() < 0.07
    facts.fact_last = facts.voice == "own" and not poor and rng.random() < 0.13
    facts.repeat = rng.random() < 0.05
