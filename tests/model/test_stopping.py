from __future__ import annotations

import re

import pytest

from model.second_look.estimate import ReviewedPick, estimate
from model.second_look.stopping import Step, advise


def _picks(ranked: int, found: int, audits: int, hits: int = 0) -> list[ReviewedPick]:
    """Ranked picks, the first so many of them finds, then audit draws, the last ones hits."""
    picks = [ReviewedPick(place < found, 1.0, False, place) for place in range(ranked)]
    return picks + [
        ReviewedPick(at >= audits - hits, 0.01, True, ranked + at) for at in range(audits)
    ]


SITUATIONS = [
    ([], 100, Step.NOT_KNOWN),
    (_picks(50, 10, 0), 100, Step.NOT_KNOWN),
    (_picks(50, 10, 20, 2), 1_000, Step.CARRY_ON),
    (_picks(50, 0, 20), 1_000, Step.CARRY_ON),
    (_picks(300, 200, 98), 300, Step.TARGET_LIKELY),
    (_picks(300, 200, 300), 300, Step.TARGET_MET),
    (_picks(50, 10, 5), 0, Step.FINISHED),
    ([], 0, Step.FINISHED),
]


@pytest.mark.parametrize(("decisions", "backlog", "step"), SITUATIONS)
def test_the_advice_fits_the_situation_and_always_shows_an_interval(
    decisions: list[ReviewedPick], backlog: int, step: Step
) -> None:
    advice = advise(estimate(decisions, backlog))
    assert advice.step is step
    assert re.search(r"95% interval.* \d[\d,]* to \d", advice.text)


@pytest.mark.parametrize(("decisions", "backlog", "step"), SITUATIONS)
def test_stopping_is_backed_only_by_a_certificate_or_by_having_seen_everything(
    decisions: list[ReviewedPick], backlog: int, step: Step
) -> None:
    result = estimate(decisions, backlog)
    assert advise(result).may_stop == (result.certified or not backlog)
    assert advise(result).may_stop == (step in {Step.TARGET_MET, Step.FINISHED})


def test_the_advice_says_what_more_reviews_would_find() -> None:
    text = advise(estimate(_picks(90, 20, 10, 1), 1_000), next_reviews=60).text
    assert re.search(
        r"60 more reviews would find about \d+ more \(80% interval \d+ to \d+\)", text
    )


def test_the_advice_speaks_of_no_more_reviews_than_are_left() -> None:
    assert "7 more reviews" in advise(estimate(_picks(50, 5, 10, 1), 7)).text


def test_the_advice_names_the_target_and_the_confidence_asked_for() -> None:
    result = estimate(_picks(300, 200, 300), 300, target_recall=0.9, confidence=0.99)
    text = advise(result).text
    assert "at least 90% of the wrong dismissals have been found, with 99% confidence" in text
    assert "99% interval" in text


def test_no_find_so_far_is_not_called_full_recall() -> None:
    text = advise(estimate(_picks(0, 0, 40), 1_000)).text
    assert "None has been found so far." in text
    assert "100%" not in text


def test_the_advice_says_what_a_certificate_would_take() -> None:
    """Sixty draws found nothing; a hundred and fifty would do, one in ten from here on."""
    picks = _picks(540, 200, 60)
    result = estimate(picks, 3_000)
    assert (
        f"If the next {result.draws_to_certify:,} records drawn at random held no wrong "
        "dismissal, the target would be certified; with 10% of the reviews drawn at random, as "
        "so far, and nothing found by the others, that takes about "
        f"{result.reviews_to_certify:,} of the 3,000 left."
    ) in advise(result).text


def test_a_share_of_few_draws_is_not_rounded_to_none() -> None:
    text = advise(estimate(_picks(997, 200, 3), 3_000)).text
    assert "with 0.3% of the reviews drawn at random" in text


def test_the_advice_says_so_where_nearly_all_would_have_to_be_reviewed() -> None:
    result = estimate(_picks(98, 20, 2), 400)
    assert advise(result).text.endswith("that takes nearly all of the 400 left.")


def test_the_advice_of_a_single_draw_is_grammatical() -> None:
    result = next(
        one
        for draws in range(60, 120)
        if (one := estimate(_picks(300, 200, draws), 300)).draws_to_certify == 1
    )
    assert "If the next record drawn at random held no wrong dismissal" in advise(result).text


def test_a_target_that_cannot_have_been_met_is_said_to_need_more_finds() -> None:
    text = advise(estimate(_picks(50, 10, 20, 2), 1_000)).text
    assert text.endswith("More must be found before the target of 95% can be met.")
    assert "certified" not in text


@pytest.mark.parametrize(
    ("decisions", "backlog"),
    [(_picks(300, 200, 300), 300), (_picks(50, 0, 20), 1_000), (_picks(50, 10, 5), 0)],
)
def test_nothing_is_said_of_a_certificate_that_is_there_or_about_nothing(
    decisions: list[ReviewedPick], backlog: int
) -> None:
    text = advise(estimate(decisions, backlog)).text
    assert "would be certified" not in text
    assert "More must be found" not in text


def test_all_drawn_at_random_is_not_told_again_in_reviews() -> None:
    text = advise(estimate(_picks(0, 0, 300, 2), 300)).text
    assert text.endswith("held no wrong dismissal, the target would be certified.")
