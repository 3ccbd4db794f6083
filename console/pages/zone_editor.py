"""The zone editor: a camera's zones on its last picture, and today's things drawn against them."""

from typing import Final

import msgspec
from msgspec import Struct

from console.pages.camera import class_word, role_word
from console.pages.looking import Found, Looking
from domain.register import Anchor, Shop, ZoneRole
from domain.sighting import Box, SeenToday

_NEAR: Final = 400
"""Shops that are offered, those of the camera's road first."""


class EditorShop(Struct, frozen=True, kw_only=True):
    """A shop that a frontage may belong to."""

    id: str
    name: str
    road: str


class EditorThing(Struct, frozen=True, kw_only=True):
    """A thing of the last 24 hours."""

    label: str
    word: str
    family: str
    lying: bool
    box: Box
    first: str
    last: str
    minute: int
    """Of the site's day, when it was last seen: zones have hours."""
    looks: int


def zones_view(looking: Looking) -> Found | None:
    """The editor; None where there is no such camera for whoever asks."""
    camera_id, site, words, sights = looking.view.about, looking.site, looking.words, looking.desk.sights
    if (camera := site.cameras.get(camera_id)) is None:
        return None
    now = sights.zones(camera_id)
    facts = sights.last(camera_id)
    things = sights.today(camera_id)
    seed = {
        "camera_id": camera_id,
        "tag": now.tag,
        "zones": [msgspec.to_builtins(zone) for zone in now.zones],
        "shift": facts.shift if facts else (0, 0),
        "things": [_thing(one, looking) for one in things],
        "words": _classes(looking),
        "roles": {role.value: role_word(role.value, looking) for role in ZoneRole},
        "shops": _shops(looking),
    }
    return words.say("zone_editor.page_title", name=camera.name), {
        "zone_editor": {
            "camera": camera,
            "now": now,
            "facts": facts,
            "seed": msgspec.json.encode(seed).decode(),
            "words": msgspec.json.encode(_script_words(looking)).decode(),
            "roles": [(role.value, role_word(role.value, looking)) for role in ZoneRole],
            "anchors": [anchor.value for anchor in Anchor],
            "things": len(things),
        }
    }


def _thing(one: SeenToday, looking: Looking) -> EditorThing:
    words, last = looking.words, looking.words.local(one.last_ms)
    return EditorThing(
        label=one.label,
        word=class_word(one.label, looking),
        family=one.family,
        lying=one.lying,
        box=one.box,
        first=words.clock(one.first_ms),
        last=words.clock(one.last_ms),
        minute=last.hour * 60 + last.minute,
        looks=one.looks,
    )


def _shops(looking: Looking) -> list[EditorShop]:
    camera = looking.site.cameras[looking.view.about]
    place = camera.location

    def far(shop: Shop) -> tuple[bool, bool, float]:
        other = shop.location
        apart = (other.lon_deg - place.lon_deg) ** 2 + (other.lat_deg - place.lat_deg) ** 2
        return other.road != place.road, other.sub_district != place.sub_district, apart

    near = sorted(looking.site.shops.values(), key=far)[:_NEAR]
    mine = {zone.shop_id for zone in camera.zones}
    named = {shop.shop_id for shop in near}
    near += [shop for shop_id, shop in looking.site.shops.items() if shop_id in mine - named]
    return [EditorShop(id=shop.shop_id, name=shop.name, road=shop.location.road) for shop in near]


def _script_words(looking: Looking) -> dict[str, str]:
    """What the editor's scripts say, by key, unfilled."""
    texts, prefix = looking.site.texts, "console.zone_editor.script."
    return {
        key.removeprefix(prefix): texts.template(looking.words.language, key)
        for key in texts.keys()  # noqa: SIM118 - a method, not a mapping
        if key.startswith(prefix)
    }


def _classes(looking: Looking) -> dict[str, str]:
    """What every class is called."""
    texts, prefix = looking.site.texts, "evidence.class."
    labels = [key.removeprefix(prefix) for key in texts.keys() if key.startswith(prefix)]  # noqa: SIM118 - a method
    return {label: class_word(label, looking) for label in labels}
