"""Run the measurements and write what they print into docs/benchmarks.md: ``make bench``.

Each measurement is a script here that prints Markdown; its section in the document names the
command, the commit, the machine and the day. ``python -m benchmarks speed`` measures one again and
leaves the other sections as they are.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Every figure here was printed by the command named above it; `make bench` runs them all. The shared
real data are not part of the repository: where they are absent, the sections that need them say so
and measure nothing.
"""


@dataclass(frozen=True)
class Measurement:
    """One section of the document and the script that prints it."""

    name: str
    title: str

    @property
    def command(self) -> list[str]:
        return [sys.executable, f"benchmarks/{self.name}.py"]


SUITE = (
    Measurement("real_data", "Values and categories on real text"),
    Measurement("second_look", "The queue that learns, against its peers"),
    Measurement("coverage", "Whether the intervals hold"),
    Measurement("similar", "Near-duplicates and links"),
    Measurement("speed", "Speed and memory of suggestions"),
    Measurement("backlog", "Re-ranking a large backlog"),
    Measurement("casework", "Reviewers at work, and kills"),
    Measurement("exporting", "Exporting decided records"),
    Measurement("leading", "The lead's pages over a large store"),
    Measurement("intake", "Taking in the form's messages"),
    Measurement("browsing", "From one record to the next in the browser"),
)


def circumstances() -> str:
    describe = ["git", "describe", "--always", "--dirty"]
    commit = subprocess.run(describe, cwd=ROOT, capture_output=True, text=True, check=True)
    return (
        f"{datetime.now(UTC):%d %B %Y}, commit {commit.stdout.strip()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}"
    )


def section(measurement: Measurement) -> str:
    print(f"measuring {measurement.name} …", file=sys.stderr, flush=True)
    done = subprocess.run(
        measurement.command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return (
        f"## {measurement.title}\n\n`python benchmarks/{measurement.name}.py`: "
        f"{circumstances()}.\n\n{done.stdout.strip()}\n"
    )


def sections_of(document: str) -> dict[str, str]:
    parts = re.split(r"^(?=## )", document, flags=re.MULTILINE)[1:]
    titles = {measurement.title: measurement.name for measurement in SUITE}
    found = {titles.get(part.splitlines()[0][3:]): part for part in parts}
    return {name: part for name, part in found.items() if name}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help="measure only these")
    asked = parser.parse_args().names
    if strange := set(asked) - {measurement.name for measurement in SUITE}:
        parser.error(f"there is no measurement named {', '.join(sorted(strange))}")
    sections = sections_of(DOCUMENT.read_text()) if DOCUMENT.exists() else {}
    for measurement in SUITE:
        if not asked or measurement.name in asked:
            sections[measurement.name] = section(measurement)
            kept = [sections[each.name].strip() for each in SUITE if each.name in sections]
            DOCUMENT.write_text("\n\n".join([HEAD.strip(), *kept]) + "\n")


if __name__ == "__main__":
    main()
