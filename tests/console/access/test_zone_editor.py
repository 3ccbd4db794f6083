"""The zone editor in a real browser: drawn with a mouse, drawn by keys, counted as the product counts, and saved."""

import json
import os
import random
from collections.abc import AsyncIterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.today import counted, things_of
from config.load import Site
from config.polygons import polygon_of
from domain.clock import ManualClock
from domain.permission import Role
from domain.picture import ViewFacts
from domain.register import Anchor, Zone, ZoneRole
from domain.sighting import SeenElsewhere, SeenToday, Sighting, ViewHealth
from tests.console.access.people import People
from tests.console.access.test_one_camera import BIKE, CAM, LEFT, headers_of, seen
from tests.console.reader import Client
from tests.fakes.chromium import BINARY, Tab, chromium
from tests.fakes.desk import FakeDesk
from tests.fakes.person import Person
from vision.classes import FAMILIES

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BINARY is None and os.environ.get("CI") != "true", reason="Chromium is not installed"),
]
EVIL = "<img src=x onerror=alert(1)>"
PATH = f"/cameras/{CAM}/zones"


@pytest.fixture
async def tab(tmp_path: Path) -> AsyncIterator[Tab]:
    async with chromium(tmp_path / "profile") as tab:
        yield tab


@pytest.fixture
def drawn(desk: FakeDesk, clock: ManualClock, tmp_path: Path) -> FakeDesk:
    """A camera with a picture, one zone on the left, and a bicycle in it."""
    picture = tmp_path / "view.jpg"
    picture.write_bytes(cv2.imencode(".jpg", np.full((480, 640, 3), 90, np.uint8))[1].tobytes())
    desk.sights.pictures[CAM] = picture
    facts = ViewFacts(camera_id=CAM, taken_ms=clock.now_ms() - 60_000, view=ViewHealth.HEALTHY, size_px=(640, 480))
    desk.sights.facts[CAM] = facts
    desk.sights.drawn[CAM] = (Zone(camera_id=CAM, zone=EVIL, role=ZoneRole.PAVEMENT, polygon=LEFT),)
    desk.sights.all_looks = [seen(clock.now_ms() - 60_000, bikes=(BIKE,), beside=((0.7, 0.6, 0.8, 0.8),))]
    return desk


async def editor(door: Client, people: People, tab: Tab, role: Role = Role.ADMINISTRATOR) -> Person:
    """Somebody before the editor, with a picture that is there."""
    cookie = (await headers_of(people, role))["Cookie"].partition("=")[2]
    url = str(door.make_url("/"))
    await tab.call("Network.setCookie", name="longcheng_session", value=cookie, url=url)
    person = Person(tab)
    await tab.open(str(door.make_url(PATH)), width=1440, height=1000)
    await person.until("document.querySelector('.zone-choices button')")
    return person


async def at(tab: Tab, x: float, y: float) -> tuple[float, float]:
    """Where a place of the picture is on the screen."""
    left, top, width, height = await tab.run(
        "(() => { const b = document.querySelector('.zone-canvas').getBoundingClientRect();"
        " return [b.left, b.top, b.width, b.height]; })()"
    )
    return left + x * width, top + y * height


async def save(person: Person) -> None:
    await person.click("检查并保存…")
    await person.until("!document.querySelector('#zone-saving [data-save]').disabled")
    await person.click("保存")
    await person.until("!document.querySelector('#zone-saving').open")


async def test_a_zone_is_drawn_with_the_mouse_and_saved(
    door: Client,
    people: People,
    tab: Tab,
    drawn: FakeDesk,
) -> None:
    """Four corners, the first once more; near the neighbour's border it is taken onto it; a corner is dragged."""
    person = await editor(door, people, tab)
    await person.click("新增区域")
    said = "document.querySelector('[data-said]').textContent"
    assert "请依次点出各角" in await tab.run(said)
    for x, y in ((0.502, 0.502), (0.9, 0.5), (0.9, 0.9), (0.5, 0.998)):
        await person.click_at(*await at(tab, x, y))
    await person.click_at(*await at(tab, 0.5, 0.5))
    await person.until("document.querySelectorAll('.zone-choices button').length === 2")
    assert "请依次点出各角" not in await tab.run(said)
    await person.type("right")
    await person.until(
        "document.querySelector('.zone-choices [aria-pressed=true] .held').textContent.includes('自行车 1')"
    )
    await person.drag(await at(tab, 0.9, 0.9), await at(tab, 0.8, 0.8))
    await save(person)

    old, new = drawn.sights.drawn[CAM]
    assert (old.zone, old.polygon) == (EVIL, LEFT)
    assert new.zone == "right"
    assert new.polygon[0] == (0.5, 0.5)
    assert new.polygon[3] == (0.5, 1.0)
    assert new.polygon[2] == pytest.approx((0.8, 0.8), abs=0.01)
    assert drawn.sights.saved == [(CAM, "administrator-1")]
    assert await tab.run("document.querySelectorAll('[src=x]').length") == 0
    assert tab.complaints == []


async def test_a_zone_is_drawn_by_keys_and_saved(
    door: Client,
    people: People,
    tab: Tab,
    drawn: FakeDesk,
) -> None:
    """No mouse: the cross is moved, corners are set, one is moved by Tab and arrows, one added, one taken back."""
    person = await editor(door, people, tab)
    await tab.run("document.querySelector('[data-do=add]').focus()")
    await person.press("Enter")
    await person.press(" ")
    for _ in range(5):
        await person.press("ArrowRight", shift=True)
    await person.press(" ")
    for _ in range(5):
        await person.press("ArrowDown", shift=True)
    await person.press(" ")
    await person.press("Enter")
    await person.until("document.activeElement.name === 'zone'")
    await person.type("keys")
    await tab.run("document.querySelector('[data-id=\"corner-0\"]').focus()")
    await person.press("ArrowLeft")
    await person.press("i")
    await person.until("document.querySelectorAll('circle.corner').length === 4")
    await person.press("Delete")
    await person.until("document.querySelectorAll('circle.corner').length === 3")
    await save(person)

    new = drawn.sights.drawn[CAM][1]
    assert new.zone == "keys"
    assert new.polygon == ((0.498, 0.5), (0.6, 0.5), (0.6, 0.6))
    assert tab.complaints == []


async def test_what_is_crossed_cannot_be_saved_and_can_be_undone(
    door: Client,
    people: People,
    tab: Tab,
    drawn: FakeDesk,
) -> None:
    person = await editor(door, people, tab)
    await tab.run("document.querySelector('.zone-choices button').click()")
    await person.drag(await at(tab, 0.0, 0.5), await at(tab, 0.9, 0.8))
    await person.reads("边线交叉了")
    assert await tab.run("document.querySelector('[data-do=save]').disabled")
    await tab.run("document.querySelector('[data-do=undo]').click()")
    await person.until("!document.querySelector('.zone-canvas .wrong')")
    assert await tab.run("document.querySelector('[data-do=save]').disabled")  # nothing is changed
    assert drawn.sights.saved == []


async def test_two_who_edit_are_brought_together(
    door: Client,
    people: People,
    tab: Tab,
    drawn: FakeDesk,
) -> None:
    """What somebody else saved meanwhile is kept, with one's own change on top."""
    person = await editor(door, people, tab)
    await tab.run("document.querySelector('.zone-choices button').click()")
    await person.fill("名称", "mine")
    theirs = Zone(camera_id=CAM, zone="theirs", role=ZoneRole.MASK, polygon=((0.8, 0.1), (0.9, 0.1), (0.9, 0.3)))
    drawn.sights.drawn[CAM] = (*drawn.sights.drawn[CAM], theirs)
    drawn.sights.tag = "c" * 32
    await person.click("检查并保存…")
    await person.click("读入最新，再叠加我的改动")
    await person.until("!document.querySelector('#zone-saving').open")
    await save(person)
    assert [one.zone for one in drawn.sights.drawn[CAM]] == ["mine", "theirs"]


async def test_others_look_and_touch_nothing(
    door: Client,
    people: People,
    tab: Tab,
    drawn: FakeDesk,
) -> None:
    person = await editor(door, people, tab, Role.OPERATOR)
    await tab.run("document.querySelector('.zone-choices button').click()")
    await person.reads("只能查看")
    assert await tab.run("document.querySelectorAll('[data-do=add], [data-do=save], circle.corner').length") == 0
    assert await tab.run("document.querySelector('[data-zone-form] input').matches(':disabled')")
    assert drawn.sights.saved == []


async def test_the_browser_counts_as_the_product_does(
    door: Client,
    people: People,
    tab: Tab,
    drawn: FakeDesk,
    site: Site,
) -> None:
    """Three hundred invented scenes: the same polygons can be, and the same things stand in the same zones."""
    await editor(door, people, tab)
    chance = random.Random(7)
    at_three = 1_787_338_800_000  # 03:00 in Shanghai
    scenes, expected, shapes = [], [], []
    for _ in range(300):
        zones = [_zone(n, chance) for n in range(4)]
        things = [_thing(chance) for _ in range(6)]
        look = Sighting(
            camera_id=CAM,
            look_id="x",
            taken_ms=at_three,
            received_ms=at_three,
            view=ViewHealth.HEALTHY,
            elsewhere=tuple(things),
        )
        held = things_of([look])
        scenes.append({"zones": [_told(zone) for zone in zones], "things": [_seen(one) for one in held]})
        expected.append({one.zone: one.total for one in counted(held, zones, site.timezone)})
        shapes.append(_is_shape(zones[0].polygon))
    found = await tab.run(f"""(async () => {{
        const script = [...document.scripts].find(one => one.src.includes('zones.js')).src;
        const shape = await import(script.replace('zones.js', 'zone_shape.js'));
        return {json.dumps(scenes)}.map(scene => {{
            const held = Object.fromEntries(scene.zones.filter(z => z.role !== 'mask').map(z => [z.zone, 0]));
            for (const thing of scene.things)
                for (const zone of shape.zonesOf(thing, scene.zones) ?? []) held[zone.zone] += 1;
            return {{ held, shape: shape.wrongShape(scene.zones[0].polygon) === '' }};
        }});
    }})()""")
    assert [one["held"] for one in found] == expected
    assert [one["shape"] for one in found] == shapes
    assert sum(sum(one.values()) for one in expected) > 300
    assert 30 < sum(shapes) < 300


def _told(zone: Zone) -> dict[str, object]:
    return {
        "zone": zone.zone,
        "role": zone.role,
        "polygon": zone.polygon,
        "anchor": zone.anchor,
        "hours": zone.hours,
    }


def _seen(thing: SeenToday) -> dict[str, object]:
    return {"family": thing.family, "lying": thing.lying, "box": thing.box, "minute": 180}


def _zone(n: int, chance: random.Random) -> Zone:
    corners = tuple((round(chance.random(), 3), round(chance.random(), 3)) for _ in range(chance.choice((3, 3, 4, 5))))
    return Zone(
        camera_id=CAM,
        zone=f"z{n}",
        role=chance.choice(list(ZoneRole)[:5] * 3 + [ZoneRole.MASK]),
        polygon=corners,
        anchor=chance.choice([None, None, *Anchor]),
        hours=chance.choice([None, None, "02:00-04:00", "22:00-03:00", "22:00-05:00"]),
    )


def _thing(chance: random.Random) -> SeenElsewhere:
    x, y = chance.random() * 0.8, chance.random() * 0.8
    wide, high = 0.02 + chance.random() * 0.18, 0.02 + chance.random() * 0.18
    box = (round(x, 3), round(y, 3), round(x + wide, 3), round(y + high, 3))
    return SeenElsewhere(label=chance.choice([*FAMILIES, "left_object"]), score=0.9, box=box)


def _is_shape(polygon: tuple[tuple[float, float], ...]) -> bool:
    try:
        polygon_of(" ".join(f"{x},{y}" for x, y in polygon))
    except ValueError:
        return False
    return True
