"""What the map says of one thing that somebody has picked."""

import asyncio
from collections.abc import Mapping
from typing import Final

from aiohttp import web
from msgspec import Struct

from config.load import Site
from console.access.gate import caller_of
from console.atlas import ALARM, CAMERA, CASE, SHOP, Level, Spot, survey
from console.desk.city import Desk
from console.keys import PAGES
from console.language import spoken
from console.pages.map import layer_word, state_word
from console.scope.seats import seat_of
from console.seat import Seat
from console.words import Words
from domain.errors import StoreUnavailable

_RANK: Final = {level: place for place, level in enumerate(Level)}
_SHOWN: Final = 12


class PickLine(Struct, frozen=True, kw_only=True):
    """Something that is at the picked thing, as a line that leads to it."""

    key: str
    layer: str
    level: str
    title: str
    state: str


class Picked(Struct, frozen=True, kw_only=True):
    """One thing in words."""

    key: str
    layer: str
    layer_word: str
    level: str
    title: str
    name: str
    id: str
    where: str
    state: str
    position: str
    """WGS-84, `119.952512, 31.783014`."""
    href: str | None
    thumb: str | None
    due_ms: int | None
    readings: tuple[tuple[str, str], ...]
    lines: tuple[PickLine, ...]
    beyond: int


async def picked(request: web.Request) -> web.Response:
    """`/map/pick/{name}`: the panel of one thing, by its key `layer:id`."""
    seat, pages, key = seat_of(request), request.app[PAGES], request.match_info["name"]
    language, scope = spoken(request), caller_of(request).scope

    def fill() -> str | None:
        words = pages.words(language)
        found = pick(seat, scope, key, words)
        return None if found is None else pages.fill("mappick.html", language, seat.caller, one=found)

    html = await asyncio.to_thread(fill)
    if html is None:
        raise web.HTTPNotFound(text=f"there is nothing {key!r} on the map")
    return web.Response(text=html, content_type="text/html")


def pick(seat: Seat, scope: frozenset[str] | None, key: str, words: Words) -> Picked | None:
    """What is known of it; None if it is not there."""
    spots = survey(seat.desk, seat.site, scope, words.now_ms).spots
    spot = spots.get(key)
    if spot is None:
        return None
    lines = sorted((one for one in spots.values() if one.at == key), key=lambda one: (_RANK[one.level], one.key))
    place = spots.get(spot.at)
    lines = ([place] if place is not None else []) + lines
    where = spot.where
    return Picked(
        key=key,
        layer=spot.layer,
        layer_word=layer_word(spot.layer, words),
        level=spot.level.value,
        title=title_of(spot, words),
        name=spot.name,
        id=spot.id,
        where=f"{where.district} · {where.sub_district} · {where.road}",
        state=state_word(spot, words),
        position=f"{where.lon_deg:.6f}, {where.lat_deg:.6f}",
        href=_href(spot),
        thumb=_thumb(spot),
        due_ms=spot.until_ms,
        readings=_readings(seat.desk, seat.site, spot, words),
        lines=tuple(_line(one, words) for one in lines[:_SHOWN]),
        beyond=max(0, len(lines) - _SHOWN),
    )


def title_of(spot: Spot, words: Words) -> str:
    """What an alarm or a case is about; of anything else its name."""
    return words.pick(*spot.title) if spot.title else spot.name


def _href(spot: Spot) -> str | None:
    folder = {CAMERA: "cameras", ALARM: "alarms", CASE: "cases", SHOP: None}.get(spot.layer, "devices")
    return None if folder is None else f"/{folder}/{spot.id}"


def _thumb(spot: Spot) -> str | None:
    layer, _, name = (spot.at or spot.key).partition(":")
    return f"/cameras/{name}/thumb.jpg" if layer == CAMERA else None


def _line(spot: Spot, words: Words) -> PickLine:
    return PickLine(
        key=spot.key,
        layer=spot.layer,
        level=spot.level.value,
        title=title_of(spot, words),
        state=state_word(spot, words),
    )


def _readings(desk: Desk, site: Site, spot: Spot, words: Words) -> tuple[tuple[str, str], ...]:
    """The last values of a device, by their names."""
    device = site.devices.get(spot.id)
    if device is None or spot.layer != device.kind:
        return ()
    try:
        latest: Mapping[str, tuple[int, bool | int | float]] = desk.latest(device.kind, device.device_id, None)
    except StoreUnavailable:
        return ()
    newest = max((at_ms for at_ms, _ in latest.values()), default=0)
    rows = [
        (word, words.measured(metric, value) or "")
        for metric, (_, value) in sorted(latest.items())
        if (word := words.metric(metric)) is not None
    ]
    return (*rows[:_SHOWN], *([(words.say("map.measured"), words.ago(newest))] if rows else []))
