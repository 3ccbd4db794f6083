"""A street with people in it, watched by the product as a whole: camera, broker, `serve`, `watch`, webhook."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import cv2
import numpy as np
import paho.mqtt.client as mqtt
from aiohttp import web
from paho.mqtt.enums import CallbackAPIVersion

from tests.fakes.brokers import Mosquitto
from tests.vision.scenes import Array, road

PATIENCE_S = 240.0
TELLING = ("api/v1/cameras/C1/looks?limit=2", "api/v1/cameras/C1", "api/v1/cases")
"""What there was, where something never came to be."""
_ADDRESS = "console: "

SITE = """\
site: street
name: {{zh: 龙城, en: Longcheng}}
division: "320400"
data_dir: {data}
mqtt: {{url: "{broker}"}}
vision: {{interval: 1s, confirm_interval: 500ms}}
ladder: {{quiet_hours: null}}
notices: {{webhook_url: "{webhook}"}}
console: {{port: 0}}
demo: {{compress: 900}}
rules: [rules.yaml]
"""
RULES = """\
version: 1
catalogue: gb47678.5-2026
rules:
  - id: car-misparked
    title: {zh: 禁停区机动车乱停放, en: Car in a no-parking area}
    kind: presence
    for_each: {kind: camera}
    classes: [car, truck, bus]
    zone_roles: [no_parking]
    min_stay: 10m
    confirm: {k: 2, n: 3}
    clear: {k: 2, n: 2}
    severity: notice
    case: {matter: "09009", policy: ladder}
    source: a test
    confidence: low
"""
PLACE = "天宁区,天宁街道,双桂街,119.95,31.78"
VEHICLES = (np.s_[42:102, 646:726], np.s_[46:98, 730:768])
"""Where a van and a car stand in the road pictures, in pixels."""


def with_van() -> Array:
    """People on a road, and a van where none may stand."""
    return road()[10]


def without_van() -> Array:
    """The same, but for the vehicles: what is around them goes on in their place, and nothing else has changed."""
    picture = road()[10].copy()
    gone = np.zeros(picture.shape[:2], np.uint8)
    for vehicle in VEHICLES:
        gone[vehicle] = 255
    return np.asarray(cv2.inpaint(picture, gone, 5, cv2.INPAINT_TELEA), np.uint8)


def write_site(folder: Path, *, camera: str, broker: str, webhook: str, data: Path) -> Path:
    """One camera, one zone, one rule."""
    folder.mkdir()
    texts = {
        "site.yaml": SITE.format(data=data, broker=broker, webhook=webhook),
        "rules.yaml": RULES,
        "shops.csv": f"shop_id,name,district,sub_district,road,lon_deg,lat_deg,contact\nS1,龙城车行,{PLACE},shop:S1\n",
        "devices.csv": "device_id,profile,name,district,sub_district,road,lon_deg,lat_deg,ports,baseline\n",
        "cameras.csv": "camera_id,name,source,district,sub_district,road,lon_deg,lat_deg,interval_s\n"
        f"C1,双桂街1号,{camera},{PLACE},1\n",
        "zones.csv": "camera_id,zone,role,shop_id,polygon\n"
        'C1,lane,no_parking,S1,"0.80,0.05 1.0,0.05 1.0,0.22 0.80,0.22"\n',
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


class Street:
    """What goes out while the product runs, by whatever way."""

    def __init__(self) -> None:
        self.over_mqtt: list[bytes] = []
        self.over_webhook: list[bytes] = []
        self.address = ""

    async def ask(self, path: str) -> Any:
        """The JSON at a path."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.address}{path}") as answer:
            return await answer.json()

    async def case(self, *known: str) -> dict[str, Any]:
        """The first case, as soon as it has these pictures."""
        cases: list[dict[str, Any]] = []

        async def complete() -> bool:
            cases[:] = (await self.ask("api/v1/cases"))["items"]
            return any(all(case[what] and case[what]["picture"] for what in known) for case in cases)

        await self.until(complete)
        return cases[0]

    async def until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        """Return once it holds; it is asked again whenever the live stream says something. Fails with what is so."""
        heard = 0
        try:
            async with (
                asyncio.timeout(PATIENCE_S),
                aiohttp.ClientSession() as session,
                session.get(f"{self.address}api/v1/live") as stream,
            ):
                async for _ in stream.content:
                    heard += 1
                    if await holds():
                        return
            why = f"after {heard} lines the live stream ended"
        except TimeoutError:
            why = f"not within {PATIENCE_S:.0f} s and {heard} lines of the live stream"
        raise AssertionError("\n".join([f"{holds}: {why}", *[await self._now(path) for path in TELLING]]))

    async def _now(self, path: str) -> str:
        try:
            return f"{path}: {await self.ask(path)}"
        except aiohttp.ClientError as trouble:
            return f"{path}: {trouble!r}"


@asynccontextmanager
async def listening(street: Street, broker: Mosquitto) -> AsyncIterator[str]:
    """Hear everything on the broker, and be the webhook, whose address this gives."""

    async def hook(request: web.Request) -> web.Response:
        street.over_webhook.append(await request.read())
        return web.json_response({})

    app = web.Application()
    app.router.add_post("/", hook)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.on_connect = lambda one, *_: one.subscribe("#")
    client.on_message = lambda _client, _data, message: street.over_mqtt.append(bytes(message.payload))
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        client.disconnect()
        client.loop_stop()
        await runner.cleanup()


@asynccontextmanager
async def running(street: Street, site: Path) -> AsyncIterator[None]:
    """`serve` and `watch`, until the end of the block."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LONGCHENG_", "INFLUX_"))}
    processes = []
    try:
        for command in ("serve", "watch"):
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "app", command, "--site", str(site)), stdout=asyncio.subprocess.PIPE, env=clean
            )
            processes.append(process)
            if command == "serve" and process.stdout is not None:
                async with asyncio.timeout(PATIENCE_S):
                    line = (await process.stdout.readline()).decode().strip()
                assert line.startswith(_ADDRESS), f"serve said {line!r}"
                street.address = line.removeprefix(_ADDRESS)
        yield
    finally:
        for process in reversed(processes):
            if process.returncode is None:
                process.terminate()
            await asyncio.wait_for(process.communicate(), PATIENCE_S)


def originals(data: Path) -> list[bytes]:
    """Every original that was kept or set aside."""
    return [path.read_bytes() for path in sorted((data / "evidence").rglob("*.original.jpg"))]
