"""`longcheng watch` as a process, a real broker, real HTTP cameras: its site's files change while it runs."""

import asyncio
import json
import queue
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from paho.mqtt.client import MQTTMessage

from app.watch_note import watch_problems
from tests.fakes.brokers import Mosquitto
from tests.fakes.cameras import FakeCameras
from tests.fakes.listeners import listening
from tests.scenario.waiting import until
from tests.vision.scenes import street

pytestmark = pytest.mark.server

PATIENCE_S = 60.0
CAMERAS = "camera_id,name,source,district,sub_district,road,lon_deg,lat_deg,interval_s"


class Site:
    """A site's folder with nothing but cameras."""

    def __init__(self, folder: Path, broker: Mosquitto) -> None:
        folder.mkdir()
        self.folder = folder
        settings = {
            "site": "scenario",
            "name": {"zh": "情景", "en": "Scenario"},
            "division": "320400",
            "data_dir": str(folder / "data"),
            "mqtt": {"url": broker.url, "client_id": folder.name},
            "vision": {"visit_timeout": "2s", "visits_per_host": 5},
        }
        (folder / "site.yaml").write_text(json.dumps(settings), encoding="utf-8")

    def cameras(self, *lines: tuple[str, str, object]) -> None:
        """Write the register: camera_id, source and interval."""
        rows = [
            f"{name},名字,{source},天宁区,茶山街道,延陵西路,119.97,31.78,{interval}" for name, source, interval in lines
        ]
        (self.folder / "cameras.csv").write_text("\n".join([CAMERAS, *rows]) + "\n", encoding="utf-8")


@contextmanager
def watching(site: Site) -> Iterator[subprocess.Popen[bytes]]:
    """`longcheng watch`; in the end it is gone, whatever its state."""
    with (site.folder / "watch.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "watch", "--site", str(site.folder), "--json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()


async def heard(messages: "queue.SimpleQueue[MQTTMessage]") -> tuple[str, dict[str, object]]:
    """The next message: its topic without the root, and what it says."""
    message = await asyncio.to_thread(messages.get, timeout=PATIENCE_S)
    return message.topic.removeprefix("longcheng/v1/"), json.loads(message.payload)


async def looked_at(looks: "queue.SimpleQueue[MQTTMessage]", camera_id: str) -> None:
    """Wait for a look at this camera, whatever comes of others before."""
    while (await heard(looks))[0] != f"camera/{camera_id}/sighting":
        pass


async def test_cameras_come_and_go_and_mistakes_change_nothing(tmp_path: Path, broker: Mosquitto) -> None:
    """A new camera is looked at, a mistake is told where everyone can see it, and the process is the same all along."""
    site = Site(tmp_path / tmp_path.name, broker)
    status = f"service/{site.folder.name}-watch/status"
    async with FakeCameras(street()) as fakes:
        site.cameras(("one", fakes.url("good/1"), 1), ("hole", fakes.black_hole, 3600))
        with (
            listening(broker.url, f"longcheng/v1/{status}") as told,
            listening(broker.url, "longcheng/v1/camera/+/sighting") as looks,
            watching(site) as process,
        ):
            assert await heard(told) == (status, {"state": "online"})
            await looked_at(looks, "one")

            site.cameras(("one", fakes.url("good/1"), 1), ("two", fakes.url("good/2"), "often"))
            topic, said = await heard(told)
            assert topic == status
            assert said["state"] == "online"
            assert str(said["problem"]).endswith("cameras.csv line 3: interval_s is 'often'; it must be a number")
            await looked_at(looks, "one")
            told_here = site.folder / "data"
            await asyncio.to_thread(
                until, lambda: watch_problems(told_here) == (said["problem"],), lambda: str(watch_problems(told_here))
            )

            site.cameras(("one", fakes.url("good/1"), 3600), ("two", fakes.url("good/2"), 1))
            process.send_signal(signal.SIGHUP)
            assert await heard(told) == (status, {"state": "online"})
            await looked_at(looks, "two")
            visits = fakes.visits["1"]
            await looked_at(looks, "two")
            assert fakes.visits["1"] <= visits + 1
            process.send_signal(signal.SIGTERM)
            out, _ = await asyncio.to_thread(process.communicate, timeout=PATIENCE_S)
            assert process.returncode == 0
    figures = json.loads(out.splitlines()[-1])
    assert figures["faults"] == 0
    assert figures["looks"] == figures["published"] >= 4
    assert (await asyncio.to_thread((site.folder / "watch.log").read_text)).count("are not used") == 1
