"""The shipped storefront rules: what each finds, where, after how long, and when."""

from dataclasses import replace
from functools import lru_cache

import pytest
from msgspec import structs

from config.load import Site
from domain.finding import CasePolicy, Change, Finding, Severity
from domain.register import Zone, ZoneRole
from domain.sighting import SeenObject, Sighting, ViewHealth, ZoneSighting
from rules.engine import Engine
from rules.files import Rule, load_rules
from rules.kinds.presence import Presence
from tests.rules.city import shipped, small_city
from tests.rules.timetable import clock_ms

OWN_WEIGHTS = {"stall", "goods", "garbage", "garbage_bin_overflow", "laundry", "banner", "signboard", "left_object"}
ROLES = [role for role in ZoneRole if role is not ZoneRole.MASK]


@lru_cache
def street() -> Site:
    """One camera with a zone of each role, called like the role."""
    site = small_city()
    camera = site.cameras["cam-1"]
    corners = camera.zones[0].polygon
    zones = tuple(Zone(camera_id="cam-1", zone=role, role=role, polygon=corners, shop_id="S-1") for role in ROLES)
    return replace(site, cameras={"cam-1": structs.replace(camera, zones=zones)})


@lru_cache
def rules() -> dict[str, Rule]:
    """The shipped rules by their ids."""
    return {rule.id: rule for rule in load_rules(shipped("storefronts"), street())}


def spec_of(rule_id: str) -> Presence:
    """What a rule says."""
    spec = rules()[rule_id].spec
    assert isinstance(spec, Presence)
    return spec


EACH = [(rule_id, label) for rule_id in rules() for label in spec_of(rule_id).classes]


def raised(label: str, *, stay_s: float, zone: ZoneRole, clock: str = "12:00") -> list[Finding]:
    """What all shipped rules raise in five looks at such a thing, which has stood for so long at the first."""
    engine = Engine(list(rules().values()), street(), saved={}, listening_since_ms=0)
    found: list[Finding] = []
    for second in range(5):
        seen = SeenObject(label=label, score=0.8, box=(0.1, 0.1, 0.2, 0.2), overlap=1, stay_s=stay_s + second, looks=9)
        look = Sighting(
            camera_id="cam-1",
            look_id=f"look-{second}",
            taken_ms=clock_ms(clock) + second * 1000,
            received_ms=clock_ms(clock) + second * 1000,
            view=ViewHealth.HEALTHY,
            zones=(ZoneSighting(zone=zone, shop_id="S-1", objects=(seen,)),),
        )
        found += engine.observe(look)
    assert not engine.faults
    return [finding for finding in found if finding.change is Change.RAISED]


@pytest.mark.parametrize(("rule_id", "label"), EACH)
def test_each_rule_finds_what_it_names_where_it_names_it(rule_id: str, label: str) -> None:
    """Once, in each of its roles, as soon as it has stood for its time, with matter, shop and the time it may stand."""
    spec = spec_of(rule_id)
    assert spec.case is not None
    for role in spec.zone_roles:
        [finding] = [one for one in raised(label, stay_s=spec.stays_s[label], zone=role) if one.rule_id == rule_id]
        assert (finding.zone, finding.shop_id, finding.matter) == (role, "S-1", spec.case.matter)
        assert (finding.limit, finding.severity) == (spec.stays_s[label], spec.severity)
        assert finding.limit_source == f"storefronts.yaml:{rules()[rule_id].line('min_stay', label)} {rule_id}"
        assert finding.since_ms <= clock_ms("12:00") - spec.stays_s[label] * 1000 + 5000


@pytest.mark.parametrize(("rule_id", "label"), EACH)
def test_below_its_time_nothing_is_raised(rule_id: str, label: str) -> None:
    """Deliveries and passers-by are nobody's offence."""
    spec = spec_of(rule_id)
    for role in spec.zone_roles:
        found = raised(label, stay_s=spec.stays_s[label] - 6, zone=role)
        assert rule_id not in {finding.rule_id for finding in found}


@pytest.mark.parametrize(("rule_id", "label"), EACH)
def test_in_zones_of_other_roles_it_says_nothing(rule_id: str, label: str) -> None:
    """A car on the road before a pavement is where it belongs."""
    for role in set(ROLES) - set(spec_of(rule_id).zone_roles):
        assert rule_id not in {finding.rule_id for finding in raised(label, stay_s=86_400, zone=role)}


@pytest.mark.parametrize(("rule_id", "label"), EACH)
def test_outside_its_hours_it_says_nothing(rule_id: str, label: str) -> None:
    """A rule without hours speaks at night as well."""
    spec = spec_of(rule_id)
    found = raised(label, stay_s=86_400, zone=spec.zone_roles[0], clock="03:00")
    assert (rule_id in {finding.rule_id for finding in found}) == (spec.schedule is None)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("label", sorted({label for _, label in EACH}))
def test_one_thing_in_one_zone_is_one_finding(label: str, role: ZoneRole) -> None:
    """No two of the shipped rules speak of the same thing in the same zone."""
    assert len(raised(label, stay_s=86_400, zone=role)) <= 1


def test_nobody_is_written_to_for_what_no_shipped_model_knows() -> None:
    """Notices and cases come of the shipped detector's words alone; what is found otherwise waits for a person."""
    for rule_id, label in EACH:
        spec = spec_of(rule_id)
        assert spec.case is not None
        if label in OWN_WEIGHTS and rule_id != "fire-lane-blocked":
            assert spec.case.policy is CasePolicy.NONE, rule_id
        assert spec.case.policy is not CasePolicy.LADDER or spec.confidence != "high"


def test_a_blocked_fire_lane_is_told_at_once_and_as_a_warning() -> None:
    """Five minutes, no reminders, the duty desk."""
    spec = spec_of("fire-lane-blocked")
    assert spec.case is not None
    assert spec.case.matter is not None
    assert (spec.severity, spec.case.policy) == (Severity.WARN, CasePolicy.OPEN)
    assert spec.stays_s["car"] == 300
    assert street().matters[spec.case.matter].unit == "duty_desk"


def test_every_rule_wants_looks_that_agree_and_says_where_its_numbers_come_from() -> None:
    """One look is no finding, and one clear look no end."""
    for rule_id in rules():
        spec = spec_of(rule_id)
        assert spec.confirm.k >= 2
        assert spec.clear.k >= 2
        assert spec.source
        assert spec.confidence
        assert min(spec.stays_s.values()) >= 300
