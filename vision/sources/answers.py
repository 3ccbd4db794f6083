"""Reading what a web server answered when it was asked for a picture."""

import hashlib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import Final

import aiohttp

from domain.clock import epoch_ms
from domain.errors import SourceError, SourceFault

CHUNK: Final = 1 << 16
PAGE_BYTES: Final = 1 << 16
"""So much of an answer that is no picture is read, to say what it is."""
TITLE: Final = re.compile(rb"<title[^>]*>([^<]{1,200})", re.IGNORECASE)
LENGTH: Final = re.compile(rb"(?im)^content-length:\s*(\d{1,9})\s*$")
BOUNDARY: Final = re.compile(rb'(?i)boundary="?-{0,2}([^";\s]+)')
"""Without the dashes that some cameras count among it."""
STARTS: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


@contextmanager
def named(shown: str) -> Iterator[None]:
    """Everything that can go wrong between us and a server, as a SourceError that shows `shown` and no secret."""
    try:
        yield
    except aiohttp.ClientConnectorCertificateError:
        raise SourceError(SourceFault.UNTRUSTED, f"{shown}: nobody we trust vouches for its certificate") from None
    except aiohttp.ServerFingerprintMismatch as wrong:
        raise SourceError(SourceFault.UNTRUSTED, f"{shown}: its certificate is now sha256={wrong.got.hex()}") from None
    except aiohttp.ClientPayloadError:
        raise SourceError(SourceFault.TRUNCATED, f"{shown}: the answer ended early") from None
    except aiohttp.ConnectionTimeoutError:
        raise SourceError(SourceFault.TIMEOUT, f"{shown}: it takes no connection") from None
    except aiohttp.SocketTimeoutError:
        raise SourceError(SourceFault.TIMEOUT, f"{shown}: it fell silent") from None
    except TimeoutError:
        raise SourceError(SourceFault.TIMEOUT, f"{shown}: no answer in time") from None
    except aiohttp.TooManyRedirects:
        raise SourceError(SourceFault.NOT_FOUND, f"{shown}: it sends us from one address to the next") from None
    except aiohttp.ClientResponseError as wrong:
        raise SourceError(SourceFault.UNREACHABLE, f"{shown}: not an answer in HTTP: {type(wrong).__name__}") from None
    except (aiohttp.ClientError, ssl.SSLError, ValueError) as wrong:
        raise SourceError(SourceFault.UNREACHABLE, f"{shown}: {_reason(wrong)}") from None


def fault_of(status: int) -> SourceFault:
    """What a status other than 200 means for a picture."""
    if status in {401, 403, 407}:
        return SourceFault.AUTH_FAILED
    if status in {204, 404, 410}:
        return SourceFault.NOT_FOUND
    if status in {408, 504}:
        return SourceFault.TIMEOUT
    if 200 < status < 300:
        return SourceFault.NOT_AN_IMAGE
    return SourceFault.UNREACHABLE


async def picture_in(answer: aiohttp.ClientResponse, shown: str, max_bytes: int) -> bytes:
    """The bytes of the JPEG or PNG in an answer, or of the first one of an endless MJPEG answer.

    Raises SourceError: for any status but 200, for what is no picture or too long.
    """
    if answer.history:
        shown = f"{shown}, sent on to {answer.url.path}"
    if answer.status != 200:
        raise SourceError(fault_of(answer.status), f"{shown}: status {answer.status}")
    if answer.content_type.startswith("multipart/"):
        data = await _first_part(answer, shown, max_bytes)
    else:
        data = await body(answer, shown, max_bytes)
    if not data.startswith(STARTS):
        raise SourceError(SourceFault.NOT_AN_IMAGE, f"{shown}: {_what(data, answer.content_type)}")
    return data


async def body(answer: aiohttp.ClientResponse, shown: str, max_bytes: int) -> bytes:
    """The whole body, or as much of it as shows that it is no picture. Raises SourceError if it is too long."""
    data = bytearray()
    async for chunk in answer.content.iter_chunked(CHUNK):
        data += chunk
        if len(data) > max_bytes:
            answer.close()
            raise SourceError(SourceFault.NOT_AN_IMAGE, f"{shown}: more than the {max_bytes} bytes allowed")
        if len(data) >= PAGE_BYTES and not data.startswith(STARTS):
            answer.close()
            break
    return bytes(data)


async def _first_part(answer: aiohttp.ClientResponse, shown: str, max_bytes: int) -> bytes:
    """The first picture of an MJPEG answer. Closes it: it has no end."""
    marker = BOUNDARY.search(answer.headers["Content-Type"].encode())
    data = bytearray()
    try:
        async for chunk in answer.content.iter_any():
            data += chunk
            if len(data) > max_bytes:
                raise SourceError(SourceFault.NOT_AN_IMAGE, f"{shown}: more than the {max_bytes} bytes allowed")
            if (part := _whole_part(data, marker[1] if marker else b"")) is not None:
                return part
    finally:
        answer.close()
    raise SourceError(SourceFault.TRUNCATED, f"{shown}: the stream ended within its first picture")


def _whole_part(data: bytearray, boundary: bytes) -> bytes | None:
    """The first part's bytes once they are all there: as long as it says, or up to the next boundary."""
    head, gap, rest = bytes(data).partition(b"\r\n\r\n")
    if not gap:
        return None
    if length := LENGTH.search(head):
        return rest[: int(length[1])] if len(rest) >= int(length[1]) else None
    part, more, _ = rest.partition(b"\r\n--" + boundary)
    return part if more else None


def _what(data: bytes, content_type: str) -> str:
    if not data:
        return "status 200 and nothing in it"
    title = TITLE.search(data)
    page = f", a page titled {' '.join(title[1].decode('utf-8', 'replace').split())!r}" if title else ""
    return f"status 200 with {content_type}{page}, not a JPEG or PNG"


def time_in(answer: aiohttp.ClientResponse, header: str) -> int | None:
    """A time of the answer's head, epoch ms; None if there is none, or none that can be read."""
    try:
        return epoch_ms(parsedate_to_datetime(answer.headers[header]))
    except (KeyError, ValueError):
        return None


def sha256(data: bytes) -> str:
    """What a picture is known by."""
    return hashlib.sha256(data).hexdigest()


def _reason(wrong: Exception) -> str:
    if isinstance(wrong, aiohttp.ClientConnectorDNSError):
        return "no machine has that name"
    code = wrong.errno if isinstance(wrong, OSError) else None
    return type(wrong).__name__ if code is None else f"{type(wrong).__name__} (errno {code})"
