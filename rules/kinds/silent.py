"""`kind: silent`: a device or camera of which nothing has been heard."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from pydantic import Field

from config.load import Site
from config.schema import Duration
from domain.finding import Change, Finding
from rules.rule import CAMERA, Kind, Rule
from rules.watch import SilenceWatch


class Silent(Kind):
    """Raised after so many intervals without a word, or at once when the broker says that the device is gone."""

    kind: Literal["silent"]
    after_intervals: float = Field(default=3.0, ge=1)
    at_least: Duration = 0.0
    offline: Literal["raise", "wait"] = Field(default="raise", description="what a device's last will does")

    def watches(self, rule: Rule, site: Site) -> Sequence["SilentWatch"]:
        """One for each device, whatever its ports; or one for each camera."""
        if self.for_each.kind == CAMERA:
            intervals_s = {camera.camera_id: camera.interval_s for camera in site.cameras.values()}
        else:
            intervals_s = {
                device.device_id: site.profiles[device.profile].interval
                for device in site.devices.values()
                if device.kind == self.for_each.kind
            }
        return [
            SilentWatch(rule, name, max(self.after_intervals * interval_s, self.at_least), self.offline == "raise")
            for name, interval_s in intervals_s.items()
        ]


class Silence(Struct, frozen=True):
    """A silence that was raised."""

    since_ms: int
    until_after_ms: int
    """Only what is received after this ends it."""


class SilentWatch(SilenceWatch[Silence]):
    """Silence of one device or camera."""

    __slots__ = ("_allowed_ms", "_at_once")
    remembers = Silence

    def __init__(self, rule: Rule, name: str, allowed_s: float, at_once: bool) -> None:
        super().__init__(rule, name)
        self._allowed_ms = round(allowed_s * 1000)
        self._at_once = at_once

    def tick(self, now_ms: int, heard_ms: int, deaf_ms: int) -> Finding | None:
        """Raise when it has been silent for too long while we listened."""
        if self.state is not None or now_ms - heard_ms - deaf_ms < self._allowed_ms:
            return None
        return self._raise(now_ms, Silence(since_ms=heard_ms, until_after_ms=heard_ms))

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
            limit=self._allowed_ms / 1000,
            limit_source=self.rule.origin("after_intervals"),
        )
