from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, nbinom

from model.second_look.audit import AuditTrail
from model.second_look.certificate import FRACTIONS, draws_until_certain, recall_is_certain
from model.second_look.counts import highest_density
from model.second_look.estimate import ReviewedPick, SecondLookEstimate, estimate


def _picks(missed: Iterable[bool], *, audit: Iterable[bool] | bool = True) -> list[ReviewedPick]:
    missed = list(missed)
    audited = [audit] * len(missed) if isinstance(audit, bool) else list(audit)
    return [
        ReviewedPick(was, 0.1, drawn, place)
        for place, (was, drawn) in enumerate(zip(missed, audited, strict=True))
    ]


def _spread(finds: int, draws: int) -> list[bool]:
    """So many finds spread evenly over so many draws."""
    found = np.zeros(draws, dtype=bool)
    found[np.linspace(0, draws - 1, finds).astype(int)] = True
    return [bool(one) for one in found]


def _limits(result: SecondLookEstimate) -> tuple[float, ...]:
    one = result.remaining
    return one.low, one.low_80, one.high_80, one.high


def test_before_the_first_decision_everything_may_be_wrong_or_nothing() -> None:
    result = estimate([], 40)
    assert (result.reviewed, result.found, result.audited) == (0, 0, 0)
    assert result.remaining.estimate is None
    assert _limits(result) == (0, 0, 40, 40)
    assert result.recall.estimate is None
    assert (result.recall.low, result.recall.high) == (0, 1)
    assert not result.certified


def test_ranked_picks_alone_tell_nothing_of_what_remains() -> None:
    result = estimate(_picks([True] * 30 + [False] * 30, audit=False), 40)
    assert result.found == 30
    assert result.remaining.estimate is None
    assert _limits(result) == (0, 0, 40, 40)
    assert result.recall.low == 30 / 70


def test_an_empty_backlog_leaves_nothing_to_find() -> None:
    result = estimate(_picks([True, False, True]), 0)
    assert _limits(result) == (0, 0, 0, 0)
    assert result.recall.estimate == 1
    assert result.certified


def test_only_upholds_leave_few_but_not_surely_none() -> None:
    few, many = (estimate(_picks([False] * draws), 1_000) for draws in (20, 400))
    assert few.remaining.low == many.remaining.low == 0
    assert few.remaining.high > 5 * many.remaining.high > 0
    assert few.recall.high == 1
    assert few.recall.low == 0


def test_only_overturns_leave_nearly_all_of_the_backlog() -> None:
    result = estimate(_picks([True] * 30), 100)
    assert result.remaining.low > 80
    assert result.remaining.high == 100
    assert not result.certified


@pytest.mark.parametrize("missed", [True, False])
def test_a_single_record_left_is_wrong_or_not(missed: bool) -> None:
    result = estimate(_picks([missed]), 1)
    assert (result.remaining.low, result.remaining.high) == (0, 1)
    assert estimate(_picks([missed]), 0).remaining.high == 0


def test_a_plain_random_sample_gives_the_limits_of_the_textbook() -> None:
    """From a pool so large that drawing does not change it: the mid-P limits of a binomial."""
    finds, draws, backlog = 12, 300, 1_000_000
    result = estimate(_picks(_spread(finds, draws)), backlog)
    shares = np.linspace(0, 0.2, 200_001)
    above = beta.cdf(shares, finds + 1, draws - finds)
    upper = (above + beta.cdf(shares, finds, draws - finds + 1)) / 2
    expected = shares[np.searchsorted(upper, 0.975)] * backlog
    assert result.remaining.high == pytest.approx(expected, rel=0.03)
    cautious = beta.ppf(0.025, finds, draws - finds + 1) * backlog
    assert cautious <= result.remaining.low <= beta.ppf(0.025, finds + 1, draws - finds) * backlog
    assert result.remaining.estimate == pytest.approx(finds / draws * backlog, rel=0.05)


def test_what_ranked_picks_found_since_a_draw_is_no_longer_there() -> None:
    """Early draws hit often; the ranker then took most of the wrong dismissals out."""
    early = _spread(10, 100)
    stayed = estimate(_picks(early + [False] * 100, audit=[True] * 100 + [False] * 100), 800)
    cleared = estimate(_picks(early + [True] * 100, audit=[True] * 100 + [False] * 100), 800)
    assert cleared.remaining.high < stayed.remaining.high - 50
    assert cleared.recall.low > stayed.recall.high


def test_the_order_in_which_decisions_are_handed_in_does_not_matter() -> None:
    picks = _picks(_spread(9, 90), audit=[place % 3 == 0 for place in range(90)])
    shuffled = [picks[at] for at in np.random.default_rng(0).permutation(90).tolist()]
    one, other = estimate(picks, 200), estimate(shuffled, 200)
    assert (one.remaining, one.recall, one.precision) == (
        other.remaining,
        other.recall,
        other.precision,
    )


def test_the_share_wrongly_dismissed_stays_the_same_when_the_backlog_grows() -> None:
    picks = _picks(_spread(20, 200))
    small, large = estimate(picks, 10_000), estimate(picks, 20_000)
    assert large.remaining.high == pytest.approx(2 * small.remaining.high, rel=0.03)


def test_twenty_thousand_decisions_give_the_same_as_their_draws_one_by_one() -> None:
    """Very many draws are merged; that must not show."""
    rng = np.random.default_rng(3)
    missed = (rng.random(20_000) < 0.03).tolist()
    audit = (rng.random(20_000) < 0.1).tolist()
    result = estimate(_picks(missed, audit=audit), 50_000)
    share = sum(m for m, a in zip(missed, audit, strict=True) if a) / sum(audit)
    assert result.remaining.estimate == pytest.approx(share * 50_000, rel=0.05)
    assert result.remaining.low > 0.7 * share * 50_000


def test_the_precision_of_the_queue_follows_the_latest_ranked_picks() -> None:
    fresh = estimate(_picks([True] * 60 + [False] * 340, audit=False), 1_000)
    steady = estimate(_picks(_spread(60, 400), audit=False), 1_000)
    assert fresh.precision.estimate is not None
    assert steady.precision.estimate is not None
    assert fresh.precision.high < steady.precision.high
    assert steady.precision.low <= 60 / 400 <= steady.precision.high


def test_without_ranked_picks_the_precision_of_the_queue_is_not_known() -> None:
    precision = estimate(_picks([False] * 10), 100).precision
    assert (precision.estimate, precision.low, precision.high) == (None, 0, 1)


def test_more_reviews_are_foretold_to_find_more_and_never_more_than_they_are() -> None:
    result = estimate(_picks(_spread(40, 200), audit=[i % 10 == 0 for i in range(200)]), 150)
    forecasts = [result.finds_in(reviews) for reviews in (0, 10, 100, 10_000)]
    finds = [forecast.finds for forecast in forecasts]
    assert finds == sorted(finds)
    assert (forecasts[0].low, forecasts[0].high) == (0, 0)
    assert forecasts[-1].reviews == 150
    assert all(one.low <= one.high <= one.reviews for one in forecasts)
    assert result.finds_in(100, 0.95).high >= result.finds_in(100, 0.5).high


def test_no_more_finds_are_foretold_than_may_remain() -> None:
    """The ranker found plenty until now, but many random draws since found nothing."""
    picks = _picks([True] * 200 + [False] * 300, audit=[False] * 200 + [True] * 300)
    result = estimate(picks, 300)
    assert result.outlook.finds(200).high > result.remaining.high
    assert result.finds_in(200).high <= result.remaining.high


def test_a_forecast_of_one_peak_is_the_shortest_interval_that_holds_its_confidence() -> None:
    for shape, mean, confidence in [(0.5, 0.4, 0.8), (3.5, 5.0, 0.8), (40.5, 12.0, 0.95)]:
        chances = nbinom.pmf(np.arange(200), shape, shape / (shape + mean))
        low, high = highest_density(chances, confidence)
        held = np.convolve(chances, np.ones(high - low))
        assert chances[low : high + 1].sum() >= confidence
        assert held.max() < confidence


def test_a_forecast_of_two_peaks_spans_both_where_one_does_not_hold_its_confidence() -> None:
    chances = np.zeros(50)
    chances[[0, 1, 40, 41]] = 0.35, 0.25, 0.3, 0.1
    assert highest_density(chances, 0.6) == (0, 40)
    assert highest_density(chances, 0.3) == (0, 0)


def test_where_a_find_is_rare_the_forecast_of_a_few_reviews_is_none() -> None:
    picks = _picks([False] * 400, audit=[place % 10 == 0 for place in range(400)])
    forecast = estimate(picks, 2_000).finds_in(20)
    assert (forecast.finds, forecast.low, forecast.high) == (0, 0, 0)


def test_what_the_audit_finds_speaks_for_the_queue_too() -> None:
    """The latest ranked picks found nothing, but one draw in twenty-five did."""
    audit = [place % 5 == 0 for place in range(500)]
    hits = [place % 125 == 0 for place in range(500)]
    seen, unseen = (
        estimate(_picks(m, audit=audit), 1_000).precision for m in (hits, [False] * 500)
    )
    assert unseen.low == seen.low == 0
    assert unseen.high < 1 / 25 <= seen.high


def test_a_queue_that_is_drawn_at_random_is_foretold_to_find_what_is_still_there() -> None:
    result = estimate(_picks(_spread(30, 300)), 1_000)
    forecast = result.finds_in(500)
    assert result.remaining.estimate is not None
    assert forecast.finds == pytest.approx(result.remaining.estimate / 2, rel=0.1)
    assert forecast.high - forecast.low >= 0.4 * (
        result.remaining.high_80 - result.remaining.low_80
    )


@given(st.integers(0, 60), st.integers(20, 400), st.integers(0, 900), st.integers(1, 400))
def test_a_narrower_forecast_lies_within_a_wider_one(
    found: int, reviewed: int, backlog: int, ahead: int
) -> None:
    picks = _picks(
        _spread(min(found, reviewed), reviewed), audit=[at % 7 == 3 for at in range(reviewed)]
    )
    result = estimate(picks, backlog)
    narrow, middle, wide = (result.finds_in(ahead, level) for level in (0.5, 0.8, 0.95))
    assert wide.low <= middle.low <= narrow.low <= narrow.high <= middle.high <= wide.high
    assert middle.low <= middle.finds <= middle.high


def test_a_certificate_needs_many_random_draws_that_find_nothing() -> None:
    found = [True] * 200
    audit = [False] * 200
    few = estimate(_picks(found + [False] * 30, audit=audit + [True] * 30), 300)
    many = estimate(_picks(found + [False] * 300, audit=audit + [True] * 300), 300)
    assert not few.certified
    assert many.certified
    assert many.recall.low >= 0.95


def test_a_certificate_is_asked_for_at_a_target_and_a_confidence() -> None:
    picks = _picks([True] * 200 + [False] * 150, audit=[False] * 200 + [True] * 150)
    assert estimate(picks, 400, target_recall=0.8).certified
    assert not estimate(picks, 400, target_recall=0.99).certified
    assert not estimate(picks, 400, target_recall=0.8, confidence=1 - 1e-12).certified


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.booleans()), max_size=80),
    st.integers(1, 60),
    st.sampled_from([0.5, 0.8, 0.95]),
)
def test_a_certificate_refutes_every_total_that_would_mean_too_low_a_recall(
    history: list[tuple[bool, bool]], backlog: int, target: float
) -> None:
    """Only the smallest of them is looked at; that must be enough."""
    missed = np.array([was and place % 3 == 0 for place, (was, _) in enumerate(history)], bool)
    audit = np.array([drawn for _, drawn in history], bool)
    trail, found = AuditTrail.of(missed, audit, backlog), int(missed.sum())
    totals = np.arange(found, found + backlog + 1.0)
    too_many = totals[found < target * totals - 1e-9] - found
    likelihood = trail.log_likelihood(too_many)
    smaller = [trail.log_likelihood(too_many - f * (too_many + found)) for f in FRACTIONS]
    evidence = np.logaddexp.reduce(smaller, axis=0) - np.log(len(FRACTIONS)) - likelihood
    assert recall_is_certain(trail, found, target, 0.8) == bool((evidence >= np.log(5)).all())


NEARLY = [
    (_picks([True] * 200 + [False] * 60, audit=[False] * 200 + [True] * 60), 400),
    (_picks([True] * 60 + [False] * 240, audit=[at % 4 == 3 for at in range(300)]), 900),
    (_picks(_spread(30, 300), audit=[at % 10 == 5 for at in range(300)]), 3_000),
    (_picks([False] * 40), 200),
    (_picks([True] * 20, audit=False), 50),
    ([], 30),
]


@pytest.mark.parametrize(("decisions", "backlog"), NEARLY)
def test_the_draws_that_would_certify_do_and_one_fewer_would_not(
    decisions: list[ReviewedPick], backlog: int
) -> None:
    draws = estimate(decisions, backlog).draws_to_certify
    assert draws is not None

    def after(count: int) -> SecondLookEstimate:
        more = [ReviewedPick(False, 0.1, True, 10_000 + place) for place in range(count)]
        return estimate([*decisions, *more], backlog - count)

    assert after(draws).certified
    assert not after(draws - 1).certified
    assert after(draws - 1).draws_to_certify == 1


def test_the_reviews_that_would_certify_hold_as_many_draws_as_there_were_so_far() -> None:
    """A draw in four; what was reviewed between the draws took records out of the backlog."""
    decisions, backlog = NEARLY[1]
    result = estimate(decisions, backlog)
    assert result.draws_to_certify is not None
    assert result.reviews_to_certify is not None
    assert result.draws_to_certify < result.reviews_to_certify < 4 * result.draws_to_certify

    def after(count: int) -> SecondLookEstimate:
        more = [ReviewedPick(False, 0.1, at % 4 == 0, 10_000 + at) for at in range(count)]
        return estimate([*decisions, *more], backlog - count)

    assert after(result.reviews_to_certify).certified
    assert not after(result.reviews_to_certify - 4).certified


def test_what_would_certify_is_not_asked_once_it_is_certified_or_nothing_is_left() -> None:
    certified = estimate(_picks([True] * 200 + [False] * 300, audit=True), 0)
    assert certified.certified
    assert (certified.draws_to_certify, certified.reviews_to_certify) == (None, None)
    many = _picks([True] * 200 + [False] * 300, audit=[False] * 200 + [True] * 300)
    assert estimate(many, 300).draws_to_certify is None


def test_without_a_random_draw_so_far_nobody_says_how_many_reviews_would_certify() -> None:
    result = estimate(_picks([True] * 20, audit=False), 50)
    assert result.draws_to_certify is not None
    assert result.reviews_to_certify is None


def test_a_million_records_need_about_as_many_draws_as_half_a_million() -> None:
    """A twentieth of what was found may remain: that share of the backlog halves."""
    picks = _picks([True] * 900 + [False] * 100, audit=[False] * 900 + [True] * 100)
    draws = [estimate(picks, backlog).draws_to_certify for backlog in (500_000, 1_000_000)]
    assert draws[0] is not None
    assert draws[1] is not None
    assert draws[1] == pytest.approx(2 * draws[0], rel=0.01)
    missed, audit = np.array([pick.missed for pick in picks]), np.array([p.audit for p in picks])
    trail = AuditTrail.of(missed, audit, 1_000_000)
    assert draws_until_certain(trail, 900, 0.95, 0.95) == draws[1]


@pytest.mark.parametrize(
    ("decisions", "backlog", "message"),
    [
        ([], -1, "backlog must not be negative"),
        ([ReviewedPick(True, 0.0, True, 0)], 3, "selection probability"),
        ([ReviewedPick(True, 1.5, True, 0)], 3, "selection probability"),
        ([ReviewedPick(True, float("nan"), True, 0)], 3, "selection probability"),
        ([ReviewedPick(True, 1.0, True, 4), ReviewedPick(False, 1.0, True, 4)], 3, "position"),
    ],
)
def test_decisions_that_cannot_be_are_refused(
    decisions: list[ReviewedPick], backlog: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        estimate(decisions, backlog)


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
def test_a_confidence_or_target_that_is_no_share_is_refused(level: float) -> None:
    with pytest.raises(ValueError, match="confidence must be between"):
        estimate([], 1, confidence=level)
    with pytest.raises(ValueError, match="target_recall must be between"):
        estimate([], 1, target_recall=level)
    with pytest.raises(ValueError, match="confidence must be between"):
        estimate([], 1).finds_in(1, level)


def test_a_forecast_for_less_than_no_reviews_is_refused() -> None:
    with pytest.raises(ValueError, match="reviews must not be negative"):
        estimate([], 1).finds_in(-1)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.booleans()), max_size=60),
    st.integers(0, 500),
    st.sampled_from([0.81, 0.9, 0.95, 0.99]),
)
def test_intervals_hold_their_estimate_and_one_another(
    history: list[tuple[bool, bool]], backlog: int, confidence: float
) -> None:
    picks = _picks([was for was, _ in history], audit=[drawn for _, drawn in history])
    result = estimate(picks, backlog, confidence=confidence)
    for one in (result.remaining, result.recall, result.precision):
        assert one.low <= one.low_80 <= one.high_80 <= one.high
        assert one.estimate is None or one.low <= one.estimate <= one.high
    assert result.remaining.low >= 0
    assert result.remaining.high <= backlog
    assert 0 <= result.recall.low <= result.recall.high <= 1
