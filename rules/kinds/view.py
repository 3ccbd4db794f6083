"""`kind: view`: a camera that cannot see as it should."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from config.load import Site
from domain.case import Alarm
from domain.finding import AlarmState, Change, Finding
from domain.sighting import Sighting, ViewHealth
from rules.evidence import evidence_of
from rules.rule import EachCamera, Kind, Rule
from rules.watch import LookWatch
from rules.window import KofN, Looks, Window


def _fault(view: ViewHealth) -> ViewHealth:
    if view is ViewHealth.HEALTHY:
        raise ValueError("a healthy view is no fault")
    return view


class View(Kind):
    """Raised when k of n looks have one of `views`; ended by healthy looks. Looks with other faults say nothing."""

    can_flap = False

    kind: Literal["view"]
    for_each: EachCamera
    views: tuple[Annotated[ViewHealth, AfterValidator(_fault)], ...] = Field(min_length=1, description="what ails it")
    confirm: KofN
    clear: KofN

    def watches(self, rule: Rule, site: Site) -> Sequence["ViewWatch"]:
        """One for each camera."""
        window = Window(confirm=self.confirm, clear=self.clear)
        return [ViewWatch(rule, name, frozenset(self.views), window) for name in site.cameras]

    def subjects(self, site: Site) -> int:
        """Cameras."""
        return len(site.cameras)


class ViewWatch(LookWatch[Looks]):
    """The view of one camera."""

    __slots__ = ("_views", "_window")
    remembers = Looks

    def __init__(self, rule: Rule, camera_id: str, views: frozenset[ViewHealth], window: Window) -> None:
        super().__init__(rule, camera_id)
        self._views = views
        self._window = window

    def look(self, sighting: Sighting) -> Finding | None:
        """A look with another fault leaves everything as it is."""
        before, at_ms = self.state, sighting.taken_ms
        change: Change | None = None
        if sighting.view in self._views:
            self.state, change = self._window.shown(before, at_ms, at_ms)
        elif sighting.view is ViewHealth.HEALTHY:
            self.state, change = self._window.clear_look(before, at_ms)
        told = self.state or before
        if change is None or told is None:
            return None
        return self.finding(change, at_ms=at_ms, since_ms=told.since_ms, evidence=evidence_of(sighting))

    @property
    def standing(self) -> bool:
        """Whether its alarm has been raised and has not ended."""
        looks = self.state
        return looks is not None and looks.state is not AlarmState.PENDING

    def adopt(self, alarm: Alarm) -> None:
        """Take up an open alarm."""
        self.state = Looks(state=AlarmState.FIRING, since_ms=alarm.since_ms, seen_ms=alarm.seen_ms)

    def release(self, at_ms: int) -> Finding | None:
        """End the alarm by a person's word."""
        looks = self.state
        if looks is None or looks.state is AlarmState.PENDING:
            return None
        self.state = None
        return self.finding(Change.RESOLVED, at_ms=at_ms, since_ms=looks.since_ms)
