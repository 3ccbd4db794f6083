"""A headless Chromium spoken to over its debugging protocol: a real page, a real width, its own console."""

import asyncio
import base64
import contextlib
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

BINARY = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-port=0",
)  # fmt: skip
_PATIENCE_S = 60.0


class PageLeft(Exception):
    """A script has no answer: another page came before it was through."""


class Tab:
    """One page. `complaints` holds what its console and its Content-Security-Policy complained about, and every dialog
    that a script opened, which is dismissed."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.complaints: list[str] = []
        self.downloads: dict[str, int] = {}
        """Of the page that was opened last: bytes of each script, unpacked, by its address."""
        self.asked: list[str] = []
        """Every address that it asked for since then."""
        self._socket = socket
        self._calls = 0
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._loaded = asyncio.Event()
        self._scripts: dict[str, str] = {}
        self._listening = asyncio.create_task(self._listen())

    async def call(self, method: str, **params: Any) -> Any:
        """One command of the protocol and its answer."""
        self._calls += 1
        answer = self._answers[self._calls] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": self._calls, "method": method, "params": params})
        return await asyncio.wait_for(answer, _PATIENCE_S)

    async def open(self, url: str, *, width: int, height: int = 900, dark: bool = False) -> None:
        """Load a page at a width in CSS pixels."""
        for domain in ("Page", "Runtime", "Log", "Network"):
            await self.call(f"{domain}.enable")
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.call("Emulation.setEmulatedMedia", features=[scheme])
        await self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        self._loaded.clear()
        self.downloads.clear()
        self._scripts.clear()
        self.asked.clear()
        await self.call("Page.navigate", url=url)
        await asyncio.wait_for(self._loaded.wait(), _PATIENCE_S)

    async def run(self, script: str) -> Any:
        """The value of a JavaScript expression; a promise is awaited. Raises PageLeft."""
        answer = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "result" not in answer:
            raise PageLeft(f"the page was left while it ran {script[:200]}")
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    async def follow(self, script: str) -> None:
        """Run a JavaScript expression that leads to another page, and wait until that is there."""
        self._loaded.clear()
        await self.run(script)
        await asyncio.wait_for(self._loaded.wait(), _PATIENCE_S)

    async def screenshot(self, path: Path) -> None:
        """The whole page, below the fold too, as PNG."""
        shot = await self.call("Page.captureScreenshot", captureBeyondViewport=True)
        await asyncio.to_thread(path.write_bytes, base64.b64decode(shot["data"]))

    async def close(self) -> None:
        """Listen no more."""
        self._listening.cancel()
        await self._socket.close()

    async def _listen(self) -> None:
        async for message in self._socket:
            event = json.loads(message.data)
            if "id" in event:
                self._answer(event)
            else:
                await self._hear(event["method"], event["params"])

    def _answer(self, event: Any) -> None:
        waiting = self._answers.pop(event["id"], None)
        if waiting is not None and not waiting.done():
            waiting.set_result(event.get("result", {}))

    async def _hear(self, method: str, told: Any) -> None:
        match method:
            case "Page.loadEventFired":
                self._loaded.set()
            case "Runtime.exceptionThrown":
                self.complaints.append(str(told["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if told["type"] in {"error", "warning", "assert"}:
                self.complaints.append(str([said.get("value", said.get("description")) for said in told["args"]]))
            case "Log.entryAdded" if told["entry"]["level"] in {"error", "warning"}:
                self.complaints.append(f"{told['entry']['text']} {told['entry'].get('url', '')}".rstrip())
            case "Page.javascriptDialogOpening":
                self.complaints.append(f"a dialog: {told['message']}")
                await self._socket.send_json({"id": 0, "method": "Page.handleJavaScriptDialog", "params": {}})
            case "Network.requestWillBeSent":
                self.asked.append(told["request"]["url"])
            case "Network.responseReceived" if told["type"] == "Script":
                self._scripts[told["requestId"]] = told["response"]["url"]
            case "Network.dataReceived" if told["requestId"] in self._scripts:
                url = self._scripts[told["requestId"]]
                self.downloads[url] = self.downloads.get(url, 0) + told["dataLength"]


@contextlib.asynccontextmanager
async def chromium(profile: Path) -> AsyncIterator[Tab]:
    """A browser with one tab, its profile in an empty folder; gone with the block."""
    assert BINARY is not None
    process = await asyncio.create_subprocess_exec(
        BINARY, *_FLAGS, f"--user-data-dir={profile}", "about:blank",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        port = await asyncio.wait_for(_port(process.stderr), _PATIENCE_S)
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                pages = [page for page in await answer.json() if page["type"] == "page"]
            tab = Tab(await session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0))
            try:
                yield tab
            finally:
                await tab.close()
    finally:
        process.kill()
        await process.communicate()


async def _port(errors: asyncio.StreamReader) -> int:
    async for line in errors:
        if b"DevTools listening on" in line:
            return int(line.rsplit(b":", 1)[1].split(b"/")[0])
    raise AssertionError("Chromium ended before it listened")
