"""Several processes find the alarms that one finds, or leave it to one."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from app.rules_history.run import replay
from app.rules_history.sharing import Work, share_out
from app.rules_history.stretch import Stretch
from config.load import Site
from domain.point import Point
from domain.reading import Reading
from rules.files import Rule
from storage.series.embedded import EmbeddedSeries
from storage.series.points import points_of
from tests.app.rules_history.test_quick import HOUR_MS, RULES, T0, history, load
from tests.rules.city import rules_from, small_city

STRETCH = Stretch(from_ms=T0 + HOUR_MS // 2, to_ms=T0 + 5 * HOUR_MS, lead_ms=HOUR_MS // 2, tick_ms=30_000)


def stored(folder: Path, points: Sequence[Point]) -> EmbeddedSeries:
    """A store with these points."""
    store = EmbeddedSeries(folder / "series.db", keep_raw_s=1e10)
    store.write(points)
    return store


def all_rules(site: Site) -> tuple[Rule, ...]:
    """The shipped rules, and one about whole feeds."""
    with tempfile.TemporaryDirectory() as folder:
        return (*load(site), *rules_from(Path(folder), site, *RULES))


@pytest.mark.slow
def test_two_processes_find_what_one_finds(tmp_path: Path) -> None:
    """Two versions of the rules at once."""
    site = small_city()
    points = history(site, Random(4), 5)
    rules = all_rules(site)
    store = stored(tmp_path, points)
    told: list[float] = []
    shared = share_out(
        store,
        Work(site=site, versions=[rules, rules[::2]], stretch=STRETCH),
        2,
        lambda _readings, share: told.append(share),
    )
    assert shared is not None
    assert [len(spans) > 5 for spans in shared] == [True, True]
    assert shared == replay(store, site, [rules, rules[::2]], STRETCH, plain=True)
    assert 0 <= min(told) <= max(told) <= 1
    assert max(told) > 0
    store.close()


def test_whoever_may_be_silent_with_all_others_is_not_shared_out(tmp_path: Path) -> None:
    """An hour without a word is seen by a rule about feeds, and it must know of everyone."""
    site = small_city()
    points = [point for point in history(site, Random(4), 5) if not HOUR_MS <= point.at_ms - T0 < 2 * HOUR_MS]
    store = stored(tmp_path, points)
    rules = all_rules(site)
    assert share_out(store, Work(site=site, versions=[rules], stretch=STRETCH), 2, lambda *_: None) is None
    assert replay(store, site, [rules], STRETCH, jobs=2) == replay(store, site, [rules], STRETCH, plain=True)
    store.close()


@pytest.mark.slow
def test_too_many_at_once_are_not_shared_out(tmp_path: Path) -> None:
    """Of three alarms in a minute one is held back: which of them, hangs on all."""
    site = small_city()
    rules = rules_from(
        tmp_path,
        site,
        "id: hot\nkind: threshold\nfor_each: {kind: charger}\nmetric: temp_c\nraise: {above: 60}\n"
        "at_most: {raised: 1, within: 1m}",
        "id: dry\nkind: threshold\nfor_each: {kind: tree}\nmetric: soil_vwc_pct\nraise: {below: 9}",
    )
    points: list[Point] = []
    for at_ms in range(T0, T0 + 5 * HOUR_MS, 30_000):
        for port in (1, 2, 3):
            points += points_of(_hot(port, at_ms), site)
        points += points_of(_wet(at_ms), site)
    store = stored(tmp_path, points)
    stretch = Stretch(from_ms=T0, to_ms=T0 + 5 * HOUR_MS, lead_ms=0)
    assert share_out(store, Work(site=site, versions=[tuple(rules)], stretch=stretch), 2, lambda *_: None) is None
    (alarms,) = replay(store, site, [tuple(rules)], stretch, jobs=2)
    assert "@overflow" in {span.subject for span in alarms}
    store.close()


def _hot(port: int, at_ms: int) -> Reading:
    return Reading(
        kind="charger", device_id="cs-1", port=port, at_ms=at_ms, received_ms=at_ms, metrics={"temp_c": 70.0}
    )


def _wet(at_ms: int) -> Reading:
    return Reading(kind="tree", device_id="tree-1", at_ms=at_ms, received_ms=at_ms, metrics={"soil_vwc_pct": 20.0})
