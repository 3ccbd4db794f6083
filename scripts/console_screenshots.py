"""Walks every page of a running demo and keeps how it looks, for docs/images.

longcheng demo --port 8080 &          # and set a password by the link that it prints
PASSWORD=… .venv/bin/python -m scripts.console_screenshots http://127.0.0.1:8080 demo
"""

import asyncio
import base64
import os
import sys
import tempfile
from pathlib import Path

import aiohttp

from console.pages.rail import RAIL
from tests.fakes.chromium import Tab, chromium

IMAGES = Path(__file__).parent.parent / "docs" / "images"
LOOKS = (
    (1920, True, "zh-CN"),
    (1440, False, "zh-CN"),
    (390, False, "zh-CN"),
    (1440, True, "en"),
    (390, False, "en"),
)
"""A wall at night, a desk by day, a phone, and a desk at night and a phone of an English reader."""
IN_ENGLISH = ("overview", "cases-one", "review")
"""Those that the English pages of the docs show."""
_TALLEST_PX = 1500
_QUALITY = 64
_PICTURES = """Promise.race([new Promise(done => setTimeout(done, 6000)),
    Promise.all(Array.from(document.images, one => {
    one.loading = "eager";
    return one.decode().catch(() => 0);
}))])"""
_SETTLED = "new Promise(done => setTimeout(done, 1500))"
ONE_OF = {one: f"/{one}/" for one in ("cases", "cameras", "devices", "rules", "deadletters")}
"""Of these lists the first thing is opened, too."""

QUEUES = ("contest", "verify")
"""Of the review, beside the queue that it opens with."""


async def main(address: str, name: str, password: str, only: list[str]) -> None:
    """All pages, each in every look that the docs want."""
    cookie = await _sign_in(address, name, password) if name else ""
    with tempfile.TemporaryDirectory() as profile:
        async with chromium(Path(profile)) as tab:
            if cookie:
                await tab.call("Network.setCookie", name="longcheng_session", value=cookie, url=address)
            for stop in RAIL:
                if only and stop.name not in only:
                    continue
                await _walk(tab, address, stop.name, stop.href)
                for queue in QUEUES if stop.name == "review" else ():
                    await _walk(tab, address, f"review-{queue}", f"{stop.href}?queue={queue}")
                if (start := ONE_OF.get(stop.name)) and (href := await _first(tab, start)):
                    await _walk(tab, address, f"{stop.name}-one", href)
            if not only or "account" in only:
                await _walk(tab, address, "account", "/account")


async def _walk(tab: Tab, address: str, name: str, path: str) -> None:
    for width, dark, language in LOOKS:
        if language == "en" and name not in IN_ENGLISH:
            continue
        await tab.call("Network.setCookie", name="lang", value=language, url=address)
        await tab.open(address + path, width=width, height=900 if width < 1900 else 1080, dark=dark)
        await tab.run(_PICTURES)
        await tab.run(_SETTLED)
        tall = min(_TALLEST_PX, int(await tab.run("document.documentElement.scrollHeight")))
        clip = {"x": 0, "y": 0, "width": width, "height": tall, "scale": 1}
        facts = {"format": "webp", "quality": _QUALITY, "clip": clip, "captureBeyondViewport": True}
        shot = base64.b64decode((await tab.call("Page.captureScreenshot", **facts))["data"])
        file = IMAGES / f"console-{name}-{width}{'-en' if language == 'en' else ''}.webp"
        await asyncio.to_thread(file.write_bytes, shot)
        print(file.name, f"{len(shot) / 1000:.0f} kB", tab.complaints or "no complaints", flush=True)
        tab.complaints.clear()


async def _first(tab: Tab, start: str) -> str:
    link = f'main a[href^="{start}"]:not([href="/rules/silences"])'
    return str(await tab.run(f"document.querySelector('{link}')?.getAttribute('href')") or "")


async def _sign_in(address: str, name: str, password: str) -> str:
    body = {"name": name, "password": password}
    async with aiohttp.ClientSession() as session, session.post(f"{address}/api/v1/session", json=body) as answer:
        answer.raise_for_status()
        return answer.cookies["longcheng_session"].value


if __name__ == "__main__":
    IMAGES.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(sys.argv[1].rstrip("/"), (sys.argv[2:3] or [""])[0], os.environ.get("PASSWORD", ""), sys.argv[3:]))
