"""The demo's cameras for a single look while the demo itself isn't running."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.demo.cameras import SnapshotServer
from app.demo.frames import Frames
from app.demo.ports import CAMERAS, SEED, SILENT, is_free
from app.demo.scenes import read_scenes
from config.load import Site
from domain.clock import SystemClock


@asynccontextmanager
async def demo_cameras(site: Site) -> AsyncIterator[None]:
    """Have a demo site's cameras answer for this while, unless they do already. Other sites are left alone."""
    if site.settings.demo is None or not is_free(CAMERAS):
        yield
        return
    sys.stderr.write("the demo isn't running: starting its cameras for this look\n")
    frames = Frames(seed=SEED, timezone=site.timezone)
    server = SnapshotServer(read_scenes(site.folder / "scenes.csv"), frames, SystemClock())
    await server.start(port=CAMERAS, silent_port=SILENT)
    try:
        yield
    finally:
        await server.stop()
