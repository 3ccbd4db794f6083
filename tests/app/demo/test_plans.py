"""The demo's plans (一树一策): they count for their trees, and disturb nothing that the demo shows."""

import random
from collections.abc import Sequence

import pytest

from app.demo.devices import BACKFILL_H, DRY_NOW_PCT, DRYING_PCT_H
from app.demo.incidents import LEAN_DEG
from app.demo.physics import HOUR_MS, MINUTE_MS, TreeBody
from config.load import Site, load_site
from domain.finding import Change, Finding
from domain.reading import Reading
from rules.engine import Engine
from rules.files import load_rules
from rules.lint import doubts

NOW_MS = 1_796_000_000_000  # November 2026
PLANNED = {"tree-001": {"soil-dry", "soil-waterlogged"}, "tree-002": {"tree-tilt"}}


@pytest.fixture(scope="module")
def site() -> Site:
    """The demo, as shipped."""
    return load_site("demo", {})


def _heard(site: Site, device_id: str, readings: Sequence[tuple[int, float, float | None]]) -> list[Finding]:
    """What the rules say of a tree. Each reading: when, how much more it leans, its soil where that is overruled."""
    engine = Engine(load_rules(site.rule_files, site), site, saved={}, listening_since_ms=0)
    body = TreeBody(site.devices[device_id].baseline, random.Random(7))
    found: list[Finding] = []
    for at_ms, lean_deg, soil in readings:
        metrics = body.metrics(at_ms, lean_deg=lean_deg, soil_vwc_pct=soil)
        found += engine.observe(
            Reading(kind="tree", device_id=device_id, at_ms=at_ms, received_ms=at_ms, metrics=metrics)
        )
    return found


def test_nothing_of_them_is_to_be_looked_at_again(site: Site) -> None:
    """They are the example that people copy."""
    plans = site.folder / "plans"
    assert len(site.plans.all) == 3
    assert [doubt for doubt in doubts(load_rules(site.rule_files, site), site) if doubt.path.parent == plans] == []


@pytest.mark.parametrize("device_id", PLANNED)
def test_two_dry_spells_raise_nothing(site: Site, device_id: str) -> None:
    """The simulated soil dries for nine days at a time, and wind sways the tree; neither reaches the plan's limits."""
    found = _heard(site, device_id, [(NOW_MS + step * 10 * MINUTE_MS, 0.0, None) for step in range(18 * 144)])
    assert {finding.rule_id for finding in found} & PLANNED[device_id] == set()


def test_the_incidents_are_told_as_before(site: Site) -> None:
    """The ginkgo leans suddenly; the camphor comes back with a day of dry soil."""
    leaning = _heard(site, "tree-001", [(NOW_MS + step * 5000, LEAN_DEG, None) for step in range(3)])
    tilt = next(finding for finding in leaning if finding.rule_id == "tree-tilt")
    assert (tilt.change, tilt.severity, tilt.limit) == (Change.RAISED, "critical", 1.5)
    hours = range(BACKFILL_H, -1, -1)
    dry = _heard(
        site, "tree-002", [(NOW_MS - hour * HOUR_MS, 0.0, DRY_NOW_PCT + DRYING_PCT_H * hour) for hour in hours]
    )
    assert [finding.severity for finding in dry if finding.rule_id == "soil-dry"][:1] == ["notice"]


def test_each_tree_has_limits_of_its_own(site: Site) -> None:
    """What is no alarm for others is one for these; and each finding names the plan's file and line."""
    steps = [(NOW_MS + step * 5000, 1.1, None) for step in range(3)]
    assert [finding.limit_source for finding in _heard(site, "tree-003", steps) if finding.severity == "critical"] == []
    camphor = [finding for finding in _heard(site, "tree-002", steps) if finding.rule_id == "tree-tilt"]
    assert camphor[0].severity == "critical"
    assert (camphor[0].limit_source or "").startswith("tree-002.yaml:")
    clay = [(NOW_MS + step * HOUR_MS, 0.0, 14.0) for step in range(26)]
    dry = [finding for finding in _heard(site, "tree-001", clay) if finding.rule_id == "soil-dry"]
    assert [finding.limit for finding in dry[:1]] == [15]
    assert not [finding for finding in _heard(site, "tree-003", clay) if finding.rule_id == "soil-dry"]
