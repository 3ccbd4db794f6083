"""A WVP server as it is met, over real HTTP: failures come with status 200, snapshots are of any age."""

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from aiohttp import web

TOKEN = "t0ken-of-the-bureau"
NVR = "34020000001320000264"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
FAILURES: Mapping[str, tuple[int, str]] = {
    "late": (-2, "收流超时"),
    "silent-device": (486, "超时或无响应"),
    "no-token": (401, "请登录后重新请求"),
    "unknown": (404, "资源未找到"),
    "no-channel": (100, "通道不存在"),
    "never-played": (100, "点播超时"),
    "broken": (100, "失败"),
}
"""By channel: what a start of it is answered with."""


class FakeWvp:
    """Listens on entering. `stream` is the address it tells of a started channel; `told` are the requests it got."""

    def __init__(self, stream: str, *, snapshot: bytes = b"") -> None:
        self._stream = stream
        self._snapshot = snapshot
        self.told: list[str] = []
        self.playing: set[str] = set()
        self.most_at_once = 0
        self.stopped = asyncio.Event()

    async def __aenter__(self) -> Self:
        app = web.Application()
        for path, handler in (
            ("/api/play/start/{device}/{channel}", self._start),
            ("/api/play/stop/{device}/{channel}", self._stop),
            ("/api/device/query/snap/{device}/{channel}", self._snap),
        ):
            app.router.add_get(path, handler)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, wrong: BaseException | None, where: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    def url(self, channel: str, *, more: str = "") -> str:
        """The source of a channel."""
        return f"wvp://127.0.0.1:{self._runner.addresses[0][1]}/{NVR}/{channel}?token={TOKEN}{more}"

    async def _start(self, request: web.Request) -> web.Response:
        channel = self._note(request, "start")
        if channel in FAILURES or request.headers.get("access-token") != TOKEN:
            code, said = FAILURES.get(channel, FAILURES["no-token"])
            return web.json_response({"code": code, "msg": said, "data": None})
        self.playing.add(channel)
        self.most_at_once = max(self.most_at_once, len(self.playing))
        if channel == "never-says":
            await asyncio.Event().wait()
        if channel == "html":
            return web.Response(text="<html><title>502 Bad Gateway</title></html>", content_type="text/html")
        urls = {"rtsp": self._stream, "flv": None, "hls": "http://x/y.m3u8"} if channel != "no-rtsp" else {"hls": "x"}
        return web.json_response({"code": 0, "msg": "成功", "data": {"app": "rtp", "tracks": [], **urls}})

    async def _stop(self, request: web.Request) -> web.Response:
        self.playing.discard(self._note(request, "stop"))
        self.stopped.set()
        return web.json_response({"code": 0, "msg": "成功", "data": None})

    async def _snap(self, request: web.Request) -> web.Response:
        channel = self._note(request, "snap")
        if channel == "none":
            return web.Response(status=204)
        return web.Response(body=PNG if channel == "logo" else self._snapshot, content_type="image/png")

    def _note(self, request: web.Request, what: str) -> str:
        channel = request.match_info["channel"]
        self.told.append(f"{what} {channel}")
        return channel
