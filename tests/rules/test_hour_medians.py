"""What a metric usually is at an hour of the day."""

from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from domain.clock import epoch_ms
from rules.hour_medians import HourMedians

CHINA = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 11, 22, tzinfo=CHINA)


def _heard(days: int, heard: dict[int, float]) -> HourMedians:
    """A table of `days`, after the value of each hour since the start."""
    table = HourMedians.begun(days, START)
    for hour, value in sorted(heard.items()):
        now = START + timedelta(hours=hour)
        table = table.turned(now).learn(value, epoch_ms(now))
    return table


def test_the_days_before_count_and_today_does_not() -> None:
    """At eight o'clock on the fourth day, what eight o'clock was on the first three; nine is not known yet."""
    table = _heard(7, {8: 1.0, 24 + 8: 2.0, 48 + 8: 9.0, 72 + 7: 5.0})
    today = table.turned(START + timedelta(hours=72 + 8))
    assert today.usual(8, 3) == 2.0
    assert today.usual(8, 4) is None
    assert today.usual(7, 1) is None
    assert today.usual(9, 1) is None


def test_an_hour_is_the_median_of_its_values() -> None:
    """One gust among seven is nothing."""
    table = HourMedians.begun(7, START)
    for minute, value in enumerate([1.0, 1.2, 1.1, 30.0, 1.3, 1.1, 1.0]):
        now = START + timedelta(minutes=minute * 8)
        table = table.turned(now).learn(value, epoch_ms(now))
    assert table.turned(START + timedelta(days=1)).usual(0, 1) == 1.1


def test_old_days_are_forgotten_as_new_ones_come() -> None:
    """Of ten days the last seven count; after a silence of more than that, none."""
    heard = {24 * day + 8: float(day) for day in range(10)}
    table = _heard(7, heard).turned(START + timedelta(days=10))
    assert table.usual(8, 7) == median(range(3, 10))
    assert table.usual(8, 8) is None
    assert table.turned(START + timedelta(days=20)).usual(8, 1) is None


def test_a_pause_lets_no_day_grow_old() -> None:
    """A month in which nothing was to be learned is no silence."""
    table = _heard(7, {24 * day + 8: float(day) for day in range(4)})
    for day in range(4, 34):
        table = table.paused(START + timedelta(days=day))
    assert table.turned(START + timedelta(days=34)).usual(8, 4) == 1.5


def test_it_is_small() -> None:
    """A week is less than two kilobytes, and not three when written down."""
    table = _heard(7, {hour: hour / 7 for hour in range(240)})
    assert len(table.cells) < 2048
    assert len(msgspec.json.encode(table)) < 3072


_moments = st.builds(lambda day, hour: 24 * day + hour, st.integers(0, 20), st.sampled_from([0, 8, 23]))
_hours = st.dictionaries(_moments, st.sampled_from([1.0, 2.0, 3.0, 8.0]), max_size=60)


@given(_hours, st.integers(1, 5))
def test_it_is_what_one_would_look_up(heard: dict[int, float], days: int) -> None:
    """Against all that was ever heard: the last `days` days on which anything was, none older than a longer silence."""
    table = _heard(days, heard)
    if not heard:
        return
    today, hour = divmod(max(heard), 24)
    told = sorted({each // 24 for each in heard} | {0})
    breaks = [after for before, after in pairwise(told) if after - before > days]
    counting = [day for day in told if day != today and day >= max(breaks, default=0)][-days:]
    known = [heard[24 * day + hour] for day in counting if 24 * day + hour in heard]
    assert table.usual(hour, 1) == (median(known) if known else None)


@given(_hours, st.integers(0, 24 * 20))
def test_a_restart_anywhere_changes_nothing(heard: dict[int, float], stop: int) -> None:
    """Written down and read again, it goes on as it was."""
    before = _heard(7, {hour: value for hour, value in heard.items() if hour < stop})
    table = msgspec.json.decode(msgspec.json.encode(before), type=HourMedians)
    for hour, value in sorted(heard.items()):
        if hour >= stop:
            now = START + timedelta(hours=hour)
            table = table.turned(now).learn(value, epoch_ms(now))
    assert table == _heard(7, heard)
