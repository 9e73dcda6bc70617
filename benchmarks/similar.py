"""Near-duplicates at scale: ``python benchmarks/similar.py``.

Plants repeats (typing mistakes, a sentence dropped or added, another opening, another case) among
reports and measures time, memory, recall and precision. Prints the Markdown table of
docs/benchmarks.md; the same seed gives the same texts.
"""

from __future__ import annotations

import argparse
import re
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from data.near_duplicates import near_duplicate_groups, near_duplicate_pairs
from data.synthetic import generate

OPENINGS = (
    "I have told you about this before and nothing was done.",
    "Sending this again as nobody answered.",
    "This is my second report about the same people.",
)
EXTRAS = (
    "It is still going on.",
    "My neighbour has seen it too.",
    "Please keep my name out of it.",
)
FEWEST_WORDS = 20
STOCK = (
    "The same words again and again in all of these texts, twenty of them at least, so that one "
    "bucket holds everything there is to see"
)


@dataclass(frozen=True, slots=True)
class Row:
    texts: str
    records: int
    planted: int
    recall: float
    precision: float
    wall: float
    cpu: float
    peak_gb: float


def misspelt(text: str, rng: np.random.Generator) -> str:
    words = text.split(" ")
    for at in np.flatnonzero(rng.random(len(words)) < 0.05).tolist():
        word = words[at]
        if len(word) > 3:
            cut = int(rng.integers(1, len(word) - 2))
            words[at] = word[:cut] + word[cut + 1] + word[cut] + word[cut + 2 :]
    return " ".join(words)


def dropped(text: str, rng: np.random.Generator) -> str:
    sentences = re.split(r"(?<=[.!?]) ", text)
    if len(sentences) > 3:
        sentences.pop(int(rng.integers(1, len(sentences))))
    return " ".join(sentences)


def added(text: str, rng: np.random.Generator) -> str:
    return f"{text} {EXTRAS[int(rng.integers(len(EXTRAS)))]}"


def reopened(text: str, rng: np.random.Generator) -> str:
    return f"{OPENINGS[int(rng.integers(len(OPENINGS)))]} {text}"


def recased(text: str, rng: np.random.Generator) -> str:
    return text.upper() if rng.random() < 0.5 else text.lower()


CHANGES: tuple[Callable[[str, np.random.Generator], str], ...] = (
    misspelt, dropped, added, reopened, recased,
)  # fmt: skip


def repeated(text: str, rng: np.random.Generator) -> str:
    for at in rng.choice(len(CHANGES), int(rng.integers(1, 3)), replace=False).tolist():
        text = CHANGES[at](text, rng)
    return text


def random_reports(count: int, rng: np.random.Generator) -> list[str]:
    """Words drawn as often as words are in English (Zipf), in sentences of eight or so."""
    rank = (rng.pareto(1.0, size=(count, 75)) * 20).astype(np.int64) % 40_000
    names = np.array([f"w{number:x}" for number in range(40_000)], dtype=object)
    ends = np.where(np.arange(75) % 8 == 7, ". ", " ").tolist()
    return [
        "".join(word + end for word, end in zip(row, ends, strict=True)).strip()
        for row in names[rank].tolist()
    ]


def generated_reports(count: int, seed: int) -> tuple[list[str], list[str]]:
    """Narratives of the sample generator, and which case each belongs to."""
    sample = generate(count, seed)
    groups = sample.truth["duplicate_group"].fillna("").tolist()
    return sample.allegations["narrative"].tolist(), groups


def measure(
    name: str, base: Sequence[str], planted: int, seed: int, groups: Sequence[str] = ()
) -> Row:
    """Plant repeats of reports long enough to tell apart, find them, and compare."""
    rng = np.random.default_rng(seed)
    long = np.array([at for at, text in enumerate(base) if len(text.split()) >= FEWEST_WORDS])
    source = rng.choice(long, planted, replace=False)
    texts = [*base, *(repeated(base[at], rng) for at in source.tolist())]
    wall, cpu = time.perf_counter(), time.process_time()
    found = near_duplicate_groups(texts)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    recall = float((found[source] == found[len(base) :]).mean())
    return Row(
        name, len(texts), planted, recall, _precision(texts, source, len(base), groups), wall, cpu,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    )  # fmt: skip


def _precision(
    texts: Sequence[str], source: np.ndarray, count: int, groups: Sequence[str]
) -> float:
    """Share of right pairs: copies of one report, or reports of one case by the generator.

    Pairs with a text of fewer than 20 words are left out: the generator's stock notes of a line
    are alike because they say the same, and nobody planted them.
    """
    case = np.array([groups[at] or f"own {at}" if groups else f"own {at}" for at in range(count)])
    case = np.r_[case, case[source]]
    pairs = near_duplicate_pairs(texts)
    long = np.array([len(text.split()) >= FEWEST_WORDS for text in texts])
    counted = long[pairs.left] & long[pairs.right]
    return float((case[pairs.left] == case[pairs.right])[counted].mean())


def table(rows: Sequence[Row]) -> str:
    head = (
        "| texts | records | planted | recall | precision | wall s | CPU s | peak GB |\n"
        "|---|---|---|---|---|---|---|---|"
    )
    lines = [
        f"| {row.texts} | {row.records:,} | {row.planted:,} | {row.recall:.4f} "
        f"| {row.precision:.4f} | {row.wall:.1f} | {row.cpu:.1f} | {row.peak_gb:.1f} |"
        for row in rows
    ]
    return "\n".join([head, *lines])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--planted", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    count = asked.records - asked.planted
    narratives, groups = generated_reports(count, asked.seed)
    rows = [
        measure("generated sample", narratives, asked.planted, asked.seed, groups),
        measure(
            "random words (Zipf), 75 each",
            random_reports(count, np.random.default_rng(asked.seed)),
            asked.planted,
            asked.seed,
        ),
        measure("one text only", [STOCK] * count, asked.planted, asked.seed, ["one"] * count),
    ]
    print(table(rows))


if __name__ == "__main__":
    main()
