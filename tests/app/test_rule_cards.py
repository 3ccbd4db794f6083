"""What a page of a rule says of whom it judges is counted without making what judges, and is the same."""

from collections.abc import Sequence
from dataclasses import replace as site_with
from pathlib import Path

import pytest
from msgspec.structs import replace

from app.rule_cards import card_of
from config.load import Site, load_site
from rules.files import load_rules
from rules.kinds import KINDS
from rules.limited import LimitedKind
from rules.rule import Rule
from tests.rules.city import rules_from
from tests.rules.every_kind import SITE, every_kind
from tests.rules.planned_city import planned_city

DEMO = load_site("demo")
SHIPPED = load_rules(DEMO.rule_files, DEMO)


def without_baselines(site: Site) -> Site:
    """Every other device was installed without anybody writing down how it stood."""
    devices = {
        name: replace(device, baseline={}) if number % 2 else device
        for number, (name, device) in enumerate(site.devices.items())
    }
    return site_with(site, devices=devices)


@pytest.mark.parametrize(
    ("rules", "site"),
    [
        (SHIPPED, DEMO),
        (SHIPPED, without_baselines(DEMO)),
        (every_kind(), SITE),
        (every_kind(), without_baselines(SITE)),
    ],
    ids=["shipped", "shipped, baselines missing", "every kind", "every kind, baselines missing"],
)
def test_as_many_as_there_are_watches(rules: Sequence[Rule], site: Site) -> None:
    """Of every kind of rule."""
    counted = {rule.id: rule.spec.subjects(site) for rule in rules}
    assert counted == {rule.id: len(rule.spec.watches(rule, site)) for rule in rules}
    assert any(counted.values())


def test_every_kind_is_among_them() -> None:
    """So that none is forgotten."""
    assert {rule.spec.kind for rule in (*SHIPPED, *every_kind())} == set(KINDS)


def test_those_with_limits_of_their_own_are_counted(tmp_path: Path) -> None:
    """By an override, a plan, or their model; each once."""
    plan = "limits:\n  hot:\n    raise: {above: 70}\n"
    site = planned_city(tmp_path, east=("cs-1/2", plan))
    rule = rules_from(tmp_path, site, _HOT)[0]
    assert isinstance(rule.spec, LimitedKind)
    one_by_one = sum(rule.spec.has_own(site, device, port) for device, port in rule.spec.parts(site))
    assert card_of(rule, site).others == one_by_one == 2

    of_model = planned_city(_folder(tmp_path / "model"), model="      hot:\n        raise: {above: 60}\n")
    rule = rules_from(tmp_path, of_model, _HOT)[0]
    assert card_of(rule, of_model).others == rule.spec.subjects(of_model) > 2


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


_HOT = """\
id: hot
kind: threshold
for_each: {kind: charger}
metric: temp_c
raise: {above: 55}
overrides:
  cs-1/1: {raise: {above: 65}}
"""
