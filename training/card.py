"""The model card, and the same facts as an Algorithmic Transparency Recording Standard record.

Sources: Mitchell et al. 2019, "Model cards for model reporting"; ATRS template, version 3.
Facts come from three places: what the organisation states, the artefact's manifest, and the
cross-validated figures. A missing fact is an error, never a blank.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from data.errors import BadInput, Problem

UNSTATED = "To be stated by the deploying organisation"

STATED = {
    "organisation": ("name", "team", "senior_responsible_owner", "contact", "supplier"),
    "tool": (
        "name",
        "description",
        "how_used",
        "why_used",
        "intended_users",
        "out_of_scope",
        "human_review",
        "training_of_users",
        "appeals",
    ),
    "data": ("sensitive_attributes", "labels", "access"),
    "risks": ("impact_assessments", "known", "mitigations"),
}
MEASURED = {
    "model": ("version", "architecture", "seed", "libraries", "data_fingerprint", "taxonomy"),
    "performance": ("records", "folds", "value", "baselines"),
}
TITLES = {
    "organisation": "Who answers for it",
    "tool": "What it is for",
    "model": "The model",
    "data": "The data",
    "performance": "How well it does",
    "risks": "Risks",
}

Facts = Mapping[str, Mapping[str, Any]]


def stated_facts(path: Path | None) -> Facts:
    """Read the organisation's facts; the packaged file says what still has to be stated.

    Raises
    ------
    BadInput
        Where the file cannot be read as TOML.
    """
    try:
        if path is None:
            text = resources.files("training").joinpath("about.toml").read_text("utf-8")
        else:
            text = path.read_text(encoding="utf-8")
        return tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        name = path.name if path else "about.toml"
        raise BadInput(f"{name} cannot be read ({type(problem).__name__})") from None


def gather(stated: Facts, model: Mapping[str, Any], performance: Mapping[str, Any]) -> Facts:
    """Bring all facts together.

    Raises
    ------
    BadInput
        Listing every fact that is missing or blank.
    """
    facts: dict[str, Mapping[str, Any]] = {
        **stated,
        "model": model,
        "performance": performance,
    }
    missing = [
        Problem(f"{part}.{name}", "is missing or blank", "the model card needs it")
        for part, names in {**STATED, **MEASURED}.items()
        for name in names
        if facts.get(part, {}).get(name) in (None, "", {}, [])
    ]
    if missing:
        raise BadInput("The model card is incomplete", missing)
    return facts


def as_markdown(facts: Facts) -> str:
    """Write the model card."""
    lines = [f"# Model card: {facts['tool']['name']}, {facts['model']['version']}", ""]
    for part, title in TITLES.items():
        lines += [f"## {title}", "", *_section(facts[part]), ""]
    unstated = [f"{part}.{k}" for part in STATED for k, v in facts[part].items() if v == UNSTATED]
    if unstated:
        lines += ["## Still to be stated", "", *(f"- `{name}`" for name in unstated), ""]
    return "\n".join(lines)


def _section(facts: Mapping[str, Any], depth: int = 0) -> list[str]:
    lines: list[str] = []
    for name, fact in facts.items():
        label = f"{'  ' * depth}- **{str(name).replace('_', ' ')}**:"
        if isinstance(fact, Mapping):
            lines += [label, *_section(fact, depth + 1)]
        else:
            lines.append(f"{label} {_told(fact)}")
    return lines


def _told(fact: object) -> str:
    if isinstance(fact, float):
        return f"{fact:.4g}"
    return ", ".join(map(str, fact)) if isinstance(fact, list | tuple) else str(fact)


def as_record(facts: Facts) -> dict[str, Any]:
    """Name the same facts as the ATRS template does: tier 1, then the five parts of tier 2."""
    who, tool, data = facts["organisation"], facts["tool"], facts["data"]
    risks = facts["risks"]
    return {
        "standard_version": "3.0",
        "name": tool["name"],
        "tier_1": {
            "description": tool["description"],
            "how_used": tool["how_used"],
            "why_used": tool["why_used"],
            "contact": who["contact"],
        },
        "tier_2": {
            "owner_and_responsibility": {
                "organisation": who["name"],
                "team": who["team"],
                "senior_responsible_owner": who["senior_responsible_owner"],
                "external_supplier": who["supplier"],
            },
            "description_and_rationale": {
                "scope": tool["intended_users"],
                "out_of_scope": tool["out_of_scope"],
            },
            "decision_making_process": {
                "process_integration": tool["how_used"],
                "human_review": tool["human_review"],
                "required_training": tool["training_of_users"],
                "appeals_and_review": tool["appeals"],
            },
            "tool_specification": {
                "model": dict(facts["model"]),
                "performance": dict(facts["performance"]),
                "datasets": {**data, "quantity": facts["performance"]["records"]},
            },
            "risks_and_impact_assessments": {
                "impact_assessments": risks["impact_assessments"],
                "risks": risks["known"],
                "mitigations": risks["mitigations"],
            },
        },
    }


def write(folder: Path, facts: Facts) -> None:
    """Write ``MODEL_CARD.md`` and ``atrs.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "MODEL_CARD.md").write_text(as_markdown(facts), encoding="utf-8")
    record = json.dumps(as_record(facts), indent=1, ensure_ascii=False) + "\n"
    (folder / "atrs.json").write_text(record, encoding="utf-8")
