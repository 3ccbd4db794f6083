"""One camera: its last picture with its zones, how its view is, its day, and what stands open here."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from console.city import CameraNow, cameras_now
from console.pages.alarms import alarm_rows
from console.pages.camera_day import day_facts
from console.pages.ladders import ladder_row
from console.pages.looking import Contexts, Found, Looking
from console.pages.pictures import Pictures, address, shareable
from console.pages.views import said_fault
from console.today import DAY_MS, kind_of
from domain.case_choice import CaseChoice, CaseSort
from domain.register import Zone, ZoneRole
from domain.sighting import Sighting, ViewHealth

_LOOKS: Final = 30
_SHOWN: Final = 8
_EVERY: Final = 1000


class ZoneRow(Struct, frozen=True, kw_only=True):
    """A zone, and what stands in it by the last healthy look."""

    name: str
    role: str
    role_word: str
    shop: str
    hours: str
    things: tuple[str, ...]
    """Each with how long it has stood."""
    since_ms: int | None
    told: bool
    """Whether the look spoke of it."""
    unsure: bool
    points: str
    """Corners as an SVG has them, in shares of 1000."""
    label_x: float
    label_y: float


def camera_view(looking: Looking) -> Found | None:
    """One camera; None where there is none of this name for whoever asks."""
    camera_id, site, words, desk = looking.view.about, looking.site, looking.words, looking.desk
    if (camera := site.cameras.get(camera_id)) is None:
        return None
    mine = [one for one in desk.cameras() if one.camera_id == camera_id]
    now = next(one for one in cameras_now(mine, site, words.now_ms) if one.camera.camera_id == camera_id)
    looks = desk.sights.looks(camera_id, limit=_LOOKS)
    healthy = next((look for look in looks if look.view is ViewHealth.HEALTHY), None)
    zones = [zone_row(zone, healthy, looking) for zone in camera.zones]
    facts = desk.sights.last(camera_id)
    contexts: Contexts = {
        "camera_health": _health(now, looking),
        "camera_picture": {"camera": camera, "facts": facts, "zones": zones, "shift": facts.shift if facts else (0, 0)},
        "camera_zones": {"zones": zones, "look": healthy, "camera": camera},
        "camera_day": day_facts(desk.sights.marks(camera_id, words.now_ms - DAY_MS), words)
        | {"strip": _strip(looks, looking), "camera": camera},
        "camera_open": _open(camera_id, looking),
    }
    return words.say("camera_page.page_title", name=camera.name), contexts


def zone_row(zone: Zone, look: Sighting | None, looking: Looking) -> ZoneRow:
    """A zone in words."""
    words = looking.words
    told = next((one for one in look.zones if one.zone == zone.zone), None) if look else None
    shop = looking.site.shops.get(zone.shop_id or "")
    standing = sorted(told.objects, key=lambda one: -one.stay_s) if told else []
    x, y = (sum(corner[axis] for corner in zone.polygon) / len(zone.polygon) for axis in (0, 1))
    return ZoneRow(
        name=zone.zone,
        role=zone.role.value,
        role_word=role_word(zone.role.value, looking),
        shop=shop.name if shop else "",
        hours=zone.hours or "",
        things=tuple(
            words.say("camera_page.stands", thing=class_word(one.label, looking), lasting=words.lasting(one.stay_s))
            if one.stay_s >= 1
            else words.say("camera_page.just_came", thing=class_word(one.label, looking))
            for one in standing
        ),
        since_ms=round(look.taken_ms - standing[0].stay_s * 1000) if look and standing else None,
        told=told is not None,
        unsure=told is not None and told.unsure,
        points=" ".join(f"{corner[0] * 1000:.1f},{corner[1] * 1000:.1f}" for corner in zone.polygon),
        label_x=round(x * 1000, 1),
        label_y=round(y * 1000, 1),
    )


def class_word(label: str, looking: Looking) -> str:
    """What a class is called; one without a word stands for itself."""
    try:
        return looking.site.texts.say(looking.words.language, f"evidence.class.{label}", {})
    except KeyError:
        return label


def role_word(role: str, looking: Looking) -> str:
    """What a role is called."""
    return looking.words.term("camera_page.role", role)


def _health(now: CameraNow, looking: Looking) -> dict[str, object]:
    words, camera = looking.words, now.camera
    word, measured = said_fault(now, words)
    facts = looking.desk.sights.last(camera.camera_id)
    return {
        "camera": camera,
        "view": now.view,
        "word": word,
        "measured": measured,
        "healthy": now.view == ViewHealth.HEALTHY,
        "todo": "" if now.view == ViewHealth.HEALTHY else words.term("camera_page.todo", now.view),
        "healthy_ms": now.healthy_ms,
        "taken_ms": now.taken_ms,
        "picture_ms": facts.taken_ms if facts else None,
        "source": words.term("camera_page.source", kind_of(camera.source)),
        "interval": words.exactly(camera.interval_s),
        "zones": sum(zone.role is not ZoneRole.MASK for zone in camera.zones),
    }


class Kept(Struct, frozen=True, kw_only=True):
    """A look of the strip."""

    taken_ms: int
    view: str
    word: str
    things: str
    url: str | None


def _strip(looks: Sequence[Sighting], looking: Looking) -> list[Kept]:
    words = looking.words
    out: list[Kept] = []
    for look in looks[:_LOOKS]:
        counts: dict[str, int] = {}
        for label, _box in {(seen.label, seen.box) for zone in look.zones for seen in zone.objects}:
            counts[label] = counts.get(label, 0) + 1
        said = (f"{class_word(label, looking)} ×{n}" for label, n in sorted(counts.items()))
        kept = look.picture if look.picture and shareable(looking.desk, look.picture) else None
        out.append(
            Kept(
                taken_ms=look.taken_ms,
                view=look.view.value,
                word=words.term("view", look.view.value),
                things=words.say("camera_page.and").join(said),
                url=address(kept) if kept else None,
            )
        )
    return out


def _open(camera_id: str, looking: Looking) -> dict[str, object]:
    """Alarms, ladders and cases that stand here."""
    desk, site, words, pictures = looking.desk, looking.site, looking.words, Pictures(looking.desk)
    alarms = [one for one in desk.alarms(open_only=True, limit=_EVERY) if one.device_id == camera_id]
    ladders = [one for one in desk.ladders(open_only=True, limit=_EVERY) if one.camera_id == camera_id]
    choice = CaseChoice(device_id=camera_id, open=True)
    page = desk.cases_page(choice, sort=CaseSort.WORST, cursor=None, limit=_SHOWN)
    return {
        "alarms": alarm_rows(alarms[:_SHOWN], site, words, pictures),
        "ladders": [ladder_row(one, site, words, pictures) for one in ladders[:_SHOWN]],
        "cases": page.items,
        "more": max(0, len(alarms) - _SHOWN) + max(0, len(ladders) - _SHOWN),
        "cases_total": page.total or len(page.items),
        "camera_id": camera_id,
    }
