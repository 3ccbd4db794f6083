"""How `longcheng rules …` shows what it found."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from config.lint import Doubt
from domain.errors import ConfigError
from rules.rule import Rule


@contextmanager
def about_rules(level: int) -> Iterator[None]:
    """While it lasts, rules log from this level on; a command's answer says the rest better."""
    log = logging.getLogger("rules")
    before = log.level
    log.setLevel(level)
    try:
        yield
    finally:
        log.setLevel(before)


def checked(
    paths: Sequence[Path], rules: Sequence[Rule], mistakes: Sequence[ConfigError], doubts: Sequence[Doubt]
) -> dict[str, Any]:
    """What `rules check` found, for programs."""
    return {
        "files": [str(path) for path in paths],
        "rules": len(rules),
        "mistakes": [{"file": str(each.path), "line": each.line, "problem": each.problem} for each in mistakes],
        "doubts": [{"file": str(each.path), "line": each.line, "problem": each.problem} for each in doubts],
    }


def print_checked(
    paths: Sequence[Path],
    rules: Sequence[Rule],
    mistakes: Sequence[ConfigError],
    doubts: Sequence[Doubt],
    out: Console,
) -> None:
    """What `rules check` found, for people: a line for each mistake and each doubt, and one for all."""
    for mistake in mistakes:
        out.print(_line("wrong: ", "bold red", mistake), soft_wrap=True)
    for doubt in doubts:
        out.print(_line("look again: ", "bold yellow", doubt), soft_wrap=True)
    good = f"{counted(len(rules), 'rule')} in {counted(len(paths), 'file')} can be used"
    said = [good, counted(len(mistakes), "mistake"), f"{len(doubts)} to look at again"]
    out.print(Text(", ".join(said), style="red" if mistakes else "green"), soft_wrap=True)


def by_line(mistakes: Sequence[ConfigError]) -> list[ConfigError]:
    """Each file's together, in the order in which it first comes, and by line."""
    files = list(dict.fromkeys(mistake.path for mistake in mistakes))
    return sorted(mistakes, key=lambda mistake: (files.index(mistake.path), mistake.line or 0))


def shown(path: Path | str | None) -> str:
    """A file as seen from the working folder, if it lies in it."""
    if path is None:
        return ""
    whole = Path(path)
    return str(whole.relative_to(Path.cwd())) if whole.is_relative_to(Path.cwd()) else str(whole)


def counted(number: int, noun: str) -> str:
    """`1 rule`, `2 rules`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _line(word: str, style: str, told: ConfigError | Doubt) -> Text:
    # What is told quotes values, and those may look like Rich's markup.
    where = shown(told.path) + (f" line {told.line}" if told.line is not None else "")
    return Text.assemble((word, style), (f"{where}: ", "bold"), told.problem)
