"""The particulars of one report: who, where, which vehicle, when. All of it is invented.

Telephone numbers come from the ranges that Ofcom keeps for drama; postcodes are well formed but
of areas that do not exist; registrations carry a first letter that is never issued.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from random import Random

from data.synthetic.grammar import pick, read_lists

POSTCODE_AREAS = (
    "AC",
    "FB",
    "HK",
    "JD",
    "KC",
    "LB",
    "MB",
    "NB",
    "OB",
    "PC",
    "RC",
    "TB",
    "WB",
    "YB",
)
PHONE_PREFIXES = ("01632 960", "07700 900", "01632960", "07700900", "020 7946 0")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_HOURS = (4, 5, 6, 6, 7, 8, 9, 10, 11, 13, 15, 16, 17, 18, 19, 20, 21, 22, 23, 1)
_INWARD = "ABDEFGHJLNPQRSTUWXYZ"
_LETTERS = "ABCDEFGHJKLMNOPRSTUVWXY"


@lru_cache(maxsize=1)
def _places() -> dict[str, tuple[str, ...]]:
    return read_lists("places")


@lru_cache(maxsize=1)
def languages() -> tuple[dict[str, tuple[str, ...]], ...]:
    """Return names by language: keys ``m``, ``f`` (given names) and ``surname``."""
    columns = ("m", "f", "surname")
    return tuple(
        {
            key: tuple(n.strip() for n in part.split(","))
            for key, part in zip(columns, line.split(";"), strict=True)
        }
        for line in read_lists("names")["names"]
    )


@lru_cache(maxsize=1)
def nationalities() -> tuple[tuple[str, str], ...]:
    """Return pairs of demonym and country."""
    pairs = (line.split("=") for line in read_lists("names")["nationalities"])
    return tuple((demonym, country) for demonym, country in pairs)


def person(rng: Random, gender: str) -> dict[str, str]:
    """Draw a named person of that gender; the name's language is drawn on its own."""
    names = pick(languages(), rng)
    first, last = pick(names[gender], rng), pick(names["surname"], rng)
    age = 19 + int(rng.random() * 45)
    he, him, his = ("he", "him", "his") if gender == "m" else ("she", "her", "her")
    nick = pick(read_nicknames(), rng).replace("{first}", first)
    born = f"{1 + int(rng.random() * 28)}/{1 + int(rng.random() * 12)}/{2025 - age}"
    return {
        "first": first,
        "full": f"{first} {last}",
        "nick": nick,
        "age": str(age),
        "dob": born,
        "he": he,
        "him": him,
        "his": his,
    }


@lru_cache(maxsize=1)
def read_nicknames() -> tuple[str, ...]:
    """Return the patterns of nicknames."""
    return read_lists("names")["nick"]


def place(rng: Random) -> dict[str, str]:
    """Draw an invented address and an invented business."""
    p = _places()
    town, num = pick(p["town"], rng), 1 + int(rng.random() ** 2 * 180)
    street = f"{pick(p['street'], rng)} {pick(p['street_type'], rng)}"
    area = POSTCODE_AREAS[p["town"].index(town) % len(POSTCODE_AREAS)]
    inward = f"{int(rng.random() * 10)}{pick(_INWARD, rng)}{pick(_INWARD, rng)}"
    postcode = f"{area}{1 + int(rng.random() * 28)} {inward}"
    biztype = pick(p["biztype"], rng)
    business = f"{pick(p['bizfirst'], rng)} {pick(p['bizsuffix.' + biztype], rng)}"
    addresses = (
        f"{num} {street}, {town}",
        f"{num} {street} {town} {postcode}",
        f"flat {1 + int(rng.random() * 30)}, {num} {street}, {town}",
        f"{num} {street}, {postcode}",
        f"{num}{pick('ab', rng)} {street} {town}",
    )
    return {
        "town": town,
        "street": street,
        "num": str(num),
        "num2": str(num + 2),
        "addr": pick(addresses, rng),
        "postcode": postcode if rng.random() < 0.7 else postcode.lower().replace(" ", ""),
        "biztype": biztype,
        "bizname": business,
        "landmark": pick(p["landmark"], rng),
    }


def vehicle(rng: Random) -> dict[str, str]:
    """Draw a vehicle; its registration starts with a letter that is never issued."""
    front = pick("JTU", rng) + pick(_LETTERS, rng) + f"{pick((1, 6), rng)}{int(rng.random() * 10)}"
    end = pick(_LETTERS, rng) + pick(_LETTERS, rng) + pick(_LETTERS, rng)
    gap = pick(("", " ", " "), rng)
    return {
        "reg": f"{front}{gap}{end}" if rng.random() < 0.7 else f"{front}{gap}{end}".lower(),
        "regpart": front,
        "regend": end,
        "make": pick(_places()["make"], rng),
        "colour": pick(_places()["colour"], rng),
    }


def _clock(hour: int, rng: Random) -> str:
    half = hour % 12 or 12
    suffix = "am" if hour < 12 else "pm"
    quarter = pick(("00", "15", "30", "45"), rng)
    return pick(
        (
            f"{half}{suffix}",
            f"{half} {suffix}",
            f"{half}.{quarter}{suffix}",
            f"{hour:02d}:{quarter}",
        ),
        rng,
    )


def moments(rng: Random, received: datetime) -> dict[str, str]:
    """Draw the days and times that a report of that date could speak of."""
    soon = received + timedelta(days=1 + int(rng.random() * 12))
    hour = pick(_HOURS, rng)
    dates = (
        f"{soon.day}/{soon.month}",
        f"{soon.day} {MONTHS[soon.month - 1]}",
        f"the {soon.day}th" if 3 < soon.day < 21 else f"{DAYS[soon.weekday()]} {soon.day}",
        f"{soon.day}.{soon.month}.{soon.year % 100}",
    )
    month = MONTHS[(received.month - 2 - int(rng.random() * 7)) % 12]
    first = int(rng.random() * 7)
    short = rng.random() < 0.3
    return {
        "time": _clock(hour, rng),
        "time2": _clock((hour + 3 + int(rng.random() * 6)) % 24, rng),
        "day": DAYS[first][:3] if short else DAYS[first],
        "day2": DAYS[(first + 2) % 7][:3] if short else DAYS[(first + 2) % 7],
        "date": pick(dates, rng),
        "month": month[:3] if short else month,
        "year": str(received.year - 2 - int(rng.random() * 12)),
    }


def _money(rng: Random) -> str:
    k = pick((2, 3, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40), rng)
    return pick(
        (f"£{k}000", f"£{k},000", f"{k}k", f"{k} grand", f"£{k}k", f"{k} thousand pounds"), rng
    )


def quantities(rng: Random) -> dict[str, str]:
    """Draw sums, weights and counts."""
    n = 2 + int(rng.random() * 6)
    words: Sequence[str] = ("two", "three", "four", "five", "six", "seven")
    return {
        "n": words[n - 2] if rng.random() < 0.4 else str(n),
        "n2": str(8 + int(rng.random() * 30)),
        "amount": _money(rng),
        "weight": pick(
            ("2 kilos", "half a kilo", "5kg", "10 kilo", "a few ounces", "20 kilos", "1kg"), rng
        ),
        "wage": str(pick((20, 25, 30, 35, 40, 45, 50), rng)),
        "hours": str(30 + int(rng.random() * 40)),
        "cheap": str(pick((3, 4, 5, 6), rng)),
        "phone": f"{pick(PHONE_PREFIXES, rng)}{int(rng.random() * 1000):03d}",
    }
