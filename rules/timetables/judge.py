"""What was expected of a timetable against what came of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.finding import AlarmState, Change, Finding
from rules.memory import Key
from rules.timetables.calendar import Calendar
from rules.timetables.file import NONE, Expectation, Expected
from rules.timetables.play import Alarm, Played

NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as expected; `when` and `line` say where the timetable says so."""

    when: str
    line: int
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges the alarms of some rules. `lines` tells where in the file each time of `expect` stands."""

    of: frozenset[str]
    calendar: Calendar
    lines: Mapping[str, int]
    whole_line: int

    def differences(
        self, expect: Mapping[str, Expectation], asked_ms: Mapping[str, int], played: Played
    ) -> Iterator[Difference]:
        """All that is not as expected, in the order of the times."""
        wanted = {time: expected(said) for time, said in expect.items()}
        for time in sorted(wanted, key=lambda time: asked_ms[time]):
            standing = {key: alarm for key, alarm in played.standing[asked_ms[time]].items() if key[0] in self.of}
            for left, right in self._at(wanted[time], standing):
                yield Difference(time, self.lines[time], left, right)
        awaited = {each.key for several in wanted.values() for each in several if each.state is not AlarmState.PENDING}
        for finding in played.findings:
            if finding.change is Change.RAISED and finding.rule_id in self.of and finding.key not in awaited:
                awaited.add(finding.key)
                when = self.calendar.text(finding.at_ms)
                yield Difference(when, self.whole_line, NOTHING, f"{_name(finding.key)} {finding.severity} raised")
        for rule_id, times in played.faults.items():
            yield Difference("", self.whole_line, f"{rule_id} to work", f"{rule_id} failed {times} times; see the log")

    def _at(self, wanted: Sequence[Expected], standing: Mapping[Key, Alarm]) -> Iterator[tuple[str, str]]:
        """What differs at one time, side by side. What is pending need not be named."""
        named = {each.key: each for each in wanted}
        for key, each in named.items():
            alarm = standing.get(key)
            if alarm is None or (alarm.state is AlarmState.PENDING and each.state is not AlarmState.PENDING):
                yield str(each), NOTHING if alarm is None else f"{each.alarm} pending"
            elif differing := list(self._differing(each, alarm)):
                left, right = zip(*differing, strict=True)
                yield f"{each.alarm} {', '.join(left)}", f"{each.alarm} {', '.join(right)}"
        for key, alarm in standing.items():
            if key not in named and alarm.state is not AlarmState.PENDING:
                yield NOTHING, said(key, alarm)

    def _differing(self, each: Expected, alarm: Alarm) -> Iterator[tuple[str, str]]:
        finding = alarm.finding
        if each.state is not None and each.state is not alarm.state:
            yield each.state, alarm.state
        if each.since is not None and self.calendar.at_ms(each.since) != alarm.since_ms:
            yield f"since {each.since}", f"since {self.calendar.text(alarm.since_ms)}"
        if finding is None:
            return
        if each.severity is not None and each.severity is not finding.severity:
            yield each.severity, finding.severity
        for name in ("value", "limit"):
            number, got = getattr(each, name), getattr(finding, name)
            if number is not None and number != got:
                yield f"{name} {number:g}", f"{name} {got if got is None else f'{got:g}'}"
        yield from _words(each, finding)


def _words(each: Expected, finding: Finding) -> Iterator[tuple[str, str]]:
    if each.text is not None:
        for wanted, got in ((each.text.zh, finding.text_zh), (each.text.en, finding.text_en)):
            if wanted != got:
                yield f"says {wanted!r}", f"says {got!r}"
    read = (finding.title_zh, finding.title_en, finding.text_zh, finding.text_en)
    for part in each.contains:
        if not any(part in text for text in read):
            yield f"says … {part!r} …", "says " + " / ".join(filter(None, read))


def expected(said: Expectation) -> tuple[Expected, ...]:
    """What is expected at one time, in full."""
    if isinstance(said, Expected):
        return (said,)
    if isinstance(said, str):
        if said == NONE:
            return ()
        rule_id, subject, *more = said.split()
        severity = next((word for word in more if word not in _STATES), None)
        state = next((word for word in more if word in _STATES), None)
        return (Expected.model_validate({"alarm": f"{rule_id} {subject}", "severity": severity, "state": state}),)
    return tuple(each for part in said for each in expected(part))


def said(key: Key, alarm: Alarm) -> str:
    """An alarm as the short form of a timetable has it."""
    severity = alarm.finding.severity if alarm.finding else None
    return " ".join(filter(None, (_name(key), severity, alarm.state)))


def _name(key: Key) -> str:
    return " ".join(key)


_STATES = frozenset(AlarmState)
