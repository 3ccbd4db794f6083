"""A data folder has one `serve` at a time."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.lock import Lock
from domain.errors import ConfigError

HOLD = """
import sys
from pathlib import Path
from app.lock import Lock
with Lock(Path(sys.argv[1])):
    print(1, flush=True)
    sys.stdin.read()
"""


def test_a_second_one_is_told_who_has_it(tmp_path: Path) -> None:
    """The folder and the process are named; once it is released, it may be had."""
    with Lock(tmp_path), pytest.raises(ConfigError, match=rf"{tmp_path}.*process {os.getpid()}\)"):
        Lock(tmp_path)
    Lock(tmp_path).release()


def test_a_process_that_is_killed_leaves_no_lock(tmp_path: Path) -> None:
    """Nobody has to remove a file by hand."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"1\n"
        with pytest.raises(ConfigError, match=f"process {holder.pid}"):
            Lock(tmp_path)
        holder.send_signal(signal.SIGKILL)
        holder.wait(60)
    Lock(tmp_path).release()


def test_one_that_nobody_refers_to_any_more_holds(tmp_path: Path) -> None:
    """Who cannot end in order keeps others away until its process has ended."""
    Lock(tmp_path)
    with pytest.raises(ConfigError, match="another `serve`"):
        Lock(tmp_path)
