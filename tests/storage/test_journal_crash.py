"""What is left of the journal when the process, or the disk, gives out."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storage.journal import Journal
from tests.storage.messages import append_until_full, message, number_of

ROOT = Path(__file__).parents[2]


def killed_after(path: Path, groups: int, *, group: int) -> int:
    """Let a child append, kill it with SIGKILL after that many groups, and return the last number it vouched for."""
    command = [sys.executable, "-m", "tests.storage.appender", str(path), str(group)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        said = [child.stdout.readline() for _ in range(groups)]
        child.send_signal(signal.SIGKILL)
        said += child.stdout.readlines()
    return int([line for line in said if line.endswith(b"\n")][-1])


@pytest.mark.parametrize(("groups", "group"), [(1, 1), (7, 500), (40, 20)])
def test_kill_9_loses_nothing_that_was_promised(tmp_path: Path, groups: int, group: int) -> None:
    """Three times on one file: whatever `append` returned is there, whole, once and in order."""
    path = tmp_path / "journal.db"
    for _ in range(3):
        promised = killed_after(path, groups, group=group)
        journal = Journal(path, max_bytes=1 << 30)
        records = journal.read(0, 1 << 30)
        assert len(records) >= promised
        assert [record.seq for record in records] == list(range(1, len(records) + 1))
        assert [number_of(record) for record in records] == [record.seq for record in records]
        assert len(records) % group == 0
        assert journal.status().records == journal.head() == len(records)
        journal.close()


@pytest.mark.parametrize(("point", "kept"), [("appending", 40), ("appended", 60)])
def test_a_crash_around_an_append_leaves_all_of_it_or_nothing(tmp_path: Path, point: str, kept: int) -> None:
    """Killed at the third append: before it nothing of it is there, after it all of it is."""
    path = tmp_path / "journal.db"
    command = [sys.executable, "-m", "tests.storage.appender", str(path), "20"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "LONGCHENG_FAULT": f"{point}:3"}, capture_output=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert done.stdout.split() == [b"20", b"40"]
    journal = Journal(path, max_bytes=1 << 30)
    assert [number_of(record) for record in journal.read(0, 100)] == list(range(1, kept + 1))
    assert journal.status().damaged_records == 0
    journal.close()


def test_another_process_out_of_room_goes_on_when_there_is_some(tmp_path: Path) -> None:
    """The same journal, not opened again: what it took before stays, and it takes more afterwards."""
    path = tmp_path / "journal.db"
    command = [sys.executable, "-m", "tests.storage.appender", str(path), "20"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"20\n"
        unlimited = resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (1 << 20, resource.RLIM_INFINITY))
        promised = [20]
        while (line := child.stdout.readline()) != b"full\n":
            promised.append(int(line))
        resource.prlimit(child.pid, resource.RLIMIT_FSIZE, unlimited)
        promised += [int(child.stdout.readline()) for _ in range(10)]
        child.send_signal(signal.SIGKILL)
    assert promised == list(range(20, promised[-1] + 1, 20))
    journal = Journal(path, max_bytes=1 << 30)
    numbers = [number_of(record) for record in journal.read(0, 1 << 20)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= promised[-1]
    journal.close()


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """The system refuses to let any file of this process grow past `size` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, ignored)


def test_a_disk_that_takes_no_more_is_a_full_journal(journal: Journal) -> None:
    """Whole groups or nothing; the same journal goes on when there is room again."""
    with no_file_longer_than(1 << 20):
        taken, full = append_until_full(journal, group=10)
    assert "cannot be written" in str(full)
    assert 0 < taken < 10_000
    assert [number_of(record) for record in journal.read(0, 1 << 20)] == list(range(1, taken + 1))
    assert journal.append([message(taken + 1)]) == taken + 1


def test_a_full_file_system_is_a_full_journal(tmp_path: Path) -> None:
    """The real thing, on a file system of 2 MiB: ENOSPC, then room again."""
    mounted = tmp_path / "small"
    mounted.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(mounted)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root may mount a small file system")
    try:
        ballast = mounted / "ballast"
        ballast.write_bytes(bytes(1 << 20))
        journal = Journal(mounted / "journal.db", max_bytes=64 << 20)
        taken, full = append_until_full(journal, group=10)
        assert "disk is full" in str(full)
        assert journal.head() == taken > 0
        ballast.unlink()
        assert journal.append([message(taken + 1)]) == taken + 1
        journal.close()
    finally:
        subprocess.run(["umount", str(mounted)], check=True)
