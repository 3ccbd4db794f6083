"""Where the timetables of a site's rules are, and how many are about each rule: read anew only when a file changes."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from config import source
from config.load import Site
from domain.errors import ConfigError

TESTS: Final = "tests"
"""The folder beside rule files that holds their timetables."""
_Signature = tuple[tuple[str, int, int], ...]


def timetables_of(site: Site) -> list[Path]:
    """All timetables that stand beside the site's rule files."""
    folders = dict.fromkeys(path.parent / TESTS for path in site.rule_files)
    return [path for folder in folders for path in sorted(folder.glob("*.yaml"))]


class WrittenTests:
    """Any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: tuple[_Signature, Mapping[str, int], str] = ((), {}, "")

    def count(self, site: Site) -> tuple[Mapping[str, int], str]:
        """How many there are by rule, and what is wrong with a file; such a file is left out."""
        paths = timetables_of(site)
        signature = tuple(_signature(path) for path in paths)
        with self._lock:
            if self._known[0] != signature:
                self._known = (signature, *_counted(paths, site))
            return self._known[1:]


def _signature(path: Path) -> tuple[str, int, int]:
    try:
        found = path.stat()
    except OSError:
        return str(path), 0, 0
    return str(path), found.st_mtime_ns, found.st_size


def _counted(paths: list[Path], site: Site) -> tuple[Mapping[str, int], str]:
    mine = {path.resolve() for path in site.rule_files}
    found, wrong = Counter[str](), list[str]()
    for path in paths:
        try:
            data, _lines = source.read(path)
        except (ConfigError, OSError) as problem:
            wrong.append(str(problem))
            continue
        if not _is_of(data.get("rules"), path, mine):
            continue
        for test in _items(data.get("tests")):
            found.update(_about(test) if isinstance(test, dict) else ())
    return found, "; ".join(wrong)


def _is_of(named: object, path: Path, mine: set[Path]) -> bool:
    """Whether a file tests any of these rule files; without naming any it tests the site's."""
    files = [name for name in _items(named) if isinstance(name, str)]
    return not files or any((path.parent / name).resolve() in mine for name in files)


def _about(test: dict[str, object]) -> set[str]:
    """Ids of the rules that a timetable names: those it is of or, without, those whose alarms it expects."""
    if of := _items(test.get("of")):
        return {str(name) for name in of}
    expect = test.get("expect")
    return {name for said in expect.values() for name in _named(said)} if isinstance(expect, dict) else set()


def _named(said: object) -> Iterator[str]:
    if isinstance(said, list):
        for one in said:
            yield from _named(one)
        return
    alarm = str(said.get("alarm", "") if isinstance(said, dict) else said).split()
    if len(alarm) > 1:
        yield alarm[0]


def _items(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
