"""`folder:///path`: a folder that pictures are put into, for instance by a camera's FTP upload. The newest counts."""

import os
from pathlib import Path
from typing import Final

from domain.errors import SourceError, SourceFault
from vision.picture import Picture
from vision.sources.address import Address
from vision.sources.file import local_path, read
from vision.sources.means import Means

SUFFIXES: Final = (".jpg", ".jpeg", ".png")
ENDS: Final = (b"\xff\xd9", b"IEND\xaeB`\x82")
"""Of a JPEG and a PNG."""
END_WITHIN: Final = 64
"""Bytes before the end: some cameras write a few of their own after the picture."""
TRIES: Final = 3


class Folder:
    """The newest picture of a folder. Its time is when it was written, so an upload that stopped shows as stale."""

    def __init__(self, address: Address, means: Means) -> None:
        self._folder = local_path(address)
        self._means = means

    async def fetch(self) -> Picture:
        """The newest picture that is whole. Raises SourceError: not_found, unreachable, truncated or not_an_image."""
        return await self._means.threads.run(lambda _stop: self._newest())

    def _newest(self) -> Picture:
        found = sorted(self._pictures(), reverse=True)[:TRIES]
        if not found:
            raise SourceError(SourceFault.NOT_FOUND, f"no {', '.join(SUFFIXES)} in {self._folder}")
        for written_ns, path in found:
            data = read(path, self._means.max_bytes)
            if any(end in data[-END_WITHIN:] for end in ENDS):  # else it is still being written
                return Picture(data=data, own_ms=written_ns // 1_000_000)
        raise SourceError(SourceFault.TRUNCATED, f"the newest pictures in {self._folder} all break off")

    def _pictures(self) -> list[tuple[int, Path]]:
        found = []
        try:
            with os.scandir(self._folder) as entries:
                for entry in entries:
                    if entry.name.lower().endswith(SUFFIXES):
                        try:
                            found.append((entry.stat().st_mtime_ns, Path(entry.path)))
                        except FileNotFoundError:  # somebody tidies up
                            continue
        except FileNotFoundError:
            raise SourceError(SourceFault.NOT_FOUND, f"there is no {self._folder}") from None
        except OSError as wrong:
            raise SourceError(SourceFault.UNREACHABLE, f"{self._folder}: {wrong.strerror}") from None
        return found
