from __future__ import annotations

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.passwords import COSTS, LONGEST, Passwords, generated, offence

CHEAP = Passwords("cheapest")
GOOD = "teal-anvil-41-orchard"


@pytest.mark.parametrize("cost", ["rfc9106", "owasp"])
def test_a_password_is_hashed_with_argon2id_and_what_the_named_source_asks(cost: str) -> None:
    made = extract_parameters(Passwords(cost).hash(GOOD))  # type: ignore[arg-type]
    assert made.type is Type.ID
    assert (made.time_cost, made.memory_cost, made.parallelism) == {
        "rfc9106": (3, 65536, 4),
        "owasp": (2, 19456, 1),
    }[cost]


def test_the_same_password_has_another_hash_each_time() -> None:
    first, second = CHEAP.hash(GOOD), CHEAP.hash(GOOD)
    assert first != second
    assert GOOD not in first
    assert CHEAP.matches(GOOD, first)
    assert CHEAP.matches(GOOD, second)
    assert not CHEAP.matches(GOOD + ".", first)


def test_a_hash_made_otherwise_is_outdated() -> None:
    assert not CHEAP.outdated(CHEAP.hash(GOOD))
    assert Passwords("owasp").outdated(CHEAP.hash(GOOD))


def test_nobodys_password_is_compared_too_and_matches_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passwords = Passwords("cheapest")
    compared: list[str] = []
    real = PasswordHasher.verify

    def watched(self: PasswordHasher, hashed: str, password: str) -> bool:
        compared.append(hashed)
        return real(self, hashed, password)

    monkeypatch.setattr(PasswordHasher, "verify", watched)
    assert not passwords.matches(GOOD, None)
    (nobodys,) = compared
    assert extract_parameters(nobodys) == COSTS["cheapest"]


@pytest.mark.parametrize("hashed", ["", "plain", "$argon2id$v=19$m=8"])
def test_a_hash_that_is_none_matches_nothing(hashed: str) -> None:
    assert not CHEAP.matches("plain", hashed)


def test_letters_typed_on_another_keyboard_are_the_same_letters() -> None:
    composed, decomposed = "caf\u00e9 orchard anvil", "cafe\u0301 orchard anvil"
    assert CHEAP.matches(decomposed, CHEAP.hash(composed))


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "Passw0rd!2026",
        "P@$$w0rd12345",
        "Welcome2026!",
        "qwertyuiop12",
        "1qaz2wsx3edc4rfv",
        "123456789012",
        "abcdefghijklmnop",
        "aaaaaaaaaaaaaaaa",
        "abcabcabcabcabc",
        "letmeinletmein",
        "ThisIsMyPassword1",
        "iloveyou-1234",
        "November2026!",
        "second look!!",
    ],
)
def test_a_common_password_is_refused(password: str) -> None:
    assert "often used" in str(offence(password, "r.chandra"))


@pytest.mark.parametrize(
    "password", [GOOD, "correct horse battery staple", "xk7Vq2-mmPz9t", "наука и жизнь дома"]
)
def test_a_long_password_that_nobody_would_guess_is_taken(password: str) -> None:
    assert offence(password, "r.chandra", "Rita Chandra") is None


@pytest.mark.parametrize(
    ("password", "told"),
    [
        ("", "at least 12"),
        ("short-pass1", "at least 12"),
        ("x1-" * LONGEST, "at most 1,000"),
        ("the-R.Chandra-one", "your user name"),
        ("orchard-chandra-41", "your user name"),
        ("orchard-RITA-41-teal", "your user name"),
    ],
)
def test_a_password_that_breaks_a_rule_is_told_which(password: str, told: str) -> None:
    assert told in str(offence(password, "r.chandra", "Rita Chandra"))


def test_generated_passwords_differ_and_keep_the_rules() -> None:
    made = {generated() for _ in range(200)}
    assert len(made) == 200
    assert not [one for one in made if offence(one, "r.chandra")]


@settings(max_examples=200)
@given(st.text(max_size=1200))
def test_any_text_at_all_is_judged(password: str) -> None:
    told = offence(password, "r.chandra")
    # a short one may stand in the message by chance, as "1" does in "12 characters"
    assert told is None or len(password) < 12 or password not in told


def test_a_long_row_of_common_words_is_judged_at_once() -> None:
    assert offence("lookisitme" * 99, "r.chandra")
    assert offence("secondlookthisisitmemy" * 40 + "!x", "r.chandra") is None
