"""`kind: rate`, told as timetables."""

from itertools import combinations
from pathlib import Path
from statistics import median

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.load import Site
from domain.errors import ConfigError
from domain.finding import Change, Severity
from domain.reading import Reading
from rules.engine import Engine
from tests.rules.city import rules_from, small_city
from tests.rules.timetable import Timetable, clock_ms

SITE = small_city()
HEATING = """
id: heating
kind: rate
for_each: {kind: charger}
metric: temp_c
over: 3m
per: 1m
raise: {above: 5}
clear: {below: 2}
"""
STEP = """
id: step
kind: rate
for_each: {kind: tree}
metric: tilt_deg
over: 1h
per: 1h
both_ways: true
raise: {above: 0.2}
samples: 2
"""


def _table(tmp_path: Path, rule: str, site: Site | None = None) -> Timetable:
    site = site or small_city()
    return Timetable(rules_from(tmp_path, site, rule), site)


def test_a_socket_that_heats_up_fast(tmp_path: Path) -> None:
    """The window must be known over three quarters; then the change per minute is what counts, not the value."""
    found = _table(tmp_path, HEATING).play(
        """
        08:00:00  cs-1/1 temp_c=20
        08:00:30  cs-1/1 temp_c=23
        08:01:00  cs-1/1 temp_c=26
        08:01:30  cs-1/1 temp_c=29
        08:02:00  cs-1/1 temp_c=32
        08:02:30  cs-1/1 temp_c=35      → raised heating cs-1/1
        08:03:00  cs-1/1 temp_c=38
        08:03:30  cs-1/1 temp_c=38      → renewed heating cs-1/1
        08:04:00  cs-1/1 temp_c=38
        08:04:30  cs-1/1 temp_c=38
        08:05:00  cs-1/1 temp_c=38      → resolved heating cs-1/1
        """
    )
    assert (found[0].value, found[0].limit, found[0].metric) == (6.0, 5.0, "temp_c")
    assert found[0].limit_source == "rules.yaml:10 heating"
    assert found[0].since_ms == clock_ms("08:02:30")


def test_hot_is_not_heating_and_cooling_is_not_either(tmp_path: Path) -> None:
    """However hot it is; and `above` means up, unless both ways are asked for."""
    _table(tmp_path, HEATING).play(
        "\n".join(f"08:{minute:02}:00  cs-1/1 temp_c={200 - 15 * minute}" for minute in range(10))
    )
    rule = HEATING.replace("raise: {above: 5}", "raise: {below: -5}").replace("clear: {below: 2}", "")
    found = _table(tmp_path, rule).play(
        """
        08:00:00  cs-1/1 temp_c=90
        08:01:00  cs-1/1 temp_c=80
        08:02:00  cs-1/1 temp_c=70
        08:03:00  cs-1/1 temp_c=60      → raised heating cs-1/1
        """
    )
    assert found[0].value == -10


def test_a_limit_that_was_lowered_holds_for_what_is_in_the_window(tmp_path: Path) -> None:
    """What was no steep step under the old limit may be one under the new."""
    before, after = _table(tmp_path, HEATING), _table(tmp_path, HEATING.replace("above: 5", "above: 3"))
    before.play("\n".join(f"08:0{half // 2}:{half % 2 * 30:02}  cs-1 temp_c={20 + 2 * half}" for half in range(5)))
    before.restart()
    after.saved = before.saved
    after.restart()
    after.play("08:02:30  cs-1 temp_c=28  → raised heating cs-1")


def test_of_two_values_of_one_moment_the_worse_one_counts(tmp_path: Path) -> None:
    """For a rise the greater, for a fall the lesser, whichever comes first."""
    falling = HEATING.replace("raise: {above: 5}", "raise: {below: -5}").replace("clear: {below: 2}", "")
    for rule, way in ((HEATING, 1), (falling, -1)):
        table = _table(tmp_path, rule)
        for minute in range(3):
            value = 100 + way * 6 * minute
            said = [value, value - way * 20][:: 1 if minute % 2 else -1]
            table.play("\n".join(f"08:0{minute}:00  cs-1 temp_c={one}" for one in said))
        table.play(f"08:03:00  cs-1 temp_c={100 + way * 18}  → raised heating cs-1")


def test_one_wild_value_is_no_change(tmp_path: Path) -> None:
    """First and last would say 45 degrees in 3 minutes, either way; the slope of the seven says none."""
    _table(tmp_path, HEATING + "both_ways: true").play(
        "\n".join(
            f"08:{second // 60:02}:{second % 60:02}  cs-1/1 temp_c={65 if second == 300 else 20}"
            for second in range(0, 900, 30)
        )
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([20.0, 22.0, 23.0, 26.0, 30.0, 45.0]), max_size=30), st.sampled_from([1, -1]))
def test_it_is_the_median_of_all_slopes(tmp_path: Path, temps: list[float], way: int) -> None:
    """Whenever the naive median of all slopes within the last 3 minutes reaches the limit, and only then."""
    rule = HEATING.replace("clear: {below: 2}", "flapping: never")
    rule = rule if way > 0 else rule.replace("above: 5", "below: -5")
    engine = Engine(rules_from(tmp_path, SITE, rule), SITE, saved={}, listening_since_ms=0)
    stands = False
    for number, temp in enumerate(temps):
        recent = list(enumerate(temps))[max(number - 6, 0) : number + 1]
        slopes = [(b - a) / (t - s) * 2 for (s, a), (t, b) in combinations(recent, 2)]
        at_ms = number * 30_000
        metrics: dict[str, float | int | bool] = {"temp_c": temp}
        found = engine.observe(
            Reading(kind="charger", device_id="cs-1", at_ms=at_ms, received_ms=at_ms, metrics=metrics)
        )
        fast = len(recent) >= 6 and way * round(median(slopes), 6) >= 5
        assert (Change.RAISED in {step.change for step in found}) == (fast and not stands)
        stands = fast


def test_a_step_is_seen_once_it_lasts(tmp_path: Path) -> None:
    """A tree that leans by 0.2 degrees more within the hour, in either direction; and it ends when the hour is over."""
    found = _table(tmp_path, STEP).play(
        """
        08:00  tree-1 tilt_deg=1.8
        08:10  tree-1 tilt_deg=1.8
        08:20  tree-1 tilt_deg=1.8
        08:30  tree-1 tilt_deg=1.8
        08:40  tree-1 tilt_deg=1.8
        08:50  tree-1 tilt_deg=1.6
        09:00  tree-1 tilt_deg=1.6
        09:10  tree-1 tilt_deg=1.6
        09:20  tree-1 tilt_deg=1.6      → raised step tree-1
        09:30  tree-1 tilt_deg=1.6      → resolved step tree-1
        """
    )
    assert found[0].value == 0.24


def test_a_gap_starts_the_window_anew(tmp_path: Path) -> None:
    """What lies on its other side may have been long ago: nothing is computed across it, and a hold is broken."""
    _table(tmp_path, HEATING + "for: 1m").play(
        """
        08:00:00  cs-1/1 temp_c=20
        08:00:40  cs-1/1 temp_c=25
        08:01:20  cs-1/1 temp_c=30
        08:02:00  cs-1/1 temp_c=35
        08:02:40  cs-1/1 temp_c=40
        08:04:11  cs-1/1 temp_c=80
        08:05:00  cs-1/1 temp_c=87
        08:05:40  cs-1/1 temp_c=93
        08:06:20  cs-1/1 temp_c=99
        08:07:00  cs-1/1 temp_c=105
        08:07:40  cs-1/1 temp_c=111
        08:08:00  cs-1/1 temp_c=115     → raised heating cs-1/1
        """
    )


def test_a_window_may_run_dry_without_a_gap(tmp_path: Path) -> None:
    """Where a longer gap is allowed than the window is long, one point may be all there is, after steep ones too."""
    _table(tmp_path, HEATING + "max_gap: 30m").play(
        """
        08:00:00  cs-1 temp_c=20
        08:00:30  cs-1 temp_c=90
        08:10:00  cs-1 temp_c=20
        08:20:00  cs-1 temp_c=90
        """
    )


def test_silence_makes_it_stale_and_only_a_known_rate_ends_it(tmp_path: Path) -> None:
    """After the silence the window has to fill first."""
    silent = "id: silent\nkind: silent\nfor_each: {kind: charger}\nafter_intervals: 4"
    site = small_city()
    table = Timetable(rules_from(tmp_path, site, HEATING, silent), site)
    table.play("\n".join(f"08:0{minute}:00  cs-1 temp_c={20 + 10 * minute}" for minute in range(3)))
    table.play(
        """
        08:03:00  cs-1 temp_c=50        → raised heating cs-1
        08:30:00  tick                  → raised silent cs-1; stale heating cs-1
        08:31:00  cs-1 temp_c=50        → resolved silent cs-1
        08:32:00  restart
        08:32:00  cs-1 temp_c=50
        08:33:00  cs-1 temp_c=50
        08:33:30  cs-1 temp_c=50        → resolved heating cs-1
        """
    )


def test_levels_are_one_alarm(tmp_path: Path) -> None:
    """It becomes critical while it stands, and says so at once."""
    rule = HEATING.replace("raise: {above: 5}\nclear: {below: 2}\n", "") + (
        "levels:\n  warn: {raise: {above: 5}, clear: {below: 2}}\n  critical: {raise: {above: 20}}\n"
    )
    found = _table(tmp_path, rule).play(
        """
        08:00:00  cs-1 temp_c=20
        08:01:00  cs-1 temp_c=26
        08:02:00  cs-1 temp_c=32
        08:03:00  cs-1 temp_c=38        → raised heating cs-1
        08:03:20  cs-1 temp_c=80
        08:03:40  cs-1 temp_c=120       → renewed heating cs-1
        """
    )
    assert [(step.severity, step.limit) for step in found] == [(Severity.WARN, 5), (Severity.CRITICAL, 20)]


def test_a_person_ends_it_and_the_window_begins_anew(tmp_path: Path) -> None:
    """What has been seen to is not raised again by the same points."""
    table = _table(tmp_path, HEATING)
    table.play("\n".join(f"08:0{minute}:00  cs-1 temp_c={20 + 10 * minute}" for minute in range(3)))
    assert table.engine.release("heating", "cs-1", clock_ms("08:02")) == []
    table.play("08:03:00  cs-1 temp_c=50  → raised heating cs-1")
    released = table.engine.release("heating", "cs-1", clock_ms("08:03"))
    assert [step.change for step in released] == [Change.RESOLVED]
    table.play("08:03:30  cs-1 temp_c=55")


def test_what_is_not_a_number_says_nothing(tmp_path: Path) -> None:
    """Neither is it a point of the window."""
    _table(tmp_path, HEATING).play(
        """
        08:00:00  cs-1 temp_c=20
        08:01:00  cs-1 temp_c=30
        08:01:30  cs-1 temp_c=nan
        08:01:40  cs-1 temp_c=inf
        08:02:00  cs-1 temp_c=40
        08:03:00  cs-1 temp_c=50        → raised heating cs-1
        """
    )


def test_a_sensor_that_sends_fast_fills_few_points(tmp_path: Path) -> None:
    """A value a second is thinned, and the rate is what it is."""
    table = _table(tmp_path, HEATING)
    lines = [f"08:{second // 60:02}:{second % 60:02}  cs-1 temp_c={20 + second / 10:.1f}" for second in range(135)]
    table.play("\n".join(lines))
    table.play("08:02:15  cs-1 temp_c=33.5  → raised heating cs-1")
    state = table.engine.take_dirty()["heating", "cs-1"]
    assert state is not None
    assert len(state) < 2500


def test_a_window_that_can_never_be_full_is_refused(tmp_path: Path) -> None:
    """With file and line; and what no value could reach, too."""
    site = small_city()
    with pytest.raises(ConfigError, match=r"rules.yaml line 8: .*over is 60 s, but values come every 30 s: 3 in it"):
        rules_from(tmp_path, site, HEATING.replace("over: 3m", "over: 1m") + "min_points: 4")
    with pytest.raises(ConfigError, match="smoke', a switch; a rate needs a number"):
        rules_from(tmp_path, site, HEATING.replace("temp_c", "smoke"))
    with pytest.raises(ConfigError, match="raise is above 5000"):
        rules_from(tmp_path, site, HEATING.replace("above: 5", "above: 5000"))
    with pytest.raises(ConfigError, match="has no sign"):
        rules_from(tmp_path, site, STEP.replace("above: 0.2", "below: -0.2"))
