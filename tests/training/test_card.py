"""A model card is complete or it is an error."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from data.errors import BadInput
from training import card

MODEL: dict[str, Any] = {
    "version": "abc",
    "architecture": "linear",
    "seed": "0",
    "libraries": {"numpy": "2"},
    "data_fingerprint": "f00",
    "taxonomy": {"values": ["no_value", "low"]},
}
FIGURES: dict[str, Any] = {
    "records": 10,
    "folds": 5,
    "value": {"macro_f1": 0.61},
    "baselines": {"majority": {"value": {"macro_f1": 0.2}}},
}


def test_the_packaged_facts_make_a_complete_card() -> None:
    text = card.as_markdown(card.gather(card.stated_facts(None), MODEL, FIGURES))
    assert "0.61" in text
    assert "`organisation.senior_responsible_owner`" in text


FACTS = [(part, name) for part, names in (card.STATED | card.MEASURED).items() for name in names]


@pytest.mark.parametrize(("part", "name"), FACTS)
def test_every_fact_that_is_missing_is_named(part: str, name: str) -> None:
    parts = copy.deepcopy(dict(card.stated_facts(None)) | {"model": MODEL, "performance": FIGURES})
    del parts[part][name]  # type: ignore[attr-defined]
    model, figures = parts.pop("model"), parts.pop("performance")
    with pytest.raises(BadInput, match=f"{part}.{name}"):
        card.gather(parts, model, figures)


def test_a_blank_fact_is_a_missing_one(tmp_path: Path) -> None:
    text = Path(card.__file__).with_name("about.toml").read_text()
    own = tmp_path / "about.toml"
    own.write_text(text.replace('name = "Second Look"', 'name = ""'))
    with pytest.raises(BadInput, match=r"tool\.name"):
        card.gather(card.stated_facts(own), MODEL, FIGURES)


def test_stated_facts_that_are_no_toml_are_refused_by_file_name(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("= broken")
    with pytest.raises(BadInput, match=r"mine\.toml"):
        card.stated_facts(tmp_path / "mine.toml")


def test_the_record_has_both_tiers_and_says_the_same_as_the_card() -> None:
    record = card.as_record(card.gather(card.stated_facts(None), MODEL, FIGURES))
    assert set(record["tier_1"]) == {"description", "how_used", "why_used", "contact"}
    assert len(record["tier_2"]) == 5
    assert record["tier_2"]["tool_specification"]["performance"]["value"] == FIGURES["value"]
