"""Everything that stands somewhere in the city, and how it is with each: what the map shows."""

import secrets
from collections.abc import Hashable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from config.load import Site
from console.city import UNKNOWN, CameraNow, DeviceNow, Reach, cameras_now, devices_now
from console.desk.city import Desk
from domain.case import Alarm, silenced
from domain.finding import AlarmState, Severity
from domain.overdue import overdue
from domain.register import Location, Shop
from domain.sighting import ViewHealth
from domain.standing import StandingCase

CAMERA: Final = "camera"
SHOP: Final = "shop"
ALARM: Final = "alarm"
CASE: Final = "case"
_ALARMS: Final = 5_000
_STEADY_S: Final = 0.5
_LONGEST_S: Final = 15.0
_REMEMBERED: Final = 4


class Level(StrEnum):
    """How it is with something, worst first."""

    CRITICAL = "critical"
    WARN = "warn"
    NOTICE = "notice"
    UNKNOWN = "unknown"
    GOOD = "good"


class Spot(Struct, frozen=True, kw_only=True):
    """One thing on the map. `layer` is `camera`, `shop`, `alarm`, `case` or a kind of device."""

    layer: str
    id: str
    name: str
    """Of an alarm or a case: of where it is."""
    where: Location
    level: Level
    state: str
    """A view, a reach, an alarm's or a case's state, or `late`; empty for a shop."""
    title: tuple[str, str] | None = None
    """Of an alarm or a case, in Chinese and English."""
    at: str = ""
    """Of an alarm or a case: key of the device, camera or shop where it is."""
    until_ms: int | None = None
    """Of a case: its deadline."""

    @property
    def key(self) -> str:
        """By which it is told from all others."""
        return f"{self.layer}:{self.id}"


class Survey(Struct, frozen=True, kw_only=True):
    """All spots of one moment."""

    tag: str
    """Differs from that of every other survey in which anything differs."""
    made_ms: int
    spots: Mapping[str, Spot]
    nowhere: int
    """Open alarms and cases that are at no place that a register knows."""
    before: tuple[tuple[str, Mapping[str, Spot]], ...] = ()
    """The last surveys and their tags, the newest first: what somebody has who asks again."""

    def since(self, tag: str) -> Mapping[str, Spot] | None:
        """The spots of an earlier survey; None if nobody remembers it."""
        if tag == self.tag:
            return self.spots
        return next((spots for known, spots in self.before if known == tag), None)


def survey(desk: Desk, site: Site, scope: Hashable, now_ms: int) -> Survey:
    """The city now, made once for all of one `scope` who look. Blocking: some tens of milliseconds for ten thousand."""
    memory, key = desk.memory, ("map", scope)
    earlier: Survey | None = memory.last(key)
    return memory.recent(
        key,
        desk.revision(),
        now_ms,
        lambda: _survey(desk, site, now_ms, earlier),
        steady_s=_STEADY_S,
        longest_s=_LONGEST_S,
    )


def _survey(desk: Desk, site: Site, now_ms: int, earlier: Survey | None) -> Survey:
    open_alarms = desk.alarms(open_only=True, limit=_ALARMS)
    troubled = _troubled(open_alarms, now_ms)
    placed = [*_alarms(open_alarms, site, now_ms), *_cases(desk.standing_cases(), site, now_ms)]
    spots: list[Spot] = [
        *(_camera(now, troubled) for now in cameras_now(desk.cameras(), site, now_ms)),
        *(_device(now, troubled) for now in devices_now(desk.devices(), site, now_ms)),
        *(_shop(shop) for shop in site.shops.values()),
        *(spot for spot in placed if spot is not None),
    ]
    nowhere = sum(spot is None for spot in placed)
    found = {spot.key: spot for spot in spots}
    if earlier is not None:  # what has not changed is kept once, and is told apart by a glance
        found = {key: old if (old := earlier.spots.get(key)) == spot else spot for key, spot in found.items()}
        if (found, nowhere) == (earlier.spots, earlier.nowhere):
            return replace(earlier, made_ms=now_ms)
    before = () if earlier is None else ((earlier.tag, earlier.spots), *earlier.before)[:_REMEMBERED]
    return Survey(
        tag=f"{now_ms:x}-{secrets.token_hex(4)}",
        made_ms=now_ms,
        spots=found,
        nowhere=nowhere,
        before=before,
    )


def _shop(shop: Shop) -> Spot:
    return Spot(layer=SHOP, id=shop.shop_id, name=shop.name, where=shop.location, level=Level.GOOD, state="")


def _troubled(alarms: Iterable[Alarm], now_ms: int) -> dict[str, Severity]:
    """By device: the worst of its alarms that nobody has silenced."""
    worst: dict[str, Severity] = {}
    for alarm in alarms:
        if not silenced(alarm, now_ms):
            before = worst.get(alarm.device_id)
            if before is None or alarm.severity.rank > before.rank:
                worst[alarm.device_id] = alarm.severity
    return worst


_OF_SEVERITY: Final = {severity: Level(severity.value) for severity in Severity}
_RANK: Final = {level: place for place, level in enumerate(Level)}
_OF_VIEW: Final = {
    ViewHealth.HEALTHY.value: Level.GOOD,
    UNKNOWN: Level.UNKNOWN,
    ViewHealth.FROZEN.value: Level.NOTICE,
    ViewHealth.STALE.value: Level.NOTICE,
    ViewHealth.PLACEHOLDER.value: Level.NOTICE,
}
"""All other views, offline among them, are to be looked after."""
_OF_REACH: Final = {
    Reach.ONLINE: Level.GOOD,
    Reach.NEVER: Level.UNKNOWN,
    Reach.SILENT: Level.WARN,
    Reach.OFFLINE: Level.WARN,
}


def _worse(own: Level, troubled: Severity | None) -> Level:
    return own if troubled is None else min(own, _OF_SEVERITY[troubled], key=_RANK.__getitem__)


def _camera(now: CameraNow, troubled: Mapping[str, Severity]) -> Spot:
    one = now.camera
    level = _worse(_OF_VIEW.get(now.view, Level.WARN), troubled.get(one.camera_id))
    return Spot(layer=CAMERA, id=one.camera_id, name=one.name, where=one.location, level=level, state=now.view)


def _device(now: DeviceNow, troubled: Mapping[str, Severity]) -> Spot:
    one = now.device
    level = _worse(_OF_REACH[now.reach], troubled.get(one.device_id))
    return Spot(layer=one.kind, id=one.device_id, name=one.name, where=one.location, level=level, state=now.reach.value)


def _alarms(alarms: Iterable[Alarm], site: Site, now_ms: int) -> Iterator[Spot | None]:
    for alarm in alarms:
        found = _where(site, alarm.device_id, alarm.shop_id)
        if found is None:
            yield None
            continue
        at, name, where = found
        quiet = silenced(alarm, now_ms)
        state = AlarmState.SILENCED if quiet else alarm.state
        yield Spot(
            layer=ALARM,
            id=str(alarm.id),
            name=name,
            where=where,
            level=Level.NOTICE if quiet else _OF_SEVERITY[alarm.severity],
            state=state.value,
            title=(alarm.title_zh, alarm.title_en),
            at=at,
        )


def _cases(cases: Iterable[StandingCase], site: Site, now_ms: int) -> Iterator[Spot | None]:
    for case in cases:
        found = _where(site, case.device_id, case.shop_id)
        if found is None:
            yield None
            continue
        at, name, where = found
        late = overdue(case, now_ms)
        level = _OF_SEVERITY[case.severity]
        yield Spot(
            layer=CASE,
            id=case.id,
            name=name,
            where=where,
            level=Level.WARN if late and level is Level.NOTICE else level,
            state="late" if late else case.state.value,
            title=(case.title_zh, case.title_en),
            at=at,
            until_ms=case.due_ms,
        )


def _where(site: Site, device_id: str, shop_id: str | None) -> tuple[str, str, Location] | None:
    """Key, name and place of the shop that answers for it, else of the camera or device; None where none is known."""
    if shop_id is not None and (shop := site.shops.get(shop_id)):
        return f"{SHOP}:{shop_id}", shop.name, shop.location
    if camera := site.cameras.get(device_id):
        return f"{CAMERA}:{device_id}", camera.name, camera.location
    if device := site.devices.get(device_id):
        return f"{device.kind}:{device_id}", device.name, device.location
    return None
