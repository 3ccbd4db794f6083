"""`file:///path/picture.jpg`: one file, read anew at each visit."""

import asyncio
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiohttp

from config.source import without_login
from domain.errors import ConfigError, SourceError, SourceFault
from domain.register import Camera
from vision.picture import Picture


class File:
    """One file. It says nothing about its time: who wrote it last may only have copied it."""

    def __init__(self, camera: Camera, _session: aiohttp.ClientSession, max_bytes: int) -> None:
        self._path = local_path(camera)
        self._max_bytes = max_bytes

    async def fetch(self) -> Picture:
        """The file's bytes. Raises SourceError: not_found, unreachable or not_an_image."""
        return Picture(data=await asyncio.to_thread(read, self._path, self._max_bytes))


def local_path(camera: Camera) -> Path:
    """The path of a file:// or folder:// source. Raises ConfigError for one that does not begin at the root."""
    parts = urlsplit(camera.source)
    if parts.netloc or not parts.path.startswith("/"):
        raise ConfigError(
            f"camera {camera.camera_id}: source is {without_login(camera.source)!r}; "
            f"write the whole path after {parts.scheme}://, e.g. {parts.scheme}:///srv/pictures"
        )
    return Path(unquote(parts.path))


def read(path: Path, max_bytes: int) -> bytes:
    """The bytes of a file. Raises SourceError if it is not there, not readable or too long."""
    try:
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except FileNotFoundError:
        raise SourceError(SourceFault.NOT_FOUND, f"there is no {path}") from None
    except OSError as wrong:
        raise SourceError(SourceFault.UNREACHABLE, f"{path}: {wrong.strerror}") from None
    if len(data) > max_bytes:
        raise SourceError(SourceFault.NOT_AN_IMAGE, f"{path} is longer than the {max_bytes} bytes allowed")
    return data
