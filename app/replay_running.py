"""A replay that was started from a page: beside everything else, one at a time, and bounded."""

import re
import shutil
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from app.beside import Beside
from app.kept_replays import FOLDER
from app.written_rules import trial_file
from config.load import Site
from console.desk.rules import ReplayRun
from domain.clock import Clock
from domain.errors import ConfigError, OrderRefused
from rules.files import load_rules
from rules.rule import Rule

LONGEST_S: Final = 900.0
"""What takes longer is given up."""
_MOST_DAYS: Final = 90
_MOST_LETTERS: Final = 20_000
_SHARE: Final = re.compile(r"^replaying: (\d+)%")
_ROOM: Final = "trial-"


class ReplayRunning:
    """Any thread may call."""

    def __init__(self, site: Site, clock: Clock) -> None:
        self._folder = site.settings.data_dir / FOLDER
        self._clock = clock
        self._lock = threading.Lock()
        self._beside = Beside("replay", LONGEST_S)
        self.last: ReplayRun | None = None

    def start(self, rules: Sequence[Rule], site: Site, rule_id: str, *, days: int, written: str, who: str) -> ReplayRun:
        """Begin one. Raises OrderRefused."""
        rule = next((one for one in rules if one.id == rule_id), None)
        if rule is None:
            raise OrderRefused(f"there is no rule {rule_id!r}", "missing")
        if not 1 <= days <= _MOST_DAYS:
            raise OrderRefused(f"days is {days}; from 1 to {_MOST_DAYS} can be played")
        with self._lock:
            if self._beside.runs:
                raise OrderRefused("another replay runs; wait for it, or stop it", "over")
            self._folder.mkdir(parents=True, exist_ok=True)
            for left in self._folder.glob(f"{_ROOM}*"):  # by a process that was ended together with its replay
                shutil.rmtree(left, ignore_errors=True)
            room, before = Path(tempfile.mkdtemp(prefix=_ROOM, dir=self._folder)), self.last
            try:
                options = _changed(rules, site, rule, written, room) if written.strip() else []
                started = ReplayRun(rule_id=rule_id, days=days, who=who, started_ms=self._clock.now_ms())
                self.last = started
                words = ["rules", "replay", "--site", str(site.folder), "--jobs", "1", *options]
                asked = ["--from", f"{days}d", "--only", rule_id, "--by", who]
                over = lambda how, problem: self._over(room, how, problem)  # noqa: E731
                self._beside.begin([*words, *asked], heard=self._heard, over=over)
            except BaseException:
                self.last = before
                shutil.rmtree(room, ignore_errors=True)
                raise
            return started

    def stop(self, why: str = "stopped") -> None:
        """Give it up; nothing if none runs."""
        self._beside.stop(why)

    def _heard(self, line: str) -> bool:
        found = _SHARE.match(line)
        if found is not None and self.last is not None:
            self.last = replace(self.last, share=int(found[1]) / 100)
        return found is not None

    def _over(self, room: Path, how: str, problem: str) -> None:
        shutil.rmtree(room, ignore_errors=True)
        if self.last is not None:
            share = 1.0 if how == "done" else self.last.share
            self.last = replace(self.last, share=share, ended=how, problem=problem if how == "failed" else "")


def _changed(rules: Sequence[Rule], site: Site, rule: Rule, written: str, room: Path) -> list[str]:
    """Options that play the rules with other lines in place of one, against those in force. Raises OrderRefused."""
    if len(written) > _MOST_LETTERS:
        raise OrderRefused(f"the rule has {len(written)} letters; {_MOST_LETTERS} are the most")
    try:
        trial = trial_file(room, rule, written)
        files = [trial if path == rule.path else path for path in dict.fromkeys(one.path for one in rules)]
        now = load_rules(files, site)
    except ConfigError as wrong:
        raise OrderRefused("; ".join(each.problem for each in wrong.problems)) from None
    if rule.id not in {one.id for one in now}:
        raise OrderRefused(f"the lines are no longer those of the rule {rule.id!r}; its id must stay")
    return [*(word for file in files for word in ("--rules", str(file))), "--against", str(rule.path)]
