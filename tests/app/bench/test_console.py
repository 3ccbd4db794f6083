"""The measurement of the console measures: a real broker, the real product, a few people, a few thousand messages."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from app.bench.console import ConsoleFigures
from app.bench.rig import binary

pytestmark = pytest.mark.server


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.skipif(binary("mosquitto") is None and os.environ.get("CI") != "true", reason="mosquitto is not installed")
def test_people_are_answered_and_nothing_is_lost(tmp_path: Path) -> None:
    """The command, small: every answer is one, every message is stored once, and alarms come to open pages."""
    command = [sys.executable, "-m", "app", "bench", "console", "--people", "6", "--rate", "300", "--devices", "600"]
    options = ["--seconds", "6", "--data", str(tmp_path), "--json"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    figures = msgspec.json.decode(done.stdout.splitlines()[-1], type=ConsoleFigures)
    assert (figures.messages, figures.lost, figures.extra) == (1800, 0, 0)
    for phase in (figures.busy, figures.idle):
        assert phase.failed == 0, phase.failures
        assert phase.answers > 0
        assert phase.updates >= figures.people
        assert 0 < phase.api_p50_ms <= phase.api_p95_ms <= phase.api_p99_ms
    assert figures.events_seen == figures.events > 0
    assert 0 < figures.event_to_page_p50_ms <= figures.event_to_page_p99_ms
    assert list(tmp_path.iterdir()) == []
