"""`longcheng watch` in this process: a camera over real HTTP, a real broker, the shipped detector."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from app.watching import choose, look_once, watch
from config.load import Site
from domain.errors import ConfigError
from tests.app.line import starter
from tests.e2e.product import publish
from tests.fakes.brokers import mosquitto
from tests.fakes.cameras import FakeCameras
from tests.fakes.listeners import listening
from tests.vision.scenes import BIKES_ZONE, camera, street, zone

PATIENCE_S = 60.0
NEVER_S = 3600.0
SIGHTINGS = "longcheng/v1/camera/+/sighting"
LOOK_NOW = {"command": "look_now"}


@pytest.fixture
async def bikes() -> AsyncIterator[str]:
    """Where a camera answers that shows bicycles."""
    async with FakeCameras(street("bikes")) as cameras:
        yield cameras.url("good/1")


def site_of(folder: Path, source: str = "http://192.0.2.1/", **environment: str) -> Site:
    """The starter site with one camera, that nobody looks at unless asked to."""
    one = camera(zone(BIKES_ZONE), camera_id="cam-1", source=source, interval_s=NEVER_S)
    return replace(starter(folder, **environment), cameras={"cam-1": one})


def test_only_the_named_cameras_are_looked_through(tmp_path: Path) -> None:
    """All of them if none is named: that is how a city is shared among several workers."""
    site = site_of(tmp_path)
    two = replace(site, cameras={**site.cameras, "cam-2": camera(camera_id="cam-2")})

    assert list(choose(two, []).cameras) == ["cam-1", "cam-2"]
    assert list(choose(two, ["cam-2"]).cameras) == ["cam-2"]


def test_a_camera_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A worker that silently looks at nothing would be noticed only in the evening."""
    with pytest.raises(ConfigError, match=r"cameras\.csv: there is no camera 'cam-7'; the first of 1 is 'cam-1'"):
        choose(site_of(tmp_path), ["cam-1", "cam-7"])


async def test_a_single_look_is_printed_and_not_published(
    tmp_path: Path, bikes: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One JSON object a camera, as on the wire, with the camera's name; no broker is needed."""
    await look_once(site_of(tmp_path, bikes), out=Console(), as_json=True)

    (line,) = capsys.readouterr().out.splitlines()
    look = json.loads(line)
    assert look["camera_id"] == "cam-1"
    assert "bicycle" in {seen["class"] for zone in look["zones"] for seen in zone["objects"]}


async def test_a_single_look_is_told_to_people_as_a_table(tmp_path: Path, bikes: str) -> None:
    """What is seen, where, and how surely."""
    told = io.StringIO()

    await look_once(site_of(tmp_path, bikes), out=Console(file=told, width=160), as_json=False)

    assert "cam-1 · view: " in told.getvalue()
    assert "bicycle" in told.getvalue()


@pytest.mark.server
async def test_an_order_makes_it_look_and_the_end_tells_how_often(
    tmp_path: Path, bikes: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The order comes over the broker, the look goes back over it; the last line is the worker's own figures."""
    stop = asyncio.Event()
    with mosquitto(tmp_path) as broker, listening(broker.url, SIGHTINGS) as heard:
        site = site_of(tmp_path / "data", bikes, LONGCHENG_MQTT_URL=broker.url)
        with listening(broker.url, "longcheng/v1/service/+/status") as services:
            watching = asyncio.create_task(watch(site, stop, out=Console(), as_json=True))
            assert b"online" in (await asyncio.to_thread(services.get, timeout=PATIENCE_S)).payload
        publish(broker, "longcheng/v1/camera/somebody-elses/command", LOOK_NOW)
        for _ in range(2):
            publish(broker, "longcheng/v1/camera/cam-1/command", LOOK_NOW)
            look = await asyncio.to_thread(heard.get, timeout=PATIENCE_S)
            assert look.topic == "longcheng/v1/camera/cam-1/sighting"
        stop.set()
        await asyncio.wait_for(watching, PATIENCE_S)

    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["looks"] == figures["published"] == 2
