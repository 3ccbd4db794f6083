"""`kind: silent` and cameras that have hours of duty: at night nobody looks, and nobody is missed."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from config.load import Site
from domain.finding import Change
from rules.engine import Engine
from rules.rule import Rule
from tests.rules.city import rules_from, small_city
from tests.rules.timetable import clock_ms

UNSEEN = """
id: unseen
kind: silent
for_each: {kind: camera}
after_intervals: 12
"""
HOUR_MS = 3_600_000


def city(duty: str | None) -> Site:
    """The small city, whose one camera of a minute has these hours of duty."""
    site = small_city()
    camera = structs.replace(next(iter(site.cameras.values())), interval_s=60, duty=duty)
    return replace(site, cameras={camera.camera_id: camera})


def raised(rules: Sequence[Rule], site: Site, *, heard: str, hours: int, deaf: tuple[str, str] | None = None) -> str:
    """When the alarm is raised, as `day HH:MM`, if nothing is heard since; empty: not within so many hours."""
    engine = Engine(rules, site, saved={}, listening_since_ms=clock_ms(heard))
    if deaf is not None:
        engine.deaf(clock_ms(deaf[0]), clock_ms(deaf[1]))
    began = clock_ms(heard) // 60_000
    for minute in range(began, began + hours * 60):
        for finding in engine.tick(minute * 60_000):
            assert finding.change is Change.RAISED
            days, rest = divmod(minute - clock_ms("00:00") // 60_000, 1440)
            return f"{days} {rest // 60:02}:{rest % 60:02}"
    return ""


@pytest.mark.parametrize(
    ("duty", "heard", "expected"),
    [
        (None, "22:55", "0 23:07"),  # always on duty
        ("06:00-23:00", "12:00", "0 12:12"),  # in the middle of the day
        ("06:00-23:00", "22:55", "1 06:07"),  # five minutes of the evening count
        ("06:00-23:00", "23:30", "1 06:12"),  # an early look that somebody asked for at night
        ("22:00-04:00", "03:58", "0 22:10"),  # a duty over midnight
    ],
)
def test_only_silence_on_duty_counts(tmp_path: Path, duty: str | None, heard: str, expected: str) -> None:
    """Twelve minutes of it, over the night if need be, and never in the night itself."""
    site = city(duty)
    assert raised(rules_from(tmp_path, site, UNSEEN), site, heard=heard, hours=36) == expected


def test_a_night_in_which_we_were_deaf_raises_nothing_by_morning(tmp_path: Path) -> None:
    """It may come later than it could, and never wrongly."""
    site = city("06:00-23:00")
    rules = rules_from(tmp_path, site, UNSEEN)
    assert raised(rules, site, heard="22:59", hours=8, deaf=("23:00", "23:59")) == ""
    assert raised(rules, site, heard="22:59", hours=12, deaf=("23:00", "23:59")) == "1 07:10"
