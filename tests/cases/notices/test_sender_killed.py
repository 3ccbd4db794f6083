"""kill -9 between putting a digest together, sending it, and marking it: nothing is lost, and a repeat is a repeat."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from domain.notice import NoticeState
from storage.case_store import CaseStore
from tests.cases.city import make_site
from tests.cases.notices.receivers import post_office
from tests.cases.notices.storm import a_notice, put_all

TO = "duty@city.example"


def send(folder: Path, port: int, point: str) -> int:
    """Run a sender to its end; its exit status."""
    words = [sys.executable, "-m", "tests.cases.notices.sender", str(folder), str(port), point]
    return subprocess.run(words, check=False, timeout=200).returncode


@pytest.mark.parametrize("points", [("claimed", "sent"), ("sent",)], ids="-".join)
@pytest.mark.parametrize(("many", "severity"), [(5, "notice"), (1, "notice"), (1, "critical"), (6, "critical")])
def test_killed_at_each_point(points: tuple[str, ...], many: int, severity: str, tmp_path: Path) -> None:
    """Alone or in a digest: the message comes once, or again with the same id and the same bytes; what comes between
    goes in a message of its own."""
    folder = tmp_path / "site"
    make_site(folder)
    store = CaseStore(f"sqlite:///{folder / 'cases.db'}")
    put_all(store, [a_notice(f"k{n}", channel="smtp", to=TO, severity=severity) for n in range(many)])
    with post_office() as post:
        for point in points:
            assert send(folder, post.port, point) == -signal.SIGKILL
            assert len(post.mails) == (point == "sent")
            at_ms = 29_000 if point == points[0] else 59_999
            put_all(store, [a_notice(f"later-{point}", channel="smtp", to=TO, severity=severity, at_ms=at_ms)])
        assert send(folder, post.port, "none") == 0

    sent = [notice for notice in store.notices() if notice.key.startswith("k")]
    assert {notice.state for notice in sent} == {NoticeState.SENT}
    assert len({notice.digest for notice in sent}) == 1
    first, again, *others = post.mails
    assert first.as_bytes() == again.as_bytes()
    later = [f"later-{point}" for point in points] if severity == "critical" else []
    assert [mail["Idempotency-Key"] for mail in others] == later
    # Those that were never made count too: better than one too many.
    assert len(store.attempts_since("smtp", 0)) == len(points) + 1 + len(others)
    store.close()
