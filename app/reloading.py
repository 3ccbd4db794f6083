"""New settings for a running `watch` or `serve`: what can be taken over is, and nothing else notices."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, Protocol

from config.load import Site
from config.schema import Settings
from domain.errors import ConfigError
from domain.register import Camera
from vision.roster import Changes

log = logging.getLogger(__name__)

POLL_S: Final = 2.0
_READ: Final = (".yaml", ".yml", ".csv")
_TAKEN_OVER: Final = frozenset({"interval", "duty", "road_duty"})
"""Of `vision`: these stand in every camera."""
_AT_START: Final = ("site", "mqtt", "data_dir", "timezone", "language", "demo", "evidence", "rules")
"""What else of the settings the looking depends on."""


class Watching(Protocol):
    """Who looks through the cameras."""

    def take_over(self, cameras: Mapping[str, Camera]) -> Changes:
        """Go on with these cameras. Raises ConfigError, and changes nothing, for one that cannot be."""
        ...


class SiteFiles:
    """The files of a site's folder, and of other folders that it builds on."""

    def __init__(self, *folders: Path) -> None:
        self._folders = folders
        self._taken = self._seen = self._marks()

    def look_in(self, *folders: Path) -> None:
        """Look into these folders from now on; what changes by that alone is no change."""
        if folders != self._folders:
            self._folders = folders
            self._taken = self._seen = self._marks()

    def changed(self) -> bool:
        """Whether they have changed since this was last True, and no more since the last call. Blocks."""
        before, self._seen = self._seen, self._marks()
        if self._seen != before or self._seen == self._taken:
            return False
        self._taken = self._seen
        return True

    def _marks(self) -> dict[str, tuple[int, int, int]]:
        marks: dict[str, tuple[int, int, int]] = {}
        for folder in self._folders:
            with contextlib.suppress(OSError), os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.endswith(_READ):
                        found = entry.stat()
                        marks[entry.path] = (found.st_mtime_ns, found.st_size, found.st_ino)
        return marks


class Follower(ABC):
    """Takes a site's files over when they change, or when asked to. What is wrong with them is told once."""

    def __init__(self, files: SiteFiles, *, tell: Callable[[str | None], None], poll_s: float) -> None:
        """`tell` is told what is wrong with the files, and None when nothing is any more."""
        self._files = files
        self._tell = tell
        self._poll_s = poll_s
        self._asked = asyncio.Event()
        self.problem: str | None = None
        """What is wrong with the files as they are; then those of before are in force."""

    def ask(self) -> None:
        """Read everything again now. On the event loop only."""
        self._asked.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._poll_s):
                    await self._asked.wait()
            asked = self._asked.is_set()
            self._asked.clear()
            try:
                if await asyncio.to_thread(self._files.changed) or asked:
                    await self._reload()
            except Exception as wrong:  # what is at work must not end for what is wrong with a file
                log.exception("the settings could not be read again")
                self._refuse(f"{type(wrong).__name__}: {wrong}")

    async def _reload(self) -> None:
        try:
            await self._take()
        except (ConfigError, OSError) as wrong:
            self._refuse(str(wrong))
            return
        if self.problem is not None:
            self.problem = None
            self._tell(None)

    @abstractmethod
    async def _take(self) -> None:
        """Read the files and take over what they say. Raises ConfigError or OSError, and has changed nothing."""

    def _refuse(self, problem: str) -> None:
        if problem != self.problem:
            log.error("the new settings are not used, those of before are: %s", problem)
            self.problem = problem
            self._tell(problem)


class Reloader(Follower):
    """The cameras of a running `watch`."""

    def __init__(
        self,
        site: Site,
        worker: Watching,
        *,
        read: Callable[[], Site],
        tell: Callable[[str | None], None],
        poll_s: float = POLL_S,
    ) -> None:
        """`read` is called in a thread; `tell` with what is wrong with the files, and with None when nothing is."""
        super().__init__(SiteFiles(site.folder), tell=tell, poll_s=poll_s)
        self._started = site.settings
        self._worker = worker
        self._read = read
        self._held_back: tuple[str, ...] = ()

    async def _take(self) -> None:
        site = await asyncio.to_thread(self._read)
        changes = self._worker.take_over(site.cameras)
        log.info("settings read again; cameras: %s", changes)
        held_back = needs_restart(self._started, site.settings)
        if held_back and held_back != self._held_back:
            log.warning("as before until a restart: %s", ", ".join(held_back))
        self._held_back = held_back


def needs_restart(started: Settings, now: Settings) -> tuple[str, ...]:
    """Names of the settings that have changed and are taken over only by a restart."""
    names = [name for name in _AT_START if getattr(started, name) != getattr(now, name)]
    vision = [name for name in type(now.vision).model_fields if name not in _TAKEN_OVER]
    names += [f"vision.{name}" for name in vision if getattr(started.vision, name) != getattr(now.vision, name)]
    return tuple(names)


@contextlib.contextmanager
def on_hangup(ask: Callable[[], None]) -> Iterator[None]:
    """SIGHUP asks, as services are used to. At a terminal it goes on meaning that the terminal is gone."""
    loop = asyncio.get_running_loop()
    if sys.stdin is not None and sys.stdin.isatty():
        yield
        return
    try:
        loop.add_signal_handler(signal.SIGHUP, ask)
    except (RuntimeError, ValueError):  # not the main thread: signals go elsewhere
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
