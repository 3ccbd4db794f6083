"""A real video over a real RTSP server, through the whole line: who parks is found, who walks is not."""

import subprocess
from pathlib import Path

import aiohttp
import pytest
from msgspec import structs

from domain.finding import AlarmState
from domain.register import ZoneRole
from domain.sighting import ViewHealth
from tests.fakes.rtsp import ROAD, rtsp_server
from tests.scenario.street import Street
from tests.vision.scenes import ROAD_ZONE, zone
from vision.detectors import SHIPPED
from vision.detectors.openvino import OpenVino
from vision.sources import open_source
from vision.sources.means import Means

pytestmark = [pytest.mark.server, pytest.mark.slow]

VISITS = 14
EVERY_S = 5
GRASS = ((0.0, 0.3), (0.8, 0.3), (0.8, 1.0), (0.0, 1.0))
"""Where people walk all the time."""


def moments(folder: Path) -> dict[str, Path]:
    """The video from ever later on: a camera's stream is always where the street is."""
    found = {}
    for number in range(VISITS):
        path = found[f"at{number}"] = folder / f"{number}.mp4"
        cut = ["-ss", str(EVERY_S * number), "-i", str(ROAD), "-t", "3", "-c", "copy", str(path)]
        subprocess.run(["ffmpeg", "-v", "error", *cut], check=True)
    return found


async def test_the_two_parked_vehicles_are_found_and_not_the_walkers(tmp_path: Path) -> None:
    """A visit a minute by the clock of the line, and five seconds of the video."""
    no_parking = zone(ROAD_ZONE, ZoneRole.NO_PARKING, name="kerb")
    grass = zone(GRASS, ZoneRole.PAVEMENT, name="grass")
    corner = Street(tmp_path, OpenVino(SHIPPED, 1), no_parking, grass)
    seen = []
    with rtsp_server(**moments(tmp_path)) as server:
        async with aiohttp.ClientSession() as session:
            means = Means(session=session, max_bytes=8 << 20, limit_s=10.0)
            for number in range(VISITS):
                camera = structs.replace(corner.camera, source=server.url(f"at{number}"))
                seen.append(await corner.gets(await open_source(camera, means).fetch()))
    try:
        assert [sighting.view for sighting in seen] == [ViewHealth.HEALTHY] * VISITS
        last = {found.zone: [thing.label for thing in found.objects] for found in seen[-1].zones}
        assert len(last["kerb"]) == 2
        assert set(last["kerb"]) <= {"car", "truck", "bus"}
        assert {thing.label for sighting in seen for found in sighting.zones for thing in found.objects} <= {
            "car",
            "truck",
            "bus",
        }
        (alarm,) = corner.line.store.alarms(open_only=False)
        assert (alarm.rule_id, alarm.zone, alarm.state) == ("car-misparked", "kerb", AlarmState.FIRING)
    finally:
        corner.close()
