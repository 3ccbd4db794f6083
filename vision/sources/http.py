"""`http(s)://`: a camera's snapshot address. User and password stand in the URL and appear nowhere else."""

import ssl
from base64 import b64encode
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urlsplit, urlunsplit

import aiohttp

from domain.clock import epoch_ms
from domain.errors import SourceError, SourceFault
from domain.register import Camera
from vision.picture import Picture

CHUNK = 1 << 16
REDIRECTS = 3


class Http:
    """One snapshot address. Answers to a digest or a basic challenge, whichever the camera sets."""

    def __init__(self, camera: Camera, session: aiohttp.ClientSession, max_bytes: int) -> None:
        parts = urlsplit(camera.source)
        self._url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        self._shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"  # queries hold tokens too
        self._session = session
        self._max_bytes = max_bytes
        self._headers: dict[str, str] = {}
        self._digest: aiohttp.DigestAuthMiddleware | None = None
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        if parts.username:
            # tried first: it sends nothing before it is asked, and then never the password itself
            self._digest = aiohttp.DigestAuthMiddleware(self._user, self._password)

    async def fetch(self) -> Picture:
        """One snapshot. Raises SourceError for everything that is not a whole answer with a body."""
        try:
            return await self._get()
        except aiohttp.ClientPayloadError:
            raise SourceError(SourceFault.TRUNCATED, f"{self._shown}: the answer ended early") from None
        except (aiohttp.ClientConnectorError, aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as wrong:
            raise SourceError(SourceFault.UNREACHABLE, f"{self._shown}: {_reason(wrong)}") from None
        except TimeoutError:
            raise SourceError(SourceFault.TIMEOUT, f"{self._shown}: no answer in time") from None
        except (aiohttp.ClientError, ssl.SSLError, ValueError) as wrong:
            raise SourceError(SourceFault.UNREACHABLE, f"{self._shown}: {type(wrong).__name__}") from None

    async def _get(self) -> Picture:
        middlewares = (self._digest,) if self._digest else ()
        async with self._session.get(
            self._url, headers=self._headers, middlewares=middlewares, max_redirects=REDIRECTS
        ) as answer:
            if answer.status != 401 or not self._may_try_basic(answer):
                return await self._read(answer)
        self._digest = None
        self._headers = {"Authorization": f"Basic {b64encode(f'{self._user}:{self._password}'.encode()).decode()}"}
        async with self._session.get(self._url, headers=self._headers, max_redirects=REDIRECTS) as answer:
            return await self._read(answer)

    def _may_try_basic(self, answer: aiohttp.ClientResponse) -> bool:
        asked = answer.headers.getall("WWW-Authenticate", [])
        return self._digest is not None and any(challenge.lower().startswith("basic") for challenge in asked)

    async def _read(self, answer: aiohttp.ClientResponse) -> Picture:
        if answer.status != 200:
            raise SourceError(_fault(answer.status), f"{self._shown}: status {answer.status}")
        data = bytearray()
        async for chunk in answer.content.iter_chunked(CHUNK):
            data += chunk
            if len(data) > self._max_bytes:
                answer.close()
                raise SourceError(
                    SourceFault.NOT_AN_IMAGE, f"{self._shown}: more than the {self._max_bytes} bytes allowed"
                )
        return Picture(data=bytes(data), own_ms=_time(answer, "Last-Modified"), clock_ms=_time(answer, "Date"))


def _fault(status: int) -> SourceFault:
    if status in {401, 403, 407}:
        return SourceFault.AUTH_FAILED
    if status in {404, 410}:
        return SourceFault.NOT_FOUND
    if 200 < status < 300:
        return SourceFault.NOT_AN_IMAGE
    return SourceFault.UNREACHABLE


def _time(answer: aiohttp.ClientResponse, header: str) -> int | None:
    try:
        return epoch_ms(parsedate_to_datetime(answer.headers[header]))
    except (KeyError, ValueError):
        return None


def _reason(wrong: Exception) -> str:
    code = wrong.errno if isinstance(wrong, OSError) else None
    return type(wrong).__name__ if code is None else f"{type(wrong).__name__} (errno {code})"
