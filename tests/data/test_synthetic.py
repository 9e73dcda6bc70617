import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency

from data.errors import BadInput, CannotWrite
from data.synthetic import generate, write_sample
from data.synthetic.assessors import KINDS
from data.synthetic.facts import FIRM, SHARES, Facts
from data.synthetic.grammar import parse, phrases
from data.synthetic.narrative import FORM_LIMIT
from data.synthetic.sample import ALLEGATION_COLUMNS
from data.synthetic.slots import POSTCODE_AREAS
from data.synthetic.truth import true_value

ROOT = Path(__file__).parents[2]
FILES = ("allegations.csv", "truth.csv", "replay.csv", "mapping.toml")


@pytest.fixture(scope="module")
def sample() -> tuple[pd.DataFrame, pd.DataFrame]:
    made = generate(rows=6000, seed=0)
    return made.allegations, made.truth


def facts(**given: object) -> Facts:
    plain = {
        "channel": "web_form",
        "voice": "own",
        "style": "careful",
        "gender": "m",
        "nationality": "Thai",
        "country": "Thailand",
        "categories": ("illegal_working",),
        "place": FIRM,
        "person": FIRM,
        "source": 2,
    }
    return Facts(**(plain | given))  # type: ignore[arg-type]


def test_one_seed_gives_the_same_bytes_whatever_the_hash_seed(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from data.synthetic import write_sample;"
        "write_sample(Path(sys.argv[1]), 1500, 7)"
    )
    for hash_seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / hash_seed)],
            check=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
        )
    for name in FILES:
        one, two = ((tmp_path / s / name).read_bytes() for s in ("1", "2"))
        assert one == two, name


def test_another_seed_gives_other_narratives() -> None:
    one, two = (generate(50, seed).allegations["narrative"] for seed in (0, 1))
    assert not set(one) & set(two)


def test_the_table_in_memory_equals_the_file(tmp_path: Path) -> None:
    write_sample(tmp_path, 1200, 3)
    read = pd.read_csv(tmp_path / "allegations.csv", keep_default_na=False, dtype=str)
    made = generate(1200, 3).allegations
    assert read.to_numpy().tolist() == made.to_numpy().tolist()


def test_many_rows_drawn_in_two_processes_equal_those_drawn_in_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sample(tmp_path / "one", 3000, 5)
    monkeypatch.setattr("data.synthetic.sample.MANY_ROWS", 2000)
    write_sample(tmp_path / "two", 3000, 5)
    for name in FILES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_fewer_than_one_row_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="at least one row"):
        write_sample(tmp_path, 0, 0)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    with pytest.raises(CannotWrite):
        write_sample(tmp_path / "file", 10, 0)
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_the_allegations_do_not_tell_the_truth(
    sample: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    allegations, _ = sample
    assert list(allegations.columns) == list(ALLEGATION_COLUMNS)
    assert not {"true_value", "kind_of_miss", "nationality", "gender"} & set(allegations.columns)
    assert (allegations["reviewed_value"] != "").mean() < 0.08


def test_every_category_has_forty_records_and_some_have_two_categories(
    sample: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    counts = sample[1]["true_categories"].str.split("|").explode().value_counts()
    assert set(SHARES) <= set(counts.index)
    assert counts.drop("", errors="ignore").min() >= 40
    assert sample[1]["true_categories"].str.contains("|", regex=False).mean() > 0.1


@pytest.mark.parametrize("trait", ["nationality", "gender"])
@pytest.mark.parametrize("other", ["true_value", "first_value", "kind_of_miss"])
def test_nationality_and_gender_are_independent_of_every_value(trait: str, other: str) -> None:
    # Two thousand rows a seed over four seeds, without the repeats, which share their subject.
    truth = pd.concat([generate(2000, seed).truth for seed in range(4)])
    truth = truth[truth["duplicate_group"] == ""]
    table = pd.crosstab(truth[trait], truth[other])
    assert chi2_contingency(table).pvalue > 0.001


def test_wrong_dismissals_are_a_tenth_to_a_seventh_of_all_dismissals(
    sample: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    truth = sample[1]
    dismissed = truth[truth["first_value"] == "no_value"]
    missed = dismissed[dismissed["true_value"] != "no_value"]
    assert 0.10 <= len(missed) / len(dismissed) <= 0.14
    assert (missed["kind_of_miss"] != "").all()
    assert (truth.drop(missed.index)["kind_of_miss"] == "").all()


def test_each_kind_of_miss_happens_and_none_is_nearly_all(
    sample: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    kinds = sample[1]["kind_of_miss"].value_counts().drop("")
    assert {*KINDS, "end_of_shift"} <= set(kinds.index)
    assert kinds.max() / kinds.sum() < 0.3


def test_cash_reports_worth_something_are_dismissed_far_more_often_than_others(
    sample: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    truth = sample[1][sample[1]["true_value"] != "no_value"]
    cash = truth["true_categories"].str.startswith("cash")
    dismissed = truth["first_value"] == "no_value"
    assert dismissed[cash].mean() > 3 * dismissed[~cash].mean()


def test_some_worthless_reports_are_over_valued(
    sample: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    worthless = sample[1][sample[1]["true_value"] == "no_value"]
    assert 0.02 < (worthless["first_value"] != "no_value").mean() < 0.2


def test_repeats_are_planted_and_some_were_valued_differently(
    sample: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    groups = sample[1][sample[1]["duplicate_group"] != ""].groupby("duplicate_group")
    assert groups.size().min() == 2
    assert len(groups) > 200
    assert (groups["first_value"].nunique() > 1).sum() > 30


def test_a_blank_answer_and_a_do_not_know_are_both_found(
    sample: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    for column in ("children_involved", "timing", "who_else_knows", "reported_before"):
        assert {"", "dont_know"} <= set(sample[0][column]), column


def test_narratives_are_neither_blank_nor_longer_than_the_form_allows(
    sample: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    lengths = sample[0]["narrative"].str.strip().str.len()
    assert lengths.min() > 0
    assert lengths.max() <= FORM_LIMIT
    assert not sample[0]["narrative"].str.contains(r"[\[\]{}|\x00]").any()


def test_telephone_numbers_are_those_reserved_for_drama(
    sample: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    found = sample[0]["narrative"].str.findall(r"\b0\d[\d ]{8,11}\d\b").explode().dropna()
    assert len(found) > 100
    allowed = re.compile(r"(01632 ?960|07700 ?900|020 7946 0)\d{3}$")
    assert [n for n in found if not allowed.match(n)] == []


def test_postcodes_are_of_areas_that_do_not_exist(
    sample: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    text = sample[0]["narrative"].str.upper()
    areas = text.str.findall(r"\b(?!B4 )([A-Z]{1,2})\d{1,2} ?\d[A-Z]{2}\b").explode().dropna()
    assert len(areas) > 500
    assert set(areas) <= set(POSTCODE_AREAS)


def test_four_in_ten_were_first_assessed_after_two_days(
    sample: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    received, assessed = (pd.to_datetime(sample[0][c]) for c in ("received_at", "assessed_at"))
    waited = assessed - received
    assert waited.min() >= pd.Timedelta(0)
    assert 0.33 < (waited > pd.Timedelta(hours=48)).mean() < 0.47


def test_three_quarters_come_from_the_public(
    sample: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    share = sample[0]["channel"].isin(["web_form", "phone_hotline", "letter"]).mean()
    assert share == pytest.approx(0.745, abs=0.02)
    assert sample[0]["channel"].eq("crimestoppers").mean() == pytest.approx(0.108, abs=0.015)


def test_no_offence_is_worth_nothing_however_much_is_known() -> None:
    assert true_value(facts(nothing="grudge", harm=True)) == "no_value"


def test_an_offence_with_nothing_to_look_into_is_worth_nothing() -> None:
    assert true_value(facts(place=0, person=0)) == "no_value"


def test_an_old_story_at_second_hand_is_worth_less_than_the_same_seen_today() -> None:
    assert true_value(facts()) == "low"
    assert true_value(facts(person=0, source=0, currency="past")) == "no_value"


def test_the_graver_the_matter_the_higher_the_value() -> None:
    order = ("no_value", "low", "medium", "high")
    values = [
        true_value(facts(categories=(category,)))
        for category in ("illegal_working", "fake_documents", "firearms")
    ]
    assert all(order.index(a) < order.index(b) for a, b in pairwise(values))
    assert true_value(facts(harm=True)) == "high"


def test_the_grammar_has_many_fragments_and_every_slot_can_be_filled(
    sample: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    own = {name: lines for name, lines in phrases().items() if not name.startswith("noted:")}
    assert sum(map(len, own.values())) > 600
    assert min(map(len, own.values())) > 1
    assert len(sample[0]) == 6000


@pytest.mark.parametrize("line", ["a [b|c", "a b]", "a|b", "{half"])
def test_a_fragment_whose_brackets_do_not_pair_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="brackets do not pair"):
        parse(line)


def test_the_text_repeats_itself_little(sample: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    narratives = sample[0]["narrative"]
    alone = sample[1]["duplicate_group"] == ""
    assert narratives[alone].nunique() > 0.97 * alone.sum()
    assert np.median(narratives.str.len()) > 150
