"""What a running `watch` tells people: a small live table on a terminal, elsewhere a line in the log each minute."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Final

from msgspec import Struct
from rich.console import Console
from rich.live import Live
from rich.table import Table

from vision.publish import PublishStatus
from vision.tally import WatchStats

log = logging.getLogger(__name__)

_REFRESH_S: Final = 1.0
_LOG_S: Final = 60.0
_RATE_OVER_S: Final = 60.0


class State(Struct, frozen=True, kw_only=True):
    """How the watching goes at a moment."""

    stats: WatchStats
    broker: PublishStatus
    cameras: int
    problem: str | None = None
    """What is wrong with the files of the site."""


class Rate:
    """Looks a second, over the last minute."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def add(self, now: float, looks: int) -> float:
        """The rate, now that there were so many looks in all."""
        self._seen.append((now, looks))
        while len(self._seen) > 2 and self._seen[1][0] <= now - _RATE_OVER_S:
            self._seen.popleft()
        began, before = self._seen[0]
        return (looks - before) / (now - began) if now > began else 0.0


def line(state: State, looks_per_s: float) -> str:
    """One line of log."""
    told = [f"{name} {value}" for name, value in _figures(state, looks_per_s).items()]
    return "; ".join(told)


def table(state: State, looks_per_s: float) -> Table:
    """The live table."""
    shown = Table(show_header=False, title="watching, Ctrl-C ends it", title_justify="left")
    for name, value in _figures(state, looks_per_s).items():
        shown.add_row(name, value)
    return shown


def _figures(state: State, looks_per_s: float) -> dict[str, str]:
    stats, broker = state.stats, state.broker
    views = " · ".join(f"{view} {count}" for view, count in sorted(stats.cameras_by_view.items()))
    seen = sum(stats.cameras_by_view.values())
    figures = {
        "looks": f"{stats.looks}, {looks_per_s:.1f}/s",
        "cameras": f"{seen} of {state.cameras} seen" + (f": {views}" if views else ""),
        "lag p95": f"{stats.lag_p95_s:.2f} s",
        "dead hosts": str(stats.dead_hosts),
        "broker": ("there" if broker.connected else "away") + f", {broker.waiting} looks waiting",
    }
    if broker.dropped:
        figures["looks lost"] = str(broker.dropped)
    if stats.faults:
        figures["errors of ours"] = str(stats.faults)
    if state.problem:
        figures["settings"] = f"as before: {state.problem}"
    return figures


async def show(state: Callable[[], State], out: Console, *, live: bool) -> None:
    """Until cancelled."""
    now, rate = asyncio.get_running_loop().time, Rate()
    rate.add(now(), state().stats.looks)
    if not live:
        while True:
            await asyncio.sleep(_LOG_S)
            current = state()
            log.info("%s", line(current, rate.add(now(), current.stats.looks)))
    with Live(console=out, auto_refresh=False) as shown:
        while True:
            current = state()
            shown.update(table(current, rate.add(now(), current.stats.looks)), refresh=True)
            await asyncio.sleep(_REFRESH_S)
