"""Child processes of the demo: real ones, by the product's own commands."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.demo.child import Child, ChildEnded
from config.load import find_site
from tests.fakes.brokers import free_port
from tests.ingest.waiting import until

PATIENCE_S = 60.0


def environment(data: Path, **more: str) -> Mapping[str, str]:
    """This process's own, without what is set for another product."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LONGCHENG_", "INFLUX_"))}
    return clean | {"LONGCHENG_DATA": str(data), "LONGCHENG_CONSOLE_PORT": "0"} | more


@asynccontextmanager
async def child(command: str, data: Path, *options: str, **more: str) -> AsyncIterator[Child]:
    """Started, and stopped in the end."""
    started = await Child.start(command, find_site("demo"), data, environment(data, **more), *options)
    try:
        yield started
    finally:
        await started.stop(PATIENCE_S)


async def ended(started: Child) -> str:
    """What `check` complains of, once the child has ended by itself."""
    complaints: list[str] = []

    def complained() -> bool:
        try:
            started.check()
        except ChildEnded as complaint:
            complaints.append(str(complaint))
        return bool(complaints)

    await asyncio.to_thread(until, complained, "the child has ended")
    return complaints[0]


async def test_what_it_prints_can_be_asked_for(tmp_path: Path) -> None:
    """The last line is what a command with `--json` says at its end."""
    async with child("check-config", tmp_path, "--json") as started:
        said = await ended(started)
        await started.stop(PATIENCE_S)

        assert json.loads(started.last_line)["site"] == "demo"
        assert started.said('{"site": ') is not None
        assert started.said("console: ") is None
    assert said == "longcheng check-config ended with 0:\n"


async def test_one_that_cannot_start_says_why(tmp_path: Path) -> None:
    """The end of its log stands in the error: nobody should have to look for the file."""
    async with child("serve", tmp_path, LONGCHENG_MQTT_URL="nonsense") as started:
        said = await ended(started)

    assert said.startswith("longcheng serve ended with 2:\n")
    assert "mqtt.url is 'nonsense'" in said
    assert "mqtt.url is 'nonsense'" in (tmp_path / "serve.log").read_text(encoding="utf-8")


async def test_one_that_runs_is_stopped_in_good_order(tmp_path: Path) -> None:
    """SIGTERM, and its stops have run: nothing in the log but what it does at each stop."""
    async with child("serve", tmp_path, LONGCHENG_MQTT_URL=f"mqtt://127.0.0.1:{free_port()}") as started:
        await asyncio.to_thread(until, lambda: started.said("console: ") is not None, "the console answers")
        await started.stop(PATIENCE_S)

        with pytest.raises(ChildEnded, match="longcheng serve ended with 0"):
            started.check()
    assert "Traceback" not in (tmp_path / "serve.log").read_text(encoding="utf-8")
