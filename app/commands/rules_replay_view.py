"""How `longcheng rules replay` shows alarms, and what another version of the rules would change."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Self

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from app.rules_history.stretch import Stretch
from config.load import Site
from domain.clock import utc
from domain.finding import Severity
from rules.replay import AlarmSpan
from rules.replay_diff import Diff, Pair, per_day

_STYLES = {Severity.CRITICAL: "bold red", Severity.WARN: "yellow", Severity.NOTICE: "cyan"}
_DAY_MS = 86_400_000


class Result(Struct, frozen=True, kw_only=True):
    """One replay, and how long it took."""

    site: Site
    stretch: Stretch
    rules: int
    new: tuple[AlarmSpan, ...]
    diff: Diff | None
    notes: tuple[str, ...]
    readings: int
    seconds: float

    @property
    def days_per_minute(self) -> float:
        """How much history a minute replays; the lead counts."""
        days = (self.stretch.to_ms - self.stretch.start_ms) / _DAY_MS
        return days / self.seconds * 60 if self.seconds else 0.0


class Shown:
    """How far it is, how many readings that were, how fast, and how long it will still take."""

    def __init__(self, console: Console, *, every_s: float = 5.0) -> None:
        """`every_s`: how often it says so in a line, where nobody sees a bar."""
        columns = (
            TextColumn("replaying"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %  {task.fields[readings]:,} readings, {task.fields[rate]:,.0f}/s"),
            TimeRemainingColumn(),
        )
        self._console = console
        self._every_s = every_s
        self._said_s = 0.0
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task: TaskID = self._progress.add_task("", total=1.0, readings=0, rate=0.0)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def update(self, readings: int, share: float) -> None:
        """Show that so many readings, and this share of the time, are done."""
        elapsed_s = self._progress.tasks[0].elapsed or 0.0
        rate = readings / elapsed_s if elapsed_s else 0.0
        self._progress.update(self._task, completed=share, readings=readings, rate=rate)
        if not self._console.is_terminal and elapsed_s - self._said_s >= self._every_s:
            self._said_s = elapsed_s
            left = f", {lasting(round(elapsed_s * (1 / share - 1) * 1000))} to go" if share else ""
            line = f"replaying: {share:.0%}, {readings:,} readings, {rate:,.0f}/s{left}"
            self._console.print(Text(line), soft_wrap=True)

    def done(self) -> dict[str, Any]:
        """How many readings there were, and how many seconds they took."""
        task = self._progress.tasks[0]
        return {"readings": task.fields["readings"], "seconds": round(task.elapsed or 0.0, 2)}


def print_result(result: Result, out: Console) -> None:
    """The alarms or, against another version, what changes; how many there are by rule and by day; and what to know."""
    begins, ends = (moment(at_ms, result.site) for at_ms in (result.stretch.from_ms, result.stretch.to_ms))
    if result.diff is None:
        out.print(_alarms(f"alarms from {begins} to {ends}", result.new, result.site))
    else:
        _print_diff(result.diff, result.site, out)
    out.print(_counts(result))
    for note in result.notes:
        out.print(Text(f"to know: {note}", style="dim"), soft_wrap=True)
    rate = result.readings / result.seconds if result.seconds else 0.0
    out.print(
        f"{result.rules} rules, {result.readings:,} readings in {result.seconds:.1f} s: {rate:,.0f}/s, "
        f"{result.days_per_minute:,.1f} days of history a minute"
    )


def as_data(result: Result) -> dict[str, Any]:
    """The same for programs. Times are RFC 3339 in the site's zone."""
    data: dict[str, Any] = {
        "from": _rfc3339(result.stretch.from_ms, result.site),
        "to": _rfc3339(result.stretch.to_ms, result.site),
        "rules": result.rules,
        "readings": result.readings,
        "seconds": result.seconds,
        "replay_days_per_minute": round(result.days_per_minute, 1),
        "alarms": [_span(span, result.site) for span in result.new],
        "notes": list(result.notes),
    }
    if result.diff is not None:
        data["diff"] = _diff_data(result.diff, result.site)
    return data


def moment(at_ms: int, site: Site) -> str:
    """`2026-11-22 08:00:10`, in the site's zone."""
    return f"{utc(at_ms).astimezone(site.timezone):%Y-%m-%d %H:%M:%S}"


def lasting(ms: int) -> str:
    """`40 s`, `12 min`, `3 h 5 min`, `2 d 4 h`: two units at most."""
    seconds = round(ms / 1000)
    for unit, below, size in (("d", "h", 86400), ("h", "min", 3600), ("min", "s", 60)):
        if seconds >= size:
            rest = seconds % size // {"h": 3600, "min": 60, "s": 1}[below]
            return f"{seconds // size} {unit}" + (f" {rest} {below}" if rest else "")
    return f"{seconds} s"


def figure(number: float | None) -> str:
    """A number as people write it; nothing for none."""
    return "" if number is None else f"{number:g}"


def _alarms(title: str, spans: Sequence[AlarmSpan], site: Site) -> Table:
    table = _table(title, "rule", "subject", "severity", "since", "raised", "ended", "lasted", "value", "limit")
    for span in spans:
        table.add_row(*_cells(span, site), style=_STYLES[span.severity])
    return table


def _cells(span: AlarmSpan, site: Site) -> tuple[str, ...]:
    ended = "stands" if span.resolved_ms is None else moment(span.resolved_ms, site)
    lasted = "" if span.resolved_ms is None else lasting(span.resolved_ms - span.raised_ms)
    flaps = f" ({span.flaps}× flapping)" if span.flaps else ""
    times = moment(span.since_ms, site), moment(span.raised_ms, site), ended, lasted
    return span.rule_id, span.subject, span.severity.value + flaps, *times, figure(span.value), figure(span.limit)


def _print_diff(diff: Diff, site: Site, out: Console) -> None:
    if diff.new:
        out.print(_alarms(f"new: {len(diff.new)}", diff.new, site))
    if diff.gone:
        out.print(_alarms(f"gone: {len(diff.gone)}", diff.gone, site))
    if diff.moved:
        table = _table(f"moved: {len(diff.moved)}", "rule", "subject", "raised", "by", "ended", "by")
        for pair in diff.moved:
            table.add_row(*_moved(pair, site))
        out.print(table)
    if diff.regraded:
        table = _table(f"other severity: {len(diff.regraded)}", "rule", "subject", "raised", "was", "is")
        for pair in diff.regraded:
            raised = moment(pair.new.raised_ms, site)
            table.add_row(*pair.new.key, raised, pair.old.severity.value, pair.new.severity.value)
        out.print(table)
    out.print(
        f"{len(diff.new)} new, {len(diff.gone)} gone, {len(diff.moved)} moved, {len(diff.regraded)} of other severity, "
        f"{diff.same} the same"
    )


def _moved(pair: Pair, site: Site) -> tuple[str, ...]:
    ended_ms = pair.new.resolved_ms
    ended = "stands" if ended_ms is None else moment(ended_ms, site)
    return (
        *pair.new.key,
        moment(pair.new.raised_ms, site),
        _by(pair.raised_later_ms),
        ended,
        _by(pair.resolved_later_ms),
    )


def _by(later_ms: int | None) -> str:
    if later_ms is None:
        return "now stands, or no longer does"
    if later_ms == 0:
        return "as before"
    return f"{lasting(abs(later_ms))} {'later' if later_ms > 0 else 'earlier'}"


def _counts(result: Result) -> Table:
    """Alarms raised by rule and day; against another version as `old → new`."""
    old = None if result.diff is None else _old(result.diff)
    now, before = _per_day(result.new, result.site), None if old is None else _per_day(old, result.site)
    days = sorted({*now, *(before or {})})[-14:]
    rules = sorted({rule for day in (*now.values(), *(before or {}).values()) for rule in day})
    table = _table("raised, by rule and day", "rule", *(day[5:] for day in days), "all")
    for rule in rules:
        cells = [_count(now, before, rule, [day]) for day in days]
        table.add_row(rule, *cells, _count(now, before, rule, [*{*now, *(before or {})}]))
    return table


def _per_day(spans: Sequence[AlarmSpan], site: Site) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for begins_ms, counts in per_day(spans, _offset_ms(spans, site)).items():
        found[moment(begins_ms, site)[:10]] = counts
    return found


def _offset_ms(spans: Sequence[AlarmSpan], site: Site) -> int:
    offset = utc(spans[0].raised_ms).astimezone(site.timezone).utcoffset() if spans else None
    return round((offset or timedelta()).total_seconds() * 1000)


def _count(now: dict[str, Counter[str]], before: dict[str, Counter[str]] | None, rule: str, days: list[str]) -> str:
    new = sum(now[day][rule] for day in days if day in now)
    if before is None:
        return str(new or "")
    old = sum(before[day][rule] for day in days if day in before)
    return f"{old} → {new}" if old or new else ""


def _old(diff: Diff) -> list[AlarmSpan]:
    return [*diff.gone, *(pair.old for pair in diff.pairs)]


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for name in columns:
        table.add_column(name, overflow="fold")
    return table


def _rfc3339(at_ms: int, site: Site) -> str:
    return utc(at_ms).astimezone(site.timezone).isoformat()


def _span(span: AlarmSpan, site: Site) -> dict[str, Any]:
    data: dict[str, Any] = msgspec.to_builtins(span)
    for name in ("since", "raised", "resolved"):
        at_ms = data.pop(f"{name}_ms")
        data[name] = None if at_ms is None else _rfc3339(at_ms, site)
    return data


def _diff_data(diff: Diff, site: Site) -> dict[str, Any]:
    return {
        "new": [_span(span, site) for span in diff.new],
        "gone": [_span(span, site) for span in diff.gone],
        "moved": [
            {
                "old": _span(pair.old, site),
                "new": _span(pair.new, site),
                "raised_later_ms": pair.raised_later_ms,
                "resolved_later_ms": pair.resolved_later_ms,
            }
            for pair in diff.moved
        ],
        "regraded": [{"old": _span(pair.old, site), "new": _span(pair.new, site)} for pair in diff.regraded],
        "same": diff.same,
    }
