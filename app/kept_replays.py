"""Replays that are kept: a small file each in the data folder, the newest so many."""

import contextlib
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from console.desk.rules import ReplayDay, ReplayedAlarm, ReplayKept, ReplayNote
from domain.clock import utc
from rules.replay import AlarmSpan
from rules.replay_diff import Diff, Pair

FOLDER: Final = "replays"
"""Of the data folder."""
MOST: Final = 50
"""So many are kept."""
LISTED: Final = 300
"""So many alarms of each list."""
_MOST_BYTES: Final = 4 << 20
_SUFFIX: Final = ".json"
DayOf = Callable[[int], str]
"""On which of the site's days a moment lies: `2026-11-23`."""


class KeptReplays:
    """Those of one data folder. Any process may keep and read; the name of a file is the replay's id."""

    def __init__(self, data: Path) -> None:
        self._folder = data / FOLDER

    def keep(self, kept: ReplayKept) -> Path:
        """Write it, whole or not at all, and let go of the oldest beyond the bound."""
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / f"{kept.note.id}{_SUFFIX}"
        half = file.with_suffix(".part")
        half.write_bytes(msgspec.json.encode(kept))
        half.replace(file)
        for old in self._files()[MOST:]:
            old.unlink(missing_ok=True)
        return file

    def notes(self) -> list[ReplayNote]:
        """Newest first. What cannot be read is left out."""
        return [kept.note for file in self._files() if (kept := _read(file)) is not None]

    def one(self, replay_id: str) -> ReplayKept | None:
        """One of them."""
        found = next((file for file in self._files() if file.stem == replay_id), None)
        return None if found is None else _read(found)

    def _files(self) -> list[Path]:
        with contextlib.suppress(OSError):
            return sorted(self._folder.glob(f"*{_SUFFIX}"), key=lambda file: file.stem, reverse=True)
        return []


def new_id(now_ms: int) -> str:
    """Sorts by when it was made: `20261130T201500-3fa2`."""
    return f"{utc(now_ms):%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"


def kept_of(
    note: ReplayNote, new: Sequence[AlarmSpan], diff: Diff | None, day: DayOf, notes: Sequence[str]
) -> ReplayKept:
    """What is kept of a replay; `day` says on which of the site's days a moment lies."""
    rules = sorted({span.rule_id for span in new} | ({span.rule_id for span in diff.gone} if diff else set()))
    note = msgspec.structs.replace(note, rules=tuple(rules), raised=len(new))
    if diff is None:
        alarms = tuple(_alarm(span) for span in new[:LISTED])
        return ReplayKept(note=note, days=_days((), new, day), alarms=alarms, notes=tuple(notes))
    note = msgspec.structs.replace(
        note,
        new=len(diff.new),
        gone=len(diff.gone),
        moved=len(diff.moved),
        regraded=len(diff.regraded),
        same=diff.same,
    )
    changed = [pair for pair in diff.pairs if pair.is_moved or pair.is_regraded]
    old = [*diff.gone, *(pair.old for pair in diff.pairs)]
    return ReplayKept(
        note=note,
        days=_days(old, new, day),
        new=tuple(_alarm(span) for span in diff.new[:LISTED]),
        gone=tuple(_alarm(span) for span in diff.gone[:LISTED]),
        changed=tuple(_pair(pair) for pair in changed[:LISTED]),
        notes=tuple(notes),
    )


def _days(old: Sequence[AlarmSpan], new: Sequence[AlarmSpan], day: DayOf) -> tuple[ReplayDay, ...]:
    before = Counter((day(span.raised_ms), span.rule_id) for span in old)
    after = Counter((day(span.raised_ms), span.rule_id) for span in new)
    keys = sorted({*before, *after})
    return tuple(ReplayDay(day=at, rule_id=rule, old=before[at, rule], new=after[at, rule]) for at, rule in keys)


def _alarm(span: AlarmSpan) -> ReplayedAlarm:
    return ReplayedAlarm(
        rule_id=span.rule_id,
        subject=span.subject,
        severity=span.severity,
        raised_ms=span.raised_ms,
        resolved_ms=span.resolved_ms,
        value=span.value,
        limit=span.limit,
    )


def _pair(pair: Pair) -> ReplayedAlarm:
    old = {"was_raised_ms": pair.old.raised_ms, "was_severity": pair.old.severity}
    return msgspec.structs.replace(_alarm(pair.new), **old)


def _read(file: Path) -> ReplayKept | None:
    try:
        if file.stat().st_size > _MOST_BYTES:
            return None
        return msgspec.json.decode(file.read_bytes(), type=ReplayKept)
    except (OSError, msgspec.MsgspecError):
        return None
