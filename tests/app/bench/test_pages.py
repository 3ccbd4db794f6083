"""The measurement of first views measures: a real broker, the real product, a browser where there is one."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from app.bench.browser import BINARY
from app.bench.pages import VIEWS, PagesFigures
from app.bench.rig import binary

pytestmark = pytest.mark.server


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(binary("mosquitto") is None and os.environ.get("CI") != "true", reason="mosquitto is not installed")
def test_every_view_is_opened(tmp_path: Path) -> None:
    """The command, small: each view is answered, painted and usable, and scripts come from the server once."""
    command = [sys.executable, "-m", "app", "bench", "pages", "--cases", "300", "--rounds", "1"]
    options = ["--data", str(tmp_path), "--json"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    figures = msgspec.json.decode(done.stdout.splitlines()[-1], type=PagesFigures)
    assert [one.name for one in figures.views] == list(VIEWS)
    assert 20 < figures.open_cases < 150
    assert all(one.first_ms > 0 and one.server_ms > 0 and one.html_bytes > 1000 for one in figures.views)
    assert figures.too_much_script == []
    for one in figures.views:
        assert (one.cold is None) == (one.warm is None) == (BINARY is None)
        if one.cold and one.warm:
            assert one.cold.paint_ms > 0
            assert one.cold.usable_ms > 0
            assert one.cold.script_bytes > one.warm.script_bytes == 0, one.name
    assert list(tmp_path.iterdir()) == []
