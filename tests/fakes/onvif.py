"""An ONVIF camera over real HTTP: it checks the password's digest by its own clock, which may be off by years."""

import base64
import hashlib
from collections import Counter
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self
from xml.etree import ElementTree as ET

from aiohttp import web

from domain.clock import ManualClock, utc

USER, PASSWORD = "looker", "s3cret:word"
ELSEWHERE = "10.255.255.1"
"""What the camera believes its own address to be."""
APART = timedelta(seconds=5)
SOAP = "http://www.w3.org/2003/05/soap-envelope"
TT = "http://www.onvif.org/ver10/schema"


class FakeOnvif:
    """Listens on entering. `stream` is the address of its stream; without `snapshots` it offers none."""

    def __init__(self, picture: bytes, *, clock: ManualClock, snapshots: str = "yes", stream: str = "") -> None:
        self._picture = picture
        self._clock = clock
        self._snapshots = snapshots
        self._stream = stream
        self.asked: Counter[str] = Counter()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/onvif/device_service", self._soap)
        app.router.add_post("/onvif/media", self._soap)
        app.router.add_get("/snap/{profile}", self._snap)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, wrong: BaseException | None, where: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    def url(self, profile: str = "", *, login: str = "looker:s3cret%3Aword@") -> str:
        """The source."""
        return f"onvif://{login}127.0.0.1:{self._port}/{profile}"

    @property
    def _port(self) -> int:
        port: int = self._runner.addresses[0][1]
        return port

    async def _soap(self, request: web.Request) -> web.Response:
        root = ET.fromstring(await request.read())  # noqa: S314 our own question
        body = root.find(".//{*}Body")
        assert body is not None
        question = body[0].tag.rpartition("}")[2]
        self.asked[question] += 1
        if question != "GetSystemDateAndTime" and not self._lets_in(root):
            return _fault("ter:NotAuthorized", "Sender not Authorized", status=400)
        token = root.findtext(".//{*}ProfileToken") or ""
        if token not in {"", "main", "sub & more"}:
            return _fault("ter:InvalidArgVal", "no such profile", more="ter:NoProfile", status=400)
        if question == "GetSnapshotUri" and self._snapshots == "no":
            return _fault("ter:ActionNotSupported", "Optional Action Not Implemented", status=500)
        return _answer(question, getattr(self, f"_{question}")(token))

    def _lets_in(self, root: ET.Element) -> bool:
        given = {name: root.findtext(f".//{{*}}{name}") or "" for name in ("Username", "Password", "Nonce", "Created")}
        if given["Username"] != USER:
            return False
        nonce = base64.b64decode(given["Nonce"])
        digest = hashlib.sha1(nonce + given["Created"].encode() + PASSWORD.encode(), usedforsecurity=False).digest()
        fresh = abs(datetime.fromisoformat(given["Created"]) - utc(self._clock.now_ms())) <= APART
        return fresh and base64.b64encode(digest).decode() == given["Password"]

    def _GetSystemDateAndTime(self, _token: str) -> str:  # noqa: N802 the question's own name
        now = utc(self._clock.now_ms())
        time = f"<t:Hour>{now.hour}</t:Hour><t:Minute>{now.minute}</t:Minute><t:Second>{now.second}</t:Second>"
        date = f"<t:Year>{now.year}</t:Year><t:Month>{now.month}</t:Month><t:Day>{now.day}</t:Day>"
        return (
            f"<SystemDateAndTime><t:UTCDateTime><t:Time>{time}</t:Time><t:Date>{date}</t:Date></t:UTCDateTime>"
            "</SystemDateAndTime>"
        )

    def _GetCapabilities(self, _token: str) -> str:  # noqa: N802
        address = f"http://{ELSEWHERE}:{self._port}/onvif/media"
        return f"<Capabilities><t:Media><t:XAddr>{address}</t:XAddr></t:Media></Capabilities>"

    def _GetProfiles(self, _token: str) -> str:  # noqa: N802
        return '<Profiles token="main"><t:Name>a</t:Name></Profiles><Profiles token="sub &amp; more"></Profiles>'

    def _GetSnapshotUri(self, token: str) -> str:  # noqa: N802
        where = "none" if self._snapshots == "broken" else token.partition(" ")[0]
        return f"<MediaUri><t:Uri>http://{ELSEWHERE}:{self._port}/snap/{where}</t:Uri></MediaUri>"

    def _GetStreamUri(self, _token: str) -> str:  # noqa: N802
        return f"<MediaUri><t:Uri>{self._stream}</t:Uri></MediaUri>"

    async def _snap(self, request: web.Request) -> web.Response:
        profile = request.match_info["profile"]
        self.asked[f"snap {profile}"] += 1
        if profile == "none":
            return web.Response(status=404)
        given = request.headers.get("Authorization", "")
        if given != f"Basic {base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}":
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="camera"'})
        return web.Response(body=self._picture, content_type="image/jpeg")


def _answer(question: str, inner: str) -> web.Response:
    service = "media" if question in {"GetProfiles", "GetSnapshotUri", "GetStreamUri"} else "device"
    return _envelope(
        f'<{question}Response xmlns="http://www.onvif.org/ver10/{service}/wsdl" xmlns:t="{TT}">{inner}'
        f"</{question}Response>"
    )


def _fault(code: str, reason: str, *, status: int, more: str = "") -> web.Response:
    deeper = f"<s:Subcode><s:Value>{more}</s:Value></s:Subcode>" if more else ""
    return _envelope(
        '<s:Fault xmlns:ter="http://www.onvif.org/ver10/error"><s:Code><s:Value>s:Sender</s:Value>'
        f"<s:Subcode><s:Value>{code}</s:Value>{deeper}</s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="en">{reason}</s:Text></s:Reason></s:Fault>',
        status=status,
    )


def _envelope(inner: str, status: int = 200) -> web.Response:
    text = f'<?xml version="1.0"?><s:Envelope xmlns:s="{SOAP}"><s:Body>{inner}</s:Body></s:Envelope>'
    return web.Response(text=text, content_type="application/soap+xml", status=status)
