"""Makes the pictures in docs/images from the running demo: `.venv/bin/python -m scripts.screenshots`."""

import asyncio
import sys
import tempfile
from pathlib import Path

import cv2

from tests.fakes.chromium import chromium

IMAGES = Path(__file__).parent.parent / "docs" / "images"
_LOAD_EVERY_PICTURE = """Promise.all(Array.from(document.images, image => {
    image.loading = "eager";
    return image.decode().catch(() => image.src);
}))"""
_SHOWN_PX = 1700
"""A reader of the README sees the upper part; the whole page is much longer."""
ALIVE_S = 110.0
"""By then shops have corrected themselves and the first cases are there."""
SHOTS = (
    ("overview", "?lang=zh-CN", 1440, False),
    ("overview-en-dark", "?lang=en", 1440, True),
    ("phone", "?lang=zh-CN", 390, False),
)


async def main() -> None:
    """Run a demo, let it live, take the pictures, stop it."""
    command = (sys.executable, "-m", "app", "demo", "--headless", "--port", "0")
    demo = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert demo.stdout is not None
    address = (await demo.stdout.readline()).decode().strip().removeprefix("console: ")
    print(f"{address}: taking pictures in {ALIVE_S:.0f} s")
    await asyncio.sleep(ALIVE_S)
    try:
        for name, query, width, dark in SHOTS:
            with tempfile.TemporaryDirectory() as profile:
                await _shoot(f"{address}{query}", IMAGES / f"{name}.png", Path(profile), width=width, dark=dark)
    finally:
        demo.terminate()
        await demo.wait()


async def _shoot(url: str, image: Path, profile: Path, *, width: int, dark: bool) -> None:
    async with chromium(profile) as tab:
        await tab.open(url, width=width, dark=dark)
        await tab.run(_LOAD_EVERY_PICTURE)
        await tab.screenshot(image)
        cv2.imwrite(str(image), cv2.imread(str(image))[:_SHOWN_PX])
        print(image.name, tab.complaints or "no complaints")


if __name__ == "__main__":
    IMAGES.mkdir(parents=True, exist_ok=True)
    asyncio.run(main())
