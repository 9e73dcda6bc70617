from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from serving.agreement import cohens_kappa

VERDICTS = st.sampled_from(["uphold", "overturn"])


def pairs_of(table: dict[tuple[str, str], int]) -> list[tuple[str, str]]:
    return [pair for pair, count in table.items() for _ in range(count)]


@given(st.lists(st.tuples(VERDICTS, VERDICTS), min_size=2, max_size=80))
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    if len({one for pair in pairs for one in pair}) < 2:
        assert cohens_kappa(pairs).estimate is None
        return
    first, second = zip(*pairs, strict=True)
    found = cohens_kappa(pairs)
    assert found.estimate == pytest.approx(cohen_kappa_score(first, second))
    assert found.low is not None
    assert found.high is not None
    assert -1 <= found.low <= found.high <= 1


def test_the_large_sample_interval_is_the_published_one() -> None:
    # the textbook table of two readers: 20, 5, 10, 15 gives 0.40; taken ten times for a large one
    table = {("a", "a"): 200, ("a", "b"): 50, ("b", "a"): 100, ("b", "b"): 150}
    found = cohens_kappa(pairs_of(table))
    assert found.method == "large sample"
    assert found.estimate == pytest.approx(0.4)
    drawn = np.random.default_rng(1).multinomial(500, np.array([0.4, 0.1, 0.2, 0.3]), size=20_000)
    shares = drawn / 500
    agreed = shares[:, 0] + shares[:, 3]
    first, second = shares[:, 0] + shares[:, 1], shares[:, 0] + shares[:, 2]
    chance = first * second + (1 - first) * (1 - second)
    spread = float(np.std((agreed - chance) / (1 - chance)))
    assert found.low is not None
    assert found.high is not None
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * spread, rel=0.03)


def test_few_pairs_have_a_bootstrap_interval_around_the_estimate() -> None:
    found = cohens_kappa(pairs_of({("a", "a"): 9, ("a", "b"): 2, ("b", "a"): 1, ("b", "b"): 6}))
    assert found.method == "bootstrap"
    assert found.low is not None
    assert found.estimate is not None
    assert found.high is not None
    assert found.low < found.estimate < found.high


@pytest.mark.parametrize(("pairs", "low"), [(6, 0.21), (20, 0.72), (400, 0.985)])
def test_perfect_agreement_leaves_the_doubt_that_so_few_pairs_leave(
    pairs: int, low: float
) -> None:
    found = cohens_kappa(pairs_of({("a", "a"): pairs // 2, ("b", "b"): pairs // 2}))
    assert (found.estimate, found.high, found.method) == (1, 1, "bounded")
    assert found.low == pytest.approx(low, abs=0.005)


@pytest.mark.parametrize("pairs", [2, 10, 60])
def test_as_many_as_the_bound_allows_for_would_have_shown_in_nineteen_of_twenty(
    pairs: int,
) -> None:
    found = cohens_kappa(pairs_of({("a", "a"): pairs // 2, ("b", "b"): pairs // 2}))
    assert found.low is not None
    differing = (1 - found.low) / 2  # of two equally common verdicts half agree by chance
    assert (1 - differing) ** pairs == pytest.approx(0.05)


def test_the_rarer_one_verdict_the_less_an_agreement_says() -> None:
    even = cohens_kappa(pairs_of({("a", "a"): 20, ("b", "b"): 20}))
    uneven = cohens_kappa(pairs_of({("a", "a"): 38, ("b", "b"): 2}))
    assert even.low is not None
    assert uneven.low is not None
    assert uneven.low < even.low


def test_nothing_to_compare_has_no_kappa() -> None:
    assert cohens_kappa([]).estimate is None
