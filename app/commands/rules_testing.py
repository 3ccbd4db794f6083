"""`longcheng rules test`: plays the timetables that say what rules are to do."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.commands.rules_view import counted, shown
from app.kept_rule_tests import KeptTests, run_of
from app.timetables import TESTS, timetables_of
from config.load import Site
from config.mistakes import together
from domain.clock import SystemClock
from domain.errors import ConfigError
from domain.finding import Severity
from rules.rule import Rule
from rules.timetables.judge import Difference
from rules.timetables.run import ReadFile, Result, read_timetables, untested


def in_folders(paths: Sequence[Path]) -> list[Path]:
    """The same, with a folder's timetables in its place. Raises ConfigError for a folder without any."""
    found: list[Path] = []
    for path in paths:
        within = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
        if not within:
            raise ConfigError("there is no *.yaml in this folder", path=path)
        found += within
    return found


def beside_rules(site: Site, name: str) -> Sequence[Path]:
    """The site's own timetables. Raises ConfigError, with the name that was asked for, if there is none."""
    found = timetables_of(site)
    if not found:
        raise ConfigError(f"no timetables: there is no {TESTS}/*.yaml beside the rule files of {name!r}")
    return found


def read_all(paths: Sequence[Path]) -> list[ReadFile]:
    """All files. Raises ConfigErrors for everything that is wrong with any of them."""
    found: list[ReadFile] = []
    problems: list[ConfigError] = []
    for path in paths:
        try:
            found.append(read_timetables(path))
        except ConfigError as wrong:
            problems += wrong.problems
    if problems:
        raise together(problems)
    return found


def played(files: Sequence[ReadFile], *, tell: Console | None) -> list[Result]:
    """What came of each timetable; each is told as soon as it was played."""
    results: list[Result] = []
    for result in (result for file in files for result in file.run()):
        results.append(result)
        if tell is not None:
            print_result(result, tell)
    return results


def keep(site: Site, files: Sequence[ReadFile], results: Sequence[Result], *, took_s: float, who: str) -> None:
    """So that the console can tell of it. Where the product has never run there is no data folder, and none is made;
    one that cannot be written to costs only this."""
    data = site.settings.data_dir
    if not data.is_dir():
        return
    versions = {rule.id: rule.version for file in files for rule in file.rules}
    made_ms = SystemClock().now_ms()
    try:
        KeptTests(data).keep(run_of(results, versions, site, made_ms=made_ms, took_s=took_s, who=who))
    except OSError as wrong:
        Console(stderr=True).print(Text(f"not kept in {data}: {wrong.strerror}"), soft_wrap=True)


def uncovered(files: Sequence[ReadFile], results: Sequence[Result]) -> list[tuple[Rule, Severity]]:
    """Each rule of the files, and each of its severities, that no timetable raises."""
    rules = {rule.id: rule for file in files for rule in file.rules}
    return untested(rules.values(), results)


def as_data(results: Sequence[Result], missing: Sequence[tuple[Rule, Severity]] | None) -> dict[str, Any]:
    """What came of the tests, for programs."""
    data: dict[str, Any] = {
        "tests": len(results),
        "failed": sum(bool(result.differences) for result in results),
        "results": [_result_data(result) for result in results],
    }
    if missing is not None:
        data["untested"] = [{"rule": rule.id, "severity": severity.value} for rule, severity in missing]
    return data


def print_result(result: Result, out: Console) -> None:
    """A line; where something differs, also what was expected beside what came, and all that happened."""
    word, style = ("FAIL", "bold red") if result.differences else ("ok  ", "green")
    where = f"  {shown(result.path)} line {result.line}" if result.differences else ""
    out.print(Text.assemble((word, style), " ", result.name, (where, "bold")), soft_wrap=True)
    if not result.differences:
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("at", no_wrap=True)
    table.add_column("line", justify="right", no_wrap=True)
    table.add_column("expected", overflow="fold")
    table.add_column("got", overflow="fold")
    for each in result.differences:
        table.add_row(each.when, str(each.line), Text(each.expected), Text(each.got, style="red"))
    out.print(table)
    out.print(Text("what happened: " + ("; ".join(result.story) or "nothing"), style="dim"))
    out.print()


def print_summary(results: Sequence[Result], missing: Sequence[tuple[Rule, Severity]] | None, out: Console) -> None:
    """How many, and how many are not as they should be; `missing` is what no test raises, where that was asked."""
    failed = sum(bool(result.differences) for result in results)
    text = f"{counted(len(results), 'test')}, {failed} failed"
    out.print(Text(text, style="bold red" if failed else "bold green"))
    if missing is not None:
        _print_uncovered(missing, out)


def _print_uncovered(missing: Sequence[tuple[Rule, Severity]], out: Console) -> None:
    """Rules without a test, by file."""
    if not missing:
        out.print(Text("every rule and level is raised by a test", style="green"))
        return
    out.print(Text(f"no test raises {counted(len(missing), 'level')} of a rule:", style="yellow"))
    for rule, severity in missing:
        out.print(Text(f"  {shown(rule.path)} line {rule.line('id')}: {rule.id} {severity}"), soft_wrap=True)


def _result_data(result: Result) -> dict[str, Any]:
    return {
        "file": str(result.path),
        "line": result.line,
        "name": result.name,
        "ok": not result.differences,
        "differences": [_difference_data(each) for each in result.differences],
        "story": list(result.story),
    }


def _difference_data(each: Difference) -> dict[str, Any]:
    return {"at": each.when, "line": each.line, "expected": each.expected, "got": each.got}
