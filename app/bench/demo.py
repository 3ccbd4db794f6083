"""What the whole demo costs: time to the first page, processor time, and memory of all its processes."""

import asyncio
import contextlib
import json
import sys
import time
from typing import Any

import aiohttp
import psutil
from msgspec import Struct

_SAMPLE_S = 0.5
_ADDRESS = "console: "


class DemoCost(Struct, frozen=True, kw_only=True):
    """One run of the demo, seen from outside."""

    page_after_s: float
    """From the start of the command to the page's first answer."""
    seconds: float
    peak_pss_mb: float
    """Memory of all processes at the worst moment; shared pages counted once."""
    mean_cpu_cores: float
    summary: dict[str, Any]
    """What the demo itself printed."""


async def bench_demo(minutes: float) -> DemoCost:
    """Run the demo as a process of its own and watch it. Raises RuntimeError if it ends without a summary."""
    started = time.perf_counter()
    command = (sys.executable, "-m", "app", "demo", "--headless", "--json", "--port", "0", "--minutes", str(minutes))
    demo = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    watcher = asyncio.create_task(_watch(psutil.Process(demo.pid)))
    page_after_s, last = await _read(demo, started)
    peak_mb, cpu_s = await watcher
    seconds = time.perf_counter() - started
    try:
        summary = json.loads(last)
    except ValueError:
        raise RuntimeError(f"the demo ended with {demo.returncode} and no summary; its last line: {last!r}") from None
    return DemoCost(
        page_after_s=round(page_after_s, 2),
        seconds=round(seconds, 1),
        peak_pss_mb=round(peak_mb),
        mean_cpu_cores=round(cpu_s / seconds, 2),
        summary=summary,
    )


async def _read(demo: asyncio.subprocess.Process, started: float) -> tuple[float, str]:
    """Its output to the end: when the page answered, and the last line."""
    page_after_s, last = float("nan"), ""
    assert demo.stdout is not None  # noqa: S101 it was started with a pipe
    async for raw in demo.stdout:
        last = raw.decode().strip() or last
        if last.startswith(_ADDRESS):
            await _fetch(last.removeprefix(_ADDRESS))
            page_after_s = time.perf_counter() - started
    await demo.wait()
    return page_after_s, last


async def _fetch(address: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(address) as page:
        page.raise_for_status()
        await page.read()


async def _watch(parent: psutil.Process) -> tuple[float, float]:
    """Peak memory in MiB and processor seconds of the process and all it started, until it ends."""
    peak_bytes = 0
    cpu_s: dict[int, float] = {}
    while parent.is_running() and parent.status() != psutil.STATUS_ZOMBIE:
        total = 0
        for process in (parent, *parent.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                total += process.memory_full_info().pss
                times = process.cpu_times()
                cpu_s[process.pid] = times.user + times.system
        peak_bytes = max(peak_bytes, total)
        await asyncio.sleep(_SAMPLE_S)
    return peak_bytes / 2**20, sum(cpu_s.values())
