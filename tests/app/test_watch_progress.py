"""What a running `watch` tells people."""

import asyncio
import io
from collections.abc import Mapping

import pytest
from rich.console import Console

from app.watch_progress import Rate, State, line, show
from domain.sighting import ViewHealth
from vision.publish import PublishStatus
from vision.stages import Stages
from vision.tally import WatchStats


def state(
    looks: int = 1200, views: Mapping[ViewHealth, int] | None = None, *, dropped: int = 0, problem: str | None = None
) -> State:
    """A city of 671 cameras, 34 of them dead."""
    stats = WatchStats(
        looks=looks,
        looks_by_view={},
        sightings=0,
        published=looks,
        dropped=dropped,
        cameras_by_view=views or {ViewHealth.OFFLINE: 34, ViewHealth.HEALTHY: 630, ViewHealth.DARK: 7},
        dead_hosts=34,
        inferred=0,
        skipped_unchanged=0,
        pictures_kept=0,
        faults=0,
        lag_p95_s=0.014,
        stages=Stages(),
    )
    broker = PublishStatus(connected=True, protocol="5", published=looks, waiting=3, dropped=dropped)
    return State(stats=stats, broker=broker, cameras=671, problem=problem)


def test_one_line_says_how_it_goes() -> None:
    """Looks, views by their word, how late, how many hosts are dead, and whether the broker is there."""
    assert line(state(), 11.18) == (
        "looks 1200, 11.2/s; cameras 671 of 671 seen: dark 7 · healthy 630 · offline 34; lag p95 0.01 s; "
        "dead hosts 34; broker there, 3 looks waiting"
    )


def test_what_is_wrong_is_said_only_when_it_is() -> None:
    """Looks that were lost, and files that cannot be read."""
    told = line(state(dropped=5, problem="cameras.csv line 3: no"), 1.0)
    assert told.endswith("looks lost 5; settings as before: cameras.csv line 3: no")


def test_the_rate_is_that_of_the_last_minute() -> None:
    """A slow start is forgotten; the very first moment has no rate yet."""
    rate = Rate()
    assert rate.add(0, 0) == 0
    assert rate.add(60, 60) == 1
    assert rate.add(120, 660) == 10
    assert rate.add(150, 960) == pytest.approx(10)


async def test_on_a_terminal_a_table_lives() -> None:
    """It is drawn at once, and gone with the task."""
    told = io.StringIO()
    out = Console(file=told, force_terminal=True, width=120)
    asked = 0
    drawn = asyncio.Event()

    def ask() -> State:
        nonlocal asked
        asked += 1
        if asked == 3:  # the table of the second time stands
            drawn.set()
        return state()

    task = asyncio.create_task(show(ask, out, live=True))
    async with asyncio.timeout(60):
        await drawn.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert "healthy 630" in told.getvalue()
