"""The product as a stranger has it: a process, a broker, HTTP."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.fakes.brokers import Mosquitto

_PATIENCE_S = 120.0
_ADDRESS = "console: "


def publish(broker: Mosquitto, topic: str, payload: object) -> None:
    """One message from a client that knows nothing of us but the wire contract."""
    text = payload if isinstance(payload, str) else json.dumps(payload)
    subprocess.run(
        ["mosquitto_pub", "-p", str(broker.port), "-q", "1", "-t", topic, "-m", text], check=True, timeout=_PATIENCE_S
    )


class Serve:
    """A running `longcheng serve` on the starter site."""

    def __init__(self, process: asyncio.subprocess.Process, address: str) -> None:
        self._process = process
        self._address = address

    async def get(self, path: str) -> Any:
        """The JSON at a path."""
        async with aiohttp.ClientSession() as session, session.get(f"{self._address}{path}") as answer:
            return await answer.json()

    async def until(self, path: str, holds: Callable[[Any], bool]) -> Any:
        """The JSON at a path as soon as it satisfies `holds`, asked again whenever the live stream says something."""
        async with (
            asyncio.timeout(_PATIENCE_S),
            aiohttp.ClientSession() as session,
            session.get(f"{self._address}api/v1/live") as stream,
        ):
            async for line in stream.content:
                if line.strip() and holds(found := await self.get(path)):
                    return found
        raise AssertionError(f"the live stream ended before {path} was as wanted")

    async def stop(self) -> int:
        """In good order; its exit status."""
        self._process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self._process.wait(), _PATIENCE_S)

    async def kill(self) -> None:
        """As a power cut would."""
        self._process.kill()
        await self._process.wait()

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.returncode is None


@asynccontextmanager
async def serve(broker: Mosquitto, data: Path, **environment: str) -> AsyncIterator[Serve]:
    """Start it, wait until it takes messages, and stop it in the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", "serve", "--site", "starter"),
        stdout=asyncio.subprocess.PIPE,
        env=_environment(broker, data, environment),
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_PATIENCE_S):
            line = (await process.stdout.readline()).decode().strip()
            assert line.startswith(_ADDRESS), f"serve said {line!r}"
            running = Serve(process, line.removeprefix(_ADDRESS))
            await running.until("ready", lambda answer: answer["ready"] is True)
        yield running
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(process.wait(), _PATIENCE_S)


def _environment(broker: Mosquitto, data: Path, more: Mapping[str, str]) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LONGCHENG_", "INFLUX_"))}
    own = {"LONGCHENG_DATA": str(data), "LONGCHENG_MQTT_URL": broker.url, "LONGCHENG_CONSOLE_PORT": "0"}
    return clean | own | dict(more)
