"""A bureau's gateway for tests: a real HTTP server that answers as it is told and remembers what it got."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class Gateway:
    """`answers` are given one after the other, then 200. While `held` is set nothing is answered at all."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    held: bool = False
    keys: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)
    got_one: asyncio.Event = field(default_factory=asyncio.Event)
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.Response:
        """One notice."""
        self.keys.append(request.headers["Idempotency-Key"])
        self.signatures.append(request.headers.get("X-Longcheng-Signature", ""))
        self.bodies.append(await request.read())
        self.got_one.set()
        if self.held:
            await self.closing.wait()
        status = self.answers.pop(0) if self.answers else 200
        return web.Response(status=status, headers={"Location": "/elsewhere"} if status == 302 else {})


@asynccontextmanager
async def open_gateway() -> AsyncIterator[Gateway]:
    """A gateway on a free port."""
    gateway = Gateway()
    app = web.Application()
    app.router.add_post("/notices", gateway.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    listener = web.TCPSite(runner, "127.0.0.1", 0)
    await listener.start()
    gateway.url = f"http://127.0.0.1:{runner.addresses[0][1]}/notices"
    try:
        yield gateway
    finally:
        gateway.closing.set()
        await runner.cleanup()
