"""A reloader of rules at work, and who takes over what it read."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from app.rules_reloading import RulesReloader
from config.load import Site, load_site
from rules.rule import Rule

PATIENCE_S = 60.0


def read(folder: Path) -> Site:
    """The files as they are now."""
    return load_site(str(folder), {"LONGCHENG_DATA": str(folder.parent / "data")})


class Court:
    """Takes rules over, and lets a test wait for it."""

    def __init__(self) -> None:
        self.taken: list[tuple[Sequence[Rule], Site]] = []
        self.told: list[str | None] = []
        self._more = asyncio.Event()

    def take_over(self, rules: Sequence[Rule], site: Site) -> None:
        self.taken.append((rules, site))
        self._more.set()

    def tell(self, problem: str | None) -> None:
        self.told.append(problem)
        self._more.set()

    async def until(self, enough: Callable[[], bool]) -> None:
        """Wait until what was heard so far is enough."""
        async with asyncio.timeout(PATIENCE_S):
            while not enough():
                self._more.clear()
                await self._more.wait()


@asynccontextmanager
async def reloading(folder: Path, *, poll_s: float = 0.02) -> AsyncIterator[tuple[Court, RulesReloader]]:
    """A reloader at work on this folder."""
    court = Court()
    reloader = RulesReloader(read(folder), court, read=lambda: read(folder), tell=court.tell, poll_s=poll_s)
    task = asyncio.create_task(reloader.run())
    try:
        yield court, reloader
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
