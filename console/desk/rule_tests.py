"""Tests of rules as the console needs them: how many are written, and what came of them when they were last run."""

from collections.abc import Mapping

from msgspec import Struct


class RuleTested(Struct, frozen=True, kw_only=True):
    """What came of the tests of one rule when they were last run."""

    tests: int
    failed: int
    version: str
    """Of the rule, as it was then."""


class FailedTest(Struct, frozen=True, kw_only=True):
    """A timetable of which something was not as it says: the first such thing."""

    name: str
    rules: tuple[str, ...]
    """Ids of the rules that it is about."""
    file: str
    line: int
    """Where the timetable says so."""
    when: str
    """On the timetable's own clock; empty where it is of no time."""
    expected: str
    """In the short form of timetables; `nothing`: no alarm."""
    got: str
    more: int = 0
    """How many other things were not as it says."""


class RunOfTests(Struct, frozen=True, kw_only=True):
    """All timetables of the site's rules, run once."""

    made_ms: int
    took_s: float
    tests: int
    failed: int
    who: str = ""
    """Who started it on a page; empty: the command line."""
    rules: Mapping[str, RuleTested] = {}
    failures: tuple[FailedTest, ...] = ()
    """The first of them."""


class RunningTests(Struct, frozen=True, kw_only=True):
    """The run that was last started from a page. `ended` says how, in words, empty: it runs."""

    who: str
    started_ms: int
    ended: str = ""
    """`done`, `failed`, `stopped` or `too_long`."""
    problem: str = ""


class RuleTests(Struct, frozen=True, kw_only=True):
    """All that is known of the tests of the rules in force."""

    written: Mapping[str, int] = {}
    """How many timetables are about a rule, by its id, as the files are now."""
    last: RunOfTests | None = None
    """None: none was ever run here."""
    running: RunningTests | None = None
    problem: str = ""
    """Why some of the files cannot be read as they are now; empty if all can."""

    def failures(self, rule_id: str) -> tuple[FailedTest, ...]:
        """Those of the last run that are about one rule."""
        return tuple(one for one in self.last.failures if rule_id in one.rules) if self.last else ()
