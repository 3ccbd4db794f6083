"""The choice of a source by its URL, and what is said of one that cannot be."""

import logging

import pytest

from config.schema import Vision
from config.tables import SCHEMES
from domain.errors import ConfigError, SourceError, SourceFault
from domain.register import Camera
from tests.vision.scenes import camera
from vision.picture import Picture
from vision.sources import DEFAULT_SECRET, SOURCES, check_source, host_of
from vision.sources.address import Address
from vision.sources.means import Means
from vision.visitor import Visitor

CHANNEL = "34020000001320000264/34020000001310000001"


def at(url: str) -> Camera:
    """A camera with this source."""
    return camera(source=url)


def test_what_the_register_takes_can_be_read() -> None:
    """The schemes of cameras.csv are those of the sources."""
    assert set(SOURCES) == set(SCHEMES)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("ftp://admin:pa55@192.0.2.7/x?token=t0k", "source ftp://192.0.2.7/x: this version reads http, https, rtsp"),
        ("rtsp://admin:pa55@/main", "write rtsp://user:password@host:port/…"),
        ("rtsp://admin:pa55@192.0.2.7:99999/", "whose host and port are none"),
        ("http://admin:pa55#@192.0.2.7/x", "in a password write # as %23"),
        ("http://admin:pa55/@192.0.2.7/x", "in a password write # as %23, / as %2F"),
        ("https://192.0.2.7/x#unsafe", "'unsafe' after its #; with https there is insecure, sha256"),
        ("http://192.0.2.7/x#insecure", "with http there is nothing"),
        ("rtsp://192.0.2.7/x#tcp", "with rtsp there is udp"),
        ("https://192.0.2.7/x#sha256=12", "64 hexadecimal digits"),
        ("onvifs://192.0.2.7/#sha256=xy", "64 hexadecimal digits"),
        ("wvp://192.0.2.7:18080/34020000001320000264?token=t0k", "deviceId/channelId"),
        (f"wvp://192.0.2.7:18080/{CHANNEL}?mode=live&token=t0k", "mode=play or mode=snap"),
        ("wvps://192.0.2.7/1/2?token=t0k#sha256=12", "64 hexadecimal digits"),
        ("file://pictures/x.jpg", "write the whole path after file://"),
    ],
)
def test_a_source_that_cannot_be_is_refused_without_its_secrets(url: str, says: str) -> None:
    """At the start, naming the camera and what is allowed."""
    with pytest.raises(ConfigError) as caught:
        check_source(at(url))
    assert str(caught.value).startswith("camera cam-1: source ") or "camera cam-1: after" in str(caught.value)
    assert says in str(caught.value)
    assert not any(secret in str(caught.value) for secret in ("pa55", "t0k", "admin"))


def test_visits_are_counted_by_whom_they_trouble() -> None:
    """By host and port; behind a GB/T 28181 server by recorder, since that is what sends few streams at once."""
    assert host_of(at("http://u:p@cam.example/x")) == "cam.example"
    assert host_of(at("rtsp://u:p@cam.example:554/x")) == "cam.example:554"
    assert host_of(at("file:///srv/x.jpg")) == "file:///srv/x.jpg"
    assert host_of(at(f"wvp://gb.example:18080/{CHANNEL}?token=a")) == "gb.example:18080/34020000001320000264"
    assert host_of(at(f"rtsp://gb.example/rtp/{CHANNEL.replace('/', '_')}")) == "gb.example/34020000001320000264"


def test_a_media_server_with_the_secret_everybody_knows_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    """Once for each server, and without the secret."""
    for number in range(3):
        check_source(at(f"http://zlm-1.example/index/api/getSnap?secret={DEFAULT_SECRET}&url=rtsp://x/{number}"))
    told = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(told) == 1
    assert "zlm-1.example" in told[0].getMessage()
    assert DEFAULT_SECRET not in caplog.text


class _Stumbles:
    """A source with a mistake of ours in it."""

    def __init__(self, address: Address, means: Means) -> None:
        self._url = address.url
        del means

    async def fetch(self) -> Picture:
        raise KeyError(self._url)


async def test_a_source_that_stumbles_is_a_camera_without_a_picture(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its look is offline, with the kind of the error and without its text; where it was is told once."""
    monkeypatch.setitem(SOURCES, "http", _Stumbles)
    async with Visitor(Vision()) as visitor:
        for name in ("one", "two"):
            fault = await visitor.visit(camera(camera_id=name, source="http://192.0.2.7/x?token=pa55"))
            assert isinstance(fault, SourceError)
            assert (fault.fault, fault.detail) == (SourceFault.UNREACHABLE, "KeyError")
    told = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert len(told) == 1
    assert told[0].startswith("one: the source failed: KeyError")
    assert "in fetch" in told[0]
    assert "pa55" not in caplog.text
