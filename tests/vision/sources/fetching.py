"""One visit to a source, in a test."""

import time
from dataclasses import dataclass

import aiohttp
import pytest

from domain.clock import Clock, SystemClock
from domain.errors import SourceError
from tests.vision.scenes import camera
from vision.picture import Picture
from vision.sources import open_source
from vision.sources.means import Means

LIMIT_S = 5.0


async def fetch(
    url: str, *, times: int = 1, limit_s: float = LIMIT_S, max_bytes: int = 1 << 20, clock: Clock | None = None
) -> Picture:
    """What the source gives, the last time."""
    async with aiohttp.ClientSession() as session:
        means = Means(session=session, max_bytes=max_bytes, limit_s=limit_s, clock=clock or SystemClock())
        source = open_source(camera(source=url), means)
        try:
            for _ in range(times):
                picture = await source.fetch()
            return picture
        finally:
            await means.errands.finish(LIMIT_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """How a visit ended that brought nothing."""

    error: SourceError
    took_s: float


async def failure(url: str, *, limit_s: float = LIMIT_S, max_bytes: int = 1 << 20) -> Failed:
    """Why the source gives nothing, and how long that took."""
    began_s = time.monotonic()
    with pytest.raises(SourceError) as caught:
        await fetch(url, limit_s=limit_s, max_bytes=max_bytes)
    return Failed(error=caught.value, took_s=time.monotonic() - began_s)
