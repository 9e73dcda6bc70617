"""Passwords: hashed with argon2id, and refused where anybody would guess them.

Long and not common is all that is asked (NCSC, "Password policy: updating your approach"): no
mixture of characters, and no change without cause, for both lead to worse passwords.
"""

from __future__ import annotations

import re
import secrets
import threading
import unicodedata
from collections.abc import Mapping
from typing import Literal

from argon2 import Parameters, PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type
from argon2.profiles import CHEAPEST, RFC_9106_LOW_MEMORY

Cost = Literal["rfc9106", "owasp", "cheapest"]

COSTS: Mapping[str, Parameters] = {
    # RFC 9106, section 4, second recommended option: 3 passes over 64 MiB in 4 lanes
    "rfc9106": RFC_9106_LOW_MEMORY,
    # OWASP Password Storage Cheat Sheet: 2 passes over 19 MiB in 1 lane
    "owasp": Parameters(Type.ID, 19, 16, 32, 2, 19456, 1),
    # protects nothing: for tests
    "cheapest": CHEAPEST,
}
AT_ONCE = 4
SHORTEST, LONGEST = 12, 1000
FEWEST_LETTERS = 5
# whatever is longer is more than common words in a row
COMMON_LENGTH = 40

COMMON_WORDS = """
abc admin administrator allegation april august autumn changeme charlie chelsea computer
december default dragon everton february football friday fuckyou guest hello hunter
iloveyou january july june letmein liverpool london login love march master michael monday
monkey november october office passphrase password princess qwerty reviewer saturday
second look secret september service shadow spring summer sunday sunshine superman test
thursday trustno triage tuesday user wednesday welcome winter assessor arsenal and is it
me my our the this to you your
"""
RUNS = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm")
DIGITS = "01234567890"
SWAPS = str.maketrans("0134579@$!€", "oieastgasie")
COMMON = re.compile(f"(?:{'|'.join(sorted(COMMON_WORDS.split(), key=len, reverse=True))})+")


class Passwords:
    """Hashes and compares passwords.

    Parameters
    ----------
    cost
        Name of the parameters that new hashes are made with.
    """

    def __init__(self, cost: Cost = "rfc9106") -> None:
        self._hasher = PasswordHasher.from_parameters(COSTS[cost])
        # each takes its memory while it runs, so a rush of them must not take the machine's
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._nobodys = self._hasher.hash(secrets.token_urlsafe(32))

    def hash(self, password: str) -> str:
        """Hash a password, with a salt of its own."""
        with self._turns:
            return self._hasher.hash(_normal(password))

    def matches(self, password: str, hashed: str | None) -> bool:
        """Whether a password is the one that was hashed.

        Without a hash, as for a user who does not exist, one of nobody's is compared with, so
        that the answer takes as long.
        """
        with self._turns:
            try:
                same = self._hasher.verify(hashed or self._nobodys, _normal(password))
            except (VerificationError, InvalidHashError):
                return False
        return same and hashed is not None

    def outdated(self, hashed: str) -> bool:
        """Whether a hash was made with other parameters than those in force."""
        return self._hasher.check_needs_rehash(hashed)


def generated() -> str:
    """Make a password to be used once: 100 bits, without letters that look alike."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def offence(password: str, username: str, display_name: str = "") -> str | None:
    """Say what is wrong with a password, or ``None``."""
    plain = _normal(password)
    if len(plain) < SHORTEST:
        return f"must have at least {SHORTEST} characters"
    if len(plain) > LONGEST:
        return f"must have at most {LONGEST:,} characters"
    lowered = plain.casefold()
    if any(name in lowered for name in _names(username, display_name)):
        return "must not hold your user name or your name"
    if _is_common(lowered):
        return "is one that is often used; three random words make a good one"
    return None


def _normal(password: str) -> str:
    # the same letters may reach us in several forms (NIST SP 800-63B, 3.1.1.2)
    return unicodedata.normalize("NFKC", password)


def _names(username: str, display_name: str) -> list[str]:
    words = [username, *re.split(r"[^\w]+", username), *display_name.split()]
    return [word.casefold() for word in words if len(word) >= 4]


def _is_common(lowered: str) -> bool:
    letters = re.sub(r"[^\w@$!€]|_", "", lowered)
    if len(set(lowered)) < FEWEST_LETTERS or _is_run(letters):
        return True
    ends_off = letters.strip("0123456789@$!€")
    if len(letters) > COMMON_LENGTH:
        return False
    forms = {letters, ends_off, letters.translate(SWAPS), ends_off.translate(SWAPS)}
    return any(not one or COMMON.fullmatch(one) or _is_run(one) for one in forms)


def _is_run(text: str) -> bool:
    """Whether a text is one short thing over and over, or lies along the keys or the alphabet."""
    half = len(text) // 2
    if any(text == (text[:size] * len(text))[: len(text)] for size in range(1, half + 1)):
        return True
    lines = [run * 2 for run in (*RUNS, DIGITS)]
    return any(text in line or text in line[::-1] for line in lines)
