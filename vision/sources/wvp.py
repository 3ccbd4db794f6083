"""`wvp(s)://host:port/{deviceId}/{channelId}?token=…`: a GB/T 28181 camera behind a WVP server.

At each visit the server is asked to have the camera send, one key frame is taken of the stream, and the server is told
to stop. `media=host:port` replaces the host of the stream's address, where the server tells one that only it can reach.
`mode=snap` takes the server's stored snapshot instead: quicker, and of any age.
"""

import asyncio
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlsplit

import aiohttp
import msgspec
from msgspec import Struct, structs

from domain.errors import ConfigError, SourceError, SourceFault
from vision.picture import Picture
from vision.sources.address import Address
from vision.sources.answers import body, fault_of, named, picture_in
from vision.sources.http import trust
from vision.sources.means import Means
from vision.sources.rtsp import Rtsp

STOP_S: Final = 5.0
MOST_BYTES: Final = 1 << 20
MODES: Final = ("play", "snap")
STREAMS: Final = ("rtsp", "flv")
"""Of the addresses that a server tells, those that are read here, best first."""
SCHEMES: Final = ("rtsp", "rtsps", "http", "https")
CODES: Final = {401: SourceFault.AUTH_FAILED, 403: SourceFault.AUTH_FAILED, 404: SourceFault.NOT_FOUND}
LATE: Final = ("超时", "timeout")
"""In a failure's text: the recorder or camera did not answer the server, or sent nothing."""
ABSENT: Final = "不存在"
"""No such device, no such channel."""
LATE_CODES: Final = (-2, 408, 486)


class Told(Struct, kw_only=True):
    """What every answer holds. A failure comes with status 200 like everything else."""

    code: int
    msg: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")


class Channel(Struct, frozen=True, kw_only=True):
    """One camera of one recorder, by their 20-digit names, and how it is asked for."""

    device: str
    channel: str
    token: str
    media: str
    mode: str

    @classmethod
    def of(cls, address: Address) -> "Channel":
        """As the source says. Raises ConfigError for one that names no device and channel."""
        names = address.path.strip("/").split("/")
        mode = address.asked.get("mode", MODES[0])
        if len(names) != 2 or not all(names) or mode not in MODES:
            raise ConfigError(
                f"camera {address.camera_id}: source is {address.shown!r}; write {address.scheme}://host:port/"
                f"deviceId/channelId?token=…, and mode={' or mode='.join(MODES)}"
            )
        return cls(
            device=names[0],
            channel=names[1],
            token=address.asked.get("token", ""),
            media=address.asked.get("media", ""),
            mode=mode,
        )


class Wvp:
    """One channel."""

    def __init__(self, address: Address, means: Means) -> None:
        self._at = address
        self._means = means
        self._channel = Channel.of(address)
        self._trust = trust(address)
        self._root = f"{'https' if address.scheme == 'wvps' else 'http'}://{address.netloc}/api"

    async def fetch(self) -> Picture:
        """One key frame, or the stored snapshot. Raises SourceError."""
        if self._channel.mode == "snap":
            return await self._snapshot()
        try:
            picture = await self._frame()
        except BaseException:  # also where the start was given up: the camera may be sending by now
            self._means.errands.start(self._stop())
            raise
        await asyncio.shield(self._means.errands.start(self._stop()))  # before the recorder's next channel is asked for
        return picture

    async def _frame(self) -> Picture:
        with named(self._at.shown):
            told = await self._ask("play/start")
        try:
            urls: Mapping[str, object] = msgspec.json.decode(told.data, type=dict[str, object])
        except msgspec.DecodeError:
            urls = {}
        url = next((url for kind in STREAMS if isinstance(url := urls.get(kind), str) and url), None)
        if url is None:
            raise SourceError(SourceFault.UNREACHABLE, f"{self._at.shown}: it tells no {' or '.join(STREAMS)} address")
        return await Rtsp(self._stream(url), self._means).fetch()

    def _stream(self, url: str) -> Address:
        """The address that the server told. Raises SourceError for one that is no stream's, such as a file here."""
        try:
            parts = urlsplit(url)
            good = parts.scheme in SCHEMES and bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if not good:
            scheme = url.partition(":")[0][:12]
            raise SourceError(
                SourceFault.UNREACHABLE, f"{self._at.shown}: it tells an address of {scheme!r} that is no stream's"
            )
        return structs.replace(
            self._at,
            scheme=parts.scheme,
            netloc=self._channel.media or parts.netloc,
            path=parts.path,
            query=parts.query,
            user="",
            password="",
        )

    async def _stop(self) -> None:
        try:
            async with asyncio.timeout(STOP_S):
                with named(self._at.shown):
                    await self._ask("play/stop")
        except (SourceError, TimeoutError):
            return  # it ends a stream that nobody watches by itself, after its own time

    async def _ask(self, what: str) -> Told:
        async with self._get(what) as answer:
            if answer.status != 200:
                raise SourceError(fault_of(answer.status), f"{self._at.shown}: {what}: status {answer.status}")
            data = await body(answer, self._at.shown, MOST_BYTES)
        try:
            told = msgspec.json.decode(data, type=Told)
        except msgspec.DecodeError:
            raise SourceError(SourceFault.UNREACHABLE, f"{self._at.shown}: {what}: not an answer of WVP") from None
        if told.code != 0:
            raise SourceError(_fault(told), f"{self._at.shown}: {what}: code {told.code}, {(told.msg or '')[:80]}")
        return told

    async def _snapshot(self) -> Picture:
        with named(self._at.shown):
            async with self._get("device/query/snap") as answer:
                data = await picture_in(answer, self._at.shown, self._means.max_bytes)
        if not data.startswith(b"\xff\xd8"):  # cameras' pictures are JPEG, whatever the answer calls them
            raise SourceError(SourceFault.PLACEHOLDER, f"{self._at.shown}: the media server's own picture, a PNG")
        return Picture(data=data)

    def _get(self, what: str) -> "aiohttp.client._RequestContextManager":
        names = (quote(self._channel.device, safe=""), quote(self._channel.channel, safe=""))
        return self._means.session.get(
            f"{self._root}/{what}/{'/'.join(names)}",
            headers={"access-token": self._channel.token} if self._channel.token else {},
            timeout=self._means.timeout,
            ssl=self._trust,
        )


def _fault(told: Told) -> SourceFault:
    said = (told.msg or "").lower()
    if told.code in LATE_CODES or any(word in said for word in LATE):
        return SourceFault.TIMEOUT
    if ABSENT in said:
        return SourceFault.NOT_FOUND
    return CODES.get(told.code, SourceFault.UNREACHABLE)
