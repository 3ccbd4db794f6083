"""What a case says of itself that waits to be verified: who reported it done, and how the thing is at this moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

from console.api.reads import Room
from console.api.shapes import Out
from console.pages.pictures import address, shareable
from domain.case import Alarm, LogEntry
from domain.ladder import ShopReply
from domain.picture import ViewFacts
from domain.reading import Value
from domain.review import Waiting
from domain.sighting import Sighting, ViewHealth

_BY: Final[dict[str, Literal["person", "looks", "readings"]]] = {
    "case_reported": "person",
    "case_reported_seen": "looks",
    "case_reported_read": "readings",
}
Corners = list[tuple[float, float]]


class ReviewPictureOut(Out, frozen=True, kw_only=True):
    """One picture, `confirmed`, `onset`, `context` or `cleared`, with what was found drawn in; or `now`, the newest of
    the camera. `url` is null where none was kept, or it no longer is. `zone`: where nothing is drawn in, the corners of
    the zone that it is about, as shares of the picture."""

    what: str
    url: str | None
    taken_at: datetime
    zone: Corners | None = None


class ReportedOut(Out, frozen=True, kw_only=True):
    """By what a case came to be verified: a `person` of its unit in `words`, clear `looks`, or normal `readings`."""

    by: Literal["person", "looks", "readings"]
    at: datetime
    who: str | None
    words: str


class ShopDoneOut(Out, frozen=True, kw_only=True):
    """When its shop last said on its page that it is corrected; `photo_url` is null where it sent none."""

    at: datetime
    photo_url: str | None


class ReadingNowOut(Out, frozen=True, kw_only=True):
    """The newest value of what the alarm is about. `low` and `high`: values at or below the one, at or above the other
    are beyond the limit now; both null, and `beyond` too, where no limit is compared with the value itself."""

    metric: str
    zh: str
    en: str
    unit: str
    at: datetime
    value: Value
    low: float | None
    high: float | None
    beyond: bool | None


class LookNowOut(Out, frozen=True, kw_only=True):
    """The newest look of the camera. `things` stand in the zone; null where the view is not healthy or the look did not
    tell of the zone, which says nothing for or against anybody."""

    taken_at: datetime
    view: ViewHealth
    zone: str | None
    things: int | None


class NowOut(Out, frozen=True, kw_only=True):
    """How it stands at this moment. `over_since` is null while the alarm stands."""

    over_since: datetime | None
    reading: ReadingNowOut | None
    look: LookNowOut | None


def reported_out(room: Room, line: LogEntry | None) -> ReportedOut | None:
    """The line of the story, as it is answered."""
    if line is None or line.what not in _BY:
        return None
    who = line.facts.get("person")
    return ReportedOut(
        by=_BY[line.what],
        at=room.rows.at(line.at_ms),
        who=None if who is None else str(who),
        words=str(line.facts.get("why") or ""),
    )


def shop_done_out(room: Room, said: ShopReply | None) -> ShopDoneOut | None:
    """The shop's word, as it is answered."""
    return None if said is None else ShopDoneOut(at=room.rows.at(said.given_ms), photo_url=photo_url(said))


def photo_url(said: ShopReply | None) -> str | None:
    """Where the photo of a shop's word is shown; None if it sent none."""
    return f"/shop-photos/{said.id}.jpg" if said is not None and said.picture else None


def now_out(room: Room, alarm: Alarm) -> NowOut:
    """The alarm, its newest reading, and its camera's newest look."""
    return NowOut(
        over_since=room.rows.maybe_at(alarm.resolved_ms),
        reading=_reading(room, alarm),
        look=_look(room, alarm, _newest_look(room, alarm)),
    )


def newest_picture(room: Room, one: Waiting, *, after_ms: int) -> ReviewPictureOut | None:
    """The camera's newest picture from after a moment: of a look with the zones drawn in, or its last view."""
    look, facts = _newest_look(room, one.alarm), room.desk.sights.last(one.device_id)
    kept = look.picture if look is not None and look.view is ViewHealth.HEALTHY else None
    if look is not None and kept and look.taken_ms > after_ms and shareable(room.desk, kept) is not None:
        return ReviewPictureOut(what="now", url=address(kept), taken_at=room.rows.at(look.taken_ms))
    if facts is None or facts.taken_ms <= after_ms or one.device_id not in room.site.cameras:
        return None
    url = f"/cameras/{one.device_id}/view.jpg?at={facts.taken_ms}"
    zone = _corners(room, one.alarm, facts)
    return ReviewPictureOut(what="now", url=url, taken_at=room.rows.at(facts.taken_ms), zone=zone)


def _newest_look(room: Room, alarm: Alarm) -> Sighting | None:
    if alarm.device_id not in room.site.cameras:
        return None
    found: Sequence[Sighting] = room.desk.sights.looks(alarm.device_id, limit=1)
    return found[0] if found else None


def _look(room: Room, alarm: Alarm, look: Sighting | None) -> LookNowOut | None:
    if look is None:
        return None
    told = next((one for one in look.zones if one.zone == alarm.zone), None)
    sure = look.view is ViewHealth.HEALTHY and told is not None and not (told.unsure and not told.objects)
    things = len(told.objects) if sure and told is not None else None
    return LookNowOut(taken_at=room.rows.at(look.taken_ms), view=look.view, zone=alarm.zone, things=things)


def _corners(room: Room, alarm: Alarm, facts: ViewFacts) -> Corners | None:
    """Of the alarm's zone, where the view lies now; None where nobody knows how it lies."""
    zones = room.site.cameras[alarm.device_id].zones if facts.view is ViewHealth.HEALTHY else ()
    zone = next((one for one in zones if one.zone == alarm.zone), None)
    right, down = facts.shift
    return None if zone is None else [(x + right, y + down) for x, y in zone.polygon]


def _reading(room: Room, alarm: Alarm) -> ReadingNowOut | None:
    device, metric = room.site.devices.get(alarm.device_id), room.site.metrics.get(alarm.metric or "")
    if device is None or metric is None or alarm.metric is None:
        return None
    newest = room.desk.latest(device.kind, device.device_id, alarm.port).get(alarm.metric)
    if newest is None:
        return None
    at_ms, value = newest
    low, high = _limits(room, alarm, alarm.metric)
    known = low is not None or high is not None
    return ReadingNowOut(
        metric=alarm.metric,
        zh=metric.zh,
        en=metric.en,
        unit=metric.unit,
        at=room.rows.at(at_ms),
        value=value,
        low=low,
        high=high,
        beyond=(low is not None and value <= low) or (high is not None and value >= high) if known else None,
    )


def _limits(room: Room, alarm: Alarm, metric: str) -> tuple[float | None, float | None]:
    """The mildest of the alarm's rule: whoever is within that is within all of them."""
    lines = room.desk.watched.limits(alarm.device_id, alarm.port, metric, from_ms=room.now_ms - 1, to_ms=room.now_ms)
    mine = [line for line in lines if line.rule_id == alarm.rule_id]
    low = max((line.low for line in mine if line.low is not None), default=None)
    return low, min((line.high for line in mine if line.high is not None), default=None)
