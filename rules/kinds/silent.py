"""`kind: silent`: a device, a camera or a whole feed of which nothing has been heard."""

from collections.abc import Mapping, Sequence
from statistics import median_high
from typing import Literal

from msgspec import Struct
from pydantic import Field

from config.load import Site
from config.schema import NATIVE, Duration
from domain.case import Alarm
from domain.duty import Duty
from domain.finding import Change, Finding
from rules.rule import CAMERA, FEED, Kind, Rule
from rules.watch import SilenceWatch


class Silent(Kind):
    """Raised after so many intervals without a word, or at once when the broker says that the device is gone.

    `for_each: {kind: feed}` is about everything that comes by one feed; its interval is the one that half of the
    registered devices keep. With several feeds nobody says which devices come by which: then it is the longest.
    Of a camera that has hours of duty, only what is silent in them counts: outside them nobody looks.
    """

    can_flap = False

    kind: Literal["silent"]
    after_intervals: float = Field(default=3.0, ge=1, description="so many intervals of the profile without a word")
    at_least: Duration = Field(default=0.0, description="but never sooner than this")
    offline: Literal["raise", "wait"] = Field(default="raise", description="what a device's last will does")
    inhibit_by_gateway: bool = Field(
        default=True, description="while its gateway, or its whole feed, is silent, that alarm stands for this one"
    )

    def check(self, rule: Rule, site: Site) -> None:
        """As every rule. Raises ConfigError, too, where a feed could be taken for something else."""
        super().check(rule, site)
        if self.for_each.kind != FEED:
            return
        if NATIVE in site.settings.ingest.feeds:
            raise rule.wrong(f"no feed can be called {NATIVE!r}: that is the one of our own topics", "for_each", "kind")
        if any(profile.kind == FEED for profile in site.profiles.values()):
            raise rule.wrong("a profile has the kind 'feed', which here stands for whole feeds", "for_each", "kind")

    def kinds(self, site: Site) -> set[str]:
        """Devices and cameras, and feeds as a whole."""
        return {*super().kinds(site), FEED}

    def watches(self, rule: Rule, site: Site) -> Sequence["SilentWatch"]:
        """One for each device, whatever its ports; or one for each camera, or each feed."""
        duties = {
            camera.camera_id: Duty(camera.duty, site.timezone)
            for camera in site.cameras.values()
            if camera.duty is not None and self.for_each.kind == CAMERA
        }
        return [
            SilentWatch(rule, self, name, interval_s, duties.get(name))
            for name, interval_s in self._intervals_s(site).items()
        ]

    def subjects(self, site: Site) -> int:
        """Devices, cameras or feeds."""
        return len(self._intervals_s(site))

    def _intervals_s(self, site: Site) -> Mapping[str, float]:
        if self.for_each.kind == CAMERA:
            return {camera.camera_id: camera.interval_s for camera in site.cameras.values()}
        intervals_s = {name: site.profiles[device.profile].interval for name, device in site.devices.items()}
        if self.for_each.kind != FEED:
            kind = self.for_each.kind
            return {name: interval_s for name, interval_s in intervals_s.items() if site.devices[name].kind == kind}
        if not intervals_s:
            return {}
        feeds = (NATIVE, *site.settings.ingest.feeds)
        interval_s = median_high(intervals_s.values()) if len(feeds) == 1 else max(intervals_s.values())
        return dict.fromkeys(feeds, interval_s)


class Silence(Struct, frozen=True):
    """A silence that was raised."""

    since_ms: int
    until_after_ms: int
    """Only what is received after this ends it."""


class SilentWatch(SilenceWatch[Silence]):
    """Silence of one device, camera or feed."""

    __slots__ = ("_at_once", "_duty")
    remembers = Silence

    def __init__(self, rule: Rule, spec: Silent, name: str, interval_s: float, duty: Duty | None = None) -> None:
        super().__init__(rule, name)
        self.allowed_ms = round(max(spec.after_intervals * interval_s, spec.at_least) * 1000)
        self.yields = spec.inhibit_by_gateway
        self._at_once = spec.offline == "raise"
        self._duty = duty

    def tick(self, now_ms: int, heard_ms: int, excused_ms: int) -> Finding | None:
        """Raise when it has been silent for too long while we listened."""
        if self.state is not None or now_ms - heard_ms - excused_ms < self.allowed_ms:
            return None
        if self._duty is not None and not self._missed(self._duty, now_ms, heard_ms, excused_ms):
            return None
        return self._raise(now_ms, Silence(since_ms=heard_ms, until_after_ms=heard_ms))

    def _missed(self, duty: Duty, now_ms: int, heard_ms: int, excused_ms: int) -> bool:
        """Whether it has been silent for too long on duty.

        What is excused may have lain outside the duty; then the alarm comes later than it could, and never wrongly.
        """
        enough_ms = self.allowed_ms + excused_ms
        return duty.holds(now_ms) and duty.on_duty_ms(heard_ms, now_ms, enough_ms=enough_ms) >= enough_ms

    def offline(self, at_ms: int, heard_ms: int) -> Finding | None:
        """Raise at once, unless the rule says to wait. A silence that stands already outlives what came before."""
        if self.state is not None:
            self.state = Silence(since_ms=self.state.since_ms, until_after_ms=max(self.state.until_after_ms, at_ms))
            return None
        if not self._at_once:
            return None
        return self._raise(at_ms, Silence(since_ms=heard_ms, until_after_ms=at_ms))

    def _raise(self, at_ms: int, silence: Silence) -> Finding:
        self.state = silence
        return self._step(Change.RAISED, silence, at_ms)

    def heard(self, at_ms: int) -> Finding | None:
        """End the silence."""
        silence = self.state
        if silence is None or at_ms <= silence.until_after_ms:
            return None
        self.state = None
        return self._step(Change.RESOLVED, silence, at_ms)

    @property
    def standing(self) -> bool:
        """Whether its alarm has been raised and has not ended."""
        return self.state is not None

    def adopt(self, alarm: Alarm) -> None:
        """Take up an open alarm."""
        self.state = Silence(since_ms=alarm.since_ms, until_after_ms=alarm.since_ms)

    def release(self, at_ms: int) -> Finding | None:
        """End the alarm by a person's word; a device that stays silent is raised again."""
        silence = self.state
        self.state = None
        return None if silence is None else self._step(Change.RESOLVED, silence, at_ms)

    def _step(self, change: Change, silence: Silence, at_ms: int) -> Finding:
        """`value` and `limit` are seconds: how long nothing was heard, deaf or not, and how long it may be silent."""
        return self.finding(
            change,
            at_ms=at_ms,
            since_ms=silence.since_ms,
            value=(at_ms - silence.since_ms) / 1000,
            limit=self.allowed_ms / 1000,
            limit_source=self.rule.origin("after_intervals"),
        )
