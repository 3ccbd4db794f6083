"""A real VictoriaMetrics of our own, and a store that waits until it can see what it wrote."""

import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.schema import Series
from domain.point import Point
from storage.series.victoria import VictoriaSeries
from tests.fakes.brokers import free_port

_PATIENCE_S = 60.0


class Victoria:
    """A running server."""

    def __init__(self, url: str) -> None:
        self.url = url

    def settings(self) -> Series:
        """The settings of a client."""
        return Series(victoria_url=self.url)

    def flush(self) -> None:
        """Make what was written visible now, instead of a second later."""
        with urllib.request.urlopen(f"{self.url}/internal/force_flush", timeout=_PATIENCE_S):  # noqa: S310
            pass


class SeenAtOnce(VictoriaSeries):
    """A store whose writes are visible when they return."""

    def __init__(self, server: Victoria) -> None:
        super().__init__(server.settings())
        self._flushed = server

    def write(self, points: Sequence[Point]) -> None:
        """Write, and have it seen."""
        try:
            super().write(points)
        finally:
            self._flushed.flush()


@contextmanager
def victoria(folder: Path, *flags: str, retention: str = "100y") -> Iterator[Victoria]:
    """A running VictoriaMetrics that keeps its files in `folder`; `flags` are further ones."""
    port = free_port()
    server = Victoria(f"http://127.0.0.1:{port}")
    command = [
        _binary(),
        f"-httpListenAddr=127.0.0.1:{port}",
        f"-storageDataPath={folder / 'victoria'}",
        f"-retentionPeriod={retention}",
        "-memory.allowedBytes=128MiB",
        *flags,
    ]
    log = folder / "victoria.log"
    with log.open("w") as said, subprocess.Popen(command, stdout=said, stderr=said) as process:
        try:
            _wait(server, process, log)
            yield server
        finally:
            process.terminate()
            process.wait(_PATIENCE_S)


def _wait(server: Victoria, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.url}/health", timeout=1):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    pytest.fail(f"VictoriaMetrics did not start: {log.read_text()[-2000:]}")


def _binary() -> str:
    found = shutil.which("victoria-metrics") or shutil.which("victoria-metrics-prod")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("victoria-metrics is not installed; CI must have it")
        pytest.skip("victoria-metrics is not installed")
    return found
