"""Tests of rules in words: whether a rule has any, what came of them, and of one that failed the first such line."""

from typing import Final

from msgspec import Struct

from console.desk.rule_tests import FailedTest, RuleTests
from console.desk.rules import RuleCard
from console.words import Words

_STATES: Final = frozenset({"pending", "firing", "recovering", "stale", "flapping"})
_SEVERITIES: Final = frozenset({"notice", "warn", "critical"})
_FAILURES: Final = 10


class Verdict(Struct, frozen=True, kw_only=True):
    """What the tests of one rule say of it, in words."""

    text: str
    failed: bool = False
    changed: bool = False
    """The rule, or its tests, are others than those that were run."""


class FailureRow(Struct, frozen=True, kw_only=True):
    """One test that failed."""

    name: str
    rules: tuple[str, ...]
    where: str
    said: str
    more: str


def verdict(card: RuleCard, tests: RuleTests, words: Words) -> Verdict:
    """Of one rule."""
    written = tests.written.get(card.id, 0)
    run = tests.last.rules.get(card.id) if tests.last else None
    if run is None:
        return Verdict(text=words.count("rule_tests.not_run", written) if written else words.say("rule_tests.none"))
    changed = run.version != card.version or run.tests != written
    if run.failed:
        text = words.say("rule_tests.failed", failed=words.number(run.failed), n=words.number(run.tests))
    else:
        text = words.count("rule_tests.passed", run.tests)
    return Verdict(text=text, failed=bool(run.failed), changed=changed)


def context_of_tests(tests: RuleTests, words: Words, rule_id: str = "") -> dict[str, object]:
    """The run of all of them, and those that failed; with `rule_id` those of one rule."""
    failures = tests.failures(rule_id) if rule_id else tests.last.failures if tests.last else ()
    return {
        "tests": tests,
        "total": sum(tests.written.values()),
        "of_rule": rule_id,
        "failures": [failure_row(one, words) for one in failures[:_FAILURES]],
        "more": max(0, len(failures) - _FAILURES),
    }


def failure_row(one: FailedTest, words: Words) -> FailureRow:
    """With its first line that is not as written."""
    expected, got = _alarm(one.expected, words), _alarm(one.got, words)
    at = words.say("rule_tests.at", when=one.when) if one.when else ""
    return FailureRow(
        name=one.name,
        rules=one.rules,
        where=f"{one.file}:{one.line}",
        said=at + words.say("rule_tests.differs", expected=expected, got=got),
        more=words.count("rule_tests.more", one.more) if one.more else "",
    )


def _alarm(text: str, words: Words) -> str:
    """`nothing`, or the short form of an alarm, its severity and state in words; what says more stays as it is."""
    if text == "nothing":
        return words.say("rule_tests.nothing")
    rule, _, rest = text.partition(" ")
    subject, *more = rest.split()
    if not {*more} <= _STATES | _SEVERITIES | {"raised"}:
        return text
    return " ".join([rule, subject, *(_word(one, words) for one in more)])


def _word(one: str, words: Words) -> str:
    if one == "raised":
        return words.say("rule_tests.raised")
    return words.term("severity" if one in _SEVERITIES else "alarm_state", one)
