"""The wall: every camera by its last picture, the ones that cannot see first."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Final, Literal
from urllib.parse import urlencode

from msgspec import Meta, Struct

from console.api.asks import SeenView
from console.city import UNKNOWN, CameraNow, cameras_now
from console.pages.looking import AskPage, Found, Looking
from console.pages.views import BarPart, said_fault
from console.words import Words
from domain.sighting import ViewHealth

PAGE: Final = 60
ON_THE_WALL: Final = 24
"""Tiles of a screen that is looked at from across the room."""
_MOST_ALARMS: Final = 1000
Text = Annotated[str, Meta(max_length=200)]


class AskCamerasPage(AskPage, frozen=True, kw_only=True):
    """Cameras that fit all that is named."""

    health: SeenView | Literal["faulty"] | None = None
    road: Text = ""
    sub_district: Text = ""
    text: Text = ""
    sort: Literal["worst", "road"] = "worst"
    wall: bool = False
    page: Annotated[int, Meta(ge=1, le=10_000)] = 1


class Tile(Struct, frozen=True, kw_only=True):
    """One camera in words."""

    id: str
    name: str
    where: str
    view: str
    word: str
    measured: str
    thumb: str | None
    taken_ms: int | None
    """Of the picture."""
    healthy_ms: int | None
    faulty: bool
    alarms: int


def cameras_view(looking: Looking) -> Found:
    """A page of the wall."""
    ask, words, site = looking.view.as_(AskCamerasPage), looking.words, looking.site
    everyone = cameras_now(looking.desk.cameras(), site, words.now_ms)
    chosen = _sorted([now for now in everyone if _fits(now, ask)], ask)
    size = ON_THE_WALL if ask.wall else PAGE
    pages = max(1, -(-len(chosen) // size))
    page = min(ask.page, pages)
    alarms = Counter(alarm.device_id for alarm in looking.desk.alarms(open_only=True, limit=_MOST_ALARMS))
    tiles = [_tile(now, looking, alarms) for now in chosen[(page - 1) * size : page * size]]
    city = words.pick(site.settings.name.zh, site.settings.name.en)
    asked = [(key, value) for key, value in looking.view.asked if key != "page"]

    def turned(to: int) -> str | None:
        return urlencode([*asked, ("page", str(to))]) if 1 <= to <= pages and to != page else None

    facts: dict[str, object] = {
        "groups": _groups(tiles, ask),
        "total": len(chosen),
        "first": (page - 1) * size + 1,
        "last": min(page * size, len(chosen)),
        "before": turned(page - 1),
        "after": turned(page + 1),
        "wall": ask.wall,
    }
    return words.say("camera_wall.page_title", city=city), {
        "camera_head": _head(everyone, ask, looking, asked),
        "camera_tiles": facts,
    }


def bar_of(cameras: Sequence[CameraNow], words: Words) -> list[BarPart]:
    """The healthy stretch first, then faults from frequent to rare, then what nobody knows."""
    counts = Counter(now.view for now in cameras)
    rest = [view for view, _ in counts.most_common() if view not in {ViewHealth.HEALTHY, UNKNOWN}]
    out, start = [], 0
    for view in [ViewHealth.HEALTHY.value, *rest, UNKNOWN]:
        if length := counts[view]:
            out.append(BarPart(view=view, word=words.term("view", view), start=start, length=length))
            start += length
    return out


def _head(
    everyone: Sequence[CameraNow], ask: AskCamerasPage, looking: Looking, asked: Sequence[tuple[str, str]]
) -> dict[str, object]:
    def without(*names: str) -> list[tuple[str, str]]:
        return [(key, value) for key, value in asked if key not in names]

    places = [camera.location for camera in looking.site.cameras.values()]
    return {
        "ask": ask,
        "bar": bar_of(everyone, looking.words),
        "total": len(everyone),
        "faulty": sum(now.view != ViewHealth.HEALTHY for now in everyone),
        "roads": sorted({place.road for place in places}),
        "streets": sorted({place.sub_district for place in places}),
        "view_link": {
            view: urlencode([*without("health"), ("health", view)])
            for view in ("faulty", *{now.view for now in everyone})
        },
        "all_link": urlencode(without("health")),
        "wall_link": urlencode([*without("wall"), ("wall", "false" if ask.wall else "true")]),
        "narrowed": bool(without("sort", "wall")),
    }


def _fits(now: CameraNow, ask: AskCamerasPage) -> bool:
    camera, place = now.camera, now.camera.location
    if ask.health == "faulty" and now.view == ViewHealth.HEALTHY:
        return False
    if ask.health not in {None, "faulty", now.view}:
        return False
    if (ask.road and ask.road != place.road) or (ask.sub_district and ask.sub_district != place.sub_district):
        return False
    said = f"{camera.camera_id} {camera.name} {place.road} {place.sub_district}".lower()
    return all(word in said for word in ask.text.lower().split())


def _sorted(cameras: list[CameraNow], ask: AskCamerasPage) -> list[CameraNow]:
    """They come worst first."""
    if ask.sort == "worst":
        return cameras
    return sorted(
        cameras,
        key=lambda now: (now.camera.location.sub_district, now.camera.location.road, now.camera.camera_id),
    )


def _groups(tiles: Sequence[Tile], ask: AskCamerasPage) -> list[tuple[str, list[Tile]]]:
    """By road where they are sorted by it; else one group without a name."""
    if ask.sort == "worst":
        return [("", list(tiles))] if tiles else []
    out: dict[str, list[Tile]] = {}
    for tile in tiles:
        out.setdefault(tile.where, []).append(tile)
    return list(out.items())


def _tile(now: CameraNow, looking: Looking, alarms: Counter[str]) -> Tile:
    camera, words = now.camera, looking.words
    facts = looking.desk.sights.last(camera.camera_id)
    word, measured = said_fault(now, words)
    return Tile(
        id=camera.camera_id,
        name=camera.name,
        where=f"{camera.location.sub_district} · {camera.location.road}",
        view=now.view,
        word=word,
        measured=measured,
        thumb=f"/cameras/{camera.camera_id}/thumb.jpg?at={facts.taken_ms}" if facts else None,
        taken_ms=facts.taken_ms if facts else None,
        healthy_ms=now.healthy_ms,
        faulty=now.view != ViewHealth.HEALTHY,
        alarms=alarms[camera.camera_id],
    )
