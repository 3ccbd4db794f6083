"""A replay that was started from a page: a process of its own at the lowest priority, one at a time, and bounded."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from app.kept_replays import FOLDER
from app.written_rules import trial_file
from config.load import Site
from console.desk_rules import ReplayRun
from domain.clock import Clock
from domain.errors import ConfigError, OrderRefused
from rules.files import load_rules
from rules.rule import Rule

LONGEST_S: Final = 900.0
"""What takes longer is given up: the command line has all the time there is."""
_MOST_DAYS: Final = 90
_MOST_LETTERS: Final = 20_000
_NICEST: Final = 19
_SHARE: Final = re.compile(r"^replaying: (\d+)%")
_TOLD: Final = 400
_ROOM: Final = "trial-"


class ReplayRunning:
    """Any thread may call."""

    def __init__(self, site: Site, clock: Clock) -> None:
        self._folder = site.settings.data_dir / FOLDER
        self._clock = clock
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._given_up = ""
        self.last: ReplayRun | None = None

    def start(self, rules: Sequence[Rule], site: Site, rule_id: str, *, days: int, written: str, who: str) -> ReplayRun:
        """Begin one. Raises OrderRefused."""
        rule = next((one for one in rules if one.id == rule_id), None)
        if rule is None:
            raise OrderRefused(f"there is no rule {rule_id!r}", "missing")
        if not 1 <= days <= _MOST_DAYS:
            raise OrderRefused(f"days is {days}; from 1 to {_MOST_DAYS} can be played")
        with self._lock:
            if self._process is not None:
                raise OrderRefused("another replay runs; wait for it, or stop it", "over")
            self._folder.mkdir(parents=True, exist_ok=True)
            for left in self._folder.glob(f"{_ROOM}*"):  # by a process that was ended together with its replay
                shutil.rmtree(left, ignore_errors=True)
            room = Path(tempfile.mkdtemp(prefix=_ROOM, dir=self._folder))
            try:
                options = _changed(rules, site, rule, written, room) if written.strip() else []
                self._process = self._begin(site, [*options, "--from", f"{days}d", "--only", rule_id, "--by", who])
            except BaseException:
                shutil.rmtree(room, ignore_errors=True)
                raise
            self._given_up = ""
            self.last = ReplayRun(rule_id=rule_id, days=days, who=who, started_ms=self._clock.now_ms())
            threading.Thread(target=self._follow, args=(self._process, room), name="replay", daemon=True).start()
            return self.last

    def stop(self, why: str = "stopped") -> None:
        """Give it up; nothing if none runs."""
        with self._lock:
            if self._process is not None:
                self._given_up = why
                self._process.terminate()

    def _begin(self, site: Site, options: Sequence[str]) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "app", "rules", "replay", "--site", str(site.folder), "--jobs", "1", *options]
        return subprocess.Popen(  # noqa: S603 - our own command; what is asked are separate words of it
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, "COLUMNS": "200", "PYTHONUNBUFFERED": "1"},
            process_group=0,
            preexec_fn=_nice,  # noqa: PLW1509 - it calls nothing but the system
        )

    def _follow(self, process: "subprocess.Popen[str]", room: Path) -> None:
        """Until it ends, or has run too long."""
        late = threading.Timer(LONGEST_S, lambda: self.stop("too_long"))
        late.daemon = True
        late.start()
        said: list[str] = []
        for line in process.stderr or ():
            if (found := _SHARE.match(line)) is None:
                said.append(line.strip())
            elif self.last is not None:
                self.last = replace(self.last, share=int(found[1]) / 100)
        ended = process.wait()
        late.cancel()
        with contextlib.suppress(OSError):
            shutil.rmtree(room)
        with self._lock:
            how = "done" if ended == 0 else self._given_up or "failed"
            problem = " ".join(filter(None, said))[-_TOLD:] if how == "failed" else ""
            if self.last is not None:
                share = 1.0 if how == "done" else self.last.share
                self.last = replace(self.last, share=share, ended=how, problem=problem)
            self._process = None


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


def _nice() -> None:
    os.nice(_NICEST)
