"""A real RTSP server, as the system's packages have it."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from msgspec import Struct

PROGRAM = Path(__file__).with_name("rtsp_server.py")
SYSTEM_PYTHON = "/usr/bin/python3"
ROAD = Path(__file__).parents[2] / "app" / "demo" / "pictures" / "campus-road.mp4"
USER, PASSWORD = "looker", "s3cret:w@rd"
"""As in the program."""


class RtspServer(Struct, frozen=True, kw_only=True):
    """One that listens, on a port each: open to all, with a password by `basic`, and by `digest`."""

    ports: tuple[int, int, int]

    def url(self, mount: str, *, method: str = "", user: str = USER, password: str = PASSWORD) -> str:
        """The address of a mount; `method` is `basic`, `digest` or none."""
        port = self.ports[("", "basic", "digest").index(method)]
        login = f"{user}:{quote(password, safe='')}@" if method and user else ""
        return f"rtsp://{login}127.0.0.1:{port}/{mount}"


@contextmanager
def rtsp_server(**mounts: Path) -> Iterator[RtspServer]:
    """Runs it. Each mount plays its file from the beginning to whoever comes."""
    check = [SYSTEM_PYTHON, "-c", 'import gi; gi.require_version("GstRtspServer", "1.0")']
    if not Path(SYSTEM_PYTHON).exists() or subprocess.run(check, capture_output=True, check=False).returncode:
        if os.environ.get("CI") == "true":
            pytest.fail("the RTSP server of GStreamer is not installed; CI must have it: scripts/install-servers")
        pytest.skip("the RTSP server of GStreamer is not installed")
    command = [SYSTEM_PYTHON, str(PROGRAM), *(f"{name}={path}" for name, path in mounts.items())]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ports = [int(word) for word in process.stdout.readline().split()]
            assert len(ports) == 3, "the RTSP server did not start"
            yield RtspServer(ports=(ports[0], ports[1], ports[2]))
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5.0)
            process.kill()
