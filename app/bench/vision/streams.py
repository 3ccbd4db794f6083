"""RTSP: what a camera costs when all its frames are read, and when it is visited once a minute."""

import asyncio
import sys
from pathlib import Path

import msgspec

from app.bench.rig import BenchError, Part, binary, running
from app.bench.vision.figures import StreamFigures
from app.bench.vision.stream_readers import ReaderFigures
from app.demo.frames import PICTURES

SECONDS = 12.0
_VIDEO_S = 20
_FPS = 25
_GOP = 50
_KBIT = 4000
_MINUTE_S = 60.0
_SYSTEM_PYTHON = "/usr/bin/python3"


async def missing() -> str:
    """What has to be installed; empty if nothing."""
    if binary("ffmpeg") is None:
        return "ffmpeg: apt-get install ffmpeg"
    probe = 'import gi; gi.require_version("GstRtspServer", "1.0")'
    wanted = "an RTSP server: apt-get install python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-{good,bad}"
    try:
        process = await asyncio.create_subprocess_exec(_SYSTEM_PYTHON, "-c", probe, stderr=asyncio.subprocess.DEVNULL)
    except FileNotFoundError:
        return wanted
    return wanted if await process.wait() else ""


async def measure_streams(folder: Path, streams: int) -> StreamFigures:
    """Both readers, one after the other. Raises BenchError if something that is needed does not run."""
    video = await _make_video(folder / "street.mp4")
    server = Path(__file__).parent / "rtsp_server.py"
    async with running(
        await Part.start("rtsp-server", folder, _SYSTEM_PYTHON, str(server), str(video), str(streams))
    ) as part:
        port = int(await part.line())
        opencv = await _read("opencv", folder, port, streams)
        ours = await _read("ours", folder, port, streams)
    opencv_cores = opencv.cpu_s / opencv.seconds / streams
    visit_cpu_s = ours.cpu_s / ours.frames
    return StreamFigures(
        streams=streams,
        video=f"1080p H.264, {_FPS} frames/s, {_KBIT / 1000:g} Mbit/s, a key frame every {_GOP / _FPS:g} s",
        opencv_cores_per_camera=round(opencv_cores, 4),
        ours_cores_per_camera=round(visit_cpu_s / _MINUTE_S, 5),
        ours_visit_ms=round(ours.visit_ms, 1),
        ours_visit_cpu_ms=round(visit_cpu_s * 1000, 1),
        ratio=round(opencv_cores / (visit_cpu_s / _MINUTE_S), 1),
    )


async def _read(reader: str, folder: Path, port: int, streams: int) -> ReaderFigures:
    command = (sys.executable, "-m", "app.bench.vision.stream_readers", reader, str(port), str(streams), str(SECONDS))
    async with running(await Part.start(f"streams-{reader}", folder, *command)) as part:
        return msgspec.json.decode(await part.line(within_s=300.0), type=ReaderFigures)


async def _make_video(path: Path) -> Path:
    """The road video as a camera of today would send it."""
    program = binary("ffmpeg")
    if program is None:
        raise BenchError("ffmpeg is not installed: apt-get install ffmpeg")
    source = ("-stream_loop", "-1", "-i", str(PICTURES / "campus-road.mp4"), "-t", str(_VIDEO_S))
    look = ("-vf", f"scale=1920:1080,fps={_FPS},noise=alls=6:allf=t", "-pix_fmt", "yuv420p")
    coding = ("-c:v", "libx264", "-preset", "veryfast", "-g", str(_GOP), "-bf", "0", "-b:v", f"{_KBIT}k", "-an")
    process = await asyncio.create_subprocess_exec(
        program, "-v", "error", "-y", *source, *look, *coding, str(path), stderr=asyncio.subprocess.PIPE
    )
    _, errors = await process.communicate()
    if process.returncode:
        raise BenchError(f"ffmpeg does not make the video: {errors.decode(errors='replace').strip()}")
    return path
