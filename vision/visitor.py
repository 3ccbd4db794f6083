"""Visits: one HTTP session, every camera's source, and a wall-clock limit that nothing outlasts."""

import asyncio
import hashlib
import logging
import traceback
from types import TracebackType
from typing import Self

import aiohttp

from config.schema import Vision
from domain.errors import SourceError, SourceFault
from domain.register import Camera
from vision.picture import Picture
from vision.sources import open_source
from vision.sources.means import Means
from vision.sources.source import Source

log = logging.getLogger(__name__)

ERRANDS_S = 2.0
"""For what is still to be done when no more visits are made, such as stopping a recorder's stream."""
KEPT_S = 2.0
"""A connection is kept for the answer to a challenge, and not longer: cameras let few in at a time."""


class Visitor:
    """Brings pictures. An async context manager; sources are opened at their first visit."""

    def __init__(self, vision: Vision) -> None:
        self._limit_s = vision.visit_timeout
        self._max_bytes = vision.max_picture
        self._placeholders = frozenset(vision.placeholders)
        self._sources: dict[str, Source] = {}
        self._away: set[str] = set()
        self._going_on: set[asyncio.Task[object]] = set()
        self._told: set[str] = set()

    async def __aenter__(self) -> Self:
        # the schedule bounds how many connect at once, and the visit how long: the session must add no queue of its own
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_S),
            timeout=aiohttp.ClientTimeout(total=None),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        self._means = Means(session=self._session, max_bytes=self._max_bytes, limit_s=self._limit_s)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, wrong: BaseException | None, where: TracebackType | None
    ) -> None:
        await self._means.errands.finish(ERRANDS_S)
        await self._session.close()

    async def visit(self, camera: Camera) -> Picture | SourceError:
        """A picture, or why there is none. Raises nothing but CancelledError."""
        task = asyncio.current_task()
        self._going_on |= {task} if task else set()
        try:
            async with asyncio.timeout(self._limit_s):
                picture = self._real(await self._source(camera).fetch())
        except TimeoutError:
            return self._failed(camera, SourceError(SourceFault.TIMEOUT, f"no whole picture in {self._limit_s:g} s"))
        except SourceError as fault:
            return self._failed(camera, fault)
        except Exception as wrong:  # noqa: BLE001  whatever a source stumbles over, the camera gave no picture
            return self._failed(camera, self._unforeseen(camera, wrong))
        finally:
            self._going_on -= {task} if task else set()
        if camera.camera_id in self._away:
            self._away.remove(camera.camera_id)
            log.info("%s answers again", camera.camera_id)
        return picture

    def forget(self, camera_id: str) -> None:
        """The camera is gone, or somewhere else; a visit that is going on ends as it would have."""
        self._sources.pop(camera_id, None)
        self._away.discard(camera_id)

    def give_up(self) -> None:
        """Cancel whoever is waiting for a picture."""
        for task in self._going_on:
            task.cancel()

    def _source(self, camera: Camera) -> Source:
        if camera.camera_id not in self._sources:
            self._sources[camera.camera_id] = open_source(camera, self._means)
        return self._sources[camera.camera_id]

    def _real(self, picture: Picture) -> Picture:
        """The picture. Raises SourceError for one that is known to stand for none."""
        if self._placeholders and hashlib.sha256(picture.data).hexdigest() in self._placeholders:
            raise SourceError(SourceFault.PLACEHOLDER, "one of vision.placeholders")
        return picture

    def _unforeseen(self, camera: Camera, wrong: Exception) -> SourceError:
        """An error of ours as a fault, without its text: that may hold a password. Its first place goes to the log."""
        kind = type(wrong).__name__
        if kind not in self._told:
            self._told.add(kind)
            where = "".join(traceback.format_tb(wrong.__traceback__)).rstrip()
            log.error("%s: the source failed: %s\n%s", camera.camera_id, kind, where)
        return SourceError(SourceFault.UNREACHABLE, kind)

    def _failed(self, camera: Camera, fault: SourceError) -> SourceError:
        level = logging.DEBUG if camera.camera_id in self._away else logging.WARNING
        log.log(level, "%s gave no picture: %s", camera.camera_id, fault)
        self._away.add(camera.camera_id)
        return fault
