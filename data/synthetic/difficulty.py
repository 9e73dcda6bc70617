"""Measure how hard a sample is for plain TF-IDF and logistic regression.

``python -m data.synthetic.difficulty data/sample`` prints one line per figure.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline


def macro_f1(narratives: list[str], labels: list[str], folds: int = 5) -> float:
    """Return macro-F1 of word 1-2-gram TF-IDF with LogisticRegression(C=5), seed 0."""
    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression(C=5, max_iter=2000)
    )
    splits = StratifiedKFold(folds, shuffle=True, random_state=0)
    truth = np.array(labels, dtype=object)
    predicted = cross_val_predict(model, narratives, truth, cv=splits)
    return float(f1_score(truth, predicted, average="macro"))


def repeated_five_grams(narratives: list[str]) -> float:
    """Return the share of runs of five words that also stand in another narrative."""
    seen: dict[tuple[str, ...], int] = {}
    runs: list[tuple[tuple[str, ...], int]] = []
    for number, text in enumerate(narratives):
        words = text.lower().split()
        for run in {tuple(words[i : i + 5]) for i in range(len(words) - 4)}:
            runs.append((run, number))
            seen[run] = seen.get(run, 0) + 1
    return sum(seen[run] > 1 for run, _ in runs) / max(len(runs), 1)


def describe(folder: Path) -> dict[str, float]:
    """Return the figures of the data card for the sample in a folder."""
    allegations = pd.read_csv(folder / "allegations.csv", keep_default_na=False, dtype=str)
    truth = pd.read_csv(folder / "truth.csv", keep_default_na=False, dtype=str)
    narratives = [str(text) for text in allegations["narrative"]]
    dismissed = truth["first_value"] == "no_value"
    missed = dismissed & (truth["true_value"] != "no_value")
    figures = {
        "rows": float(len(truth)),
        "true_value_macro_f1": macro_f1(narratives, [str(v) for v in truth["true_value"]]),
        "first_value_macro_f1": macro_f1(narratives, [str(v) for v in truth["first_value"]]),
        "enough_to_pursue": float((truth["true_value"] != "no_value").mean()),
        "dismissed": float(dismissed.sum()),
        "missed": float(missed.sum()),
        "missed_share_of_dismissed": float(missed.sum() / dismissed.sum()),
        "looked_at_again": float((allegations["reviewed_value"] != "").sum()),
        "repeated_five_grams": repeated_five_grams(narratives),
    }
    for value, share in truth["true_value"].value_counts(normalize=True).sort_index().items():
        figures[f"true_{value}"] = float(share)
    return figures


if __name__ == "__main__":
    for name, figure in describe(Path(sys.argv[1])).items():
        sys.stdout.write(f"{name:28s} {figure:.4g}\n")
