"""One camera over HTTP: what it is, what it saw, and its zones to be redrawn."""

from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web

from config.zones_file import DrawnZone
from console.api import camera_shapes as out
from console.api.reads import Read, Room
from console.api.writes import Write
from console.city import cameras_now
from console.desk.cameras import ZonesDraft
from console.desk.city import Desk
from console.pages.pictures import address, shareable
from console.today import kind_of
from domain.account import Change
from domain.clock import epoch_ms, utc
from domain.errors import OrderRefused
from domain.register import Zone
from domain.sighting import Sighting, ViewHealth


def camera(room: Room, ask: out.AskCamera) -> out.CameraFullOut:
    """One camera: how its view is, its zones, and where its last picture is."""
    _known(room, ask.camera_id)
    found = room.site.cameras[ask.camera_id]
    mine = [one for one in room.desk.cameras() if one.camera_id == ask.camera_id]
    now = next(one for one in cameras_now(mine, room.site, room.now_ms) if one.camera.camera_id == ask.camera_id)
    return out.CameraFullOut(
        camera=room.rows.camera(now),
        source=kind_of(found.source),
        duty=found.duty,
        zones=[_zone(zone) for zone in found.zones],
        picture=_picture(room, ask.camera_id),
    )


def camera_looks(room: Room, ask: out.AskCameraLooks) -> out.LooksOut:
    """The last looks of a camera: the last fifty, and of the last day those that told something."""
    _known(room, ask.camera_id)
    before_ms = None if ask.before is None else epoch_ms(ask.before)
    found = room.desk.sights.looks(ask.camera_id, limit=ask.limit, before_ms=before_ms)
    return out.LooksOut(items=[_look(one, room.desk) for one in found])


def camera_zones(room: Room, ask: out.AskCamera) -> out.ZonesOut:
    """The zones of a camera as the site's file has them; the ETag is that of the file."""
    _known(room, ask.camera_id)
    now = room.desk.sights.zones(ask.camera_id)
    return out.ZonesOut(
        tag=now.tag,
        path=now.path,
        writable=now.writable,
        in_force=now.in_force,
        zones=[_zone(zone) for zone in now.zones],
    )


def check_zones(room: Room, order: out.OrderZonesCheck, _about: int) -> out.ZonesDraftOut:
    """What would come of other zones: the change of the file, what is wrong, and what they would have held today."""
    _known(room, room.camera_id)
    draft = room.desk.sights.check(room.camera_id, _drawn(room.camera_id, order.zones))
    return _draft(room, draft)


def save_zones(room: Room, order: out.OrderZones, _about: int) -> out.ZonesDraftOut:
    """Write the zones of a camera into the site's file. `If-Match` is the ETag of the zones as they were seen."""
    _known(room, room.camera_id)
    if not (tag := room.match.removeprefix("W/").strip('"')):
        raise OrderRefused("send If-Match with the ETag of the zones as you saw them; GET tells it")
    drawn = _drawn(room.camera_id, order.zones)
    return _draft(room, room.desk.sights.save(room.camera_id, drawn, tag=tag, who=order.who))


def changes_of(draft: out.ZonesDraftOut) -> tuple[Change, ...]:
    """What the audit says of zones that were saved."""
    return tuple(
        Change(what=f"zone_{one.what}", thing=one.zone, before=one.before, after=one.after, n=one.corners)
        for one in draft.changes
        if draft.saved
    )


def look_now(room: Room, _order: out.OrderLook, _about: int) -> out.AskedOut:
    """Ask for a look now; its picture is kept."""
    _known(room, room.camera_id)
    room.desk.sights.look_now(room.camera_id)
    return out.AskedOut(camera_id=room.camera_id, asked_at=utc(room.now_ms))


def _known(room: Room, camera_id: str) -> None:
    if camera_id not in room.site.cameras:
        raise web.HTTPNotFound(text=f"there is no camera {camera_id!r}")


def _picture(room: Room, camera_id: str) -> out.LastPictureOut | None:
    facts = room.desk.sights.last(camera_id)
    if facts is None:
        return None
    return out.LastPictureOut(
        taken_at=utc(facts.taken_ms),
        view=facts.view.value,
        url=f"/cameras/{camera_id}/view.jpg?at={facts.taken_ms}",
        thumb_url=f"/cameras/{camera_id}/thumb.jpg?at={facts.taken_ms}",
        width_px=facts.size_px[0],
        height_px=facts.size_px[1],
    )


def _zone(zone: Zone) -> out.ZoneOut:
    return out.ZoneOut(
        zone=zone.zone,
        role=zone.role,
        polygon=zone.polygon,
        shop_id=zone.shop_id,
        anchor=zone.anchor,
        hours=zone.hours,
    )


def _look(look: Sighting, desk: Desk) -> out.LookOut:
    kept = look.picture if look.view is ViewHealth.HEALTHY else None
    return out.LookOut(
        look_id=look.look_id,
        taken_at=utc(look.taken_ms),
        view=look.view.value,
        fault=look.fault,
        picture=address(kept) if kept and shareable(desk, kept) else None,
        zones=[
            out.LookZoneOut(
                zone=zone.zone,
                unsure=zone.unsure,
                things=[
                    out.SeenThingOut(label=one.label, score=one.score, box=one.box, stay_s=one.stay_s)
                    for one in zone.objects
                ],
            )
            for zone in look.zones
        ],
        elsewhere=[out.BesideOut(label=one.label, score=one.score, box=one.box) for one in look.elsewhere],
    )


def _drawn(camera_id: str, bodies: Sequence[out.ZoneBody]) -> list[DrawnZone]:
    return [
        DrawnZone(
            zone=Zone(
                camera_id=camera_id,
                zone=body.zone,
                role=body.role,
                polygon=body.polygon,
                shop_id=body.shop_id or None,
                anchor=body.anchor,
                hours=body.hours or None,
            ),
            was=body.was,
        )
        for body in bodies
    ]


def _draft(room: Room, draft: ZonesDraft) -> out.ZonesDraftOut:
    return out.ZonesDraftOut(
        tag=draft.tag,
        saved=draft.saved,
        diff=draft.diff,
        changes=[
            out.ZoneChangeOut(what=one.what, zone=one.zone, before=one.before, after=one.after, corners=one.corners)
            for one in draft.changes
        ],
        problems=[
            out.ZoneProblemOut(zone=one.zone, line=one.line, problem=room.told(one.problem)) for one in draft.problems
        ],
        doubts=[room.told(one) for one in draft.doubts],
        counts=[out.ZoneCountOut(zone=one.zone, things=one.total, classes=dict(one.classes)) for one in draft.counts],
        seen=draft.seen,
    )


_ZONES: Final = "/api/v1/cameras/{camera_id}/zones"
READS: tuple[Read[Any], ...] = (
    Read(path="/api/v1/cameras/{camera_id}", ask=out.AskCamera, answer=camera, shape=out.CameraFullOut),
    Read(path="/api/v1/cameras/{camera_id}/looks", ask=out.AskCameraLooks, answer=camera_looks, shape=out.LooksOut),
    Read(path=_ZONES, ask=out.AskCamera, answer=camera_zones, shape=out.ZonesOut),
)
WRITES: tuple[Write[Any], ...] = (
    Write(path=f"{_ZONES}/check", order=out.OrderZonesCheck, carry_out=check_zones, shape=out.ZonesDraftOut),
    Write(
        path=_ZONES,
        order=out.OrderZones,
        carry_out=save_zones,
        shape=out.ZonesDraftOut,
        method="put",
        changes=changes_of,
    ),
    Write(
        path="/api/v1/cameras/{camera_id}/look",
        order=out.OrderLook,
        carry_out=look_now,
        shape=out.AskedOut,
        status=202,
    ),
)
