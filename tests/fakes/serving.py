"""A console that listens on loopback in a thread of its own, for clients that are not of this loop."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aiohttp import web

_PATIENCE_S = 60.0


@contextmanager
def serving(make: Callable[[], web.Application]) -> Iterator[str]:
    """The address of what `make` builds, which is called in the loop that serves it."""
    loop, ready, over = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    at: list[str] = []

    async def serve() -> None:
        runner = web.AppRunner(make(), access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        at.append(f"http://{host}:{port}")
        ready.set()
        await over.wait()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    try:
        if not ready.wait(_PATIENCE_S):
            raise TimeoutError("the console did not come up")
        yield at[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(_PATIENCE_S)
        loop.close()
