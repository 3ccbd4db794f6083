"""What came of the tests of rules when they were last run: one small file in the data folder."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from config.load import Site
from console.desk.rule_tests import FailedTest, RuleTested, RunOfTests
from rules.timetables.run import Result

NAME: Final = "rule-tests.json"
"""In the data folder."""
_TOLD: Final = 100
"""So many failures are kept."""
_LONGEST: Final = 500
_MOST_BYTES: Final = 4 << 20


class KeptTests:
    """Of one data folder. Any process may keep and read."""

    def __init__(self, data: Path) -> None:
        self._file = data / NAME

    def keep(self, run: RunOfTests) -> None:
        """Write it in place of the last one, whole or not at all. Raises OSError."""
        half = self._file.with_suffix(".part")
        half.write_bytes(msgspec.json.encode(run))
        half.replace(self._file)

    def last(self) -> RunOfTests | None:
        """None if there is none, or none that can be read."""
        try:
            if self._file.stat().st_size > _MOST_BYTES:
                return None
            return msgspec.json.decode(self._file.read_bytes(), type=RunOfTests)
        except (OSError, msgspec.MsgspecError):
            return None


def run_of(
    results: Sequence[Result], versions: Mapping[str, str], site: Site, *, made_ms: int, took_s: float, who: str
) -> RunOfTests:
    """What is kept of a run; `versions` are those of the rules that were tested, by their ids."""
    tests, failed = Counter[str](), Counter[str]()
    for result in results:
        tests.update(result.about)
        failed.update(result.about if result.differences else ())
    return RunOfTests(
        made_ms=made_ms,
        took_s=took_s,
        tests=len(results),
        failed=sum(bool(result.differences) for result in results),
        who=who,
        rules={
            name: RuleTested(tests=n, failed=failed[name], version=versions.get(name, "")) for name, n in tests.items()
        },
        failures=tuple(_failures(results, site))[:_TOLD],
    )


def _failures(results: Sequence[Result], site: Site) -> Iterator[FailedTest]:
    for result in results:
        if not result.differences:
            continue
        first = result.differences[0]
        yield FailedTest(
            name=result.name,
            rules=tuple(sorted(result.about)),
            file=_shown(result.path, site),
            line=first.line,
            when=first.when,
            expected=first.expected[:_LONGEST],
            got=first.got[:_LONGEST],
            more=len(result.differences) - 1,
        )


def _shown(path: Path, site: Site) -> str:
    """From the site's folder on, where it lies in it; else by the names of its folder and its own."""
    try:
        return str(path.resolve().relative_to(site.folder.resolve()))
    except ValueError:
        return f"{path.parent.name}/{path.name}"
