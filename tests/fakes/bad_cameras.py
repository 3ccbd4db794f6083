"""HTTP peers that go wrong in ways no web framework lets one go wrong; and odd ones that are right."""

import asyncio
import contextlib
import itertools
import socket
import ssl
import struct
import zlib
from types import TracebackType
from typing import Self

HTML = b"<!DOCTYPE html><html><head><TITLE>\n Login \xe7\x99\xbb\xe5\xbd\x95 </TITLE></head><body/></html>"


def _answer(body: bytes, *heads: str, kind: str = "image/jpeg", status: str = "200 OK") -> bytes:
    lines = (f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *heads)
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class BadCameras:
    """Listens on entering. What a peer does stands in its name, the path of its URL. `picture` is what good ones give.

    With `tls` it speaks HTTPS. `asked` are the paths it was asked for, with the head of the last request in `head`.
    """

    def __init__(self, picture: bytes, *, tls: ssl.SSLContext | None = None) -> None:
        self.picture = picture
        self._tls = tls
        self.asked: list[str] = []
        self.head = ""
        self.tags_lie = False
        self.everything = ""
        """If set, every peer is of this kind."""
        self._numbers = itertools.count()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._peer, "127.0.0.1", 0, ssl=self._tls)
        self._held: set[asyncio.StreamWriter] = set()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, wrong: BaseException | None, where: TracebackType | None
    ) -> None:
        self._server.close()
        for writer in set(self._held):
            writer.close()
        await self._server.wait_closed()

    def url(self, name: str) -> str:
        """The address of one peer."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/{name}"

    async def _peer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._held.add(writer)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while True:
                    self.head = (await reader.readuntil(b"\r\n\r\n")).decode()
                    name = self.head.split(" ", 2)[1].partition("?")[0].strip("/")
                    self.asked.append(name)
                    if await self._act(self.everything or name, writer):
                        return
        finally:
            self._held.discard(writer)
            writer.close()

    async def _act(self, name: str, writer: asyncio.StreamWriter) -> bool:
        """Whether to hang up after it."""
        if name == "silent":
            return False
        if name == "reset":
            # closing with nothing to linger for sends a reset instead of an end
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return True
        if name in {"drops-of-head", "drops-of-picture"}:
            writer.write(
                b"HTTP/1.1 200 OK\r\nX-Slow: " if name == "drops-of-head" else b"HTTP/1.1 200 OK\r\n\r\n\xff\xd8"
            )
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.02)
        if name == "stops-in-picture":
            writer.write(_answer(self.picture)[:-100])
            return False
        if name == "tagged":
            writer.write(self._tagged())
            return False
        writer.write(self._at_once(name))
        return name in {"cut-mjpeg", "endless", "mjpeg", "mjpeg-unmeasured"}

    def _tagged(self) -> bytes:
        tag = 'ETag: "1"' if self.tags_lie else f'ETag: "{zlib.crc32(self.picture)}"'
        if tag.partition(" ")[2] in self.head:
            return f"HTTP/1.1 304 Not Modified\r\n{tag}\r\n\r\n".encode()
        return _answer(self.picture, tag)

    def _at_once(self, name: str) -> bytes:
        if name == "bomb":
            return _answer(zlib.compress(self.picture + bytes(64 << 20)), "Content-Encoding: deflate")
        parts = b"--edge\r\nContent-Type: image/jpeg\r\n"
        measured = parts + f"Content-Length: {len(self.picture)}\r\n\r\n".encode() + self.picture
        mjpeg = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=--edge\r\n\r\n"
        answers = {
            "garbage": b"\x00\x01 220 ftp ready\r\n\r\n",
            "long-head": b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 100_000 + b"\r\n\r\n",
            "html": _answer(HTML, kind="text/html"),
            "html-as-jpeg": _answer(HTML),
            "json": _answer(b'{"error": 1}', kind="application/json"),
            "empty": _answer(b""),
            "204": b"HTTP/1.1 204 No Content\r\n\r\n",
            "octets": _answer(self.picture, kind="application/octet-stream"),
            "huge": _answer(self.picture + bytes(4 << 20)),
            "huge-page": _answer(HTML + bytes(4 << 20), kind="text/html"),
            "loop": _answer(b"", f"Location: /loop?{next(self._numbers)}", status="302 Found"),
            "to-login": _answer(b"", "Location: /html?secret=1", status="302 Found"),
            "mjpeg": mjpeg + (measured + b"\r\n") * 2,
            "mjpeg-unmeasured": mjpeg + parts + b"\r\n" + self.picture + b"\r\n--edge\r\n",
            "cut-mjpeg": mjpeg + measured[:-100],
            "index/api/getSnap": _answer(b"\x89PNG\r\n\x1a\n" + bytes(64), kind="image/png"),
        }
        # what follows a picture's end makes its bytes its own without drawing it anew
        return answers.get(name) or _answer(self.picture + next(self._numbers).to_bytes(8))
