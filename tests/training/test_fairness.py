"""Groups beside each other, narratives that tell of somebody else, and the gate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from factories import table_of, training_columns
from scipy.stats import binom

from data.reading import AllegationTable
from data.schema import Allegation
from model.text import mask
from training import report
from training.config import GateSettings, Settings
from training.evaluate import evaluate
from training.fairness import LEAST, difference, group_figures
from training.figures import Floats
from training.fit import fit_all
from training.gate import Verdict, unless_unfair
from training.groups import groups_in, within
from training.labels import labels_of
from training.swapping import RECORDS, Swapped, swap_shift, swapped

BETTER = Verdict(True, "better", "majority")
UNMOVED = Swapped(100, 0.0, 0.0, 0.0)


@pytest.fixture(scope="module")
def table() -> AllegationTable:
    return table_of(training_columns(120))


def records(*narratives: str) -> list[Allegation]:
    return [Allegation(f"A-{n}", text) for n, text in enumerate(narratives)]


# Groups ----------------------------------------------------------------------------------


def test_what_a_narrative_names_makes_the_groups() -> None:
    texts = ["A Polish woman works there", "He is 34 and a Sikh", "bins", "two Poles"]
    groups = groups_in(texts * LEAST)
    named = {name: here.tolist() for name, (here, _) in groups["narrative"].items()}
    assert named["names a nationality or people"] == [True, False, False, True] * LEAST
    assert named["names a religion"] == [False, True, False, False] * LEAST
    assert named["tells of women alone"] == [True, False, False, False] * LEAST
    assert named["tells of men alone"] == [False, True, False, False] * LEAST
    here, others = groups["nationality in the narrative"]["poland"]
    assert here.tolist() == [True, False, False, True] * LEAST
    assert (others == ~here).all()


def test_a_narrative_that_tells_of_both_is_in_neither_gender() -> None:
    assert not groups_in(["he and his wife"] * LEAST)["narrative"].keys() & {
        "tells of women alone",
        "tells of men alone",
    }


def test_what_few_narratives_name_makes_no_group() -> None:
    texts = ["two Poles"] * (LEAST - 1) + ["an Irish woman"] * LEAST
    groups = groups_in(texts)
    assert list(groups["nationality in the narrative"]) == ["ireland"]
    assert set(groups["narrative"]) == {"names a nationality or people", "tells of women alone"}


# Figures ---------------------------------------------------------------------------------


def test_the_interval_of_a_difference_is_newcombes() -> None:
    """Check against the worked example of Newcombe 1998, table II (a), method 10."""
    gap = difference(56, 70, 48, 80)
    assert gap.share - gap.others == pytest.approx(0.2)
    assert (round(gap.low, 4), round(gap.high, 4)) == (0.0524, 0.3339)


def test_flagged_and_missed_are_shares_of_the_group_and_of_the_others() -> None:
    here = np.arange(4 * LEAST) < 2 * LEAST
    truth = np.tile([0, 1], 2 * LEAST)
    suggested = np.where(here, 1, truth)
    suggested[1] = 0
    (found,) = group_figures({"gender": {"f": (here, ~here)}}, suggested, truth)
    assert found.records == 2 * LEAST
    assert found.flagged.share == pytest.approx(1 - 1 / (2 * LEAST))
    assert found.flagged.others == 0.5
    assert found.missed is not None
    assert found.missed.of == LEAST
    assert found.missed.share == pytest.approx(1 / LEAST)
    assert found.missed.others == 0


@pytest.mark.parametrize("members", [LEAST - 1, 3 * LEAST + 1])
def test_a_group_of_few_or_with_few_others_is_not_told(members: int) -> None:
    here = np.arange(4 * LEAST) < members
    truth = np.ones(4 * LEAST, np.int64)
    assert group_figures({"gender": {"f": (here, ~here)}}, truth, truth) == ()


def test_misses_are_not_told_where_few_of_a_group_are_of_value() -> None:
    here = np.arange(4 * LEAST) < 2 * LEAST
    truth = np.where(here, 0, 1)
    (found,) = group_figures({"gender": {"f": (here, ~here)}}, truth, truth)
    assert found.missed is None
    assert "missed" not in found.told()


def test_the_evaluation_compares_the_records_that_were_held_out() -> None:
    columns = training_columns(160)
    columns["received_at"] = [f"2025-{1 + n // 28:02d}-{1 + n % 28:02d}" for n in range(160)]
    table = table_of(columns)
    settings = Settings(folds=2, jobs=1, plain_folds=True, category_rows=5, time_ordered=True)
    here = np.arange(160) % 2 == 0
    groups = {"gender": {"f": (here, ~here)}}
    labels = labels_of(table, settings)
    done = evaluate(table, labels, settings, baselines=False, groups=groups)
    (found,) = done.figures()["fairness"]
    assert found["records"] == int(here[done.rows].sum()) < here.sum()
    assert within(groups, done.rows)["gender"]["f"][0].tolist() == here[done.rows].tolist()


# Somebody else ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Mohammed Khan, a Polish man, works there with his wife.",
        "She is Muslim and comes from Albania, 34 Mill Lane",
        "her sister Anna sells cigarettes",
    ],
)
def test_a_swapped_narrative_tells_of_somebody_else_and_nothing_else(text: str) -> None:
    other = swapped(text, np.random.default_rng(1))
    assert other != text
    assert mask(other) == mask(text)


def test_a_narrative_that_tells_of_nobody_stays_as_it_is() -> None:
    text = "a white van outside 34 Mill Lane every friday"
    assert swapped(text, np.random.default_rng(1)) == text


def test_a_model_on_masked_words_hardly_moves(table: AllegationTable) -> None:
    settings = Settings(folds=2, jobs=1, plain_folds=True, category_rows=5)
    model = fit_all(table, labels_of(table, settings), settings)
    told = records(*(f"Anna, a Polish woman, {text}" for text in table.narratives))
    found = swap_shift(told, model.predict_proba, 0)
    assert found.records == len(told)
    assert found.moved == 0
    assert found == swap_shift(told, model.predict_proba, 0), "a seed gives the same answer"


def test_no_more_narratives_are_asked_about_than_are_wanted() -> None:
    asked: list[int] = []

    def noting(records: Sequence[Allegation]) -> Floats:
        asked.append(len(records))
        return np.full((len(records), 2), 0.5)

    found = swap_shift(records(*["a Polish man", "bins"] * (RECORDS + 20)), noting, 0)
    assert (found.records, asked) == (RECORDS, [RECORDS, RECORDS])


def test_a_model_that_heeds_who_somebody_is_is_found_out() -> None:
    def heeding(asked: Sequence[Allegation]) -> Floats:
        polish = np.array(["polish" in one.narrative.lower() for one in asked], np.float64)
        return np.column_stack([0.2 * polish, 1 - 0.2 * polish])

    found = swap_shift(records("a Polish man", "a Polish woman", "bins"), heeding, 0)
    assert found == Swapped(2, 1.0, pytest.approx(0.2), pytest.approx(0.2))
    assert swap_shift(records("bins"), heeding, 0).records == 0


# The gate --------------------------------------------------------------------------------


def test_a_model_that_misses_much_more_of_one_group_is_refused() -> None:
    here = np.arange(8 * LEAST) < 4 * LEAST
    truth = np.ones(8 * LEAST, np.int64)
    missing = np.where(here & (np.arange(8 * LEAST) % 2 == 0), 0, 1)
    figures = group_figures({"gender": {"f": (here, ~here)}}, missing, truth)
    verdict = unless_unfair(BETTER, figures, UNMOVED, GateSettings())
    assert not verdict.promoted
    assert "gender, f: 50% of what is of value is missed, 0% among the others" in verdict.because
    assert unless_unfair(BETTER, figures, UNMOVED, GateSettings(most_missed=0.6)) == BETTER


def test_a_gap_that_chance_would_explain_is_no_reason_to_refuse() -> None:
    here = np.arange(4 * LEAST) < 2 * LEAST
    truth = np.ones(4 * LEAST, np.int64)
    missing = np.where(here & (np.arange(4 * LEAST) % 7 == 0), 0, 1)
    figures = group_figures({"gender": {"f": (here, ~here)}}, missing, truth)
    assert figures[0].missed is not None
    assert figures[0].missed.share > 0.1
    assert unless_unfair(BETTER, figures, UNMOVED, GateSettings()) == BETTER


def test_a_model_that_answers_otherwise_for_somebody_else_is_refused() -> None:
    verdict = unless_unfair(BETTER, (), Swapped(500, 0.03, 0.3, 0.01), GateSettings())
    assert not verdict.promoted
    assert verdict.because == (
        "15 of 500 narratives that told of somebody else moved by more than 0.05; "
        "the 95% interval of their share lies above 1.0%"
    )
    lenient = GateSettings(most_moved=0.05)
    assert unless_unfair(BETTER, (), Swapped(500, 0.03, 0.3, 0.01), lenient) == BETTER


@pytest.mark.parametrize(("records", "refused_from"), [(10, 2), (50, 3), (100, 4), (500, 11)])
def test_narratives_that_chance_would_move_are_seldom_a_reason_to_refuse(
    records: int, refused_from: int
) -> None:
    """Of models that move just as many as may move, at most 2.5% are refused."""
    fewest = next(
        moved
        for moved in range(records + 1)
        if unless_unfair(BETTER, (), Swapped(records, moved / records, 0.3, 0.01), GateSettings())
        != BETTER
    )
    assert fewest == refused_from
    assert binom.sf(fewest - 1, records, GateSettings().most_moved) <= 0.025
    assert binom.sf(fewest - 2, records, GateSettings().most_moved) > 0.025, "nor is it idle"


@pytest.mark.parametrize("found", [Swapped(0, 0, 0, 0), Swapped(20, 0.05, 0.3, 0.01)])
def test_few_narratives_that_tell_of_somebody_are_no_reason_to_refuse(found: Swapped) -> None:
    assert unless_unfair(BETTER, (), found, GateSettings()) == BETTER


def test_few_narratives_that_all_move_are_a_reason_to_refuse() -> None:
    assert not unless_unfair(BETTER, (), Swapped(20, 1.0, 0.3, 0.2), GateSettings()).promoted


def test_every_reason_to_refuse_a_model_is_told() -> None:
    here = np.arange(8 * LEAST) < 4 * LEAST
    truth = np.ones(8 * LEAST, np.int64)
    missing = np.where(here & (np.arange(8 * LEAST) % 2 == 0), 0, 1)
    apart = {"gender": {"f": (here, ~here)}, "sex": {"female": (here, ~here)}}
    figures = group_figures(apart, missing, truth)
    worse = Verdict(False, "no-value AUC fell", "champion 3", 400, 0.1, 0.05)
    moved = Swapped(500, 0.1, 0.3, 0.01)
    verdict = unless_unfair(worse, figures, moved, GateSettings())
    told = verdict.because.split("; ")
    assert told[0] == "no-value AUC fell"
    assert told[1].startswith("50 of 500 narratives")
    assert [one[:6] for one in told if "missed" in one] == ["gender", "sex, f"]
    assert (verdict.promoted, verdict.records, verdict.gain) == (False, 400, 0.1)
    first = unless_unfair(BETTER, figures, moved, GateSettings())
    assert first.because == verdict.because.removeprefix("no-value AUC fell; ")


def test_what_was_refused_already_keeps_its_reason_where_there_is_no_other() -> None:
    worse = Verdict(False, "no-value AUC fell", "champion 3")
    assert unless_unfair(worse, (), UNMOVED, GateSettings()) == worse


# What a person is told -------------------------------------------------------------------


def test_a_group_that_reads_like_markup_is_shown_as_it_stands(
    capsys: pytest.CaptureFixture[str],
) -> None:
    here = np.arange(4 * LEAST) < 2 * LEAST
    truth = np.ones(4 * LEAST, np.int64)
    figures = group_figures({"sex": {"[red]f[/blue]": (here, ~here)}}, truth, truth)
    report._show_groups([one.as_dict() for one in figures])
    assert "sex: [red]f[/blue]" in capsys.readouterr().out


def test_a_channel_that_reads_like_markup_is_shown_as_it_stands(
    capsys: pytest.CaptureFixture[str],
) -> None:
    figures = {"records": 40.0, **dict.fromkeys(report.VALUE, 0.5)}
    report._show_channels({"[red]web[/blue]": figures})
    assert "[red]web[/blue]" in capsys.readouterr().out
