"""Who reads RTSP streams in the measurement: OpenCV, as the tutorials do it, and we.

`python -m app.bench.vision.stream_readers opencv|ours <port> <streams> <seconds>` prints a JSON object.
"""

import asyncio
import statistics
import sys
import threading
import time

import aiohttp
import cv2
import msgspec
from msgspec import Struct

from domain.register import Camera, Location
from vision.sources import open_source
from vision.sources.means import Means

_WHERE = Location(district="-", sub_district="-", road="-", lon_deg=120.0, lat_deg=31.8)
_VISITS = 3
_MAX_BYTES = 8 << 20
_LIMIT_S = 10.0


class ReaderFigures(Struct, frozen=True, kw_only=True):
    """What one reader did, and what it cost."""

    streams: int
    frames: int
    seconds: float
    cpu_s: float
    visit_ms: float = 0.0
    """By the clock, median."""


def opencv(port: int, streams: int, seconds: float) -> ReaderFigures:
    """All streams open at once, each read in a thread of its own, every frame of it."""
    frames = [0] * streams
    until_s = 0.0
    opened = threading.Barrier(streams + 1)

    def read(number: int) -> None:
        capture = cv2.VideoCapture(f"rtsp://127.0.0.1:{port}/{number}", cv2.CAP_FFMPEG)
        opened.wait()
        while time.monotonic() < until_s and capture.read()[0]:
            frames[number] += 1
        capture.release()

    threads = [threading.Thread(target=read, args=(number,)) for number in range(streams)]
    for thread in threads:
        thread.start()
    until_s = float("inf")
    opened.wait()
    began_s, began_cpu_s = time.monotonic(), time.process_time()
    until_s = began_s + seconds
    for thread in threads:
        thread.join()
    return ReaderFigures(
        streams=streams,
        frames=sum(frames),
        seconds=time.monotonic() - began_s,
        cpu_s=time.process_time() - began_cpu_s,
    )


async def ours(port: int, streams: int) -> ReaderFigures:
    """Every stream visited a few times, one key frame each."""
    took_ms: list[float] = []

    async def visit(number: int, session: aiohttp.ClientSession) -> None:
        url = f"rtsp://127.0.0.1:{port}/{number}"
        camera = Camera(camera_id=f"C{number}", name="-", source=url, location=_WHERE, interval_s=60.0)
        source = open_source(camera, Means(session=session, max_bytes=_MAX_BYTES, limit_s=_LIMIT_S))
        for _ in range(_VISITS):
            began_s = time.monotonic()
            await source.fetch()
            took_ms.append((time.monotonic() - began_s) * 1000)

    async with aiohttp.ClientSession() as session:
        began_s, began_cpu_s = time.monotonic(), time.process_time()
        for number in range(streams):
            await visit(number, session)
        seconds, cpu_s = time.monotonic() - began_s, time.process_time() - began_cpu_s
    return ReaderFigures(
        streams=streams, frames=len(took_ms), seconds=seconds, cpu_s=cpu_s, visit_ms=statistics.median(took_ms)
    )


def main() -> None:
    """Read as ordered, and say what it cost."""
    reader, port, streams, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    told = opencv(port, streams, seconds) if reader == "opencv" else asyncio.run(ours(port, streams))
    sys.stdout.write(msgspec.json.encode(told).decode() + "\n")


if __name__ == "__main__":
    main()
