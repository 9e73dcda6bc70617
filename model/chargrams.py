"""Character n-grams inside words, packed into one exact 64-bit key each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from data.errors import BadArtifact

Keys = NDArray[np.uint64]
Ints = NDArray[np.int64]

BITS = 12
LARGEST_ALPHABET = (1 << BITS) - 2
LONGEST = 5
_SPACE = 1


class Alphabet:
    """The characters that n-grams are made of, each with a code of twelve bits.

    A code of twelve bits lets five characters fit one integer, so an n-gram is found by an
    exact search instead of by a hash that can collide, and its text can be read back.

    Parameters
    ----------
    code_points
        Sorted code points, at most 4,094; the space is implied and need not be among them.

    Raises
    ------
    BadArtifact
        When there are more characters than codes.
    """

    def __init__(self, code_points: NDArray[np.uint32]) -> None:
        if len(code_points) > LARGEST_ALPHABET - 1:
            raise BadArtifact("The alphabet of the model has more characters than it can code.")
        self.code_points = code_points
        largest = int(code_points[-1]) if len(code_points) else 0
        self._codes = np.zeros(max(largest, ord(" ")) + 2, dtype=np.uint64)
        self._codes[code_points] = np.arange(2, len(code_points) + 2)
        self._codes[ord(" ")] = _SPACE

    @classmethod
    def of(cls, tokens: Iterable[str]) -> Alphabet:
        """Build the alphabet of some words; the rarest characters go when there are too many."""
        points = _code_points("".join(tokens))
        found, counts = np.unique(points[points != ord(" ")], return_counts=True)
        if len(found) > LARGEST_ALPHABET - 1:
            commonest = np.lexsort((found, -counts))[: LARGEST_ALPHABET - 1]
            found = np.sort(found[commonest])
        return cls(found.astype(np.uint32))

    def encode(self, text: str) -> Keys:
        """Return the code of every character, 0 where it has none."""
        points = np.minimum(_code_points(text), len(self._codes) - 1)
        return self._codes[points]

    def decode(self, key: int) -> str:
        """Return the characters of a key."""
        characters = []
        while key:
            code = key & ((1 << BITS) - 1)
            characters.append(" " if code == _SPACE else chr(self.code_points[code - 2]))
            key >>= BITS
        return "".join(reversed(characters))


def _code_points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def windows(
    tokens: Sequence[str], alphabet: Alphabet, shortest: int, longest: int
) -> tuple[Ints, Keys]:
    """Return every n-gram of every token: the token's position and the n-gram's key.

    Words are padded with one space on either side and no n-gram spans two words, as in
    scikit-learn's ``char_wb``; a word shorter than ``n`` simply has none of that length.
    """
    codes = alphabet.encode(f" {' '.join(tokens)} ")
    spaces = codes == _SPACE
    owner = np.cumsum(spaces) - 1
    owners, keys = [np.empty(0, np.int64)], [np.empty(0, np.uint64)]
    for size in range(shortest, longest + 1):
        starts = np.flatnonzero(_inside_one_word(codes, spaces, size))
        packed = np.zeros(len(starts), dtype=np.uint64)
        for step in range(size):
            packed = (packed << np.uint64(BITS)) | codes[starts + step]
        owners.append(owner[starts])
        keys.append(packed)
    return np.concatenate(owners), np.concatenate(keys)


def _inside_one_word(codes: Keys, spaces: NDArray[np.bool_], size: int) -> NDArray[np.bool_]:
    count = max(len(codes) - size + 1, 0)
    good = np.ones(count, dtype=bool)
    for step in range(size):
        good &= codes[step : step + count] != 0
        if 0 < step < size - 1:
            good &= ~spaces[step : step + count]
    return good
