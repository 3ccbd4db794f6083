"""Rules that a site leaves with nothing to do: shipped rules speak of more than most sites have."""

from collections.abc import Iterator, Sequence

from config.lint import Doubt
from config.load import Site
from rules.kinds.presence import Presence
from rules.limited import LimitedKind
from rules.lints import doubt
from rules.rule import CAMERA, FEED, Rule


def of_site(rules: Sequence[Rule], site: Site) -> Iterator[Doubt]:
    """Roles that no zone has, and kinds of which no device is registered. An empty register is one yet to be filled."""
    drawn = {zone.role for camera in site.cameras.values() for zone in camera.zones}
    idle: dict[tuple[str, str], list[str]] = {}
    registered = {device.kind for device in site.devices.values()}
    for rule in rules:
        spec, kind = rule.spec, rule.spec.for_each.kind
        if drawn and isinstance(spec, Presence) and drawn.isdisjoint(spec.zone_roles):
            idle.setdefault(("zones.csv", f"no zone is a {' or '.join(spec.zone_roles)}"), []).append(rule.id)
        elif registered and kind not in {*registered, CAMERA, FEED}:
            idle.setdefault(("devices.csv", f"no device is a {kind}"), []).append(rule.id)
    for (file, why), ids in idle.items():
        yield Doubt(path=site.folder / file, problem=f"{why}: {', '.join(ids)} will find nothing")


def of_rule(rule: Rule, site: Site) -> Iterator[Doubt]:
    """A metric that no registered device sends, though some could."""
    spec = rule.spec
    if not isinstance(spec, LimitedKind):
        return
    profiles = {device.profile for device, _port in spec.parts(site)}
    if profiles and not any(spec.metric in site.profiles[name].metrics for name in profiles):
        problem = f"metric is {spec.metric!r}, which no registered {spec.for_each.kind} sends: it will find nothing"
        yield doubt(rule, problem, "metric")
