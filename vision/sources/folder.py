"""`folder:///path`: a folder that pictures are put into, for instance by a camera's FTP upload. The newest counts."""

import asyncio

import aiohttp

from domain.errors import SourceError, SourceFault
from domain.register import Camera
from vision.picture import Picture
from vision.sources.file import local_path, read

SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})


class Folder:
    """The newest picture of a folder. Its time is when it was written, so an upload that stopped shows as stale."""

    def __init__(self, camera: Camera, _session: aiohttp.ClientSession, max_bytes: int) -> None:
        self._folder = local_path(camera)
        self._max_bytes = max_bytes

    async def fetch(self) -> Picture:
        """The newest picture. Raises SourceError: not_found, unreachable or not_an_image."""
        return await asyncio.to_thread(self._newest)

    def _newest(self) -> Picture:
        try:
            found = [
                (path.stat().st_mtime_ns, path) for path in self._folder.iterdir() if path.suffix.lower() in SUFFIXES
            ]
        except FileNotFoundError:
            raise SourceError(SourceFault.NOT_FOUND, f"there is no {self._folder}") from None
        except OSError as wrong:
            raise SourceError(SourceFault.UNREACHABLE, f"{self._folder}: {wrong.strerror}") from None
        if not found:
            raise SourceError(SourceFault.NOT_FOUND, f"no {', '.join(sorted(SUFFIXES))} in {self._folder}")
        written_ns, path = max(found)
        return Picture(data=read(path, self._max_bytes), own_ms=written_ns // 1_000_000)
