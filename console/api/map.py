"""The map over HTTP: what stands where and how it is, what has changed since, and what it is drawn on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from config.ground import Feature
from console.api import asks
from console.api.reads import Read, Room, ready
from console.api.shapes import Out
from console.atlas import Spot, Survey, survey
from console.outlines import derived_ground
from console.packing import Ready
from domain.register import Location

_LONG_S: Final = 86400.0

Tag = Annotated[str, Meta(max_length=40, pattern=r"^[0-9a-f-]*$", description="the `tag` of an earlier answer")]


class AskMap(asks.Ask, frozen=True, kw_only=True):
    """Everything, or what has changed."""

    since: Tag = ""


class MapPlaceOut(Struct, frozen=True, kw_only=True):
    """A stretch of a road."""

    district: str
    sub_district: str
    road: str


class MapTitleOut(Struct, frozen=True, kw_only=True):
    """What an alarm or a case is about."""

    zh: str
    en: str


class MapSpotOut(Struct, frozen=True, array_like=True):
    """One thing as a list, for there are thousands: layer, id, name, place, lon_deg, lat_deg, level, state, title, at.

    Degrees are WGS-84. `place` and `title` count into the lists of the same answer, and only alarms and cases have a
    `title`. `at` is the key, `layer:id`, of the device, camera or shop where an alarm or a case is.
    """

    layer: str
    id: str
    name: str
    place: int
    lon_deg: float
    lat_deg: float
    level: Literal["critical", "warn", "notice", "unknown", "good"]
    state: str
    title: int | None = None
    at: str | None = None


class MapOut(Out, frozen=True, kw_only=True):
    """Everything that stands somewhere, if `whole`; else only what is new or different since the tag that was named,
    and the keys, `layer:id`, of what is gone. `nowhere` counts open alarms and cases of no known place."""

    tag: str
    as_of: datetime
    whole: bool
    places: list[MapPlaceOut]
    titles: list[MapTitleOut]
    spots: list[MapSpotOut]
    gone: list[str]
    nowhere: int

    @property
    def etag(self) -> str:
        """Its tag."""
        return self.tag


class GroundOut(Out, frozen=True, kw_only=True):
    """GeoJSON (RFC 7946). `derived`: the site has no ground of its own, and this was worked out from its registers."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    derived: bool
    features: list[Feature]


class _Tables:
    """The two lists of an answer."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str, str], int] = {}
        self._titles: dict[tuple[str, str], int] = {}

    def place(self, where: Location) -> int:
        key = (where.district, where.sub_district, where.road)
        return self._places.setdefault(key, len(self._places))

    def title(self, title: tuple[str, str] | None) -> int | None:
        return None if title is None else self._titles.setdefault(title, len(self._titles))

    @property
    def places(self) -> list[MapPlaceOut]:
        return [MapPlaceOut(district=district, sub_district=part, road=road) for district, part, road in self._places]

    @property
    def titles(self) -> list[MapTitleOut]:
        return [MapTitleOut(zh=zh, en=en) for zh, en in self._titles]


def city_map(room: Room, ask: AskMap) -> MapOut | Ready:
    """Where everything stands, and how it is with each; with `since`, what has changed."""
    scope = room.caller.scope
    found = survey(room.desk, room.site, scope, room.now_ms)
    known = found.since(ask.since) if ask.since else None
    if known is None:  # some seconds of computing, if fifty people open the map
        return room.desk.memory.recent(
            ("whole map", scope),
            found.tag,
            room.now_ms,
            lambda: ready(_news(room, found, None)),
            steady_s=0,
            longest_s=_LONG_S,
        )
    return _news(room, found, known)


def _news(room: Room, found: Survey, known: Mapping[str, Spot] | None) -> MapOut:
    changed = [spot for key, spot in found.spots.items() if known is None or known.get(key) is not spot]
    tables = _Tables()
    spots = [_spot(spot, tables) for spot in changed]
    return MapOut(
        tag=found.tag,
        as_of=room.rows.at(found.made_ms),
        whole=known is None,
        places=tables.places,
        titles=tables.titles,
        spots=spots,
        gone=[] if known is None else _gone(known, found),
        nowhere=found.nowhere,
    )


def _gone(known: Mapping[str, Spot], found: Survey) -> list[str]:
    return [key for key in known if key not in found.spots]


def _spot(spot: Spot, tables: _Tables) -> MapSpotOut:
    where = spot.where
    return MapSpotOut(
        spot.layer,
        spot.id,
        spot.name,
        tables.place(where),
        where.lon_deg,
        where.lat_deg,
        spot.level.value,
        spot.state,
        tables.title(spot.title),
        spot.at or None,
    )


def ground(room: Room, _ask: asks.Ask) -> Ready:
    """What the map is drawn on: the site's own ground, or one derived from where its things stand."""
    own = room.site.ground.features

    def made() -> Ready:
        return ready(GroundOut(derived=not own, features=own or derived_ground(room.site).features))

    return room.desk.memory.recent(
        ("ground", room.caller.scope), len(own), room.now_ms, made, steady_s=_LONG_S, longest_s=_LONG_S
    )


READS: Final[tuple[Read[Any], ...]] = (
    Read(path="/api/v1/map", ask=AskMap, answer=city_map, shape=MapOut),
    Read(path="/api/v1/map/ground", ask=asks.Ask, answer=ground, shape=GroundOut),
)
