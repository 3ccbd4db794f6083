"""Rules that a site leaves with nothing to do. Told by `check-config`; nothing is refused for it."""

from collections.abc import Sequence

from config.lint import Doubt
from config.load import Site
from rules.kinds.presence import Presence
from rules.rule import Rule


def doubts(rules: Sequence[Rule], site: Site) -> list[Doubt]:
    """Roles that rules wait for and no zone has: shipped rules speak of more than most sites have drawn."""
    drawn = {zone.role for camera in site.cameras.values() for zone in camera.zones}
    idle: dict[str, list[str]] = {}
    for rule in rules:
        spec = rule.spec
        if drawn and isinstance(spec, Presence) and drawn.isdisjoint(spec.zone_roles):
            idle.setdefault(" or ".join(spec.zone_roles), []).append(rule.id)
    return [
        Doubt(path=site.folder / "zones.csv", problem=f"no zone is a {roles}: {', '.join(ids)} will find nothing")
        for roles, ids in idle.items()
    ]
