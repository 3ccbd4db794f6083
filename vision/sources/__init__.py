"""Where pictures come from: one file a kind, chosen by the scheme of the camera's URL."""

import functools
import logging
import re
from collections.abc import Callable
from typing import Final

from domain.errors import ConfigError
from domain.register import Camera
from vision.sources import file, http, wvp
from vision.sources.address import LOCAL, Address
from vision.sources.file import File
from vision.sources.folder import Folder
from vision.sources.http import Http
from vision.sources.means import Means
from vision.sources.onvif import Onvif
from vision.sources.rtsp import Rtsp
from vision.sources.source import Source
from vision.sources.wvp import Wvp

log = logging.getLogger(__name__)

SOURCES: dict[str, Callable[[Address, Means], Source]] = {
    "http": Http,
    "https": Http,
    "rtsp": Rtsp,
    "rtsps": Rtsp,
    "onvif": Onvif,
    "onvifs": Onvif,
    "wvp": Wvp,
    "wvps": Wvp,
    "file": File,
    "folder": Folder,
}
CHECKS: dict[str, Callable[[Address], object]] = {
    "wvp": wvp.Channel.of,
    "wvps": wvp.Channel.of,
    "file": file.local_path,
    "folder": file.local_path,
}
"""What else must be right about an address, besides that it is one."""
DEFAULT_SECRET: Final = "035c73f7-bb6b-4889-a715-d9eb2d1925cc"  # noqa: S105 known to everybody
"""What every ZLMediaKit is shipped with. It opens the whole media server."""
RECORDED: Final = re.compile(r"/rtp/(\d{20})_\d{20}$")
"""A GB/T 28181 channel at its media server: the recorder's name and the channel's."""


def check_source(camera: Camera) -> str:
    """The scheme of the camera's source. Raises ConfigError, without credentials, for one that cannot be read."""
    address = Address.of(camera)
    if address.scheme not in SOURCES:
        raise ConfigError(f"camera {camera.camera_id}: source {address.shown}: this version reads {', '.join(SOURCES)}")
    http.trust(address)
    CHECKS.get(address.scheme, str)(address)
    if DEFAULT_SECRET in camera.source:
        _warn_of_default_secret(address.netloc)
    return address.scheme


@functools.cache
def _warn_of_default_secret(server: str) -> None:
    """Once for each server: all its cameras have the same."""
    log.warning("the media server %s still has the secret it was shipped with; everybody knows it: change it", server)


def open_source(camera: Camera, means: Means) -> Source:
    """The camera's source. Connects to nothing yet. Raises ConfigError as `check_source` does."""
    return SOURCES[check_source(camera)](Address.of(camera), means)


def host_of(camera: Camera) -> str:
    """Who is troubled by a visit: visits are counted by host. Files of one machine count as one host each.

    Behind a GB/T 28181 server it is the recorder: the server serves many, and a recorder sends few streams at once.
    """
    address = Address.of(camera)
    if address.scheme in LOCAL:
        return camera.source
    if address.scheme in {"wvp", "wvps"}:
        return f"{address.netloc}/{wvp.Channel.of(address).device}"
    if recorder := RECORDED.search(address.path):
        return f"{address.netloc}/{recorder[1]}"
    return address.netloc
