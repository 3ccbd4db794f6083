"""What processes cost: processor time by part, and memory at the worst moment."""

import asyncio
import contextlib
import math
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import psutil

_SAMPLE_S = 0.5
MEASURING = "measuring"
"""The part that is this process."""


class Probe:
    """Processes by the part they are, their children included. `serve`'s collector is a part of its own."""

    def __init__(self, roots: Mapping[str, int]) -> None:
        self._roots = {name: psutil.Process(pid) for name, pid in roots.items()}
        self._ourselves = psutil.Process()
        self._cpu_s: dict[tuple[str, int], float] = {}
        self.peak_pss_mb: float = 0.0
        """Of all but the broker, at the worst moment; shared pages counted once. MiB."""

    def cpu_s(self) -> dict[str, float]:
        """Processor seconds so far, by part."""
        for name, process in self._processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                self._cpu_s[name, process.pid] = times.user + times.system
        out: dict[str, float] = defaultdict(float)
        for (name, _), seconds in self._cpu_s.items():
            out[name] += seconds
        times = self._ourselves.cpu_times()
        return {**out, MEASURING: times.user + times.system}

    def _processes(self) -> list[tuple[str, psutil.Process]]:
        found = []
        for name, root in self._roots.items():
            with contextlib.suppress(psutil.NoSuchProcess):
                found += [(name, root), *((_part(name, child), child) for child in root.children(recursive=True))]
        return found

    def _sample(self) -> None:
        self.cpu_s()
        total = 0
        for name, process in self._processes():
            if name != "broker":
                with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                    total += process.memory_full_info().pss
        self.peak_pss_mb = max(self.peak_pss_mb, total / 2**20)

    @asynccontextmanager
    async def sampling(self) -> AsyncIterator[None]:
        """Look now and then, until the end of the block."""

        async def sample() -> None:
            while True:
                self._sample()
                await asyncio.sleep(_SAMPLE_S)

        task = asyncio.create_task(sample(), name="probe")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def machine_busy_s() -> float:
    """Processor seconds that anything on this machine has used since it started, all cores together."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - times.iowait - times.guest - times.guest_nice)


_PARTS: Final = {"collect": "collector", "store": "store", "judge": "judge"}
OURS: Final = ("serve", *_PARTS.values())
"""Whose time is the product's."""


def _part(name: str, child: psutil.Process) -> str:
    """Whose time it counts as: a child of `serve` by the command it was started with."""
    try:
        words = child.cmdline()
    except psutil.Error:
        return name
    return next((part for command, part in _PARTS.items() if command in words), name)


def spent(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Seconds between two answers of `cpu_s`, by part."""
    return {name: round(seconds - before.get(name, 0.0), 2) for name, seconds in after.items()}


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all do not exceed; NaN of none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def filesystem(folder: Path) -> str:
    """The kind of file system a folder is on, and where that is mounted: `ext4 on /`."""
    mounts = {Path(mount.mountpoint): mount.fstype for mount in psutil.disk_partitions(all=True)}
    place = folder.resolve()
    while place not in mounts and place != place.parent:
        place = place.parent
    return f"{mounts.get(place, 'unknown')} on {place}"
