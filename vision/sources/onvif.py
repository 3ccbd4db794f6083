"""`onvif://user:password@host[:port]/[profile]`: a camera that is asked where its snapshots are.

Without a profile its first one counts. Where it offers no snapshots, or none that can be had, its stream is read. The
addresses are remembered until a visit fails. Whatever host the camera names, only the one of the source is asked:
behind an address translation a camera doesn't know its own, and no camera may have the password sent elsewhere.
"""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

import aiohttp
from msgspec import structs

from domain.clock import epoch_ms
from domain.errors import SourceError, SourceFault
from vision.picture import Picture
from vision.sources import soap
from vision.sources.address import Address
from vision.sources.answers import body, fault_of, named
from vision.sources.http import Http, trust
from vision.sources.means import Means
from vision.sources.rtsp import Rtsp
from vision.sources.source import Source

DEVICE_PATH: Final = "/onvif/device_service"
DEVICE: Final = "http://www.onvif.org/ver10/device/wsdl"
MEDIA: Final = "http://www.onvif.org/ver10/media/wsdl"
SCHEMA: Final = "http://www.onvif.org/ver10/schema"
MOST_BYTES: Final = 1 << 20
NO_SNAPSHOT: Final = (SourceFault.NOT_FOUND, SourceFault.NOT_AN_IMAGE)
"""Faults of a snapshot address after which the stream is tried."""


class Onvif:
    """One camera."""

    def __init__(self, address: Address, means: Means) -> None:
        scheme = "https" if address.scheme == "onvifs" else "http"
        self._at = address
        self._web = structs.replace(address, scheme=scheme, path=DEVICE_PATH, query="")
        self._profile = unquote(address.path.strip("/"))
        self._means = means
        self._trust = trust(address)
        self._ahead_ms = 0
        """How far the camera's clock is before ours."""
        self._source: Source | None = None
        self._only_stream = False

    async def fetch(self) -> Picture:
        """One snapshot, or one key frame. Raises SourceError."""
        source = self._source
        try:
            if source is None:
                with named(self._at.shown):
                    self._source = source = await self._found()
            return await source.fetch()
        except SourceError as fault:
            self._source = None
            if isinstance(source, Http) and fault.fault in NO_SNAPSHOT:
                self._only_stream = True
            raise

    async def _found(self) -> Source:
        """Where its pictures are, by what it says itself."""
        await self._read_clock()
        media = self._here(await self._media_address())
        token = self._profile or _first_profile(await self._ask(media, f'<GetProfiles xmlns="{MEDIA}"/>'))
        if not token:
            raise SourceError(SourceFault.NOT_FOUND, f"{self._at.shown}: it has no profile, so no picture")
        named_profile = f"<ProfileToken>{escape(token)}</ProfileToken>"
        uri = "" if self._only_stream else await self._snapshot_address(media, named_profile)
        if uri:
            return Http(self._here(uri), self._means)
        setup = (
            f'<StreamSetup><Stream xmlns="{SCHEMA}">RTP-Unicast</Stream>'
            f'<Transport xmlns="{SCHEMA}"><Protocol>RTSP</Protocol></Transport></StreamSetup>'
        )
        told = await self._ask(media, f'<GetStreamUri xmlns="{MEDIA}">{setup}{named_profile}</GetStreamUri>')
        return Rtsp(self._here(soap.text_at(told, "MediaUri/Uri")), self._means)

    async def _read_clock(self) -> None:
        """Most cameras refuse a password whose time is off by their clock, and many of their clocks are off."""
        try:
            told = await self._ask(self._web, f'<GetSystemDateAndTime xmlns="{DEVICE}"/>', login=False)
            date, time = ("UTCDateTime/Date/", "UTCDateTime/Time/")
            paths = (f"{date}Year", f"{date}Month", f"{date}Day", f"{time}Hour", f"{time}Minute", f"{time}Second")
            year, month, day, hour, minute, second = (int(soap.text_at(told, path)) for path in paths)
            theirs = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        except SourceError as fault:
            if fault.fault is not SourceFault.AUTH_FAILED:  # some tell nobody; then ours has to do
                raise
            self._ahead_ms = 0
        except (ValueError, OverflowError):
            self._ahead_ms = 0
        else:
            self._ahead_ms = epoch_ms(theirs) - self._means.clock.now_ms()

    async def _media_address(self) -> str:
        question = f'<GetCapabilities xmlns="{DEVICE}"><Category>Media</Category></GetCapabilities>'
        uri = soap.text_at(await self._ask(self._web, question), "Capabilities/Media/XAddr")
        if not uri:
            raise SourceError(SourceFault.NOT_FOUND, f"{self._at.shown}: it has no media service")
        return uri

    async def _snapshot_address(self, media: Address, profile: str) -> str:
        """Empty where it offers none."""
        try:
            told = await self._ask(media, f'<GetSnapshotUri xmlns="{MEDIA}">{profile}</GetSnapshotUri>')
        except SourceError as fault:
            if fault.fault is SourceFault.UNREACHABLE:  # "not implemented" comes in as many words as there are makers
                return ""
            raise
        return soap.text_at(told, "MediaUri/Uri")

    async def _ask(self, where: Address, question: str, *, login: bool = True) -> Element:
        """The answer to one question. Raises SourceError for a fault of SOAP or HTTP."""
        user, password = (self._at.user, self._at.password) if login else ("", "")
        device_ms = self._means.clock.now_ms() + self._ahead_ms
        async with self._means.session.post(
            where.url,
            data=soap.envelope(question, user=user, password=password, device_ms=device_ms),
            headers=soap.HEADERS,
            middlewares=(aiohttp.DigestAuthMiddleware(user, password),) if user else (),
            allow_redirects=False,
            timeout=self._means.timeout,
            ssl=self._trust,
        ) as answer:
            if answer.status in {401, 403, 404}:
                raise SourceError(fault_of(answer.status), f"{where.shown}: status {answer.status}")
            data = await body(answer, where.shown, MOST_BYTES)
            status = answer.status
        root = soap.parsed(data, f"{where.shown}: status {status}")
        if fault := soap.named_fault(root, where.shown):
            raise fault
        return root

    def _here(self, uri: str) -> Address:
        """An address the camera told, at the host and with the login of the source."""
        parts = urlsplit(uri)
        try:
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            port = ""
        if parts.scheme not in {"http", "https", "rtsp", "rtsps"}:
            raise SourceError(SourceFault.UNREACHABLE, f"{self._at.shown}: it tells an address of {parts.scheme!r}")
        host = f"[{self._at.host}]" if ":" in self._at.host else self._at.host
        return structs.replace(
            self._at, scheme=parts.scheme, netloc=f"{host}{port}", path=parts.path, query=parts.query
        )


def _first_profile(root: Element) -> str:
    """The token of the first profile."""
    found = root.find(".//{*}GetProfilesResponse/{*}Profiles")
    return "" if found is None else found.get("token", "")
