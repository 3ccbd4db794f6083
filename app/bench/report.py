"""The ingest measurement for people: how far it is, and what came out."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from app.bench.figures import IngestFigures


class Bars:
    """A bar for each phase, on the error output."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=Console(stderr=True))
        self._bars: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        """Begin to show them."""
        self._progress.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _problem: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Leave them as they are."""
        self._progress.stop()

    def tell(self, phase: str, done: int, total: int) -> None:
        """`done` of `total` messages of a phase are through."""
        if phase not in self._bars:
            self._bars[phase] = self._progress.add_task(phase, total=total)
        self._progress.update(self._bars[phase], completed=done)


def report(figures: IngestFigures, out: Console) -> None:
    """Print the tables."""
    out.print(_rates(figures))
    if figures.steady_s:
        out.print(_alarms(figures))
    out.print(f"processor: {_shares(figures.cpu_by_part, figures.seconds)}")
    out.print(f"           {_each(figures)}")
    out.print(
        f"{figures.devices:,} stations with {figures.ports} sockets, {figures.payload_bytes} bytes a message, QoS 1; "
        f"{figures.store} store, {figures.filesystem}; {figures.cores} cores, of which others kept "
        f"{figures.others_cores:g} busy; load average before: {figures.load_average:g}"
    )
    for missing in figures.peers_missing:
        out.print(f"left out: {missing}")


def _rates(figures: IngestFigures) -> Table:
    table = Table(title="as many messages as go", title_justify="left")
    for column in ("", "messages", "messages/s", "lost", "extra", "seconds", "processor s", "memory MiB"):
        table.add_column(column, justify="left" if not column else "right")
    table.add_row(
        f"longcheng, {figures.store} store",
        f"{figures.messages:,}",
        f"{figures.msgs_per_s:,}",
        f"{figures.lost:,}",
        f"{figures.extra:,}",
        f"{figures.seconds:.1f}",
        f"{figures.cpu_s:.1f}",
        f"{figures.peak_rss_mb:.0f}",
        style="bold",
    )
    for peer in figures.peers:
        rates = f"{peer.messages:,}", f"{peer.msgs_per_s:,}", f"{peer.lost:,}", "", f"{peer.seconds:.1f}"
        table.add_row(f"{peer.name}, VictoriaMetrics", *rates, f"{peer.cpu_s:.1f}", f"{peer.peak_rss_mb:.0f}")
    return table


def _alarms(figures: IngestFigures) -> Table:
    table = Table(title=f"{figures.steady_rate:,.0f} messages/s", title_justify="left", show_header=False)
    table.add_row("critical messages; without an alarm", f"{figures.alarms:,}; {figures.alarms_missing:,}")
    table.add_row("from message to visible alarm, p50", f"{figures.p50_ms:.0f} ms")
    table.add_row("p99", f"{figures.p99_ms:.0f} ms")
    table.add_row("processor, cores", _shares(figures.cpu_by_part_steady, figures.steady_s))
    return table


def _shares(cpu_s: dict[str, float], seconds: float) -> str:
    return ", ".join(f"{part} {spent / seconds:.2f} cores" for part, spent in cpu_s.items()) if seconds else ""


def _each(figures: IngestFigures) -> str:
    parts = ", ".join(f"{part} {spent / figures.messages * 1e6:.1f}" for part, spent in figures.cpu_by_part.items())
    return f"µs a message: {parts}"
