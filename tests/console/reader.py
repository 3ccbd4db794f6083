"""Reading what the console sends."""

import asyncio
import json
from typing import Any

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient

Client = TestClient[web.Request, web.Application]


async def text_of(client: Client, path: str, *, status: int = 200) -> str:
    """The body of a page."""
    async with client.get(path) as answer:
        assert answer.status == status, (path, answer.status)
        return await answer.text()


async def json_of(client: Client, path: str, *, status: int = 200) -> Any:
    """The body of a read."""
    return json.loads(await text_of(client, path, status=status))


async def next_event(stream: ClientResponse, wanted: str) -> Any:
    """The data of the next event of this name; others are passed over."""
    async with asyncio.timeout(10):
        name = ""
        while True:
            line = (await stream.content.readline()).decode()
            assert line, f"the stream ended before {wanted!r}"
            field, _, value = line.rstrip("\n").partition(": ")
            if field == "event":
                name = value
            elif field == "data" and name == wanted:
                return json.loads(value)
