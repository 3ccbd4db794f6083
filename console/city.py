"""The city at one moment: what the desk knows, ordered by what matters. Pages and API both start from here."""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Generic, TypeVar

from msgspec import Struct

from cases.kpi import SelfCorrection
from config.load import Site
from console.desk.city import Desk
from console.desk.health import Health
from domain.case import Alarm, Case, CaseState, Counts, silenced
from domain.case_choice import CaseChoice, CaseSort
from domain.finding import AlarmState, Severity
from domain.ladder import Ladder, LadderStep
from domain.message import DeadLetter, RejectReason
from domain.overdue import overdue
from domain.presence import CameraPresence, DevicePresence
from domain.reading import DeviceState
from domain.register import Camera, Device
from domain.sighting import ViewHealth
from domain.standing import StandingCase

Held = TypeVar("Held")

UNKNOWN = "unknown"
"""The view of a camera that nobody has looked through, or not for too long: no news is not good news."""

_MISSED_INTERVALS = 3
_AWAY_IS_VISITED_RARER = 4
"""A camera that gave no picture is visited less and less, down to every ten of its intervals."""
_AT_LEAST_S = 15.0
_SECOND_MS = 1000
_FEW = 8
_RECENT = 200
"""Among so many ladders the lately self-corrected ones are looked for."""
_WORST = [Severity.CRITICAL, Severity.WARN, Severity.NOTICE]


class Reach(StrEnum):
    """Whether a device can be heard, worst first."""

    OFFLINE = "offline"  # its last will says so
    SILENT = "silent"  # nothing for three of its intervals
    NEVER = "never"  # registered, not heard of yet
    ONLINE = "online"


class DeviceNow(Struct, frozen=True, kw_only=True):
    """A registered device and whether it can be heard."""

    device: Device
    reach: Reach
    seen_ms: int | None


class CameraNow(Struct, frozen=True, kw_only=True):
    """A registered camera and how its view is; `view` is a ViewHealth or UNKNOWN."""

    camera: Camera
    view: str
    fault: str | None
    taken_ms: int | None
    healthy_ms: int | None


class City(Struct, frozen=True, kw_only=True):
    """Everything the first page shows."""

    now_ms: int
    health: Health
    counts: Counts
    correction: SelfCorrection
    alarms: tuple[Alarm, ...]
    """Open ones, worst first, then newest first; those that are silenced behind all others."""
    cases: tuple[Case, ...]
    """The first few of the open ones: the worst first, and of equally bad ones the earliest deadline."""
    open_by_kind: Counter[str]
    """All open cases by the kind of what found them."""
    overdue: int
    """Open cases that are overdue."""
    next: StandingCase | None
    """Of those at work, and not put off, the one with the earliest deadline."""
    asked: tuple[Ladder, ...]
    """Running ladders, the next re-check first."""
    corrected: tuple[Ladder, ...]
    """Ladders that ended self-corrected, the latest first."""
    cameras: tuple[CameraNow, ...]
    """Those with a fault first."""
    devices: tuple[DeviceNow, ...]
    """Those out of reach first, then the longest unheard."""
    dead: tuple[DeadLetter, ...]
    dead_counts: dict[RejectReason, int]

    @property
    def severities(self) -> Counter[Severity]:
        """Open alarms by severity."""
        return self.counts.severities()

    @property
    def audible(self) -> Counter[Severity]:
        """Those of them that nobody has silenced."""
        return self.counts.audible(self.now_ms)

    @property
    def views(self) -> Counter[str]:
        """Cameras by view."""
        return Counter(camera.view for camera in self.cameras)

    @property
    def newest_ms(self) -> int | None:
        """When anything at all was last heard or seen."""
        heard = [device.seen_ms for device in self.devices] + [camera.taken_ms for camera in self.cameras]
        return max((at for at in heard if at is not None), default=None)


def look(desk: Desk, site: Site, now_ms: int, *, limit: int = 1000) -> City:
    """Ask the desk for everything. Blocking."""
    ladders = desk.ladders(open_only=False, limit=_RECENT)
    standing = desk.standing_cases()
    at_work = (one for one in standing if one.state.is_at_work and one.state is not CaseState.DEFERRED)
    ended = [ladder for ladder in ladders if ladder.step is LadderStep.SELF_CORRECTED]
    return City(
        now_ms=now_ms,
        health=desk.health(),
        counts=desk.counts(),
        correction=desk.self_correction(),
        alarms=worst_first(desk.alarms(open_only=True, limit=limit), now_ms),
        cases=tuple(desk.cases_page(CaseChoice(open=True), sort=CaseSort.WORST, limit=_FEW).items),
        open_by_kind=Counter(one.kind for one in standing),
        overdue=overdue_of(standing, now_ms),
        next=min(at_work, key=lambda one: one.due_ms, default=None),
        asked=tuple(sorted(desk.ladders(open_only=True, limit=limit), key=lambda ladder: ladder.recheck_ms)),
        corrected=tuple(sorted(ended, key=lambda ladder: -(ladder.ended_ms or 0))),
        cameras=cameras_now(desk.cameras(), site, now_ms),
        devices=devices_now(desk.devices(), site, now_ms),
        dead=tuple(desk.deadletters(limit=5)),
        dead_counts=dict(desk.deadletter_counts()),
    )


def overdue_of(standing: Sequence[StandingCase], now_ms: int) -> int:
    """How many of these open cases are overdue."""
    return sum(overdue(one, now_ms) for one in standing)


def worst_first(alarms: Sequence[Alarm], now_ms: int) -> tuple[Alarm, ...]:
    """By severity, and what is silenced last; of equal ones what is known to hold before what is not or no longer
    known, then the newest first."""

    def place(alarm: Alarm) -> tuple[bool, int, bool, int, int]:
        severity, unknown = _WORST.index(alarm.severity), alarm.state is AlarmState.STALE
        return (silenced(alarm, now_ms), severity, unknown, -alarm.since_ms, -alarm.id)

    return tuple(sorted(alarms, key=place))


def cameras_now(presences: Sequence[CameraPresence], site: Site, now_ms: int) -> tuple[CameraNow, ...]:
    """Every camera of the register, those without a healthy view first, then the longest without one."""
    known: Mapping[str, CameraPresence] = {presence.camera_id: presence for presence in presences}
    cameras = [_camera_now(camera, known.get(camera.camera_id), now_ms) for camera in site.cameras.values()]
    healthy = ViewHealth.HEALTHY
    return tuple(sorted(cameras, key=lambda c: (c.view == healthy, c.healthy_ms or 0, c.camera.camera_id)))


def _camera_now(camera: Camera, presence: CameraPresence | None, now_ms: int) -> CameraNow:
    if presence is None or presence.view is None or presence.taken_ms is None:
        return CameraNow(camera=camera, view=UNKNOWN, fault=None, taken_ms=None, healthy_ms=None)
    rarer = _AWAY_IS_VISITED_RARER if presence.view is ViewHealth.OFFLINE else 1
    unseen = now_ms - presence.taken_ms > rarer * _patience_ms(camera.interval_s)
    return CameraNow(
        camera=camera,
        view=UNKNOWN if unseen else presence.view.value,
        fault=None if unseen else presence.fault,
        taken_ms=presence.taken_ms,
        healthy_ms=presence.healthy_ms,
    )


def devices_now(presences: Sequence[DevicePresence], site: Site, now_ms: int) -> tuple[DeviceNow, ...]:
    """Every device of the register, those out of reach first, then the longest unheard.

    Silence is counted in whole seconds: so of the same presences, which are a tuple then, it is worked out once for
    all views of a second. A city has thousands of devices.
    """
    if isinstance(presences, tuple):
        return _worked_out(_Same(presences), _Same(site), now_ms // _SECOND_MS)
    return _devices_at(presences, site, now_ms // _SECOND_MS)


class _Same(Generic[Held]):
    """One value, told apart from others by which it is, not by what is in it."""

    __slots__ = ("held",)

    def __init__(self, held: Held) -> None:
        self.held = held

    def __hash__(self) -> int:
        return id(self.held)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.held is other.held


@lru_cache(maxsize=4)
def _worked_out(presences: _Same[tuple[DevicePresence, ...]], site: _Same[Site], second: int) -> tuple[DeviceNow, ...]:
    return _devices_at(presences.held, site.held, second)


def _devices_at(presences: Sequence[DevicePresence], site: Site, second: int) -> tuple[DeviceNow, ...]:
    known: Mapping[str, DevicePresence] = {presence.device_id: presence for presence in presences}
    patience_ms = {name: _patience_ms(profile.interval) for name, profile in site.profiles.items()}
    by_reach: dict[Reach, list[tuple[int, str, DeviceNow]]] = {reach: [] for reach in Reach}
    for key, device in site.devices.items():
        now = _device_now(device, known.get(key), patience_ms[device.profile], second * _SECOND_MS)
        by_reach[now.reach].append((now.seen_ms or 0, key, now))
    return tuple(now for some in by_reach.values() for _seen_ms, _key, now in sorted(some))


def _device_now(device: Device, presence: DevicePresence | None, patience_ms: float, now_ms: int) -> DeviceNow:
    seen_ms = None if presence is None else presence.seen_ms
    if presence is not None and presence.state is DeviceState.OFFLINE:
        reach = Reach.OFFLINE
    elif seen_ms is None:
        reach = Reach.NEVER
    else:
        reach = Reach.SILENT if now_ms - seen_ms > patience_ms else Reach.ONLINE
    return DeviceNow(device=device, reach=reach, seen_ms=seen_ms)


def _patience_ms(interval_s: float) -> float:
    """The same patience as the shipped `silent` rules."""
    return max(_MISSED_INTERVALS * interval_s, _AT_LEAST_S) * 1000
