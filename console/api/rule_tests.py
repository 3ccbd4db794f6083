"""Tests of rules over HTTP: what came of them when they were last run, and a run of all."""

from collections.abc import Sequence
from typing import Any

from console.api import asks
from console.api.bodies import Order, Who
from console.api.reads import Read, Room
from console.api.rows import Rows
from console.api.rule_shapes import AllTestsOut, FailedTestOut, RuleTestsOut, TestsRunningOut, TestsRunOut
from console.api.writes import Write
from console.desk.rule_tests import RuleTests, RunningTests, RunOfTests
from console.desk.rules import RuleCard


class OrderTests(Order, frozen=True, kw_only=True):
    """Run all tests of the site's rules, or give up the run."""

    who: Who


def rule_tests(room: Room, _ask: asks.Ask) -> AllTestsOut:
    """How many tests are written for each rule, what came of them when they were last run, and whether they run now."""
    found, rows = room.desk.rulebook.tests(), room.rows
    return AllTestsOut(
        written=dict(found.written),
        last=None if found.last is None else _run(found.last, rows),
        running=None if found.running is None else _running(found.running, rows),
        problem=found.problem,
    )


def start_tests(room: Room, order: OrderTests, _about: int) -> TestsRunningOut:
    """Run all tests of the site's rules: beside everything else, at the lowest priority, five minutes at most."""
    return _running(room.desk.rulebook.start_tests(order.who), room.rows)


def stop_tests(room: Room, _order: OrderTests, _about: int) -> AllTestsOut:
    """Give up the run of the tests; nothing if they do not run."""
    room.desk.rulebook.stop_tests()
    return rule_tests(room, asks.Ask())


def tests_of(card: RuleCard, tests: RuleTests) -> RuleTestsOut:
    """Of one rule."""
    written = tests.written.get(card.id, 0)
    run = tests.last.rules.get(card.id) if tests.last else None
    return RuleTestsOut(
        written=written,
        run=None if run is None else run.tests,
        failed=None if run is None else run.failed,
        changed=run is not None and (run.version != card.version or run.tests != written),
    )


def _run(one: RunOfTests, rows: Rows) -> TestsRunOut:
    return TestsRunOut(
        made_at=rows.at(one.made_ms),
        took_s=one.took_s,
        tests=one.tests,
        failed=one.failed,
        who=one.who,
        failures=[
            FailedTestOut(
                name=each.name,
                rules=list(each.rules),
                file=each.file,
                line=each.line,
                when=each.when,
                expected=each.expected,
                got=each.got,
                more=each.more,
            )
            for each in one.failures
        ],
    )


def _running(one: RunningTests, rows: Rows) -> TestsRunningOut:
    return TestsRunningOut(who=one.who, started_at=rows.at(one.started_ms), ended=one.ended, problem=one.problem)


READS: Sequence[Read[Any]] = (Read(path="/api/v1/rule-tests", ask=asks.Ask, answer=rule_tests, shape=AllTestsOut),)
WRITES: Sequence[Write[Any]] = (
    Write(path="/api/v1/rule-tests", order=OrderTests, carry_out=start_tests, shape=TestsRunningOut, status=202),
    Write(
        path="/api/v1/rule-tests/running", order=OrderTests, carry_out=stop_tests, shape=AllTestsOut, method="delete"
    ),
)
