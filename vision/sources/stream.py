"""One key frame of a stream. Blocks: for a thread of its own."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import av
import cv2
import numpy as np
from av.error import FFmpegError
from msgspec import Struct

from domain.errors import SourceError, SourceFault
from vision.picture import MAX_PIXELS, Pixels

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

OPEN_SHARE: Final = 0.5
SILENCE_SHARE: Final = 0.4
"""Of a visit's time: for everything up to the first picture data, and then for one silence. Together they end a dead
stream before the visit's own limit does, so that the fault can say what happened."""
QUALITY: Final = 92
"""Of the JPEG that stands for the frame from here on: it is hashed, judged and kept as a snapshot is."""
NO_ANSWER: Final = "no whole answer"
NO_DATA: Final = "connected, but no picture data"
OPTIONS: Final = {
    # what FFmpeg wants to know of a stream before it hands it out, and a look does not: 2.2 s of a 10 fps stream
    "probesize": "32",
    "analyzeduration": "0",
    "fpsprobesize": "0",
}


class Stream(Struct, frozen=True, kw_only=True):
    """Where a stream is. `url` holds the login and is shown to nobody."""

    url: str
    shown: str
    limit_s: float
    udp: bool = False
    any_certificate: bool = False


class Still(Struct, frozen=True, kw_only=True):
    """One frame, as pixels and as the JPEG made of them."""

    data: bytes
    pixels: Pixels


def key_frame(stream: Stream, stop: threading.Event) -> Still:
    """The first whole key frame. Ends soon after `stop` is set. Raises SourceError."""
    began_s = time.monotonic()
    container = _opened(stream)
    try:
        video = next(iter(container.streams.video), None)
        if video is None or video.codec_context is None:
            raise SourceError(SourceFault.CODEC, f"{stream.shown}: no video in it that we can decode")
        video.thread_type = "NONE"
        video.codec_context.skip_frame = "NONKEY"
        pixels = _first_whole(container, video, stream, began_s=began_s, stop=stop)
    finally:
        container.close()  # by itself it is never let go of
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return Still(data=data.tobytes(), pixels=pixels)


def _opened(stream: Stream) -> "InputContainer":
    open_s = OPEN_SHARE * stream.limit_s
    limits = (open_s, SILENCE_SHARE * stream.limit_s)
    with _named(stream, allowed_s=open_s, silence=NO_ANSWER):
        opened: InputContainer = av.open(stream.url, timeout=limits, options=OPTIONS | _transport(stream))
    return opened


def _transport(stream: Stream) -> dict[str, str]:
    scheme = urlsplit(stream.url).scheme
    if scheme not in {"rtsp", "rtsps"}:
        return {}
    options = {"rtsp_transport": "udp" if stream.udp else "tcp"}
    if scheme == "rtsps" and not stream.any_certificate:
        # FFmpeg asks for no certificate unless it is told to, and knows nobody who could vouch for one
        options |= {"tls_verify": "1", "ca_file": ssl.get_default_verify_paths().cafile or ""}
    return options


def _first_whole(
    container: "InputContainer", video: "VideoStream", stream: Stream, *, began_s: float, stop: threading.Event
) -> Pixels:
    """Decode key frames until one is whole."""
    damaged = 0
    packets = container.demux(video)
    for number in range(1 << 20):
        with _named(stream, allowed_s=SILENCE_SHARE * stream.limit_s, silence=NO_DATA):
            packet = next(packets, None)
        if packet is None or packet.size == 0:
            raise SourceError(SourceFault.TRUNCATED, f"{stream.shown}: the stream ended after {number} packets")
        if packet.is_keyframe:
            if (pixels := _decoded(video, packet, stream)) is not None:
                return pixels
            damaged += 1
        if stop.is_set() or time.monotonic() - began_s >= (OPEN_SHARE + SILENCE_SHARE) * stream.limit_s:
            break
    if damaged:
        raise SourceError(SourceFault.CODEC, f"{stream.shown}: {damaged} key frames, none of them whole")
    raise SourceError(
        SourceFault.TIMEOUT,
        f"{stream.shown}: no key frame in {time.monotonic() - began_s:.0f} s; set the camera's I-frame interval to "
        "2 s and its smart coding off, or vision.visit_timeout higher",
    )


def _decoded(video: "VideoStream", packet: av.Packet, stream: Stream) -> Pixels | None:
    """The packet's frame; None for one that is damaged."""
    context = video.codec_context
    if context.width * context.height > MAX_PIXELS:
        raise SourceError(SourceFault.CODEC, f"{stream.shown}: claims {context.width}×{context.height} pixels")
    try:
        # the second call asks for what the decoder would hold back until it has seen more
        frames = context.decode(packet) or context.decode(None)
    except FFmpegError:
        frames = []
    if not frames or frames[0].is_corrupt:
        context.flush_buffers()
        return None
    return np.asarray(frames[0].to_ndarray(format="bgr24"), np.uint8)


@contextmanager
def _named(stream: Stream, *, allowed_s: float, silence: str) -> Iterator[None]:
    """FFmpeg's errors by our names. Their texts hold the URL with its login, so none of them is passed on."""
    began_s = time.monotonic()
    try:
        yield
    except FFmpegError as wrong:
        fault, what = _meaning(wrong)
        if time.monotonic() - began_s >= 0.95 * allowed_s:  # whatever FFmpeg makes of having been interrupted
            fault, what = SourceFault.TIMEOUT, f"{silence} for {allowed_s:g} s"
        elif silence == NO_DATA:
            fault, what = SourceFault.TRUNCATED, f"the stream broke off ({type(wrong).__name__})"
        elif _untrusted(stream, allowed_s):
            fault, what = SourceFault.UNTRUSTED, "nobody we trust vouches for its certificate; #insecure takes any"
        raise SourceError(fault, f"{stream.shown}: {what}") from None


def _untrusted(stream: Stream, allowed_s: float) -> bool:
    """Whether it is the certificate: FFmpeg calls that an input/output error like any other."""
    at = urlsplit(stream.url)
    if at.scheme != "rtsps" or stream.any_certificate:
        return False
    try:
        with socket.create_connection((at.hostname or "", at.port or 322), timeout=allowed_s) as plain:
            ssl.create_default_context().wrap_socket(plain, server_hostname=at.hostname).close()
    except ssl.SSLCertVerificationError:
        return True
    except OSError:
        return False
    return False


def _meaning(wrong: FFmpegError) -> tuple[SourceFault, str]:
    for kinds, fault, what in (
        ((av.HTTPUnauthorizedError, av.HTTPForbiddenError), SourceFault.AUTH_FAILED, "it refuses our password"),
        ((av.HTTPNotFoundError,), SourceFault.NOT_FOUND, "it has no such stream"),
        ((av.TimeoutError, av.ExitError), SourceFault.TIMEOUT, "it takes no connection"),
        ((av.ConnectionRefusedError,), SourceFault.UNREACHABLE, "nobody listens there"),
        ((av.HTTPClientError,), SourceFault.UNREACHABLE, "it refuses (4xx): perhaps too many watch"),
        ((av.HTTPServerError,), SourceFault.UNREACHABLE, "it refuses (5xx): perhaps too many watch"),
        ((av.DecoderNotFoundError, av.PatchWelcomeError), SourceFault.CODEC, "a codec we cannot decode"),
        (
            (av.InvalidDataError, av.ProtocolNotFoundError),
            SourceFault.UNREACHABLE,
            "it hangs up, or speaks no RTSP",
        ),
    ):
        if isinstance(wrong, kinds):
            return fault, what
    return SourceFault.UNREACHABLE, f"no connection ({type(wrong).__name__}, errno {wrong.errno})"
