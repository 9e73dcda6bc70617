"""Words, pairs of words and the letters inside words, weighted by TF-IDF: fast and exact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from model.chargrams import Alphabet, windows
from model.tokens import Ints, Tokens, in_batches, pack_words, tokenise, unpack_words

State = dict[str, NDArray[Any]]

_BATCH = 4096
_SHIFT = 32


@dataclass(frozen=True, slots=True)
class Block:
    """One kind of feature of a batch of texts.

    Parameters
    ----------
    weights
        TF-IDF weights; every row has length 1 or is empty.
    counts
        How often each feature stands in each text, in the order of ``weights.data``.
    """

    weights: sparse.csr_array
    counts: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Features:
    """The features of a batch of texts, with what is needed to trace them back to words.

    Parameters
    ----------
    tokens
        The words of the batch.
    known
        For each distinct word its number in the vocabulary, -1 where it has none.
    word_counts
        How often each text (row) holds each distinct word (column).
    spelling
        How often each distinct word (row) holds each character n-gram (column).
    words
        Words and pairs.
    grams
        Character n-grams.
    """

    tokens: Tokens
    known: Ints
    word_counts: sparse.csr_array
    spelling: sparse.csr_array
    words: Block
    grams: Block

    def scores(self, weights: NDArray[Any]) -> NDArray[Any]:
        """Return the product of features and weights (features in rows)."""
        split = self.words.weights.shape[1]
        return np.asarray(
            self.words.weights @ weights[:split] + self.grams.weights @ weights[split:]
        )


class NgramVectoriser(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turn texts into TF-IDF weights of words, word pairs and character n-grams inside words.

    Words are numbered once for a whole batch. Pairs are two numbers packed into one integer
    and looked up by binary search. The character n-grams of a word depend on the word alone,
    so they are made once per distinct word and reach the texts through a sparse product of
    word counts and n-gram counts. Nothing is hashed: no two features ever collide and every
    name can be read back. Words and pairs together have length 1, and so have the n-grams.

    Parameters
    ----------
    min_df
        Words and pairs that stand in fewer texts than this are left out.
    char_min_df
        The same for character n-grams.
    shortest, longest
        Lengths of the character n-grams, at most 5; ``longest=0`` leaves them out.
    max_features
        Keep at most this many pairs and as many n-grams: those in most texts.

    Attributes
    ----------
    words_ : list of str
        Words kept, sorted.
    pairs_, grams_ : arrays
        Keys of the word pairs and character n-grams kept, sorted.
    idf_ : array
        Weight of each feature, words first, then pairs, then n-grams; as scikit-learn's
        ``TfidfVectorizer(smooth_idf=True, sublinear_tf=True)`` has it.
    """

    def __init__(
        self,
        *,
        min_df: int = 1,
        char_min_df: int = 2,
        shortest: int = 3,
        longest: int = 5,
        max_features: int | None = None,
    ) -> None:
        self.min_df = min_df
        self.char_min_df = char_min_df
        self.shortest = shortest
        self.longest = longest
        self.max_features = max_features

    def fit(self, X: Sequence[str], y: object = None) -> Self:
        """Choose the features and their weights from the texts ``X``; ``y`` is not used."""
        del y
        self._learn([tokenise(batch) for batch in in_batches(X, _BATCH)], len(X))
        return self

    def fit_transform(self, X: Sequence[str], y: object = None) -> sparse.csr_array:
        """Return what ``fit`` and then ``transform`` would; the texts are split only once."""
        del y
        batches = [tokenise(batch) for batch in in_batches(X, _BATCH)]
        self._learn(batches, len(X))
        return self._stacked([self._matrix(tokens) for tokens in batches])

    def _learn(self, batches: Sequence[Tokens], texts: int) -> None:
        every = sorted({word for batch in batches for word in batch.words})
        counts = [_renumber(batch, every) for batch in batches]
        df = _document_frequency(counts, len(every))
        kept = df >= self.min_df
        self.words_ = [word for word, keep in zip(every, kept, strict=True) if keep]
        self._number_words()
        self.pairs_, pair_df = self._choose_pairs(batches)
        self._alphabet = Alphabet.of(every)
        spelt, gram_df = self._choose_grams(every, counts)
        self._spelt = sparse.csr_array(spelt[np.flatnonzero(kept)])
        self._weigh(texts, np.concatenate([df[kept], pair_df, gram_df]))

    def transform(self, X: Sequence[str]) -> sparse.csr_array:
        """Return the weights of the texts ``X`` as float32, one row each."""
        check_is_fitted(self, "idf_")
        return self._stacked([self._matrix(tokenise(batch)) for batch in in_batches(X, _BATCH)])

    def _stacked(self, parts: Sequence[sparse.csr_array]) -> sparse.csr_array:
        if not parts:
            return _table(np.empty(0, np.int64), np.empty(0, np.int64), (0, len(self.idf_)))
        table = sparse.csr_array(sparse.vstack(parts, format="csr"))
        table.sort_indices()
        return table

    def describe(self, texts: Sequence[str]) -> Features:
        """Return the features of one batch of texts, kept apart by kind."""
        return self._described(tokenise(texts))

    def _described(self, tokens: Tokens) -> Features:
        counts, known = tokens.counts(), self._known(tokens.words)
        spelling = self._spelling(tokens.words, known)
        split = len(self.words_) + len(self.pairs_)
        singles = _columns(counts, known, len(self.words_))
        words = sparse.hstack([singles, self._pair_counts(tokens, known)], format="csr")
        grams = _weighted(sparse.csr_array(counts @ spelling), self.idf_[split:])
        words = _weighted(words, self.idf_[:split])
        return Features(tokens, known, counts, spelling, words, grams)

    def name(self, feature: int) -> str:
        """Return the name of one feature; a character n-gram's stands between ``‹›``."""
        if feature < len(self.words_):
            return self.words_[feature]
        feature -= len(self.words_)
        if feature < len(self.pairs_):
            left, right = divmod(int(self.pairs_[feature]), 1 << _SHIFT)
            return f"{self.words_[left]} {self.words_[right]}"
        return f"‹{self._alphabet.decode(int(self.grams_[feature - len(self.pairs_)]))}›"

    def _matrix(self, tokens: Tokens) -> sparse.csr_array:
        features = self._described(tokens)
        both = [features.words.weights, features.grams.weights]
        return sparse.csr_array(sparse.hstack(both, format="csr"))

    def _spelling(self, words: Sequence[str], known: Ints) -> sparse.csr_array:
        old, new = np.flatnonzero(known >= 0), np.flatnonzero(known < 0)
        if not len(new):
            return self._spelt[known]
        fresh = self._spell([words[position] for position in new.tolist()])
        both = sparse.vstack([self._spelt[known[old]], fresh], format="csr")
        rows = np.empty(len(known), dtype=np.int64)
        rows[np.concatenate([old, new])] = np.arange(len(known))
        return sparse.csr_array(both[rows])

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:
        """Return the features' names; those of character n-grams stand between ``‹›``."""
        del input_features
        return np.array([self.name(feature) for feature in range(len(self.idf_))], dtype=object)

    def get_state(self) -> State:
        """Return the fitted state as plain arrays."""
        check_is_fitted(self, "idf_")
        return {
            **pack_words(self.words_),
            "pairs": self.pairs_,
            "grams": self.grams_,
            "idf": self.idf_,
            "alphabet": self._alphabet.code_points,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, NDArray[Any]], **parameters: Any) -> Self:  # noqa: ANN401
        """Rebuild a fitted vectoriser from ``get_state()`` and its parameters."""
        self = cls(**parameters)
        self.words_ = unpack_words(state)
        self.pairs_, self.grams_ = state["pairs"], state["grams"]
        self.idf_ = state["idf"]
        self._alphabet = Alphabet(state["alphabet"])
        self._number_words()
        self._spell_words()
        return self

    def _number_words(self) -> None:
        self._place = {word: number for number, word in enumerate(self.words_)}

    def _known(self, words: Sequence[str]) -> Ints:
        place = self._place.get
        return np.fromiter((place(word, -1) for word in words), np.int64, len(words))

    def _weigh(self, rows: int, df: Ints) -> None:
        self.idf_ = (np.log((1 + rows) / (1 + df)) + 1).astype(np.float32)

    def _pair_keys(self, tokens: Tokens, known: Ints) -> tuple[Ints, Ints]:
        first, text = tokens.neighbours()
        left, right = known[tokens.numbers[first]], known[tokens.numbers[first + 1]]
        both = (left >= 0) & (right >= 0)
        return (left[both] << _SHIFT) | right[both], text[both]

    def _pair_counts(self, tokens: Tokens, known: Ints) -> sparse.csr_array:
        keys, text = self._pair_keys(tokens, known)
        found, hit = _search(self.pairs_, keys)
        return _table(text[hit], found[hit], (len(tokens.bounds) - 1, len(self.pairs_)))

    def _choose_pairs(self, batches: Sequence[Tokens]) -> tuple[Ints, Ints]:
        once = []
        for batch in batches:
            keys, text = self._pair_keys(batch, self._known(batch.words))
            order = np.lexsort((text, keys))
            keys, text = keys[order], text[order]
            repeated = np.zeros(len(keys), dtype=bool)
            repeated[1:] = (keys[1:] == keys[:-1]) & (text[1:] == text[:-1])
            once.append(keys[~repeated])
        keys, df = np.unique(np.concatenate([*once, np.empty(0, np.int64)]), return_counts=True)
        kept = self._commonest(df, self.min_df)
        return keys[kept], df[kept]

    def _choose_grams(
        self, words: Sequence[str], counts: Sequence[sparse.csr_array]
    ) -> tuple[sparse.csr_array, Ints]:
        """Choose the character n-grams; return how the words are spelt and in how many texts."""
        owner, keys = windows(words, self._alphabet, self.shortest, self.longest)
        self.grams_ = np.unique(keys)
        spelt = self._counted(owner, keys, len(words))
        products = (sparse.csr_array(table @ spelt) for table in counts)
        df = _document_frequency(products, len(self.grams_))
        kept = self._commonest(df, self.char_min_df)
        self.grams_ = self.grams_[kept]
        return sparse.csr_array(spelt[:, kept]), df[kept]

    def _commonest(self, df: Ints, least: int) -> Ints:
        kept = np.flatnonzero(df >= least)
        if self.max_features is not None and len(kept) > self.max_features:
            kept = np.sort(kept[np.argsort(-df[kept], kind="stable")[: self.max_features]])
        return kept

    def _spell(self, words: Sequence[str]) -> sparse.csr_array:
        owner, keys = windows(words, self._alphabet, self.shortest, self.longest)
        return self._counted(owner, keys, len(words))

    def _counted(self, owner: Ints, keys: NDArray[np.uint64], words: int) -> sparse.csr_array:
        found, hit = _search(self.grams_, keys)
        return _table(owner[hit], found[hit], (words, len(self.grams_)))

    def _spell_words(self) -> None:
        self._spelt = self._spell(self.words_)


def _renumber(tokens: Tokens, vocabulary: Sequence[str]) -> sparse.csr_array:
    place = {word: number for number, word in enumerate(vocabulary)}
    numbers = np.array([place[word] for word in tokens.words], dtype=np.int64)
    return _columns(tokens.counts(), numbers, len(vocabulary))


def _document_frequency(tables: Iterator[sparse.csr_array] | Any, width: int) -> Ints:  # noqa: ANN401
    total = np.zeros(width, dtype=np.int64)
    for table in tables:
        total += np.bincount(table.indices, minlength=width)
    return total


def _search(haystack: Any, keys: Any) -> tuple[Ints, NDArray[np.bool_]]:  # noqa: ANN401
    if not len(haystack):
        return np.zeros(len(keys), np.int64), np.zeros(len(keys), bool)
    found = np.searchsorted(haystack, keys)
    found[found == len(haystack)] = 0
    return found, haystack[found] == keys


def _table(rows: Ints, columns: Ints, shape: tuple[int, int]) -> sparse.csr_array:
    ones = np.ones(len(rows), dtype=np.float32)
    places = (rows.astype(np.int32), columns.astype(np.int32))
    table = sparse.csr_array(sparse.coo_array((ones, places), shape=shape))
    table.sum_duplicates()
    return table


def _columns(counts: sparse.csr_array, numbers: Ints, width: int) -> sparse.csr_array:
    """Renumber the columns, dropping those whose new number is negative."""
    columns = numbers[counts.indices].astype(np.int32)
    keep = columns >= 0
    kept = np.concatenate([[0], np.cumsum(keep)]).astype(np.int32)
    data = (counts.data[keep], columns[keep], kept[counts.indptr])
    return sparse.csr_array(data, shape=(counts.shape[0], width))


def _weighted(counts: sparse.csr_array, idf: NDArray[np.float32]) -> Block:
    data = (1 + np.log(counts.data)) * idf[counts.indices]
    table = sparse.csr_array((data, counts.indices, counts.indptr), shape=counts.shape)
    squares = sparse.csr_array((data * data, counts.indices, counts.indptr), shape=counts.shape)
    lengths = np.sqrt(squares.sum(axis=1))
    lengths[lengths == 0] = 1
    table.data /= np.repeat(lengths, np.diff(counts.indptr)).astype(np.float32)
    return Block(table, counts.data)
