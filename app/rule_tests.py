"""Tests of rules, for the console: how many there are, what came of them, and a run that a page has asked for."""

import threading
from typing import Final

from msgspec.structs import replace

from app.beside import Beside
from app.kept_rule_tests import KeptTests
from app.timetables import WrittenTests, timetables_of
from config.load import Site
from console.desk.rule_tests import RuleTests, RunningTests, RunOfTests
from domain.clock import Clock
from domain.errors import OrderRefused

LONGEST_S: Final = 300.0
"""What takes longer is given up."""
_SOME_FAILED: Final = 1
"""How `longcheng rules test` exits where tests failed: it has run all the same."""


class RuleTesting:
    """Any thread may call."""

    def __init__(self, site: Site, clock: Clock) -> None:
        self._clock = clock
        self._kept = KeptTests(site.settings.data_dir)
        self._written = WrittenTests()
        self._beside = Beside("rule tests", LONGEST_S)
        self._lock = threading.Lock()
        self._last: RunningTests | None = None

    def now(self, site: Site) -> RuleTests:
        """All that is known; `site` is the one in force."""
        written, problem = self._written.count(site)
        return RuleTests(written=written, last=self._kept.last(), running=self._last, problem=problem)

    def start(self, site: Site, who: str) -> RunningTests:
        """Begin a run of all. Raises OrderRefused."""
        with self._lock:
            if self._beside.runs:
                raise OrderRefused("the tests run already; wait for them, or stop them", "over", "tests_running")
            if not timetables_of(site):
                raise OrderRefused("there are no tests beside the rule files", "missing", "tests_missing")
            before, started = self._last, RunningTests(who=who, started_ms=self._clock.now_ms())
            self._last = started
            words, was = ["rules", "test", "--site", str(site.folder), "--by", who], self._kept.last()
            over = lambda how, problem: self._over(was, how, problem)  # noqa: E731
            try:
                self._beside.begin(words, heard=lambda _line: False, over=over, fine=_SOME_FAILED)
            except BaseException:
                self._last = before
                raise
            return started

    def stop(self) -> None:
        """Give it up; nothing if none runs."""
        self._beside.stop()

    def _over(self, was: RunOfTests | None, how: str, problem: str) -> None:
        if how == "done" and self._kept.last() == was:  # a crash exits with the same code as a test that failed
            how = "failed"
        if self._last is not None:
            self._last = replace(self._last, ended=how, problem=problem if how == "failed" else "")
