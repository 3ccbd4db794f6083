"""The map: what stands where, drawn in the browser; here the layers with their counts, and what one thing is."""

from collections import Counter
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from config.map import Map
from console.atlas import ALARM, CAMERA, CASE, SHOP, Level, Spot, Survey, survey
from console.city import UNKNOWN, Reach
from console.pages.looking import AskPage, Found, Looking
from console.words import Words
from domain.case import CaseState
from domain.finding import AlarmState
from domain.sighting import ViewHealth

_SAID: Final = (
    "more", "in_view", "found", "here", "none_in_view", "none_found", "back_to_view", "cluster", "copied", "wgs84",
    "loading", "failed", "position", "north", "all_of", "ground_failed",
)  # fmt: skip
"""Texts that the script fills in."""
_TROUBLE: Final = tuple(level for level in Level if level is not Level.GOOD)


class AskMapPage(AskPage, frozen=True, kw_only=True):
    """Where the map is, what is shown, and what is picked: the script in the browser reads and writes it."""

    at: Annotated[str, Meta(max_length=60, pattern=r"^-?[0-9.]+,-?[0-9.]+,[0-9.]+$")] = ""
    layers: Annotated[str, Meta(max_length=400)] = ""
    trouble: Annotated[str, Meta(max_length=1)] = ""
    pick: Annotated[str, Meta(max_length=260)] = ""
    q: Annotated[str, Meta(max_length=200)] = ""


class LayerRow(Struct, frozen=True, kw_only=True):
    """One layer with how many are in it, and how many of them are in trouble, by how bad it is."""

    name: str
    word: str
    n: int
    troubled: tuple[tuple[str, int], ...]
    at_first: bool
    """Whether it is shown until somebody says otherwise."""


def map_view(looking: Looking) -> Found:
    """The layers and the tag of what is known; the browser asks for the rest when that changes."""
    words, seat = looking.words, looking.seat
    scope = seat.caller.scope if seat.caller else None
    found = survey(looking.desk, looking.site, scope, words.now_ms)
    title = f"{words.say('map.title')} · {words.pick(looking.site.settings.name.zh, looking.site.settings.name.en)}"
    layers = layer_rows(found, words)
    own = bool(looking.site.ground.features)
    return title, {
        "maplayers": {"layers": layers, "tag": found.tag, "nowhere": found.nowhere},
        "mapfoot": {"derived": not own, "tiles": looking.site.settings.map.tiles},
        "mapwords": {"told": msgspec.json.encode(_told(looking, layers)).decode()},
    }


def layer_rows(found: Survey, words: Words) -> list[LayerRow]:
    """Alarms and cases first, then cameras, kinds of devices, and shops."""
    levels: Counter[tuple[str, Level]] = Counter((spot.layer, spot.level) for spot in found.spots.values())
    names = {layer for layer, _ in levels} | {ALARM, CASE, CAMERA}
    last = (ALARM, CASE, CAMERA)
    ordered = sorted(names, key=lambda name: (name == SHOP, last.index(name) if name in last else len(last), name))
    return [
        LayerRow(
            name=name,
            word=layer_word(name, words),
            n=sum(n for (layer, _), n in levels.items() if layer == name),
            troubled=tuple((level.value, levels[name, level]) for level in _TROUBLE if levels[name, level]),
            at_first=name != SHOP,
        )
        for name in ordered
    ]


def layer_word(name: str, words: Words) -> str:
    """What a layer is called."""
    return words.say(f"map.layer.{name}") if name in {ALARM, CASE, SHOP} else words.term("kind", name)


def state_word(spot: Spot, words: Words) -> str:
    """How it is with something, in one word."""
    group = {ALARM: "alarm_state", CASE: "case_state", CAMERA: "view", SHOP: ""}.get(spot.layer, "reach")
    if spot.state == "late":
        return words.say("map.late")
    return words.term(group, spot.state) if group else ""


def _told(looking: Looking, layers: list[LayerRow]) -> dict[str, object]:
    """All words and settings that the script needs."""
    words = looking.words
    states = {
        CAMERA: {view: words.term("view", view) for view in (*ViewHealth, UNKNOWN)},
        ALARM: {state: words.term("alarm_state", state) for state in AlarmState},
        CASE: {state: words.term("case_state", state) for state in CaseState} | {"late": words.say("map.late")},
        "": {reach: words.term("reach", reach) for reach in Reach},
    }
    return {
        "say": {key: looking.site.texts.template(words.language, f"console.map.{key}") for key in _SAID},
        "level": {level: words.say(f"map.level.{level}") for level in Level},
        "layer": {row.name: row.word for row in layers},
        "state": states,
        "english": words.language == "en",
        "tiles": _tiles(looking.site.settings.map),
    }


def _tiles(settings: Map) -> dict[str, object] | None:
    tiles = settings.tiles
    if tiles is None:
        return None
    return {
        "url": tiles.url,
        "labels": tiles.labels_url,
        "attribution": tiles.attribution,
        "max_zoom": tiles.max_zoom,
        "subdomains": list(tiles.subdomains),
        "datum": tiles.datum,
        "referrer": tiles.referrer,
    }
