from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.clock import Clock

FRIDAY_FOUR = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
OFFICE = Clock(hours=16, counts="working_hours")

FROM, TO = date(2000, 1, 1), date(2060, 1, 1)
START = datetime(2000, 1, 1, tzinfo=UTC)
moments = st.timedeltas(timedelta(0), timedelta(days=60 * 365)).map(lambda after: START + after)
hours = st.sampled_from(
    [("09:00", "17:00"), ("00:00", "24:00"), ("01:30", "02:15"), ("00:00", "02:15")]
)
offices = st.builds(
    lambda opening, **others: Clock(
        counts="working_hours", opens=opening[0], closes=opening[1], **others
    ),
    opening=hours,
    hours=st.sampled_from([1, 7.5, 48, 200]),
    days=st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
    closed_days=st.frozensets(st.dates(FROM, TO), max_size=5),
    zone=st.sampled_from(["Europe/London", "America/New_York", "UTC", "Asia/Kolkata"]),
)
clocks = st.one_of(st.just(Clock()), offices)


@given(clocks, moments)
def test_exactly_the_hours_allowed_are_counted_until_it_is_due(
    clock: Clock, received: datetime
) -> None:
    assert clock.elapsed(received, clock.due_at(received)) == timedelta(hours=clock.hours)


@given(clocks, moments, moments)
def test_what_comes_in_later_is_never_due_earlier(
    clock: Clock, one: datetime, other: datetime
) -> None:
    earlier, later = sorted((one, other))
    assert clock.due_at(earlier) <= clock.due_at(later)


@given(clocks, st.lists(moments, min_size=3, max_size=3))
def test_time_counted_in_two_parts_is_the_time_counted_at_once(
    clock: Clock, three: list[datetime]
) -> None:
    start, middle, end = (three[0] + timedelta(days=k) for k in (0, 9, 30))
    whole = clock.elapsed(start, end)
    assert whole == clock.elapsed(start, middle) + clock.elapsed(middle, end)
    assert timedelta(0) <= whole <= end - start


@given(clocks, moments, st.timedeltas(timedelta(0), timedelta(days=60)))
def test_it_is_overdue_exactly_when_more_has_run_than_is_allowed(
    clock: Clock, received: datetime, waited: timedelta
) -> None:
    state = clock.state(received, received + waited)
    assert state.overdue == (received + waited > state.due_at)
    assert (state.remaining < timedelta(0)) <= state.overdue
    assert state.words.startswith("overdue by" if state.overdue else "due in")


def test_48_hours_over_the_night_the_clocks_go_forward_are_48_real_hours() -> None:
    noon = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    assert Clock().due_at(noon) == datetime(2026, 3, 30, 12, 0, tzinfo=UTC)


def test_an_office_opens_by_its_own_wall_clock_in_summer_and_in_winter() -> None:
    one_hour = Clock(hours=1, counts="working_hours")
    assert one_hour.due_at(datetime(2026, 7, 1, 3, 0, tzinfo=UTC)).hour == 9
    assert one_hour.due_at(datetime(2026, 12, 1, 3, 0, tzinfo=UTC)).hour == 10


def test_an_opening_over_the_change_of_the_clocks_is_as_long_as_it_really_is() -> None:
    always = Clock(hours=24, counts="working_hours", days=tuple(range(7)), opens="00:00",
                   closes="24:00")  # fmt: skip
    saturday, monday = (datetime(2026, 3, day, tzinfo=UTC) for day in (28, 30))
    assert always.elapsed(saturday, monday) == timedelta(hours=48)
    assert always.elapsed(datetime(2026, 3, 29, tzinfo=UTC), monday) == timedelta(hours=24)


def test_an_opening_that_the_clocks_skip_counts_nothing() -> None:
    small_hours = Clock(counts="working_hours", days=(6,), opens="01:30", closes="02:15")
    saturday = datetime(2026, 3, 28, tzinfo=UTC)
    assert small_hours.elapsed(saturday, saturday + timedelta(days=3)) == timedelta(0)


def test_working_hours_leave_out_nights_and_the_weekend() -> None:
    assert OFFICE.due_at(FRIDAY_FOUR) == datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
    assert OFFICE.elapsed(FRIDAY_FOUR, FRIDAY_FOUR + timedelta(days=2)) == timedelta(hours=1)


def test_a_closed_day_does_not_count() -> None:
    closed = Clock(hours=16, counts="working_hours", closed_days=frozenset({date(2026, 11, 23)}))
    assert closed.due_at(FRIDAY_FOUR) == datetime(2026, 11, 25, 16, 0, tzinfo=UTC)


def test_the_zone_in_which_a_moment_is_written_changes_nothing() -> None:
    elsewhere = FRIDAY_FOUR.astimezone(timezone(timedelta(hours=-7)))
    assert OFFICE.due_at(elsewhere) == OFFICE.due_at(FRIDAY_FOUR)


@pytest.mark.parametrize(
    ("clock", "hours", "assessed", "words"),
    [
        (Clock(), 43, None, "due in 5 hours"),
        (Clock(), 47.5, None, "due in 30 minutes"),
        (Clock(), 46.99, None, "due in 1 hour"),
        (Clock(), 48, None, "due in less than a minute"),
        (Clock(), 49, None, "overdue by 1 hour"),
        (Clock(), 97, None, "overdue by 2 days"),
        (OFFICE, 0, None, "due in 16 working hours"),
        (OFFICE, 24 * 5, None, "overdue by 8 working hours"),
        (Clock(), 900, 47, "assessed in time"),
        (Clock(), 900, 50, "assessed 2 hours late"),
    ],
)
def test_people_are_told_in_words(
    clock: Clock, hours: float, assessed: float | None, words: str
) -> None:
    at = None if assessed is None else FRIDAY_FOUR + timedelta(hours=assessed)
    assert clock.state(FRIDAY_FOUR, FRIDAY_FOUR + timedelta(hours=hours), at).words == words


def test_an_assessment_in_time_is_not_overdue_however_late_one_asks() -> None:
    state = Clock().state(FRIDAY_FOUR, FRIDAY_FOUR + timedelta(days=90), FRIDAY_FOUR)
    assert not state.overdue
    assert state.remaining == timedelta(hours=48)


@pytest.mark.parametrize(
    "broken",
    [
        {"hours": 0}, {"hours": float("nan")}, {"days": ()}, {"days": (7,)}, {"opens": "9"},
        {"opens": "17:00"}, {"closes": "24:30"}, {"closes": "²3:00"}, {"zone": "Nowhere/Land"},
        {"zone": "../etc"}, {"counts": "sometimes"},
    ],
)  # fmt: skip
def test_a_clock_that_could_not_run_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Clock(**broken)  # type: ignore[arg-type]


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Clock().due_at(FRIDAY_FOUR.replace(tzinfo=None))
