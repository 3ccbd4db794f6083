"""The table of holidays: what is published, what is refused, and when it is about to end."""

from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from config.lint import workday_doubts
from config.load import SHARED, load_site
from config.workdays import NAME, read_workdays
from domain.errors import ConfigError

YEAR = """\
years:
  2027:
    source: 某号
    published: 2026-11-10
    holidays:
      - name: {zh: 元旦, en: New Year's Day}
"""


def days(*texts: str) -> AbstractSet[date]:
    """`2026-10-01/2026-10-07` → seven days."""
    found: set[date] = set()
    for text in texts:
        first, _, last = text.partition("/")
        day, end = date.fromisoformat(first), date.fromisoformat(last or first)
        found |= {day + timedelta(days=offset) for offset in range((end - day).days + 1)}
    return found


# Written down from the notices (国办发明电〔2024〕12号, 〔2025〕7号), day by day as they list them: not from our table.
PUBLISHED = {
    2025: (
        days("2025-01-01", "2025-01-28/2025-02-04", "2025-04-04/2025-04-06", "2025-05-01/2025-05-05")
        | days("2025-05-31/2025-06-02", "2025-10-01/2025-10-08"),
        days("2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"),
    ),
    2026: (
        days("2026-01-01/2026-01-03", "2026-02-15/2026-02-23", "2026-04-04/2026-04-06", "2026-05-01/2026-05-05")
        | days("2026-06-19/2026-06-21", "2026-09-25/2026-09-27", "2026-10-01/2026-10-07"),
        days("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"),
    ),
}


@pytest.mark.parametrize("year", PUBLISHED)
def test_the_table_is_what_was_published(year: int) -> None:
    """Every day of the year: whether it is off, and whether it is worked."""
    off, makeup = PUBLISHED[year]
    shipped = read_workdays([SHARED / NAME])
    for day in days(f"{year}-01-01/{year}-12-31"):
        assert shipped.is_holiday(day) is (day in off), day
        assert shipped.is_workday(day) is (day in makeup or (day.weekday() < 5 and day not in off)), day


@pytest.mark.parametrize(("year", "off", "worked"), [(2025, 28, 248), (2026, 33, 248)])
def test_a_year_has_as_many_workdays_as_its_notice_says(year: int, off: int, worked: int) -> None:
    """A sum that no single mistake leaves as it is."""
    shipped = read_workdays([SHARED / NAME])
    every = days(f"{year}-01-01/{year}-12-31")
    assert sum(map(shipped.is_holiday, every)) == off
    assert sum(map(shipped.is_workday, every)) == worked


def test_a_site_adds_years_and_takes_their_place(tmp_path: Path) -> None:
    """The whole year is its own then."""
    own = tmp_path / NAME
    own.write_text(
        YEAR + "        from: 2027-01-01\n  2026:\n    source: 本市\n    published: 2026-01-01\n    holidays:\n"
        "      - {name: {zh: 元旦, en: New Year's Day}, from: 2026-01-01, to: 2026-01-02}\n",
        encoding="utf-8",
    )
    ours = read_workdays([SHARED / NAME, own])
    assert ours.years == {2025, 2026, 2027}
    assert ours.is_holiday(date(2027, 1, 1))
    assert ours.is_holiday(date(2026, 1, 2))
    assert not ours.is_holiday(date(2026, 1, 3))
    assert ours.is_holiday(date(2025, 10, 1))


@pytest.mark.parametrize(
    ("holiday", "line", "said"),
    [
        ("        from: 2026-11-30\n", 6, "元旦 (New Year's Day): 2026-11-30 is not in 2027"),
        ("        from: 2027-01-02\n        to: 2027-01-01\n", 6, "it ends on 2027-01-01, before it begins"),
        ("        from: 2027-01-01\n        makeup: [2027-01-06]\n", 6, "2027-01-06 is a Wednesday; only a day of"),
        ("        from: 2027-01-01\n        to: 2027-01-03\n        makeup: [2027-01-03]\n", 6, "told twice"),
        (
            "        from: 2027-01-01\n      - {name: {zh: 春节, en: Spring Festival}, from: 2027-01-01}\n",
            8,
            "春节 (Spring Festival): 2027-01-01 is told twice",
        ),
        ("        from: 2027-02-30\n", 7, "2027-02-30"),
        ("        from: 2027-01-01\n        make_up: [2027-01-03]\n", 8, "unknown key"),
        ("        to: 2027-01-01\n", 6, "is missing"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, holiday: str, line: int, said: str) -> None:
    """File, line, the holiday and the day."""
    path = tmp_path / NAME
    path.write_text(YEAR + holiday, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        read_workdays([path])
    assert str(refused.value).startswith(f"{path} line {line}: ")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("today", "years"),
    [("2026-11-29", []), ("2026-11-30", [2027]), ("2027-03-01", [2027]), ("2027-12-01", [2027, 2028])],
)
def test_a_table_that_ends_is_a_doubt(today: str, years: list[int]) -> None:
    """As soon as the next year must have been published."""
    site = replace(load_site("starter", {}), workdays=read_workdays([SHARED / NAME]))
    said = [doubt.problem for doubt in workday_doubts(site, date.fromisoformat(today))]
    assert [problem.partition(",")[0] for problem in said] == [
        f"it does not have the holidays and make-up workdays of {year}" for year in years
    ]


def test_a_site_knows_the_shipped_years() -> None:
    """Without a word of its own."""
    assert load_site("demo", {}).workdays.is_holiday(date(2026, 10, 1))
