"""What the queue of cases to verify says of how a thing is now, and who called it done."""

from dataclasses import replace as site_with
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from msgspec.structs import replace

from config.console import Console
from config.load import Site
from console.server import make_app
from domain.case import Case, LogEntry
from domain.clock import ManualClock
from domain.picture import ViewFacts
from domain.register import Zone, ZoneRole
from domain.review import Done, Queue, Waiting
from domain.sighting import SeenObject, Sighting, ViewHealth, ZoneSighting
from tests.console.api.test_review import review
from tests.console.reader import TOKEN, Client
from tests.fakes.desk import FakeDesk
from tests.fakes.invented_city import Invention
from tests.fakes.reviewing import waiting_case

CAMERA = "cam-009"


@pytest.fixture
def city(site: Site, clock: ManualClock, tmp_path: Path) -> Invention:
    return Invention(site, clock.now_ms(), tmp_path)


async def item_of(client: Client) -> Any:
    (item,) = (await review(client, f"?queue={Queue.VERIFY}"))["items"]
    return item


def of_a_station(desk: FakeDesk, city: Invention) -> Case:
    """The residual current of the invented station's port was reported as done by its team."""
    alarm, case = desk.all_alarms[0], desk.all_cases[0]
    waits = Waiting(
        queue=Queue.VERIFY, key=case.id, alarm=alarm, case=case, since_ms=city.ago(20), due_ms=city.ago(-100)
    )
    desk.review.all_waiting.append(waits)
    return case


@pytest.mark.parametrize(("value", "beyond"), [(2.5, False), (15.0, True), (38.0, True)])
async def test_a_station_s_reading_stands_beside_its_limit(
    keyed: Client, desk: FakeDesk, city: Invention, value: float, beyond: bool
) -> None:
    """The mildest limit of the alarm's rule, as it holds now; who reported it, in their own words."""
    case = of_a_station(desk, city)
    desk.values[("charger", "charger-01", 3)] = {"residual_ma": (city.ago(1), value)}
    facts: dict[str, str | float | int | None] = {"person": "赵工", "why": "换了线"}
    line = LogEntry(id=9, at_ms=city.ago(20), who="desk", what="case_reported", facts=facts, case_id=case.id)
    desk.review.all_done[case.id] = Done(reported=line)
    item = await item_of(keyed)
    now = item["now"]
    assert (now["over_since"], now["look"]) == (None, None)
    assert (now["reading"]["value"], now["reading"]["unit"], now["reading"]["beyond"]) == (value, "mA", beyond)
    assert (now["reading"]["low"], now["reading"]["high"]) == (None, 15.0)
    assert (item["reported"]["by"], item["reported"]["who"], item["reported"]["words"]) == ("person", "赵工", "换了线")
    assert item["shop_done"] is None


async def test_what_was_not_heard_is_not_guessed(keyed: Client, desk: FakeDesk, city: Invention) -> None:
    """No reading is neither good nor bad."""
    of_a_station(desk, city)
    desk.values.clear()
    item = await item_of(keyed)
    assert item["now"] == {"over_since": None, "reading": None, "look": None}
    assert item["reported"] is None


def look(city: Invention, minutes: float, view: ViewHealth, *, things: int, unsure: bool = False) -> Sighting:
    bike = SeenObject(label="bicycle", score=0.5, box=(0.1, 0.1, 0.2, 0.2), overlap=1.0, stay_s=60.0, looks=2)
    zone = ZoneSighting(zone="front", objects=(bike,) * things, unsure=unsure)
    at_ms = city.ago(minutes)
    return Sighting(
        camera_id=CAMERA, look_id=f"look-{minutes}", taken_ms=at_ms, received_ms=at_ms, view=view, zones=(zone,)
    )


@pytest.mark.parametrize(
    ("view", "seen", "unsure", "things"),
    [
        (ViewHealth.HEALTHY, 0, False, 0),
        (ViewHealth.HEALTHY, 2, False, 2),
        (ViewHealth.HEALTHY, 0, True, None),
        (ViewHealth.DARK, 0, False, None),
    ],
)
async def test_a_camera_s_newest_look_says_what_stands_there(
    keyed: Client, desk: FakeDesk, city: Invention, view: ViewHealth, seen: int, unsure: bool, things: int | None
) -> None:
    """Of its zone alone, and nothing where it could not see."""
    waiting_case(desk, city)
    one = desk.review.all_waiting[0]
    alarm = replace(one.alarm, device_id=CAMERA, zone="front")
    desk.review.all_waiting[0] = replace(one, alarm=alarm)
    desk.sights.all_looks = [look(city, 9, view, things=5), look(city, 2, view, things=seen, unsure=unsure)]
    now = (await item_of(keyed))["now"]
    assert now["reading"] is None
    assert (now["look"]["view"], now["look"]["things"], now["look"]["zone"]) == (view, things, "front")


async def test_a_newer_view_is_shown_first_with_its_zone(
    desk: FakeDesk, city: Invention, site: Site, clock: ManualClock
) -> None:
    """Moved with the view; one that is older than the look without the thing is not shown."""
    waiting_case(desk, city)
    corners = ((0.1, 0.5), (0.5, 0.5), (0.5, 0.75))
    zone = Zone(camera_id=CAMERA, zone="front", role=ZoneRole.FRONTAGE, polygon=corners)
    drawn = replace(site.cameras[CAMERA], zones=(zone,))
    settings = site.settings.model_copy(update={"console": Console(api_token=TOKEN)})
    site = site_with(site, settings=settings, cameras={**site.cameras, CAMERA: drawn})
    one = desk.review.all_waiting[0]
    desk.review.all_waiting[0] = replace(one, alarm=replace(one.alarm, device_id=CAMERA, zone=zone.zone))
    desk.pictures = city.pictures
    facts = ViewFacts(camera_id=CAMERA, taken_ms=city.ago(2), view=ViewHealth.HEALTHY, shift=(0.25, 0.0))
    desk.sights.facts[CAMERA] = facts
    async with TestClient(TestServer(make_app(desk, site, clock))) as client:
        first = (await item_of(client))["pictures"][0]
        assert (first["what"], first["url"]) == ("now", f"/cameras/{CAMERA}/view.jpg?at={facts.taken_ms}")
        assert first["zone"] == [[0.35, 0.5], [0.75, 0.5], [0.75, 0.75]]
        desk.sights.facts[CAMERA] = replace(facts, taken_ms=city.ago(500))
        assert (await item_of(client))["pictures"][0]["what"] == "cleared"
