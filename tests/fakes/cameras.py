"""Cameras as they are met in the street, over real HTTP on a local port: good ones, and every kind of bad one."""

import asyncio
import base64
import contextlib
import hashlib
import itertools
from collections import Counter
from types import TracebackType
from typing import Self

import cv2
import numpy as np
from aiohttp import web
from numpy.typing import NDArray

USER, PASSWORD = "looker", "s3cret:word"
OLD = "Sat, 01 Nov 2025 08:00:00 GMT"
NOW = "Sat, 22 Nov 2025 08:00:00 GMT"


def jpeg(pixels: NDArray[np.uint8], quality: int = 90) -> bytes:
    """The picture as a JPEG."""
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return bytes(data)


class FakeCameras:
    """Listens on entering. `url(path)` is where a camera answers; what each path does stands in its handler.

    Every answer of `good` differs by a little noise, as a sensor's do. `show` changes what they show.
    """

    def __init__(self, picture: NDArray[np.uint8]) -> None:
        self._picture = picture
        self._variants: list[bytes] = []
        self._numbers = itertools.count()
        self._chance = np.random.default_rng(7)
        self._pictures: dict[str, list[bytes]] = {}
        self._held: set[asyncio.StreamWriter] = set()
        self.visits: Counter[str] = Counter()
        self.at_once = 0
        self.most_at_once = 0

    async def __aenter__(self) -> Self:
        app = web.Application()
        for path, handler in (
            ("/good/{name}", self._good),
            ("/basic", self._basic),
            ("/digest", self._digest),
            ("/status/{code}", self._status),
            ("/cut-answer", self._cut_answer),
            ("/cut-picture", self._cut_picture),
            ("/html", self._html),
            ("/slow", self._slow),
            ("/large", self._large),
            ("/old", self._old),
        ):
            app.router.add_get(path, handler)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._hole = await asyncio.start_server(self._say_nothing, "127.0.0.1", 0)
        self.show("", self._picture)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, wrong: BaseException | None, where: TracebackType | None
    ) -> None:
        self._hole.close()
        for writer in self._held:
            writer.close()
        await self._hole.wait_closed()
        await self._runner.cleanup()

    def url(self, path: str, *, user: str = "") -> str:
        """The address of one camera; `user` is `name:password`, as it stands in a URL."""
        at = f"{user}@" if user else ""
        return f"http://{at}127.0.0.1:{self._runner.addresses[0][1]}/{path}"

    @property
    def black_hole(self) -> str:
        """The address of one that takes the connection and never says a word."""
        return f"http://127.0.0.1:{self._hole.sockets[0].getsockname()[1]}/snapshot.jpg"

    @property
    def held(self) -> int:
        """How many wait for the black hole's word now."""
        return len(self._held)

    def show(self, name: str, picture: NDArray[np.uint8]) -> None:
        """What `good/{name}` shows from now on; "" is all that were given nothing of their own."""
        noise = self._chance.normal(0, 3, (4, *picture.shape))
        self._pictures[name] = [jpeg(np.clip(picture + part, 0, 255).astype(np.uint8)) for part in noise]

    def freeze(self, name: str) -> None:
        """`good/{name}` gives the same bytes for ever."""
        self._pictures[name] = [jpeg(self._picture)]

    async def _good(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.visits[name] += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(0)
            kind = self._pictures.get(name) or self._pictures[""]
            number = next(self._numbers)
            # a comment after the picture makes every answer's bytes its own without drawing it anew
            data = kind[number % len(kind)] + (number.to_bytes(8) if len(kind) > 1 else b"")
            return web.Response(body=data, content_type="image/jpeg")
        finally:
            self.at_once -= 1

    async def _basic(self, request: web.Request) -> web.Response:
        expected = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {expected}":
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="camera"'})
        return await self._old(request, old=False)

    async def _digest(self, request: web.Request) -> web.Response:
        challenge = {"WWW-Authenticate": 'Digest realm="camera", nonce="n0nce", qop="auth", algorithm=MD5'}
        given = request.headers.get("Authorization", "")
        if not given.startswith("Digest "):
            return web.Response(status=401, headers=challenge)
        fields = dict(part.strip().split("=", 1) for part in given.removeprefix("Digest ").split(", "))
        fields = {key: value.strip('"') for key, value in fields.items()}
        secret = _md5(f"{USER}:camera:{PASSWORD}")
        method = _md5(f"GET:{fields['uri']}")
        expected = _md5(f"{secret}:n0nce:{fields['nc']}:{fields['cnonce']}:auth:{method}")
        if fields["response"] != expected:
            return web.Response(status=401, headers=challenge)
        return await self._old(request, old=False)

    async def _status(self, request: web.Request) -> web.Response:
        return web.Response(status=int(request.match_info["code"]), text="no")

    async def _cut_answer(self, request: web.Request) -> web.StreamResponse:
        data = self._pictures[""][0]
        answer = web.StreamResponse(headers={"Content-Type": "image/jpeg", "Content-Length": str(len(data))})
        await answer.prepare(request)
        await answer.write(data[: len(data) // 2])
        assert request.transport is not None
        request.transport.close()
        return answer

    async def _cut_picture(self, _request: web.Request) -> web.Response:
        data = self._pictures[""][0]
        return web.Response(body=data[: len(data) // 2], content_type="image/jpeg")

    async def _html(self, _request: web.Request) -> web.Response:
        return web.Response(text="<html><body>please log in</body></html>", content_type="text/html")

    async def _slow(self, request: web.Request) -> web.StreamResponse:
        """A drop at a time: no pause is long, and the picture never ends."""
        answer = web.StreamResponse(headers={"Content-Type": "image/jpeg"})
        await answer.prepare(request)
        with contextlib.suppress(ConnectionError):
            for drop in itertools.cycle(self._pictures[""][0][:64]):
                await answer.write(bytes([drop]))
                await asyncio.sleep(0.02)
        return answer

    async def _large(self, _request: web.Request) -> web.Response:
        return web.Response(body=self._pictures[""][0] + bytes(4 << 20), content_type="image/jpeg")

    async def _old(self, _request: web.Request, *, old: bool = True) -> web.Response:
        headers = {"Last-Modified": OLD, "Date": NOW} if old else {}
        return web.Response(body=self._pictures[""][0], content_type="image/jpeg", headers=headers)

    async def _say_nothing(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._held.add(writer)
        try:
            with contextlib.suppress(ConnectionError):
                while await reader.read(4096):
                    pass
        finally:
            self._held.discard(writer)
            writer.close()


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
