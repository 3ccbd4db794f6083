"""`kind: presence`: things that stand where they should not, seen in k of n healthy looks."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from config.load import Site
from config.schema import Duration, Hours
from domain.finding import AlarmState, Change, Finding
from domain.register import Zone, ZoneRole
from domain.sighting import Sighting, ViewHealth
from rules.evidence import evidence_of
from rules.rule import EachCamera, Kind, Rule
from rules.schedule import Schedule
from rules.watch import LookWatch
from rules.window import KofN, Looks, Window


class Presence(Kind):
    """Raised when one of `classes` has stood for `min_stay` in k of n healthy looks; ended by healthy clear looks."""

    kind: Literal["presence"]
    for_each: EachCamera
    classes: tuple[str, ...] = Field(min_length=1)
    zone_roles: tuple[ZoneRole, ...] = Field(min_length=1)
    min_stay: Duration = 0.0
    confirm: KofN
    clear: KofN
    max_gap: Duration | None = Field(default=None, description="a longer one between showing looks starts over")
    schedule: Hours | None = Field(default=None, description="outside these hours nothing is raised or renewed")

    def check(self, rule: Rule, site: Site) -> None:
        """As for every kind; and that zones of these roles are looked at, and the hours are some."""
        super().check(rule, site)
        if ZoneRole.MASK in self.zone_roles:
            raise rule.wrong("zone_roles has 'mask'; nothing in a mask is looked at", "zone_roles")
        if self.schedule is not None and self.schedule[:5] == self.schedule[6:]:
            raise rule.wrong(
                f"schedule is {self.schedule!r}, which is no time at all; leave it out for always", "schedule"
            )

    def watches(self, rule: Rule, site: Site) -> Sequence["PresenceWatch"]:
        """One for each zone that has one of the roles."""
        stay_s = self.min_stay / site.settings.compress
        schedule = Schedule(self.schedule, site.timezone) if self.schedule else None
        window = Window(
            confirm=self.confirm,
            clear=self.clear,
            max_gap_ms=None if self.max_gap is None else round(self.max_gap * 1000),
        )
        return [
            PresenceWatch(rule, zone, classes=frozenset(self.classes), stay_s=stay_s, window=window, schedule=schedule)
            for camera in site.cameras.values()
            for zone in camera.zones
            if zone.role in self.zone_roles
        ]


class PresenceWatch(LookWatch[Looks]):
    """Presence in one zone of one camera."""

    __slots__ = ("_classes", "_schedule", "_stay_s", "_window")
    remembers = Looks

    def __init__(
        self,
        rule: Rule,
        zone: Zone,
        *,
        classes: frozenset[str],
        stay_s: float,
        window: Window,
        schedule: Schedule | None,
    ) -> None:
        super().__init__(rule, zone.camera_id, zone=zone.zone, shop_id=zone.shop_id)
        self._classes = classes
        self._stay_s = stay_s
        self._window = window
        self._schedule = schedule

    def look(self, sighting: Sighting) -> Finding | None:
        """Only a healthy look that speaks of the zone counts; one with a thing that just came is not clear either."""
        stay_s = self._longest_stay_s(sighting) if sighting.view is ViewHealth.HEALTHY else None
        if stay_s is None:
            return None
        before, at_ms = self.state, sighting.taken_ms
        if stay_s < 0:
            self.state, change = self._window.clear_look(before, at_ms)
        elif stay_s < self._stay_s:
            return None
        else:
            change = self._shown(before, at_ms, stay_s)
        told = self.state or before
        if change is None or told is None:
            return None
        return self._step(change, told, at_ms, max(stay_s, 0.0), sighting)

    def _shown(self, before: Looks | None, at_ms: int, stay_s: float) -> Change | None:
        in_hours = self._schedule is None or self._schedule.holds(at_ms)
        firing = before is not None and before.state is not AlarmState.PENDING
        if not in_hours and not firing:
            return None
        # Outside the hours a firing alarm still learns that the zone is not clear; nobody is told.
        self.state, change = self._window.shown(before, at_ms - round(stay_s * 1000), at_ms)
        return change if in_hours else None

    def _longest_stay_s(self, sighting: Sighting) -> float | None:
        """−1 for a zone that is clear; None if the look does not speak of the zone."""
        for zone in sighting.zones:
            if zone.zone == self.zone:
                return max((seen.stay_s for seen in zone.objects if seen.label in self._classes), default=-1.0)
        return None

    def release(self, at_ms: int) -> Finding | None:
        """End the alarm by a person's word; what still stands there has to be confirmed anew."""
        looks = self.state
        if looks is None or looks.state is AlarmState.PENDING:
            return None
        self.state = None
        return self._step(Change.RESOLVED, looks, at_ms, None, None)

    def _step(
        self, change: Change, looks: Looks, at_ms: int, stay_s: float | None, sighting: Sighting | None
    ) -> Finding:
        """`value` and `limit` are seconds: how long it has stood there, and how long it may. Never before 1970."""
        return self.finding(
            change,
            at_ms=at_ms,
            since_ms=max(looks.since_ms, 0),
            value=stay_s,
            limit=self._stay_s,
            limit_source=self.rule.origin("min_stay"),
            evidence=None if sighting is None else evidence_of(sighting),
        )
