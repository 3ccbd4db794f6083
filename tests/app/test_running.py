"""What runs on a data folder can be asked, and what was killed runs no more."""

import signal
import subprocess
import sys
from pathlib import Path

from app.running import Announced, Running, running

_ANNOUNCES = """
import sys
from pathlib import Path
from app.running import Announced
kept = Announced(Path(sys.argv[1]), "1+old")
print("ready", flush=True)
sys.stdin.read()
"""


def test_from_the_start_to_the_stop(tmp_path: Path) -> None:
    """Nobody before, this process between, nobody after, and nothing is left."""
    assert running(tmp_path) is None
    for decoder in ("1+a-longer-one", "1+b"):
        announced = Announced(tmp_path, decoder)
        found = running(tmp_path)
        assert found is not None
        assert found.decoder == decoder
        announced.withdraw()
        assert running(tmp_path) is None
        assert list(tmp_path.iterdir()) == []


def test_one_that_was_killed_is_gone(tmp_path: Path) -> None:
    """Its file stays behind, and nobody believes it."""
    with subprocess.Popen(
        [sys.executable, "-c", _ANNOUNCES, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"ready\n"
        assert running(tmp_path) == Running(pid=other.pid, decoder="1+old")
        other.send_signal(signal.SIGKILL)
        other.wait(60)
    assert (tmp_path / "serve.json").exists()
    assert running(tmp_path) is None
