"""The disk is full: nothing more is acknowledged, everybody is told, and it goes on by itself once there is room."""

import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest

from tests.scenario.conftest import Build
from tests.scenario.product import Product
from tests.scenario.readings import Talk
from tests.scenario.stage import Stage

pytestmark = [pytest.mark.server, pytest.mark.slow]

ALARM = "system-journal-stopped"
_SMALL_BYTES = 12 << 20


Fill = Callable[[Product], Callable[[], object]]
"""Leaves no room, and returns what makes room again."""


@contextmanager
def small_disk(stage: Stage) -> Iterator[Fill]:
    """The data folder is a disk of its own, and something else fills it. Only root may mount one."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a disk; the limited collector shows the same")
    stage.data.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_SMALL_BYTES}", "tmpfs", str(stage.data)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a disk; the limited collector shows the same")
    try:
        yield lambda _product: _filled(stage.data / "something-else")
    finally:
        subprocess.run(["umount", "-l", str(stage.data)], check=True)


@contextmanager
def limited_collector(_stage: Stage) -> Iterator[Fill]:
    """The kernel lets the collector's files grow no further."""
    yield _limited


def _filled(path: Path) -> Callable[[], object]:
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1 << 14))
        except OSError:
            pass
    return path.unlink


def _limited(product: Product) -> Callable[[], object]:
    (collector,) = product.children("collect")
    collector.rlimit(psutil.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    return lambda: collector.rlimit(psutil.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def _messages_wait(product: Product) -> str:
    """The one reason that says so, if it is told."""
    reasons = [one for one in product.ready()[1] if "messages wait at the broker" in one]
    assert len(reasons) <= 1
    return "".join(reasons)


@pytest.mark.parametrize("disk", [small_disk, limited_collector])
def test_no_room_on_the_disk(build: Build, disk: Callable[[Stage], AbstractContextManager[Fill]]) -> None:
    """Devices talk on, the broker keeps it; `/ready`, metrics and log say why; then room is made, and all comes in."""
    stage, talk = build(), Talk()
    with ExitStack() as stack:
        fill = stack.enter_context(disk(stage))
        product = stack.enter_context(stage.running())
        stage.send(*talk.quiet(200), talk.leak(0))
        stage.account(product, leaks=talk.leaks)

        make_room = fill(product)
        stage.send(*talk.quiet(1500), talk.leak(1))
        # The case store lies on the same disk, and may say the same before, or after.
        reason = product.until(_messages_wait, "it is told that messages wait")
        assert "journal" in reason
        assert product.ready()[0] == 503
        assert product.metric("journal_writable") == 0
        product.until(lambda one: one.metric("ingest_paused") == 1, "the collector says so, too")
        product.until(lambda one: "the journal takes nothing" in one.log(), "so does the log")
        product.until(lambda one: ALARM in one.log(), "an alarm is due; it may be that it finds no room either")

        make_room()
        product.until_ready()
        stage.account(product, leaks=talk.leaks)
        product.until(lambda one: one.metric("ingest_paused") == 0, "the collector says so, too")
        assert "the journal takes messages again" in product.log()
        product.until(lambda one: len(one.alarms(ALARM)) == 1, "the alarm stands in the book")
        assert product.alarms(ALARM)[0]["severity"] == "critical"


def test_started_on_a_full_disk(build: Build) -> None:
    """It ends at once and names the file and what is missing, in one line; with room again, all comes in."""
    stage, talk = build(), Talk()
    with small_disk(stage) as fill:
        with stage.running() as product:
            stage.send(*talk.quiet(200), talk.leak(0))
            stage.account(product, leaks=talk.leaks)
            make_room = fill(product)
            stage.send(*talk.quiet(500), talk.leak(1))
            product.until(_messages_wait, "it is told that messages wait")

        refused = stage.command("serve")
        assert refused.returncode == 2
        assert "journal.db cannot be opened" in refused.stderr
        assert "its disk must have room" in refused.stderr
        assert "Traceback" not in refused.stderr

        make_room()
        with stage.running() as product:
            stage.account(product, leaks=talk.leaks)
