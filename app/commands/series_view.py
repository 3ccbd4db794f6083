"""How `longcheng series` shows what it does and what it found."""

from collections.abc import Collection
from typing import Self

from msgspec import Struct
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from storage.series.transfer import Exported, Imported


class StoreStatus(Struct, frozen=True, kw_only=True):
    """How a store is. Times are RFC 3339; null is what cannot be asked of this kind of store."""

    kind: str
    where: str
    reachable: bool
    values: int | None
    problem: str | None
    oldest: str | None
    newest: str | None
    size_bytes: int | None
    keep_raw_s: float
    """As wished by the settings; so is the next."""
    keep_hourly_s: float
    server_keeps_s: float | None = None
    """As a VictoriaMetrics says that it was started."""
    counts_once: bool | None = None
    """Whether a point told twice counts once; as a VictoriaMetrics says that it was started."""


class Shown:
    """A line that says how many points are done, how fast, and how much of the file that is."""

    def __init__(self, what: str, console: Console) -> None:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[points]:,} points, {task.fields[rate]:,.0f}/s"),
            TimeElapsedColumn(),
        )
        self._progress = Progress(*columns, console=console, transient=True)
        self._task: TaskID = self._progress.add_task(what, total=None, points=0, rate=0.0)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def update(self, points: int, share: float | None) -> None:
        """Show that so many points, and this share of all, are done."""
        elapsed_s = self._progress.tasks[0].elapsed or 0.0
        rate = points / elapsed_s if elapsed_s else 0.0
        total = None if share is None else 1.0
        self._progress.update(self._task, total=total, completed=share or 0.0, points=points, rate=rate)


def exported(one: Exported) -> str:
    """A line about a file."""
    return f"{one.file}: {one.points:,} points, {one.values:,} values, {_size(one.size_bytes)}, {one.seconds:.1f} s"


def nothing(measurements: Collection[str] | None, since: str, until: str, where: str) -> str:
    """A line about an export that found no point."""
    asked = f" of {', '.join(measurements)}" if measurements else ""
    asked += f" from {since}" if since else ""
    asked += f" until {until}" if until else ""
    return f"nothing to export: {where} has no points{asked}; no file was written"


def imported(one: Imported, where: str) -> str:
    """A line about a file, and the store it went into."""
    rejected = f"; {one.rejected:,} were rejected, see {one.rejected_file}" if one.rejected else ""
    return f"{one.file}: {one.stored:,} of {one.points:,} points stored in {where}, {one.seconds:.1f} s{rejected}"


def table(answer: StoreStatus) -> Table:
    """What is known of a store."""
    shown = Table(title=answer.where, show_header=False, title_justify="left")
    rows = {
        "store": answer.kind,
        "reachable": _reached(answer),
        "problem": answer.problem,
        "values": None if answer.values is None else f"{answer.values:,}",
        "oldest": answer.oldest,
        "newest": answer.newest,
        "size": None if answer.size_bytes is None else _size(answer.size_bytes),
        **_kept(answer),
    }
    for name, value in rows.items():
        if value is not None:
            shown.add_row(Text(name), Text(value))
    return shown


def _reached(answer: StoreStatus) -> str:
    if answer.reachable:
        return "yes"
    return "it answers, but not as it should; is the address right?" if answer.problem else "no"


def _kept(answer: StoreStatus) -> dict[str, str]:
    raw, hourly = _days(answer.keep_raw_s), _days(answer.keep_hourly_s)
    if answer.kind == "embedded":
        return {"every point kept": raw, "hourly figures kept": hourly}
    wished = {"every point, wished": raw}
    if not answer.reachable:
        return wished
    if answer.kind != "victoria":
        return {**wished, "hourly figures, wished": hourly}
    keeps = "the server does not say" if answer.server_keeps_s is None else _days(answer.server_keeps_s)
    if answer.server_keeps_s is not None and answer.server_keeps_s < answer.keep_raw_s:
        keeps += f", LESS than wished; start it with -retentionPeriod={raw.replace(' days', 'd')} or longer"
    twice = {
        None: "the server does not say",
        True: "counted once",
        False: "counted TWICE; start it with -dedup.minScrapeInterval=1ms",
    }
    return {**wished, "every point kept": keeps, "told twice": twice[answer.counts_once]}


def _days(seconds: float) -> str:
    return f"{seconds / 86400:g} days"


def _size(size_bytes: int) -> str:
    return f"{size_bytes / (1 << 20):,.1f} MiB"
