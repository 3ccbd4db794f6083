"""From a message to its alarm, as whoever asks the product sees it."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from app.bench.traffic import Traffic, device_id

_POLL_S = 0.02
_LAST_ALARM_S = 10.0
_PAGE = 20
_MOST = 1000
_RULE = "charger-residual"


class Alarms:
    """Asks the product's API for its newest alarms, and notes when each was first answered."""

    def __init__(self, address: str) -> None:
        self._url = f"{address}api/v1/alarms"
        self.seen_s: dict[str, float] = {}
        """By subject, seconds of the monotonic clock."""
        self._newest = 0
        self._grown = asyncio.Event()

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Ask every 20 ms until the end of the block."""
        task = asyncio.create_task(self._watch(), name="alarms")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _watch(self) -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                limit = _PAGE
                while not await self._ask(session, limit):
                    limit = _MOST  # more new ones than a page holds
                await asyncio.sleep(_POLL_S)

    async def _ask(self, session: aiohttp.ClientSession, limit: int) -> bool:
        """False if every alarm of a full answer was new, so that older ones may be new too."""
        async with session.get(self._url, params={"open": "false", "limit": str(limit)}) as answer:
            answer.raise_for_status()
            items = (await answer.json())["items"]
        now_s = time.monotonic()
        fresh = [item for item in items if item["id"] > self._newest]
        for item in fresh:
            if item["rule_id"] == _RULE:
                self._grown.set()
                self.seen_s.setdefault(item["subject"], now_s)
        if limit < _MOST and len(fresh) == limit:
            return False
        self._newest = max((item["id"] for item in fresh), default=self._newest)
        return True

    async def wait_for(self, subjects: set[str]) -> None:
        """Until all are seen, or for ten seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_ALARM_S):
                while not subjects <= self.seen_s.keys():
                    self._grown.clear()
                    await self._grown.wait()


def subject(traffic: Traffic, number: int) -> str:
    """Of which socket a message speaks."""
    device, port, _ = traffic.key(number)
    return f"{device_id(device)}/{port}"
