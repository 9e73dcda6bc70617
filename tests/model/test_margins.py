"""The support vector machines for many labels find what scikit-learn's find one by one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from sklearn.svm import LinearSVC

from model.components import held_out_scores
from model.linear import CalibratedLinear, held_out_proba, held_out_splits
from model.margins import margins

RNG = np.random.default_rng(7)
X = sparse.csr_array(sparse.random(300, 120, density=0.15, random_state=7, dtype=np.float32))
LABELS = np.stack([X[:, [k]].toarray().ravel() > 0 for k in range(3)], axis=1)
LABELS[RNG.random(LABELS.shape) < 0.05] = True


@pytest.mark.parametrize("dense", [False, True])
def test_many_machines_at_once_agree_with_one_after_another(dense: bool) -> None:
    coef, start = margins(X.toarray() if dense else X, LABELS, 0.2)
    for label, weights, intercept in zip(LABELS.T, coef.T, start, strict=True):
        peer = LinearSVC(C=0.2, class_weight="balanced", tol=1e-6, max_iter=10_000).fit(X, label)
        ours = X @ weights + intercept
        assert np.corrcoef(ours, peer.decision_function(X))[0, 1] > 0.999


def test_scaling_for_each_label_is_the_same_as_scaling_the_features() -> None:
    ratios = RNG.uniform(0.2, 2, size=(X.shape[1], 3)).astype(np.float32)
    coef, start = margins(X, LABELS, 0.2, ratios)
    for k in range(3):
        scaled = X.multiply(ratios[:, k]).tocsr()
        expected, begin = margins(scaled, LABELS[:, [k]], 0.2)
        np.testing.assert_allclose(coef[:, k], expected[:, 0] * ratios[:, k], atol=0.02)
        np.testing.assert_allclose(start[k], begin[0], atol=0.02)


def test_a_label_does_not_depend_on_those_fitted_with_it() -> None:
    alone, _ = margins(X, LABELS[:, [1]], 0.2)
    together, _ = margins(X, LABELS, 0.2)
    np.testing.assert_allclose(together[:, [1]], alone, atol=1e-4)


def test_a_label_that_no_record_has_scores_below_zero() -> None:
    nobody = np.zeros((300, 1), dtype=bool)
    coef, start = margins(X, nobody, 0.2)
    assert (X @ coef + start).max() < 0


def test_held_out_probabilities_are_those_of_the_whole_estimator() -> None:
    for labels in (LABELS[:, 0], LABELS.sum(axis=1)):
        whole = CalibratedLinear(seed=3).fit(X, labels).oof_proba_
        np.testing.assert_array_equal(held_out_proba(X, labels, seed=3), whole)


def test_of_two_opposite_labels_one_machine_is_the_other_turned_round() -> None:
    both = np.column_stack([LABELS[:, 0], ~LABELS[:, 0]])
    splits = held_out_splits(both[:, 0].astype(int), 3, 0)
    scores = held_out_scores(X, both, splits)
    np.testing.assert_array_equal(scores[:, :2, 0], -scores[:, :2, 1])
    alone = held_out_scores(X, LABELS[:, [0]], splits)
    np.testing.assert_allclose(scores[:, :2, 0], alone[:, :2, 0], atol=0.05)
