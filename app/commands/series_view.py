"""How `longcheng series` shows what it does and what it found."""

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
    keep_hourly_s: float


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


def imported(one: Imported) -> str:
    """A line about a file."""
    rejected = f"; {one.rejected:,} were rejected, see {one.rejected_file}" if one.rejected else ""
    return f"{one.file}: {one.stored:,} of {one.points:,} points stored, {one.seconds:.1f} s{rejected}"


def table(answer: StoreStatus) -> Table:
    """What is known of a store."""
    shown = Table(title=answer.where, show_header=False, title_justify="left")
    rows = {
        "store": answer.kind,
        "reachable": "yes" if answer.reachable else "no",
        "problem": answer.problem,
        "values": None if answer.values is None else f"{answer.values:,}",
        "oldest": answer.oldest,
        "newest": answer.newest,
        "size": None if answer.size_bytes is None else _size(answer.size_bytes),
        "every point kept": f"{answer.keep_raw_s / 86400:g} days",
        "hourly figures kept": f"{answer.keep_hourly_s / 86400:g} days",
    }
    for name, value in rows.items():
        if value is not None:
            shown.add_row(Text(name), Text(value))
    return shown


def _size(size_bytes: int) -> str:
    return f"{size_bytes / (1 << 20):,.1f} MiB"
