"""Several processes work the same cases at once, and one is killed in mid-transaction; on both databases."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile

import pytest

from domain.notice import NoticeState
from storage.case_store import CaseStore
from tests.contract.case_store.clerk import DAY
from tests.contract.case_store.tables import held

TURNS = 200
PATIENCE_S = 500.0
EVERY = 1_000_000
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


class Process:
    """A clerk of its own process."""

    def __init__(self, url: str, name: str, times: int) -> None:
        command = [sys.executable, "-m", "tests.contract.case_store.clerk", url, name, str(times)]
        self._name = name
        self._errors = TemporaryFile("w+")  # noqa: SIM115 - it is closed with the process
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True
        )

    def says(self) -> str:
        """Its next line; a failure with its last words if it has ended instead."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        assert line, f"{self._name} ended with {self._process.wait(PATIENCE_S)}:\n{self._last_words()}"
        return line

    def go(self) -> None:
        """It may go on."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def done(self) -> Counter[str]:
        """What it has done, once it is through."""
        told = self.says()
        assert self._process.wait(PATIENCE_S) == 0, self._last_words()
        return Counter(json.loads(told))

    def kill(self) -> None:
        """Without a word."""
        self._process.kill()
        self._process.wait(PATIENCE_S)

    def close(self) -> None:
        """Whatever its state: gone."""
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._errors.close()

    def _last_words(self) -> str:
        self._errors.seek(0)
        return self._errors.read()


@contextmanager
def clerks(url: str, *times: int) -> Iterator[list[Process]]:
    """One for each number of turns; all of them are ready."""
    processes: list[Process] = []
    try:
        for number, turns in enumerate(times):
            processes.append(Process(url, f"clerk-{number}", turns))
        assert [one.says() for one in processes] == ["ready"] * len(processes)
        yield processes
    finally:
        for one in processes:
            one.close()


def account(url: str, done: Counter[str]) -> None:
    """What is in the store is what they say they did: nothing twice, nothing lost, nothing half."""
    store, rows = CaseStore(url), held(url)
    cases, alarms, log = rows["cases"], rows["alarms"], rows["log"]
    assert sorted(case["id"] for case in cases) == [f"{DAY}{number:06}" for number in range(1, done["raised"] + 1)]
    assert len(alarms) == done["raised"]
    assert sum(alarm["value"] for alarm in alarms) == sum(case["reworks"] for case in cases) == done["joined"]
    assert sum(alarm["acked_ms"] or 0 for alarm in alarms) == done["acked"]
    assert sum(case["version"] - 1 for case in cases) == done["joined"] + done["closed"]
    changes = {kind: done[kind] for kind in ("raised", "joined", "acked", "closed")}
    gone_out = sum(one["state"] == NoticeState.SENT.value for one in rows["notices"])
    assert Counter(line["what"] for line in log) == Counter(changes | {"message_sent": gone_out})
    assert Counter(line["case_id"] for line in log if line["what"] == "raised") == {case["id"]: 1 for case in cases}
    notices = rows["notices"]
    assert sorted(one["key"] for one in notices) == [f"{case_id}/filed" for case_id in sorted(c["id"] for c in cases)]
    counts = store.counts()
    assert (counts.alarms_total, counts.alarms_open) == (done["raised"], done["raised"] - done["closed"])
    assert (counts.cases_total, counts.cases_open) == (done["raised"], done["raised"] - done["closed"])
    assert counts.notices_sent == gone_out
    assert store.cursor("rules") == done["raised"]
    assert store.revision() == sum(changes.values()) + done["sent"]
    store.close()


def test_two_work_the_same_cases(empty_url: str) -> None:
    """Beginning with an empty database, which one of them makes."""
    with clerks(empty_url, TURNS, TURNS) as working:
        for one in working:
            one.go()
        done = [one.done() for one in working]

    total = sum(done, Counter[str]())
    assert total["raised"] + total["joined"] + total["acked"] + total["closed"] == 2 * TURNS
    assert all(one["raised"] and one["joined"] and one["closed"] for one in done)
    account(empty_url, total)


def test_one_is_killed_in_mid_transaction(url: str) -> None:
    """The other had to wait for it, and goes on; of what the killed one was doing there is nothing."""
    with clerks(url, 0, TURNS // 4) as (stuck, other):
        stuck.go()
        assert stuck.says() == "middle"
        other.go()
        stuck.kill()
        done = other.done()

    account(url, done)
