"""A provider of messages for tests: a real HTTP server that answers as it is told and remembers what it was asked."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Asked:
    """One request as it came."""

    method: str
    query: dict[str, str]
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:
        """Its body."""
        return json.loads(self.body)


@dataclass
class Provider:
    """`answers` are given one after the other as (status, body), then `usual`. While `held` nothing is answered."""

    url: str = ""
    usual: str = '{"errcode": 0, "errmsg": "ok"}'
    answers: list[tuple[int, str]] = field(default_factory=list)
    held: bool = False
    asked: list[Asked] = field(default_factory=list)
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.Response:
        """One message."""
        self.asked.append(
            Asked(request.method, dict(request.query), dict(request.headers), (await request.read()).decode())
        )
        if self.held:
            await self.closing.wait()
        status, body = self.answers.pop(0) if self.answers else (200, self.usual)
        return web.Response(status=status, text=body, content_type="application/json")


@asynccontextmanager
async def open_provider() -> AsyncIterator[Provider]:
    """One on a free port."""
    provider = Provider()
    app = web.Application()
    app.router.add_route("*", "/send", provider.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    provider.url = f"http://127.0.0.1:{runner.addresses[0][1]}/send"
    try:
        yield provider
    finally:
        provider.closing.set()
        await runner.cleanup()
