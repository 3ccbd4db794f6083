"""The city's platform for tests: a real HTTP server that believes only what is signed, and answers as it is told."""

import asyncio
import hashlib
import hmac
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from cases.platform.signature import SIGNATURE

SECRET = "a-secret-of-the-city"
Said = int | str | tuple[int, str]
"""A status, a status with Retry-After, `hang` or `drop`."""
Behaviour = Callable[[str, int], Said]
"""By an event's case and how often it has come."""


@dataclass
class Platform:
    """What came and was taken, by case, in the order in which it came. Whatever is not signed is an error."""

    url: str = ""
    behave: Behaviour = lambda _case_id, _time: 200
    tries: list[str] = field(default_factory=list)
    taken: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    bodies: list[dict[str, Any]] = field(default_factory=list)
    unsigned: int = 0
    at_once: int = 0
    most_at_once: int = 0
    together: asyncio.Barrier | None = None
    came: asyncio.Event = field(default_factory=asyncio.Event)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One event."""
        body = await request.read()
        key = request.headers["Idempotency-Key"]
        self.unsigned += not is_ours(request.headers.get(SIGNATURE, ""), body)
        case_id = key.rpartition("/")[0]
        self.tries.append(key)
        self.came.set()
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if self.together:
                await self.together.wait()
            return await self._answer(request, key, case_id, body)
        finally:
            self.at_once -= 1

    async def _answer(self, request: web.Request, key: str, case_id: str, body: bytes) -> web.StreamResponse:
        said = self.behave(case_id, self.tries.count(key))
        if said == "hang":
            await self.let_go.wait()
            return web.Response(status=500)
        if said == "drop":
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        status, retry_after = said if isinstance(said, tuple) else (int(said), "")
        if 200 <= status < 300:
            self._take(key, case_id, json.loads(body))
        headers = {"Retry-After": retry_after} if retry_after else {}
        return web.Response(status=status, headers=headers, text="no" if status >= 400 else "")

    def _take(self, key: str, case_id: str, body: dict[str, Any]) -> None:
        assert body["key"] == key
        number = int(key.rpartition("/")[2])
        if number not in self.taken[case_id]:
            self.taken[case_id].append(number)
            self.bodies.append(body)


def is_ours(signature: str, body: bytes) -> bool:
    """Whether it was signed with the secret, as the page about it says."""
    parts = [part.partition("=") for part in signature.split(",")]
    at_s = next((value for name, _, value in parts if name == "t"), "")
    proof = hmac.new(SECRET.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
    return any(name == "v1" and hmac.compare_digest(value, proof) for name, _, value in parts)


@asynccontextmanager
async def open_platform(port: int = 0) -> AsyncIterator[Platform]:
    """A platform on a free port, or on this one."""
    platform = Platform()
    app = web.Application()
    app.router.add_post("/longcheng", platform.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    listener = web.TCPSite(runner, "127.0.0.1", port)
    await listener.start()
    platform.url = f"http://127.0.0.1:{runner.addresses[0][1]}/longcheng"
    try:
        yield platform
    finally:
        platform.let_go.set()
        await runner.cleanup()
