"""`rtsp(s)://`: a stream, of which one key frame is taken at each visit. `#udp` for cameras that know no TCP."""

from functools import partial
from urllib.parse import quote

from vision.picture import Picture
from vision.sources.address import Address
from vision.sources.means import Means
from vision.sources.stream import Stream, key_frame


class Rtsp:
    """One stream, opened and closed again at each visit: between visits it costs nobody anything."""

    def __init__(self, address: Address, means: Means) -> None:
        login = f"{quote(address.user, safe='')}:{quote(address.password, safe='')}@" if address.user else ""
        self._stream = Stream(
            url=address.url.replace("://", f"://{login}", 1),
            shown=address.shown,
            limit_s=means.limit_s,
            udp="udp" in address.options,
            any_certificate="insecure" in address.options,
        )
        self._means = means

    async def fetch(self) -> Picture:
        """The first key frame that comes. Raises SourceError."""
        still = await self._means.threads.run(partial(key_frame, self._stream))
        return Picture(data=still.data, pixels=still.pixels)
