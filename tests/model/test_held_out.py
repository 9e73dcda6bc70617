from __future__ import annotations

import numpy as np

from model.held_out import HeldOut

HELD = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6]])
NOW = np.array([[1.0, 0.0], [0.5, 0.5]])


def test_a_record_trained_on_gets_the_probabilities_it_had_while_held_out() -> None:
    kept = HeldOut.of(["one", "two", "three"], HELD)
    np.testing.assert_allclose(kept.instead_of(["two", "new"], NOW), [[0.2, 0.8], [0.5, 0.5]])


def test_one_narrative_in_several_records_gets_their_mean() -> None:
    kept = HeldOut.of(["one", "one", "two"], HELD)
    np.testing.assert_allclose(kept.instead_of(["one"], NOW[:1]), [[0.55, 0.45]], rtol=1e-6)


def test_the_probabilities_handed_in_are_left_as_they_are() -> None:
    before = NOW.copy()
    HeldOut.of(["one"], HELD[:1]).instead_of(["one", "new"], NOW)
    np.testing.assert_array_equal(NOW, before)


def test_the_state_holds_no_text_and_gives_the_same_answers() -> None:
    kept = HeldOut.of(["one", "two"], HELD[:2])
    state = kept.get_state()
    assert {array.dtype.kind for array in state.values()} == {"u", "f"}
    again = HeldOut.from_state(state)
    np.testing.assert_array_equal(
        again.instead_of(["one", "x"], NOW), kept.instead_of(["one", "x"], NOW)
    )


def test_with_no_records_kept_nothing_changes() -> None:
    none = HeldOut.of([], np.empty((0, 2)))
    np.testing.assert_array_equal(none.instead_of(["one", "two"], NOW), NOW)
