"""Builders that several test modules share; add yours at the end."""

from __future__ import annotations

import csv
import random
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from data.mapping import ColumnMapping
from data.reading import AllegationTable, read_allegations


def write_csv(path: Path, columns: Mapping[str, Sequence[str]]) -> Path:
    """Write columns as a CSV file and return its path."""
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def table_of(
    columns: Mapping[str, Sequence[str]], mapping: ColumnMapping | None = None
) -> AllegationTable:
    """Return the table that a CSV file of these columns is read as."""
    with tempfile.TemporaryDirectory() as folder:
        return read_allegations(write_csv(Path(folder) / "table.csv", columns), mapping)


VALUES = ("no_value", "low", "medium", "high")
_PLAIN = (
    "my neighbour is noisy and rude to everyone",
    "i do not like the people at number {n}, they park badly",
    "someone told me something once, i forget what",
    "they never put the bins out at number {n}",
)
_TELLING = (
    "works without papers at Golden Fry, {n} Mill Lane NE1 4ST, every friday 6pm",
    "sells cigarettes from a white van AB12 CDE outside {n} Mill Lane, foreign packets",
    "the owner pays {n} men cash in hand, they sleep above the shop, call 0191 498 0{n}3",
    "lorry comes on the {n}th with men hidden in the back, registration KX65 ZZZ",
)


def first_assessed(count: int = 240, seed: int = 3) -> dict[str, list[str]]:
    """Columns of first-assessed allegations: half of them telling, a tenth of those dismissed."""
    chance = random.Random(seed)
    columns: dict[str, list[str]] = {
        "reference": [f"A-{number:04d}" for number in range(count)],
        "narrative": [],
        "value": [],
        "categories": [],
    }
    for number in range(count):
        telling = number % 2 == 0
        text = chance.choice(_TELLING if telling else _PLAIN).format(n=chance.randint(10, 99))
        valued = telling and number % 20 != 0
        columns["narrative"].append(f"{text} ({number})")
        columns["value"].append(chance.choice(VALUES[1:]) if valued else VALUES[0])
        columns["categories"].append(
            "cigarettes_tobacco" if "cigarettes" in text else "illegal_working"
        )
    return columns


def training_columns(count: int = 120, seed: int = 5) -> dict[str, list[str]]:
    """Columns to train a small model on: a value that the words tell, categories, reviews."""
    chance = random.Random(seed)
    columns = first_assessed(count, seed)
    telling = [
        text.startswith(("works", "sells", "the owner", "lorry")) for text in columns["narrative"]
    ]
    columns["reviewed_value"] = [
        "low" if tells and value == "no_value" else ("no_value" if number % 9 == 0 else "")
        for number, (tells, value) in enumerate(zip(telling, columns["value"], strict=True))
    ]
    columns["reviewed_value"] = [
        reviewed if value == "no_value" else ""
        for reviewed, value in zip(columns["reviewed_value"], columns["value"], strict=True)
    ]
    columns["channel"] = [chance.choice(("web_form", "phone_hotline")) for _ in range(count)]
    columns["children_involved"] = [chance.choice(("yes", "no", "")) for _ in range(count)]
    columns["nationality"] = [chance.choice(("Ruritanian", "Utopian")) for _ in range(count)]
    return columns


def tip_offs() -> tuple[list[str], list[str], list[tuple[str, ...]]]:
    """Return 144 short narratives with their values and categories, easy to learn."""
    sayings = {
        "no_value": ("parks badly", "plays loud music", "is rude to me"),
        "low": ("works without papers", "works at the car wash", "has no permit"),
        "medium": ("sells cigarettes", "sells cheap vodka", "pays in cash"),
        "high": ("locks them in", "took their passports", "forces them to work"),
    }
    rows = [
        (f"{who} {saying} {when}", value, () if value == "no_value" else (f"{value}_kind",))
        for who in ("my neighbour", "the landlord", "someone", "they all")
        for value, several in sayings.items()
        for saying in several
        for when in ("every night", "at the shop", "near me")
    ]
    return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]


_ORDINARY = """
    street corner garden window kitchen market bridge school station library river tower
    winter summer morning evening monday friday early late often never always again
    white green yellow large small quiet loud heavy empty broken open closed
    stands waits talks walks drives carries looks calls brings leaves returns sleeps
    people friends visitors neighbours drivers workers children dogs boxes bags tables chairs
"""
_WORTH = ("cigarettes", "lorry", "passports", "cash", "forged", "hidden")


def different_columns(count: int = 240, seed: int = 7) -> dict[str, list[str]]:
    """Columns of narratives no two of which are alike, with a value that their words tell."""
    chance = random.Random(seed)
    values = ["no_value" if number % 2 else VALUES[1 + number % 3] for number in range(count)]
    told = [
        chance.sample(_ORDINARY.split(), 12)
        + (chance.sample(_WORTH, 2) if value != "no_value" else [])
        for value in values
    ]
    return {
        "reference": [f"D-{number:04d}" for number in range(count)],
        "narrative": [" ".join(chance.sample(words, len(words))) for words in told],
        "value": values,
        "reviewed_value": [""] * count,
        "channel": [chance.choice(("web_form", "police")) for _ in range(count)],
    }
