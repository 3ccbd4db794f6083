"""The small city with plans and model limits, as they would stand in its files."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

from config.load import Site
from config.place import Place
from config.plans import read_plans
from config.schema import Profiles
from config.source import load_lined
from rules.limited import LimitedKind
from rules.rule import Rule
from tests.rules.city import small_city

_PLAN = """\
version: 1
plan: {name}
title: {{zh: 方案, en: a plan}}
subjects: [{subjects}]
approved_by: the arborist
source: the plan's source
confidence: medium
"""


def planned_city(folder: Path, *, model: str = "", **plans: tuple[str, str]) -> Site:
    """`plans`: by the plan's name, whom it speaks about and the rest of its file (from line 8 on).

    `model`: the station's profile's `limits`, from line 8 of profiles.yaml on.
    """
    site = small_city()
    (folder / "plans").mkdir()
    for name, (subjects, rest) in plans.items():
        text = _PLAN.format(name=name, subjects=subjects) + dedent(rest).lstrip("\n")
        (folder / "plans" / f"{name}.yaml").write_text(text, encoding="utf-8")
    site = replace(site, plans=read_plans(folder / "plans", site.devices, site.timezone, {}))
    return _with_model(site, folder / "profiles.yaml", model) if model else site


def _with_model(site: Site, path: Path, limits: str) -> Site:
    head = "profiles:\n  charging-station:\n    kind: charger\n    interval: 30s\n    metrics: [temp_c, smoke]\n"
    path.write_text(f"{head}    zh: 站\n    en: station\n    limits:\n{limits}", encoding="utf-8")
    file, lines = load_lined(path, Profiles)
    place = Place(path, lines, ("profiles", "charging-station"), "profile 'charging-station'")
    return replace(site, profiles={**site.profiles, **file.profiles}, profile_places={"charging-station": place})


def wins(rule: Rule, site: Site, subject: str, at_ms: int | None = None) -> Sequence[str]:
    """What holds for a device or port, the most severe first: `critical 65 rules.yaml:9 hot`."""
    device_id, _, port = subject.partition("/")
    spec = rule.spec
    assert isinstance(spec, LimitedKind)
    levels = spec.levels_for(rule, site, site.devices[device_id], int(port) if port else None, at_ms=at_ms)
    return [f"{level.severity} {level.limits.number:g} {level.origin}" for level in levels]
