"""Reading what the console sends."""

import asyncio
import json
from typing import Any

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient

Client = TestClient[web.Request, web.Application]
TOKEN = "correct horse battery staple"


async def text_of(client: Client, path: str, *, status: int = 200) -> str:
    """The body of a page."""
    async with client.get(path) as answer:
        assert answer.status == status, (path, answer.status)
        return await answer.text()


async def json_of(client: Client, path: str, *, status: int = 200) -> Any:
    """The body of a read."""
    return json.loads(await text_of(client, path, status=status))


async def post(
    client: Client, path: str, body: object, *, token: str | None = TOKEN, status: int = 200, method: str = "POST"
) -> Any:
    """The answer to a write; `body` is sent as JSON, or as it is if it is bytes."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with client.request(method, path, data=data, headers=headers) as answer:
        text = await answer.text()
        assert answer.status == status, (path, answer.status, text)
        assert answer.content_type == ("application/json" if status < 300 else "application/problem+json")
        return json.loads(text)


async def next_event(stream: ClientResponse, wanted: str) -> Any:
    """The data of the next event of this name; others are passed over."""
    async with asyncio.timeout(60):
        name = ""
        while True:
            line = (await stream.content.readline()).decode()
            assert line, f"the stream ended before {wanted!r}"
            field, _, value = line.rstrip("\n").partition(": ")
            if field == "event":
                name = value
            elif field == "data" and name == wanted:
                return json.loads(value)
