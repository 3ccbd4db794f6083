"""ONVIF cameras, asked where their pictures are."""

from collections.abc import AsyncIterator

import pytest

from config.schema import Vision
from domain.clock import ManualClock
from domain.errors import SourceError, SourceFault
from tests.fakes.bad_cameras import BadCameras
from tests.fakes.bad_rtsp import BadRtsp
from tests.fakes.cameras import jpeg
from tests.fakes.onvif import ELSEWHERE, FakeOnvif
from tests.vision.scenes import NOON_MS, camera, street
from tests.vision.sources.fetching import failure, fetch
from vision.picture import Picture
from vision.sources import soap
from vision.visitor import Visitor

PICTURE = jpeg(street())
YEARS_AGO_MS = 946_684_800_000  # a camera without a battery thinks it is 2000


@pytest.fixture
async def onvif() -> AsyncIterator[FakeOnvif]:
    """A camera whose clock stands at 2000."""
    async with FakeOnvif(PICTURE, clock=ManualClock(YEARS_AGO_MS)) as fake:
        yield fake


async def test_a_snapshot_is_found_and_its_address_remembered(onvif: FakeOnvif) -> None:
    """With a clock that is decades off, at an address that the camera does not know it has; the password is proved."""
    picture = await fetch(onvif.url(), times=3, clock=ManualClock(NOON_MS))
    assert picture.data == PICTURE
    questions = ("GetSystemDateAndTime", "GetCapabilities", "GetProfiles", "GetSnapshotUri")
    assert {question: onvif.asked[question] for question in questions} == dict.fromkeys(questions, 1)


async def test_a_profile_can_be_named(onvif: FakeOnvif) -> None:
    """As it stands in the source, percent-encoded; then the first one is not asked for."""
    assert (await fetch(onvif.url("sub%20%26%20more"))).data == PICTURE
    assert onvif.asked["snap sub"] == 2  # the first of them is told that there is a password
    assert onvif.asked["GetProfiles"] == 0


async def test_a_wrong_password_is_auth_failed(onvif: FakeOnvif) -> None:
    """Said by the SOAP fault, which comes with status 400."""
    failed = await failure(onvif.url(login="looker:wr0ng@"))
    assert failed.error.fault is SourceFault.AUTH_FAILED
    assert "NotAuthorized" in failed.error.detail
    assert "wr0ng" not in failed.error.detail


async def test_a_profile_that_is_not_there_is_not_found(onvif: FakeOnvif) -> None:
    """By the camera's own word."""
    assert (await failure(onvif.url("none"))).error.fault is SourceFault.NOT_FOUND


@pytest.mark.parametrize("snapshots", ["no", "broken"])
async def test_without_snapshots_the_stream_is_read(snapshots: str) -> None:
    """Where none are offered at once; where those offered are not there, from the next visit on."""
    async with BadRtsp() as peers:
        told = peers.url("good").replace("looker:s3cret@127.0.0.1", ELSEWHERE)
        fake = FakeOnvif(PICTURE, clock=ManualClock(NOON_MS), snapshots=snapshots, stream=told)
        async with fake, Visitor(Vision()) as visitor:
            brought = await visitor.visit(camera(source=fake.url()))
            if snapshots == "broken":
                assert isinstance(brought, SourceError)
                assert brought.fault is SourceFault.NOT_FOUND
                brought = await visitor.visit(camera(source=fake.url()))
    assert isinstance(brought, Picture)
    assert brought.pixels is not None


@pytest.mark.parametrize(("name", "fault"), [("silent", SourceFault.TIMEOUT), ("garbage", SourceFault.UNREACHABLE)])
async def test_a_camera_that_speaks_no_onvif_is_named(name: str, fault: SourceFault) -> None:
    """Silence, and answers that are no HTTP."""
    async with BadCameras(PICTURE) as bad:
        bad.everything = name
        failed = await failure(bad.url("").replace("http://", "onvif://"), limit_s=1.0)
    assert failed.error.fault is fault


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>',
        '<?xml version="1.0" encoding="utf-16"?><x/>'.encode("utf-16"),
        b"<html><p>no</html>",
        b"",
    ],
)
def test_xml_that_declares_things_is_not_read(data: bytes) -> None:
    """What a camera sends must not make us build or fetch anything."""
    with pytest.raises(SourceError) as caught:
        soap.parsed(data, "onvif://cam")
    assert caught.value.fault is SourceFault.UNREACHABLE
