"""A headless Chromium that opens pages as for the first time, or again, and tells how long each took."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
from msgspec import Struct

from app.bench.rig import BenchError

BINARY: Final = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_FLAGS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-port=0",
)  # fmt: skip
_PATIENCE_S: Final = 60.0
_USABLE: Final = """(() => {
    const begun = () => performance.getEntriesByType("navigation")[0]?.domContentLoadedEventEnd > 0;
    const look = () => begun() && (%s)
        ? requestAnimationFrame(() => setTimeout(() => { window.usableMs = performance.now(); }))
        : requestAnimationFrame(look);
    look();
})()"""
_TIMES: Final = """new Promise(done => {
    const painted = () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime;
    const look = () => window.usableMs === undefined || painted() === undefined
        ? setTimeout(look, 20) : done([painted(), window.usableMs]);
    look();
})"""
"""A browser tells of a paint some frames after it: of a page that was quick, after it was usable."""


class Opened(Struct, frozen=True, kw_only=True):
    """One page, milliseconds from asking for it, bytes as they came over the wire (packed)."""

    paint_ms: float
    """First contentful paint."""
    usable_ms: float
    """Its document is there, its scripts have begun, and what it draws by itself is drawn."""
    script_bytes: int
    bytes: int


class Browser:
    """Profiles that know nothing yet, in one process."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket, self._calls = socket, 0
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._loaded = asyncio.Event()
        self._kinds: dict[str, str] = {}
        self._bytes: dict[str, int] = {}
        self._listening = asyncio.create_task(self._listen())

    @asynccontextmanager
    async def profile(self, address: str, cookies: Mapping[str, str]) -> AsyncIterator["Profile"]:
        """One with these cookies and nothing else; gone with the block."""
        context = (await self._call("Target.createBrowserContext"))["browserContextId"]
        try:
            target = await self._call("Target.createTarget", url="about:blank", browserContextId=context)
            attached = await self._call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
            yield await Profile.of(self, str(attached["sessionId"]), address, cookies)
        finally:
            await self._call("Target.disposeBrowserContext", browserContextId=context)

    async def call(self, session: str, method: str, **params: Any) -> Any:
        """One command to a page, and its answer."""
        return await self._call(method, session, **params)

    async def loaded(self) -> None:
        """Wait until the page that was asked for last has loaded."""
        await asyncio.wait_for(self._loaded.wait(), _PATIENCE_S)

    def forget(self) -> None:
        """Count anew."""
        self._loaded.clear()
        self._kinds.clear()
        self._bytes.clear()

    def came(self) -> tuple[int, int]:
        """Bytes of script and of everything since `forget`."""
        script = sum(n for key, n in self._bytes.items() if self._kinds.get(key) == "Script")
        return script, sum(self._bytes.values())

    async def close(self) -> None:
        """Listen no more."""
        self._listening.cancel()
        await self._socket.close()

    async def _call(self, method: str, session: str = "", **params: Any) -> Any:
        self._calls += 1
        answer = self._answers[self._calls] = asyncio.get_running_loop().create_future()
        to = {"sessionId": session} if session else {}
        await self._socket.send_json({"id": self._calls, "method": method, "params": params, **to})
        return await asyncio.wait_for(answer, _PATIENCE_S)

    async def _listen(self) -> None:
        async for message in self._socket:
            event = json.loads(message.data)
            if "id" in event:
                waiting = self._answers.pop(event["id"], None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(event.get("result", {}))
                continue
            told = event.get("params", {})
            match event["method"]:
                case "Page.loadEventFired":
                    self._loaded.set()
                case "Network.responseReceived":
                    self._kinds[told["requestId"]] = told["type"]
                case "Network.loadingFinished":
                    self._bytes[told["requestId"]] = int(told["encodedDataLength"])


class Profile:
    """One tab of a profile."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self._session = browser, session

    @classmethod
    async def of(cls, browser: Browser, session: str, address: str, cookies: Mapping[str, str]) -> "Profile":
        """With these cookies of an address."""
        made = cls(browser, session)
        for domain in ("Page", "Network"):
            await made._call(f"{domain}.enable")
        await made._call(
            "Emulation.setDeviceMetricsOverride", width=1440, height=900, deviceScaleFactor=1, mobile=False
        )
        for name, value in cookies.items():
            await made._call("Network.setCookie", name=name, value=value, url=address)
        return made

    async def open(self, url: str, drawn: str = "true") -> Opened:
        """Load a page until it is usable: until `drawn`, a JavaScript expression, holds, and a frame has passed."""
        script = await self._call("Page.addScriptToEvaluateOnNewDocument", source=_USABLE % drawn)
        await self._go(url)
        told = await self._call("Runtime.evaluate", expression=_TIMES, awaitPromise=True, returnByValue=True)
        if "result" not in told or "value" not in told["result"]:
            raise BenchError(f"{url} never became usable: {told}")
        paint_ms, usable_ms = told["result"]["value"]
        scripts, everything = self._browser.came()
        await self._call("Page.removeScriptToEvaluateOnNewDocument", identifier=script["identifier"])
        await self._go("about:blank")
        return Opened(paint_ms=paint_ms, usable_ms=usable_ms, script_bytes=scripts, bytes=everything)

    async def _go(self, url: str) -> None:
        self._browser.forget()
        await self._call("Page.navigate", url=url)
        await self._browser.loaded()

    async def _call(self, method: str, **params: Any) -> Any:
        return await self._browser.call(self._session, method, **params)


@asynccontextmanager
async def chromium(folder: Path) -> AsyncIterator[Browser | None]:
    """A browser that is gone with the block; None where none is installed."""
    if BINARY is None:
        yield None
        return
    command = (BINARY, *_FLAGS, f"--user-data-dir={folder}", "about:blank")
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None  # noqa: S101 it was started with a pipe
    try:
        where = await asyncio.wait_for(_where(process.stderr), _PATIENCE_S)
        async with aiohttp.ClientSession() as session, session.ws_connect(where, max_msg_size=0) as socket:
            browser = Browser(socket)
            try:
                yield browser
            finally:
                await browser.close()
    finally:
        process.kill()
        await process.communicate()


async def _where(errors: asyncio.StreamReader) -> str:
    async for line in errors:
        if b"DevTools listening on" in line:
            return line.rsplit(b" ", 1)[1].decode().strip()
    raise BenchError("Chromium ended before it listened")
