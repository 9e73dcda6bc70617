from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.dates import NotADate, parse_received

SPRING = datetime(2024, 3, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-31", "2024/03/31", "2024.3.31", "20240331", "31/03/2024", "31.03.2024",
        "03/31/2024", "31 March 2024", "31st Mar 2024", "March 31, 2024", "Sun, 31 Mar 2024",
        "2024-03-31T00:00:00Z", "2024-03-31 02:00:00+02:00", "31/03/2024 12:00 am",
    ],
)  # fmt: skip
def test_common_ways_to_write_a_day_are_read(text: str) -> None:
    assert parse_received(text) == SPRING


def test_a_time_with_a_zone_apart_is_read_and_turned_to_utc() -> None:
    moment = parse_received("2011/09/26 23:42:56 +0100")
    assert moment == datetime(2011, 9, 26, 22, 42, 56, tzinfo=UTC)
    assert moment.tzinfo is UTC


def test_a_day_that_could_be_two_is_refused_until_the_mapping_says_how() -> None:
    with pytest.raises(NotADate, match="day or month first"):
        parse_received("03/04/2024")
    assert parse_received("03/04/2024", day_first=True).month == 4
    assert parse_received("03/04/2024", day_first=False).month == 3
    assert parse_received("04/04/2024").day == 4


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-30", "31/02/2024", "yesterday", "0012-01-01", "01/02/24", "1317076976",
        "31 Smarch 2024", "2024-01-01 25:00", "31/03/2024 13:00 pm", "2024-01-01 00:00 +9900", "-",
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(NotADate):
        parse_received(text)


# ISO 8601 writes offsets in whole minutes; the local mean times of old zones have seconds too.
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(datetime(1900, 1, 2), datetime(2100, 12, 30), timezones=OFFSETS))  # noqa: DTZ001
def test_any_iso_moment_comes_back_the_same(moment: datetime) -> None:
    assert parse_received(moment.isoformat()) == moment
