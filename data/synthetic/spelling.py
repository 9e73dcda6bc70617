"""How people type: sentences joined, words shortened, letters slipped, capitals lost."""

import re
from functools import lru_cache
from random import Random

from data.synthetic.grammar import pick, read_lists

_SPACES = re.compile(r"\s+")
_ARTICLES = frozenset(("the", "a", "an"))
_COPULA = frozenset(("is", "are", "am"))
_NEAR = dict(zip("qwertyuiopasdfghjklzxcvbnm", "wertyuiopoasdfghjklkxcvbnmn", strict=False))
SPELT_WRONG = 6  # a word that many misspell is misspelt so much more often
SLIPS = {"careful": 0.008, "casual": 0.03, "messy": 0.07, "second_language": 0.045}
SHORTENED = {"casual": 0.12, "messy": 0.5, "second_language": 0.08, "capitals": 0.08}


@lru_cache(maxsize=1)
def _respellings() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    lists = read_lists("spelling")
    short, slip = (
        {word: tuple(forms.split(",")) for word, forms in (li.split("=") for li in lists[name])}
        for name in ("short", "slip")
    )
    return short, slip


def tidy(sentence: str) -> str:
    """Close the gaps that an empty alternative leaves."""
    if "  " in sentence:
        sentence = _SPACES.sub(" ", sentence)
    if " ," in sentence:
        sentence = sentence.replace(" ,", ",")
    return sentence.strip(" ,")


def _sentence_case(sentence: str) -> str:
    text = sentence.replace(" i ", " I ").replace(" i'", " I'")
    return text[:1].upper() + text[1:]


def join(sentences: list[str], style: str, rng: Random) -> str:
    """Join sentences as a writer of that style does."""
    tidied = [s for s in map(tidy, sentences) if s]
    if style in ("careful", "noted"):
        return ". ".join(map(_sentence_case, tidied)) + "."
    stops = {
        "casual": (". ", ". ", ", ", " and ", ". ", " - ", "... "),
        "messy": (" ", " ", " and ", ", ", " ", " also ", " n "),
        "second_language": (". ", ", ", ". ", ", and "),
        "capitals": (". ", " ", "! ", ". "),
    }[style]
    upper = style == "casual" and rng.random() < 0.5
    out: list[str] = []
    for sentence in tidied:
        stop = pick(stops, rng) if out else ""
        out.append(stop)
        starts = not out[-1] or stop.startswith(".")
        out.append(_sentence_case(sentence) if upper and starts else sentence)
    return "".join(out)


def _slip(word: str, rng: Random) -> str:
    at = 1 + int(rng.random() * (len(word) - 2))
    kind = rng.random()
    if kind < 0.3:
        return word[:at] + word[at + 1 :]
    if kind < 0.6:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind < 0.8:
        return word[:at] + word[at] + word[at:]
    return word[:at] + _NEAR.get(word[at], word[at]) + word[at + 1 :]


def _word(word: str, slips: float, shortened: float, rng: Random) -> str:
    u = rng.random()
    if u >= slips * SPELT_WRONG and u >= shortened:
        return word
    short, slip = _respellings()
    bare = word.rstrip(",.")
    end = word[len(bare) :]
    if u < shortened and bare in short:
        return pick(short[bare], rng) + end
    if u < slips * SPELT_WRONG and bare in slip:
        return pick(slip[bare], rng) + end
    if u < slips and len(bare) > 3 and bare.isalpha():
        return _slip(bare, rng) + end
    return word


def _second_language(words: list[str], rng: Random) -> list[str]:
    """Leave out articles, and sometimes "is" or "are"."""
    left_out = {**dict.fromkeys(_ARTICLES, 0.38), **dict.fromkeys(_COPULA, 0.2)}
    return [w for w in words if w not in left_out or rng.random() >= left_out[w]]


def typed(text: str, style: str, rng: Random) -> str:
    """Return the text as a person of that style would type it."""
    slips, shortened = SLIPS.get(style, 0.012), SHORTENED.get(style, 0.0)
    if style == "messy":
        text = text.lower() if rng.random() < 0.85 else text
    words = text.split(" ")
    if style == "second_language":
        words = _second_language(words, rng)
    out = " ".join([_word(word, slips, shortened, rng) for word in words])
    return out.upper() if style == "capitals" else out
