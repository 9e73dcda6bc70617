from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher

from serving import accounts, sessions, signing
from serving.actors import SYSTEM, Actor
from serving.errors import NotAllowed
from serving.passwords import Passwords
from serving.sealing import Seal
from serving.sessions import Policy, Session
from serving.store.database import Store

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
POLICY = Policy()
CHEAP = Passwords("cheapest")
PASSWORD = "teal-anvil-41-orchard"
OTHER = "brass-kettle-72-meadow"
APerson = Callable[..., Actor]


def begun(store: Store, name: str = "rita", now: datetime = NOW) -> str:
    made = signing.sign_in(store, CHEAP, POLICY, name, PASSWORD, now=now)
    assert made
    return made.token


def session(store: Store, token: str, now: datetime = NOW) -> Session:
    found = sessions.resume(store, token, POLICY, now=now)
    assert found
    return found


@pytest.fixture
def rita(a_person: APerson) -> Actor:
    return a_person("rita", "reviewer", "lead")


def holds(store: Store, token: str, now: datetime, policy: Policy = POLICY) -> bool:
    return sessions.resume(store, token, policy, now=now) is not None


def actions(store: Store, action: str) -> list[tuple[str, str | None, str]]:
    with store.reading() as unit:
        return [
            (one.actor, one.subject, one.details_text)
            for one in unit.audit.every()
            if one.action == action
        ]


def test_a_session_is_its_persons_with_their_roles(store: Store, rita: Actor) -> None:
    found = session(store, begun(store))
    assert found.actor == rita
    assert found.actor.roles == {"reviewer", "lead"}


def test_every_session_has_a_token_and_a_csrf_token_of_its_own(store: Store, rita: Actor) -> None:
    assert rita
    tokens = [begun(store) for _ in range(5)]
    assert len(set(tokens)) == 5
    assert min(map(len, tokens)) >= 43
    assert len({session(store, one).csrf_token for one in tokens}) == 5


def test_the_store_does_not_hold_a_token_that_could_be_used(store: Store, rita: Actor) -> None:
    assert rita
    token = begun(store)
    with store.reading() as unit:
        assert unit.sessions.find(token) is None
        assert unit.sessions.find(sessions.digest(token))


def test_a_session_ends_when_it_is_not_used(store: Store, rita: Actor) -> None:
    assert rita
    token = begun(store)
    assert holds(store, token, NOW + timedelta(minutes=29))
    assert holds(store, token, NOW + timedelta(minutes=58))
    assert not holds(store, token, NOW + timedelta(minutes=88))


def test_a_session_ends_however_it_is_used(store: Store, rita: Actor) -> None:
    assert rita
    token = begun(store)
    for minutes in range(20, 720, 20):
        assert holds(store, token, NOW + timedelta(minutes=minutes))
    assert not holds(store, token, NOW + timedelta(hours=12))


def test_use_is_written_down_once_a_minute_at_most(store: Store, rita: Actor) -> None:
    assert rita
    token = begun(store)

    def seen() -> datetime:
        with store.reading() as unit:
            row = unit.sessions.find(sessions.digest(token))
        assert row
        return row.seen_at

    holds(store, token, NOW + timedelta(seconds=59))
    assert seen() == NOW
    holds(store, token, NOW + timedelta(seconds=61))
    assert seen() == NOW + timedelta(seconds=61)


def test_expired_sessions_are_cleared_away_when_one_begins(store: Store, rita: Actor) -> None:
    assert rita
    old = begun(store)
    begun(store, now=NOW + timedelta(days=1))
    with store.reading() as unit:
        assert unit.sessions.find(sessions.digest(old)) is None


def test_signing_in_ends_the_session_that_the_browser_had(store: Store, rita: Actor) -> None:
    assert rita
    first = begun(store)
    again = signing.sign_in(store, CHEAP, POLICY, "rita", PASSWORD, replacing=first, now=NOW)
    assert again
    assert not holds(store, first, NOW)
    assert holds(store, again.token, NOW)


def test_signing_out_ends_one_session_and_everywhere_ends_all(store: Store, rita: Actor) -> None:
    assert rita
    first, second, third = (begun(store) for _ in range(3))
    signing.sign_out(store, session(store, first))
    assert [holds(store, one, NOW) for one in (first, second, third)] == [False, True, True]
    signing.sign_out_everywhere(store, session(store, second))
    assert not holds(store, third, NOW)


@pytest.mark.parametrize("ending", ["disable", "roles", "reset"])
def test_sessions_end_when_whoever_runs_the_service_changes_the_account(
    store: Store, rita: Actor, ending: str
) -> None:
    assert rita
    token = begun(store)
    if ending == "disable":
        accounts.disable(store, SYSTEM, "Rita")
    elif ending == "roles":
        accounts.set_roles(store, SYSTEM, "rita", ["inspector"])
    else:
        accounts.reset_password(store, SYSTEM, "rita", CHEAP)
    assert not holds(store, token, NOW)


def test_a_session_that_was_left_of_a_disabled_account_holds_no_longer(
    store: Store, rita: Actor
) -> None:
    token = begun(store)
    with store.writing() as unit:
        unit.accounts.set_disabled(rita.id or 0, NOW)
    assert not holds(store, token, NOW)


def test_changing_a_password_ends_every_session_and_begins_a_new_one(
    store: Store, rita: Actor
) -> None:
    assert rita
    here, elsewhere = begun(store), begun(store)
    made = signing.change_password(
        store, CHEAP, POLICY, session(store, here), PASSWORD, OTHER, now=NOW
    )
    assert [holds(store, one, NOW) for one in (here, elsewhere, made.token)] == [
        False,
        False,
        True,
    ]
    assert signing.sign_in(store, CHEAP, POLICY, "rita", PASSWORD, now=NOW) is None
    assert signing.sign_in(store, CHEAP, POLICY, "rita", OTHER, now=NOW)


@pytest.mark.parametrize(
    ("current", "new", "field"),
    [
        ("wrong-wrong-wrong", OTHER, "current"),
        (PASSWORD, PASSWORD, "new"),
        (PASSWORD, "password1234", "new"),
        (PASSWORD, "short", "new"),
        (PASSWORD, "i-am-rita-myself-41", "new"),
    ],
)
def test_a_password_is_not_changed_to_one_that_breaks_a_rule_or_without_the_current_one(
    store: Store, rita: Actor, current: str, new: str, field: str
) -> None:
    assert rita
    token = begun(store)
    with pytest.raises(NotAllowed) as refused:
        signing.change_password(store, CHEAP, POLICY, session(store, token), current, new, now=NOW)
    assert refused.value.field == field
    assert holds(store, token, NOW)
    begun(store)


def test_ten_wrong_passwords_lock_an_account_for_a_while_and_the_right_one_too(
    store: Store, rita: Actor
) -> None:
    assert rita
    for _ in range(10):
        assert signing.sign_in(store, CHEAP, POLICY, "rita", "wrong", now=NOW) is None
    soon, later = NOW + timedelta(minutes=14), NOW + timedelta(minutes=15)
    assert signing.sign_in(store, CHEAP, POLICY, "rita", PASSWORD, now=soon) is None
    assert signing.sign_in(store, CHEAP, POLICY, "rita", PASSWORD, now=later)
    assert '"locked":true' in actions(store, "failed to sign in")[-1][2]


def test_many_attempts_at_once_are_as_many(
    store: Store, rita: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.reading() as unit:
        account = unit.accounts.by_name(rita.name)
    assert account
    compared: list[str] = []
    verify = PasswordHasher.verify

    def watched(self: PasswordHasher, hashed: str, password: str) -> bool:
        compared.append(hashed)
        return verify(self, hashed, password)

    monkeypatch.setattr(PasswordHasher, "verify", watched)
    with ThreadPoolExecutor(8) as threads:
        tries = [
            threads.submit(signing.sign_in, store, CHEAP, POLICY, "rita", f"{one}", now=NOW)
            for one in range(40)
        ]
    assert [one.result() for one in tries] == [None] * 40
    assert len(compared) == 40
    assert compared.count(str(account.password_hash)) == 10


def test_a_right_password_sets_the_count_of_wrong_ones_back(store: Store, rita: Actor) -> None:
    assert rita
    for _ in range(3):
        for _ in range(9):
            signing.sign_in(store, CHEAP, POLICY, "rita", "wrong", now=NOW)
        assert signing.sign_in(store, CHEAP, POLICY, "rita", PASSWORD, now=NOW)


def test_after_a_lock_has_run_out_ten_more_may_be_tried(store: Store, rita: Actor) -> None:
    assert rita
    for _ in range(10):
        signing.sign_in(store, CHEAP, POLICY, "rita", "wrong", now=NOW)
    later = NOW + timedelta(minutes=16)
    assert signing.sign_in(store, CHEAP, POLICY, "rita", "wrong", now=later) is None
    assert signing.sign_in(store, CHEAP, POLICY, "rita", PASSWORD, now=later)


def test_wrong_passwords_for_a_change_count_as_well(store: Store, rita: Actor) -> None:
    assert rita
    here = session(store, begun(store))
    for _ in range(10):
        with pytest.raises(NotAllowed):
            signing.change_password(store, CHEAP, POLICY, here, "wrong", OTHER, now=NOW)
    assert signing.sign_in(store, CHEAP, POLICY, "rita", PASSWORD, now=NOW) is None


def test_a_reset_unlocks_and_its_password_has_to_be_changed_at_once(
    store: Store, rita: Actor
) -> None:
    assert rita
    for _ in range(10):
        signing.sign_in(store, CHEAP, POLICY, "rita", "wrong", now=NOW)
    made_up = accounts.reset_password(store, SYSTEM, "rita", CHEAP, now=NOW)
    again = signing.sign_in(store, CHEAP, POLICY, "rita", made_up, now=NOW)
    assert again
    assert session(store, again.token).must_change_password
    changed = signing.change_password(
        store, CHEAP, POLICY, session(store, again.token), made_up, OTHER, now=NOW
    )
    assert not session(store, changed.token).must_change_password


def test_a_password_ages_only_where_that_is_set(store: Store, rita: Actor) -> None:
    assert rita
    in_a_year = datetime.now(UTC) + timedelta(days=365)
    token = begun(store, now=in_a_year)
    assert not session(store, token, in_a_year).must_change_password
    aging = sessions.resume(store, token, Policy(password_max_days=90), now=in_a_year)
    assert aging
    assert aging.must_change_password


@pytest.mark.parametrize("name", ["rita", "nobody", "off"])
def test_a_wrong_name_a_wrong_password_and_a_disabled_account_take_the_same_steps(
    store: Store, a_person: APerson, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_person("rita", "lead")
    a_person("off", "lead")
    accounts.disable(store, SYSTEM, "off")
    steps: list[str] = []
    verify = PasswordHasher.verify

    def compared(self: PasswordHasher, hashed: str, password: str) -> bool:
        steps.append("compared")
        return verify(self, hashed, password)

    monkeypatch.setattr(PasswordHasher, "verify", compared)
    before = len(actions(store, "failed to sign in"))
    given = "wrong" if name == "rita" else PASSWORD
    assert signing.sign_in(store, CHEAP, POLICY, name, given, now=NOW) is None
    assert steps == ["compared"]
    assert len(actions(store, "failed to sign in")) == before + 1


def test_an_unknown_name_is_not_kept_for_it_may_be_a_password(store: Store, rita: Actor) -> None:
    assert rita
    signing.sign_in(store, CHEAP, POLICY, "hunter2-hunter2", "x", now=NOW)
    with store.reading() as unit:
        assert not [one for one in unit.audit.every() if "hunter2" in repr(one)]


def test_signing_in_and_out_is_in_the_audit_log(store: Store, rita: Actor) -> None:
    signing.sign_out(store, session(store, begun(store)))
    assert actions(store, "signed in") == [(rita.name, "rita", '{"by":"password"}')]
    assert actions(store, "signed out") == [(rita.name, "rita", "{}")]


def test_a_hash_of_another_cost_is_renewed_at_the_next_sign_in(store: Store, rita: Actor) -> None:
    assert rita
    dearer = Passwords("owasp")
    assert signing.sign_in(store, dearer, POLICY, "rita", PASSWORD, now=NOW)
    with store.reading() as unit:
        account = unit.accounts.by_name("rita")
    assert account
    assert account.password_hash
    assert not dearer.outdated(account.password_hash)
    assert dearer.matches(PASSWORD, account.password_hash)


def test_a_user_name_is_the_same_however_it_is_typed(store: Store, rita: Actor) -> None:
    assert rita
    begun(store, "  RITA ")


def test_a_seal_of_another_key_or_kind_or_of_long_ago_opens_nothing() -> None:
    seal, other = Seal("a" * 32), Seal("b" * 32)
    sealed = seal.put("session", "token")
    assert seal.take("session", sealed) == "token"
    assert seal.take("visit", sealed) is None
    assert other.take("session", sealed) is None
    # not the last character: some of its bits are padding
    other_letter = "A" if sealed[-9] != "A" else "B"
    assert seal.take("session", sealed[:-9] + other_letter + sealed[-8:]) is None
    assert seal.take("session", sealed, max_age=-1) is None
    assert seal.take("session", "") is None


def test_what_an_earlier_key_sealed_still_holds_after_the_key_was_changed() -> None:
    sealed = Seal("a" * 32).put("session", "token")
    changed = Seal("b" * 32, ["a" * 32])
    assert changed.take("session", sealed) == "token"
    assert Seal("b" * 32).take("session", changed.put("session", "x")) == "x"
    assert Seal("a" * 32).take("session", changed.put("session", "x")) is None
