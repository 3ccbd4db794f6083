"""RTSP peers that go wrong, each in its way and at its step; and one that sends what it is given."""

import asyncio
import contextlib
import itertools
import re
import ssl
from collections.abc import Iterator
from functools import lru_cache
from types import TracebackType
from typing import Self

import av

from tests.fakes.rtsp import ROAD

STATUSES = {"401": "Unauthorized", "403": "Forbidden", "404": "Not Found", "453": "Not Enough Bandwidth", "503": "No"}
FRAGMENT = 1200
SDP = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=street\r\nt=0 0\r\n{}a=control:track1\r\n"
H264 = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\n"
UNKNOWN = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 X-SECRET/90000\r\n"
SOUND = "m=audio 0 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"


class BadRtsp:
    """Listens on entering. What a peer does stands in its name, the path of its URL."""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._held: set[asyncio.StreamWriter] = set()
        self.accepted = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._peer, "127.0.0.1", 0, ssl=self._tls)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, wrong: BaseException | None, where: TracebackType | None
    ) -> None:
        self._server.close()
        for writer in set(self._held):
            writer.close()
        await self._server.wait_closed()

    def url(self, name: str) -> str:
        """The address of one peer, with a password that nothing may show."""
        return f"{'rtsps' if self._tls else 'rtsp'}://looker:s3cret@127.0.0.1:{self._server.sockets[0].getsockname()[1]}/{name}"

    async def _peer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._held.add(writer)
        self.accepted += 1
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while True:
                    request = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                    if await self._answer(request, writer):
                        return
        finally:
            self._held.discard(writer)
            writer.close()

    async def _answer(self, request: str, writer: asyncio.StreamWriter) -> bool:
        """Whether to hang up after it."""
        match = re.search(r"([A-Z_]+) rtsps?://[^/]+/([\w-]+)", request)  # reports of the reception may stand before it
        number = re.search(r"CSeq: (\d+)", request)
        assert match
        assert number
        verb, name = match[1], match[2]
        head = f"RTSP/1.0 200 OK\r\nCSeq: {number[1]}\r\n"
        if name == "silent" or (name == "stalls-at-describe" and verb == "DESCRIBE"):
            return False
        if name == "hangs-up":
            return True
        if name == "garbage":
            writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
        elif name in STATUSES:
            asks = 'WWW-Authenticate: Basic realm="street"\r\n' if name == "401" else ""
            writer.write(f"RTSP/1.0 {name} {STATUSES[name]}\r\nCSeq: {number[1]}\r\n{asks}\r\n".encode())
        elif verb == "DESCRIBE":
            media = {"unknown-codec": UNKNOWN, "only-sound": SOUND}.get(name, H264)
            told = SDP.format(media)
            writer.write(f"{head}Content-Type: application/sdp\r\nContent-Length: {len(told)}\r\n\r\n{told}".encode())
        elif verb == "SETUP":
            writer.write(f"{head}Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n".encode())
        elif verb == "PLAY":
            writer.write(f"{head}Session: 1\r\n\r\n".encode())
            return await self._send(name, writer)
        else:
            writer.write(f"{head}Public: DESCRIBE, SETUP, PLAY, TEARDOWN\r\n\r\n".encode())
        return False

    async def _send(self, name: str, writer: asyncio.StreamWriter) -> bool:
        """What comes after PLAY."""
        key, others = road_packets()[0], road_packets()[1:10]
        numbers = itertools.count(1)
        if name == "stalls-in-key-frame":
            packets = list(rtp(key, 0, numbers))
            writer.writelines(packets[: len(packets) // 2])
        elif name == "ends-before-key-frame":
            for at, frame in enumerate(others):
                writer.writelines(rtp(frame, at, numbers))
            return True
        elif name == "never-a-key-frame":
            for at, frame in enumerate(itertools.cycle(others)):
                writer.writelines(rtp(frame, at, numbers))
                await writer.drain()
                await asyncio.sleep(0.02)
        elif name == "damaged-key-frames":
            for at in itertools.count():
                packets = list(rtp(key, at, numbers))
                writer.writelines(packets[: len(packets) // 2] + packets[len(packets) // 2 + 3 :])
                await writer.drain()
                await asyncio.sleep(0.02)
        elif name == "good":
            for at, frame in enumerate((*others[:3], key, *others)):  # as one comes in on a stream that goes on
                writer.writelines(rtp(frame, at, numbers))
        return False


@lru_cache
def road_packets() -> tuple[bytes, ...]:
    """The first ten frames of the road video, as NAL units with their lengths before them; the first is a key frame."""
    with av.open(str(ROAD)) as container:
        video = container.streams.video[0]
        bits = av.BitStreamFilterContext("h264_mp4toannexb", video)
        out: list[bytes] = []
        for packet in itertools.islice(container.demux(video), 10):
            out += [bytes(part) for part in bits.filter(packet)]
        return tuple(out)


def rtp(frame: bytes, at: int, numbers: Iterator[int]) -> Iterator[bytes]:
    """A frame as RTP packets over the RTSP connection (RFC 6184, fragmented where it is long)."""
    units = [unit for unit in re.split(rb"\x00\x00\x00?\x01", frame) if unit]
    for last, unit in ((unit is units[-1], unit) for unit in units):
        for payload, end in _fragments(unit):
            marker = 0x80 if last and end else 0
            head = bytes((0x80, marker | 96)) + (next(numbers) & 0xFFFF).to_bytes(2)
            packet = head + (at * 9000).to_bytes(4) + (7).to_bytes(4) + payload
            yield b"$\x00" + len(packet).to_bytes(2) + packet


def _fragments(unit: bytes) -> Iterator[tuple[bytes, bool]]:
    if len(unit) <= FRAGMENT:
        yield unit, True
        return
    for start in range(1, len(unit), FRAGMENT):
        end = start + FRAGMENT >= len(unit)
        flags = (0x80 if start == 1 else 0) | (0x40 if end else 0)
        yield bytes((unit[0] & 0xE0 | 28, flags | unit[0] & 0x1F)) + unit[start : start + FRAGMENT], end
