"""Where pictures come from: one file a kind, chosen by the scheme of the camera's URL."""

from collections.abc import Callable
from urllib.parse import urlsplit

import aiohttp

from domain.errors import ConfigError
from domain.register import Camera
from vision.sources.file import File
from vision.sources.folder import Folder
from vision.sources.http import Http
from vision.sources.source import Source

Opener = Callable[[Camera, aiohttp.ClientSession, int], Source]

SOURCES: dict[str, Opener] = {"http": Http, "https": Http, "file": File, "folder": Folder}


def check_source(camera: Camera) -> str:
    """The scheme of the camera's source. Raises ConfigError, without credentials, for one that cannot be read."""
    parts = urlsplit(camera.source)
    if parts.scheme in SOURCES:
        return parts.scheme
    raise ConfigError(
        f"camera {camera.camera_id}: source {parts.scheme}://{parts.hostname or '…'}{parts.path}: "
        f"this version reads {', '.join(SOURCES)}"
    )


def open_source(camera: Camera, session: aiohttp.ClientSession, *, max_bytes: int) -> Source:
    """The camera's source. Connects to nothing yet. Raises ConfigError as `check_source` does."""
    return SOURCES[check_source(camera)](camera, session, max_bytes)


def host_of(camera: Camera) -> str:
    """Who is troubled by a visit: visits are counted by host. Files of one machine count as one host each."""
    parts = urlsplit(camera.source)
    if parts.hostname is None:
        return camera.source
    return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
