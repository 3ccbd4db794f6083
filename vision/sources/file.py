"""`file:///path/picture.jpg`: one file, read anew at each visit."""

from pathlib import Path
from urllib.parse import unquote

from domain.errors import ConfigError, SourceError, SourceFault
from vision.picture import Picture
from vision.sources.address import Address
from vision.sources.means import Means


class File:
    """One file. It says nothing about its time: who wrote it last may only have copied it."""

    def __init__(self, address: Address, means: Means) -> None:
        self._path = local_path(address)
        self._means = means

    async def fetch(self) -> Picture:
        """The file's bytes. Raises SourceError: not_found, unreachable or not_an_image."""
        # a thread of its own: a file server that is away can keep it for minutes
        data = await self._means.threads.run(lambda _stop: read(self._path, self._means.max_bytes))
        return Picture(data=data)


def local_path(address: Address) -> Path:
    """The path of a file:// or folder:// source. Raises ConfigError for one that does not begin at the root."""
    if address.netloc or not address.path.startswith("/"):
        raise ConfigError(
            f"camera {address.camera_id}: source is {address.shown!r}; "
            f"write the whole path after {address.scheme}://, e.g. {address.scheme}:///srv/pictures"
        )
    return Path(unquote(address.path))


def read(path: Path, max_bytes: int) -> bytes:
    """The bytes of a file. Raises SourceError if it is not there, not readable or too long."""
    try:
        if path.exists() and not path.is_file():
            raise SourceError(SourceFault.UNREACHABLE, f"{path} is no file")
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except FileNotFoundError:
        raise SourceError(SourceFault.NOT_FOUND, f"there is no {path}") from None
    except OSError as wrong:
        raise SourceError(SourceFault.UNREACHABLE, f"{path}: {wrong.strerror}") from None
    if len(data) > max_bytes:
        raise SourceError(SourceFault.NOT_AN_IMAGE, f"{path} is longer than the {max_bytes} bytes allowed")
    return data
