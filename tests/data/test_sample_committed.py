from pathlib import Path

import pandas as pd
import pytest

from data.mapping import load_mapping
from data.reading import read_allegations
from data.synthetic import write_sample

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


def test_the_generator_gives_the_committed_sample_byte_for_byte(tmp_path: Path) -> None:
    write_sample(tmp_path, rows=6000, seed=0)
    for path in sorted(tmp_path.iterdir()):
        assert path.read_bytes() == (SAMPLE / path.name).read_bytes(), path.name


@pytest.mark.parametrize("mapped", [True, False])
def test_the_sample_is_read_with_its_mapping_and_without(mapped: bool) -> None:
    mapping = load_mapping(SAMPLE / "mapping.toml" if mapped else None)
    table = read_allegations(
        SAMPLE / "allegations.csv", mapping, needs=frozenset({"value", "categories"})
    )
    assert len(table) == 6000
    assert table.value_order == ("no_value", "low", "medium", "high")


def test_the_replay_holds_the_truth_for_every_allegation() -> None:
    replay = pd.read_csv(SAMPLE / "replay.csv", keep_default_na=False, dtype=str)
    truth = pd.read_csv(SAMPLE / "truth.csv", keep_default_na=False, dtype=str)
    assert replay["reference"].tolist() == truth["reference"].tolist()
    assert replay["reviewed_value"].tolist() == truth["true_value"].tolist()
    assert replay["value"].tolist() == truth["first_value"].tolist()


def test_the_sample_stays_below_eight_megabytes() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.iterdir()) < 8_000_000


@pytest.mark.slow
def test_the_sample_is_neither_trivial_nor_hopeless_for_a_plain_model() -> None:
    difficulty = pytest.importorskip("data.synthetic.difficulty")
    allegations = pd.read_csv(SAMPLE / "allegations.csv", keep_default_na=False, dtype=str)
    truth = pd.read_csv(SAMPLE / "truth.csv", keep_default_na=False, dtype=str)
    score = difficulty.macro_f1(
        allegations["narrative"].tolist(), truth["true_value"].tolist(), folds=5
    )
    assert 0.70 < score < 0.90
