"""Runs files of timetables. Pure: for the command line and for any test."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from config import source
from config.load import Site
from config.mistakes import near, together
from config.source import Loc
from domain.errors import ConfigError
from domain.finding import Change, Finding, Severity
from rules.files import load_rules
from rules.limited import LimitedKind
from rules.rule import Rule
from rules.timetables.file import Items, Timetable
from rules.timetables.judge import Difference, Judge, expected
from rules.timetables.play import Due, Stage, Turn
from rules.timetables.program import Program, Programmer
from rules.timetables.world import world_of


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one timetable. It is as it should be if nothing differs."""

    path: Path
    line: int
    name: str
    about: frozenset[str]
    """Ids of the rules that it names: those it is of or, without, those whose alarms it expects."""
    differences: tuple[Difference, ...]
    raised: frozenset[tuple[str, Severity]]
    """The rules that raised an alarm that was expected, and how severe it was."""
    story: tuple[str, ...]
    """All that the judged rules did, a line each."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file of timetables, ready to be run."""

    path: Path
    rules: tuple[Rule, ...]
    site: Site
    tests: tuple[tuple[Timetable, Program, int], ...]
    """Each with its line."""
    lines: Mapping[Loc, int]

    def run(self, *, restarts: int = 0) -> Iterator[Result]:
        """One result after the other, in the order of the file.

        `restarts`: the engine is stopped and started again so many times, evenly spread, which must change nothing.
        """
        for index, (test, program, line) in enumerate(self.tests):
            yield self._result(test, program, line, index, restarts)

    def _result(self, test: Timetable, program: Program, line: int, index: int, restarts: int) -> Result:
        judged = frozenset(test.of or (rule.id for rule in self.rules))
        at: Loc = ("tests", index, "expect")
        played = Stage(self.rules, self.site, program.calendar.start_ms).play(
            (*program.dues, *_restarts(program, restarts))
        )
        judge = Judge(
            of=judged,
            calendar=program.calendar,
            lines={time: self.lines[*at, time] for time in test.expect},
            whole_line=self.lines[at],
        )
        told = [finding for finding in played.findings if finding.rule_id in judged]
        return Result(
            path=self.path,
            line=line,
            name=test.name,
            about=frozenset(test.of)
            or frozenset(each.key[0] for said in test.expect.values() for each in expected(said)),
            differences=tuple(judge.differences(test.expect, program.asked_ms, played)),
            raised=frozenset((finding.rule_id, finding.severity) for finding in told if _raises(finding)),
            story=tuple(_line(finding, program) for finding in told if finding.change is not Change.RENEWED),
        )


def read_timetables(path: Path) -> ReadFile:
    """A file of timetables and the rules that it tests.

    Raises ConfigErrors, with file and line, for all that cannot be, of the file or of its rules.
    """
    data, lines = source.read(path)
    file = source.validate(data, Items, path, lines)
    site = world_of(file, path, lines)
    rules = load_rules([(path.parent / name).resolve() for name in file.rules] if file.rules else site.rule_files, site)
    problems: list[ConfigError] = []
    tests: list[tuple[Timetable, Program, int]] = []
    for index, item in enumerate(file.tests):
        at: Loc = ("tests", index)
        called = f"test {item.get('name', f'number {index + 1}')!r}"
        try:
            test = source.validate(item, Timetable, path, lines, at=at, called=called)
            problems += _strangers(test, rules, path, lines, index)
            program = Programmer(test, site, path, lines, index).program()
        except ConfigError as wrong:
            problems += wrong.problems
        else:
            tests.append((test, program, lines[at]))
    if problems:
        raise together(problems)
    return ReadFile(path, rules, site, tuple(tests), lines)


def untested(rules: Iterable[Rule], results: Sequence[Result]) -> list[tuple[Rule, Severity]]:
    """Each rule that no timetable raises, and each of its severities."""
    raised = {each for result in results for each in result.raised}
    return [(rule, severity) for rule in rules for severity in severities(rule) if (rule.id, severity) not in raised]


def severities(rule: Rule) -> tuple[Severity, ...]:
    """How severe its alarms can be: by its levels, where it has several."""
    return rule.spec.severities if isinstance(rule.spec, LimitedKind) else (rule.spec.severity,)


def _strangers(
    test: Timetable, rules: Sequence[Rule], path: Path, lines: Mapping[Loc, int], index: int
) -> Iterator[ConfigError]:
    """Rules that the timetable names and that there are not."""
    known = {rule.id for rule in rules}
    named: list[tuple[str, Loc]] = [(name, ("of", place)) for place, name in enumerate(test.of)]
    named += [(each.key[0], ("expect", time)) for time, said in test.expect.items() for each in expected(said)]
    for name, loc in named:
        if name not in known:
            problem = f"test {test.name!r}: {loc[0]} names the rule {name!r}, which there is not{near(name, known)}"
            yield ConfigError(problem, path=path, line=lines["tests", index, *loc])
        elif test.of and name not in test.of:
            problem = f"test {test.name!r}: expect names the rule {name!r}, which is not among those that `of` names"
            yield ConfigError(problem, path=path, line=lines["tests", index, *loc])


def _restarts(program: Program, number: int) -> Iterator[Due]:
    since_ms, until_ms = program.calendar.start_ms, max(due.at_ms for due in program.dues)
    for place in range(1, number + 1):
        yield Due(since_ms + (until_ms - since_ms) * place // (number + 1), Turn.EVENT, 0, Stage.restart)


def _raises(finding: Finding) -> bool:
    return finding.change in {Change.RAISED, Change.RENEWED}


def _line(finding: Finding, program: Program) -> str:
    return f"{program.calendar.text(finding.at_ms)} {finding.change} {finding.rule_id} {finding.subject}"
