"""What `serve` keeps of looks, and how it asks a camera for one."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from app.lifecycle import Lifecycle
from config.live_cameras import LiveCameras
from config.load import Site
from domain.errors import ChannelError, StoreUnavailable
from ingest.commands import Commands
from storage.last_views import FOLDER, LastViews
from storage.looks import FILE, Looks

_ASKED_S = 6.0
_LOOK_NOW = b'{"command": "look_now", "reason": "asked on the console"}'


def with_live_cameras(site: Site) -> tuple[Site, Callable[[Site], None]]:
    """The site with cameras whose zones may be redrawn, and what takes over those of another reading of it."""
    cameras = LiveCameras(site.cameras)
    return replace(site, cameras=cameras), lambda now: cameras.take_over(now.cameras)


def open_looks(data: Path, life: Lifecycle) -> Looks:
    """The last looks of every camera; closed with `life`. Raises StoreUnavailable."""
    looks = Looks(data / FILE)
    life.on_stop("looks", looks.close)
    return looks


def prune_views(site: Site, before_ms: int) -> int:
    """Let go of last pictures from before, and of cameras that are no more. Returns how many went."""
    return LastViews(site.settings.data_dir / FOLDER).prune(site.cameras.keys(), before_ms)


def looker(site: Site, commands: Commands) -> Callable[[str], None]:
    """Asks a camera's worker for a look, from any thread but the loop's. Raises StoreUnavailable if nobody hears it."""
    loop = asyncio.get_running_loop()

    def ask(camera_id: str) -> None:
        topic = f"{site.settings.mqtt.root}/camera/{camera_id}/command"
        try:
            asyncio.run_coroutine_threadsafe(commands.publish(topic, _LOOK_NOW), loop).result(_ASKED_S)
        except (ChannelError, TimeoutError) as problem:
            raise StoreUnavailable(f"the camera could not be asked: {problem}") from None

    return ask
