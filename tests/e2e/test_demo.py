"""The demo as the README promises it."""

import asyncio
import json
import resource
import signal
import sys
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest

pytestmark = pytest.mark.slow

KINDS = {"camera", "charger", "tree"}

STOPS_WITHIN_CPU_S = 10.0
"""Of processors, all its processes together; how long that is by the clock is for what else the machine does."""


async def _demo(*options: str) -> asyncio.subprocess.Process:
    command = (sys.executable, "-m", "app", "demo", "--headless", "--json", "--port", "0", *options)
    return await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)


async def _summary(demo: asyncio.subprocess.Process) -> dict[str, Any]:
    out, _ = await demo.communicate()
    return dict(json.loads(out.splitlines()[-1]))


async def _healthy_look(address: str) -> None:
    """Return once the live stream tells of a camera with a healthy view."""
    async with aiohttp.ClientSession() as session, session.get(f"{address}api/v1/live") as stream:
        async for line in stream.content:
            if b'"healthy"' in line:
                return


def _taken_s(pid: int) -> float:
    """What a process and those that it has started have taken of processors so far."""
    demo = psutil.Process(pid)
    return sum(sum(one.cpu_times()[:4]) for one in (demo, *demo.children(recursive=True)))


def _reaped_s() -> float:
    """What all processes have taken that this one has seen the end of, and those that they had."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def _everything(address: str) -> None:
    """Return once all is there that the README promises; asked whenever the live stream says something."""
    async with aiohttp.ClientSession(address) as session, session.get("/api/v1/live") as stream:

        async def told(path: str) -> Any:
            async with session.get(path) as answer:
                return await answer.json()

        async for line in stream.content:
            if not line.startswith(b"data:"):
                continue
            figures, ladders = await told("/api/v1/kpi"), await told("/api/v1/ladders")
            kinds = {kind for kind, n in figures["cases_total_by_kind"].items() if n}
            waits = any(one["step"] == "confirm" for one in ladders["items"])
            letters = any((await told("/api/v1/overview"))["dead_letters"].values())
            if kinds == KINDS and figures["self_correction"]["corrected"] and waits and letters:
                return


@pytest.mark.timeout(600)
async def test_it_shows_everything_and_loses_nothing() -> None:
    """All counts are above zero; shops corrected themselves; a camera, a charger and a tree each led to a case.

    That takes two minutes where the machine has nothing else to do.
    """
    demo = await _demo()
    assert demo.stdout is not None
    said = (await demo.stdout.readline()).decode().strip()
    await _everything(said.removeprefix("console: ").rstrip("/"))
    demo.send_signal(signal.SIGINT)

    summary = await _summary(demo)

    assert demo.returncode == 0, summary
    assert summary["lost"] == 0, summary["lost_examples"]
    zero = [name for name, value in summary.items() if not value and not name.startswith("lost")]
    assert zero == ["dead_letters_settled"]  # nobody has touched any
    assert set(summary["cases_by_kind"]) == KINDS


@pytest.mark.timeout(400)
async def test_ctrl_c_stops_it_in_order(tmp_path: Path) -> None:
    """Ctrl-C ends it soon, with a summary, and nothing is lost even then."""
    demo = await _demo("--data", str(tmp_path / "kept"))
    assert demo.stdout is not None
    said = (await demo.stdout.readline()).decode().strip()
    assert said.startswith("console: http://127.0.0.1:")
    await _healthy_look(said.removeprefix("console: "))

    asked_s = _taken_s(demo.pid)
    before_s = _reaped_s()
    demo.send_signal(signal.SIGINT)
    summary = await _summary(demo)

    assert _reaped_s() - before_s - asked_s < STOPS_WITHIN_CPU_S
    assert demo.returncode == 0
    assert summary["looks"] > 0
    assert (tmp_path / "kept" / "cases.db").exists()
