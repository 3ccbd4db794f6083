"""The cameras of the measurement: a snapshot server on loopback, each camera with an address of its own.

`python -m app.bench.vision.cameras <folder> <number of cameras>` says `ready <port>`; `dead <n>` on its input makes the
last n cameras take connections and say nothing from then on, and is answered by `ok`. It ends with its input.
"""

import asyncio
import sys
from pathlib import Path

from app.bench.vision.pictures import VARIANTS, picture_path

_TABLE = b"\xff\xdb"
_FREQUENCIES = range(1, 21)
"""Which steps of the quantisation a camera's answers vary in turn: the low ones, of which every block has some."""


def address(number: int) -> str:
    """A loopback address for each camera: visits are limited by host."""
    return f"127.1.{number // 250}.{number % 250 + 1}"


class Snapshots:
    """All pictures in memory, and how often each camera has been asked."""

    def __init__(self, folder: Path, cameras: int) -> None:
        self._pictures = [
            [picture_path(folder, number, variant).read_bytes() for variant in range(VARIANTS)]
            for number in range(cameras)
        ]
        self._asked = [0] * cameras
        self._by_address = {address(number): number for number in range(cameras)}
        self.silent_from = cameras

    def camera_at(self, host: str) -> int:
        """Which camera has this address."""
        return self._by_address[host]

    def answer(self, number: int) -> list[bytes]:
        """The next answer of a camera; none from a dead one."""
        if number >= self.silent_from:
            return []
        self._asked[number] += 1
        data = self._pictures[number][self._asked[number] % VARIANTS]
        head = f"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n".encode()
        return [head, *varied(data, self._asked[number])]


def varied(data: bytes, times: int) -> list[bytes]:
    """The JPEG with one step of its first quantisation table a little larger: other bytes, and other pixels all over.

    No living camera gives the same picture twice, and encoding anew would cost more than the look that is measured.
    """
    at = data.index(_TABLE) + 5 + _FREQUENCIES[times % len(_FREQUENCIES)]
    step = data[at] + 1 + times // len(_FREQUENCIES) % 3
    return [data[:at], bytes([min(step, 255)]), data[at + 1 :]]


class Camera(asyncio.Protocol):
    """One connection. It answers any GET with the picture of the camera whose address was called."""

    def __init__(self, snapshots: Snapshots) -> None:
        self._snapshots = snapshots

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Find out which camera was called."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 a TCP connection's is
        self._transport = transport
        self._number = self._snapshots.camera_at(transport.get_extra_info("sockname")[0])

    def data_received(self, data: bytes) -> None:
        """A GET without a body fits one read, on loopback."""
        if data.endswith(b"\r\n\r\n") and (parts := self._snapshots.answer(self._number)):
            self._transport.writelines(parts)


async def _serve(folder: Path, cameras: int) -> None:
    loop = asyncio.get_running_loop()
    snapshots = Snapshots(folder, cameras)
    first = await loop.create_server(lambda: Camera(snapshots), address(0), 0)
    port = first.sockets[0].getsockname()[1]
    await loop.create_server(lambda: Camera(snapshots), [address(number) for number in range(1, cameras)], port)
    _say(f"ready {port}")
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while line := await orders.readline():
        snapshots.silent_from = cameras - int(line.split()[1])
        _say("ok")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), int(sys.argv[2])))
