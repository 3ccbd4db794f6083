"""`kind: presence`: things that stand where they should not, seen in k of n healthy looks."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal, NamedTuple

from pydantic import Discriminator, Field, Tag

from config.load import Site
from config.mistakes import Gathered, near
from config.schema import Duration
from config.things import THINGS
from domain.case import Alarm
from domain.duty import Duty
from domain.finding import AlarmState, Change, Finding
from domain.register import Zone, ZoneRole
from domain.sighting import SeenObject, Sighting, ViewHealth
from rules.evidence import evidence_of
from rules.rule import EachCamera, Kind, Rule
from rules.schedule import AnySchedule, Schedule
from rules.watch import LookWatch
from rules.window import KofN, Looks, Window

DEFAULT = "default"
"""Stands for all classes that `min_stay` does not name."""


def _stay_shape(value: object) -> str:
    return "each" if isinstance(value, Mapping) else "one"


MinStay = Annotated[
    Annotated[Duration, Tag("one")] | Annotated[dict[str, Duration], Tag("each")], Discriminator(_stay_shape)
]
"""Seconds: of all classes alike, or by class, `default` for those that are not named."""


class Presence(Kind):
    """Raised when one of `classes` has stood for `min_stay` in k of n healthy looks; ended by healthy clear looks."""

    can_flap = False

    kind: Literal["presence"]
    for_each: EachCamera
    classes: tuple[str, ...] = Field(min_length=1, description="the things that it is about")
    zone_roles: tuple[ZoneRole, ...] = Field(min_length=1, description="the zones that it is about")
    min_stay: MinStay = Field(default=0.0, description="how long a thing may stand; or by class, with a default")
    confirm: KofN
    clear: KofN
    max_gap: Duration | None = Field(default=None, description="a longer one between showing looks starts over")
    schedule: AnySchedule | None = Field(default=None, description="outside these hours nothing is raised or renewed")

    @property
    def stays_s(self) -> dict[str, float]:
        """How long each class may stand, in seconds."""
        if not isinstance(self.min_stay, dict):
            return dict.fromkeys(self.classes, self.min_stay)
        return {label: self.min_stay.get(label, self.min_stay.get(DEFAULT, 0.0)) for label in self.classes}

    def check(self, rule: Rule, site: Site) -> None:
        """As for every kind; and that there are such things, in zones that are looked at, and stays for all of them."""
        found = Gathered()
        with found:
            super().check(rule, site)
        for place, label in enumerate(self.classes):
            if label not in THINGS:
                hint = near(label, THINGS) or f"; there is {', '.join(THINGS)}"
                with found:
                    raise rule.wrong(f"classes has {label!r}{hint}", "classes", place)
        if ZoneRole.MASK in self.zone_roles:
            with found:
                raise rule.wrong("zone_roles has 'mask'; nothing in a mask is looked at", "zone_roles")
        if isinstance(self.min_stay, dict):
            with found:
                self._check_stays(rule, self.min_stay)
        found.tell()

    def _check_stays(self, rule: Rule, stays: Mapping[str, float]) -> None:
        for label in stays.keys() - {DEFAULT, *self.classes}:
            known = ", ".join((*self.classes, DEFAULT))
            raise rule.wrong(
                f"min_stay names {label!r}, of which the rule does not speak; there is {known}", "min_stay"
            )
        missing = [label for label in self.classes if label not in stays]
        if missing and DEFAULT not in stays:
            raise rule.wrong(f"min_stay says nothing of {', '.join(missing)}; add them, or default: 10m", "min_stay")

    def hours(self, site: Site) -> Schedule | None:
        """None: what happens outside its hours, a presence knows best by itself."""
        del site
        return None

    def watches(self, rule: Rule, site: Site) -> Sequence["PresenceWatch"]:
        """One for each zone that has one of the roles."""
        stays_s = {label: stay_s / site.settings.compress for label, stay_s in self.stays_s.items()}
        schedule = Schedule(self.schedule, site.timezone, site.workdays) if self.schedule else None
        window = Window(
            confirm=self.confirm,
            clear=self.clear,
            max_gap_ms=None if self.max_gap is None else round(self.max_gap * 1000),
        )
        return [
            PresenceWatch(
                rule,
                zone,
                stays_s=stays_s,
                window=window,
                schedule=schedule,
                open_at=Duty(zone.hours, site.timezone) if zone.hours else None,
            )
            for zone in self._zones(site)
        ]

    def subjects(self, site: Site) -> int:
        """Zones."""
        return sum(1 for _ in self._zones(site))

    def _zones(self, site: Site) -> Iterator[Zone]:
        for camera in site.cameras.values():
            yield from (zone for zone in camera.zones if zone.role in self.zone_roles)


class _Standing(NamedTuple):
    """What a zone holds that the rule speaks of: the thing furthest over its time, how long it stood and may."""

    over_s: float
    stay_s: float
    label: str


class PresenceWatch(LookWatch[Looks]):
    """Presence in one zone of one camera."""

    __slots__ = ("_open_at", "_schedule", "_stays_s", "_window")
    remembers = Looks

    def __init__(
        self,
        rule: Rule,
        zone: Zone,
        *,
        stays_s: Mapping[str, float],
        window: Window,
        schedule: Schedule | None,
        open_at: Duty | None,
    ) -> None:
        super().__init__(rule, zone.camera_id, zone=zone.zone, shop_id=zone.shop_id)
        self._stays_s = stays_s
        self._window = window
        self._schedule = schedule
        self._open_at = open_at

    def look(self, sighting: Sighting) -> Finding | None:
        """Only a healthy look that speaks of the zone, in the zone's hours, counts.

        One with a thing that just came is not clear either.
        """
        before, at_ms = self.state, sighting.taken_ms
        open_now = self._open_at is None or self._open_at.holds(at_ms)
        objects = self._objects(sighting) if open_now and sighting.view is ViewHealth.HEALTHY else None
        if objects is None:
            return None
        standing = max(map(self._standing, objects), default=None)
        if standing is None:
            self.state, change = self._window.clear_look(before, at_ms)
        elif standing.over_s < 0:
            return None
        else:
            change = self._shown(before, at_ms, standing.stay_s)
        told = self.state or before
        if change is None or told is None:
            return None
        return self._step(change, told, at_ms, standing or _Standing(0.0, 0.0, self._strictest), sighting)

    def _shown(self, before: Looks | None, at_ms: int, stay_s: float) -> Change | None:
        in_hours = self._schedule is None or self._schedule.holds(at_ms)
        firing = before is not None and before.state is not AlarmState.PENDING
        if not in_hours and not firing:
            return None
        # Outside the hours a firing alarm still learns that the zone is not clear; nobody is told.
        self.state, change = self._window.shown(before, at_ms - round(stay_s * 1000), at_ms)
        return change if in_hours else None

    def _objects(self, sighting: Sighting) -> list[SeenObject] | None:
        """What the zone holds of the rule's classes; None if the look cannot tell."""
        for zone in sighting.zones:
            if zone.zone == self.zone:
                found = [seen for seen in zone.objects if seen.label in self._stays_s]
                return found if found or not zone.unsure else None
        return None

    def _standing(self, seen: SeenObject) -> _Standing:
        return _Standing(seen.stay_s - self._stays_s[seen.label], seen.stay_s, seen.label)

    @property
    def _strictest(self) -> str:
        """The class that may stand for the shortest time: its limit is told where no thing is to be seen."""
        return min(self._stays_s, key=lambda label: self._stays_s[label])

    @property
    def standing(self) -> bool:
        """Whether its alarm has been raised and has not ended."""
        looks = self.state
        return looks is not None and looks.state is not AlarmState.PENDING

    def adopt(self, alarm: Alarm) -> None:
        """Take up an open alarm."""
        self.state = Looks(state=AlarmState.FIRING, since_ms=alarm.since_ms, seen_ms=alarm.seen_ms)

    def release(self, at_ms: int) -> Finding | None:
        """End the alarm by a person's word; what still stands there has to be confirmed anew."""
        looks = self.state
        if looks is None or looks.state is AlarmState.PENDING:
            return None
        self.state = None
        return self._step(Change.RESOLVED, looks, at_ms, None, None)

    def _step(
        self, change: Change, looks: Looks, at_ms: int, standing: _Standing | None, sighting: Sighting | None
    ) -> Finding:
        """`value` and `limit` are seconds: how long it has stood there, and how long it may. Never before 1970."""
        label = standing.label if standing else self._strictest
        return self.finding(
            change,
            at_ms=at_ms,
            since_ms=max(looks.since_ms, 0),
            value=standing.stay_s if standing else None,
            limit=self._stays_s[label],
            limit_source=self.rule.origin("min_stay", label),
            evidence=None if sighting is None else evidence_of(sighting, self.zone, (label,)),
        )
