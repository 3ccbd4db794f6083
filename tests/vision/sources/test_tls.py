"""Cameras that speak HTTPS with a certificate that they made themselves."""

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.errors import SourceFault
from tests.fakes.bad_cameras import BadCameras
from tests.fakes.bad_rtsp import BadRtsp
from tests.fakes.cameras import jpeg
from tests.vision.scenes import street
from tests.vision.sources.fetching import failure, fetch


@pytest.fixture
async def context(tmp_path: Path) -> ssl.SSLContext:
    """With a certificate of its own, which stands in `cert.pem`."""
    made = await asyncio.create_subprocess_exec(
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=camera", "-days", "2"),
        *("-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")),
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert await made.wait() == 0
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    return context


@pytest.fixture
async def camera(context: ssl.SSLContext, tmp_path: Path) -> AsyncIterator[tuple[BadCameras, str]]:
    """One such camera, and the SHA-256 of its certificate."""
    der = ssl.PEM_cert_to_DER_cert((tmp_path / "cert.pem").read_text())
    async with BadCameras(jpeg(street()), tls=context) as bad:
        yield bad, hashlib.sha256(der).hexdigest()


async def test_a_certificate_nobody_vouches_for_is_named_with_the_way_out(camera: tuple[BadCameras, str]) -> None:
    """The message says what to add to trust just this one, and nothing was asked of it."""
    bad, sha256 = camera
    failed = await failure(bad.url("octets"))
    assert failed.error.fault is SourceFault.UNTRUSTED
    assert f"#sha256={sha256}" in failed.error.detail
    assert bad.asked == []


async def test_the_named_certificate_is_trusted_and_no_other(camera: tuple[BadCameras, str]) -> None:
    """In either spelling of its hash; `#insecure` trusts anybody."""
    bad, sha256 = camera
    colons = ":".join(sha256[at : at + 2] for at in range(0, 64, 2)).upper()
    for trust in (f"sha256={sha256}", f"sha256={colons}", "insecure"):
        assert (await fetch(f"{bad.url('octets')}#{trust}")).data == bad.picture
    failed = await failure(f"{bad.url('octets')}#sha256={'0' * 64}")
    assert failed.error.fault is SourceFault.UNTRUSTED
    assert sha256 in failed.error.detail


async def test_a_stream_over_tls_asks_for_a_certificate_too(context: ssl.SSLContext) -> None:
    """Which FFmpeg by itself does not."""
    async with BadRtsp(tls=context) as peers:
        failed = await failure(peers.url("good"))
        assert failed.error.fault is SourceFault.UNTRUSTED
        assert "#insecure" in failed.error.detail
        assert (await fetch(f"{peers.url('good')}#insecure")).pixels is not None
