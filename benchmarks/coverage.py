"""How often the second look's intervals contain the truth: ``python benchmarks/coverage.py``.

Prints the Markdown tables of docs/benchmarks.md. The same seed gives the same tables.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from training.coverage import SETTINGS, Certificates, Coverage, Setting, certificates, coverage

MONITORED = (
    Setting("10% audit", 600, 0.10, 2.5, (1.0, 1.0)),
    Setting("30% audit", 600, 0.10, 2.5, (1.0, 1.0), audit_share=0.3),
    Setting("50% audit, useless ranker", 600, 0.10, 0.0, (1.0, 1.0), audit_share=0.5),
    Setting("5,000 records, 50% audit", 5_000, 0.10, 3.0, (1.0, 1.0), audit_share=0.5),
)


def coverage_table(rows: list[Coverage]) -> str:
    head = (
        "| setting | looks | 95% contains | 80% contains | all too low | all too high "
        "| median width (95%) | forecast 80% contains | precision 95% contains "
        "| precision 80% contains |\n|---|---|---|---|---|---|---|---|---|---|"
    )
    lines = [
        f"| {row.setting.name} | {row.looks:,} | {row.remaining_95:.1%} | {row.remaining_80:.1%} "
        f"| {row.too_low:.1%} | {row.too_high:.1%} | {row.width:.0f} | {row.forecast_80:.1%} "
        f"| {row.precision_95:.1%} | {row.precision_80:.1%} |"
        for row in rows
    ]
    return "\n".join([head, *lines])


def certificate_table(rows: list[Certificates]) -> str:
    head = (
        "| asked 60 times along the way | looks | certified | wrongly (at most 5%) "
        "| reviewed by then (median) |\n|---|---|---|---|---|"
    )
    lines = [
        f"| {row.setting.name} | {row.looks:,} | {row.certified:.1%} | {row.wrong:.1%} "
        f"| {row.reviewed:.0%} |"
        for row in rows
    ]
    return "\n".join([head, *lines])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--looks", type=int, default=2_000)
    parser.add_argument("--monitored", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    covered = [coverage(setting, asked.looks, asked.seed) for setting in SETTINGS]
    print(coverage_table(covered), flush=True)
    stopped = [
        certificates(setting, asked.monitored, asked.seed, every=max(10, setting.backlog // 60))
        for setting in MONITORED
    ]
    print("\n" + certificate_table(stopped))
    if asked.json:
        figures = {
            "coverage": [asdict(row) for row in covered],
            "certificates": [asdict(row) for row in stopped],
        }
        asked.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
