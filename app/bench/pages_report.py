"""The first views for people: a table, and what is too slow."""

from rich.console import Console
from rich.table import Table

from app.bench.browser import Opened
from app.bench.pages import PagesFigures


def report(figures: PagesFigures, out: Console) -> None:
    """Print it."""
    title = f"{figures.cases:,} cases, {figures.open_cases:,} open; medians of {figures.rounds}, ms and kB"
    table = Table(title=title, title_justify="left")
    for column in (
        "view", "first answer", "answer", "processor", "cold: paint", "usable", "script", "all", "warm: usable",
    ):  # fmt: skip
        table.add_column(column, justify="left" if column == "view" else "right", no_wrap=column == "view")
    for one in figures.views:
        server = f"{one.first_ms:.0f}", f"{one.server_ms:.0f}", f"{one.server_cpu_ms:.0f}"
        table.add_row(one.name, *server, *_cold(one.cold), f"{one.warm.usable_ms:.0f}" if one.warm else "-")
    out.print(table)
    out.print(f"above 1 s: {', '.join(figures.too_slow) or 'none'}")
    out.print(f"above 200 kB of script: {', '.join(figures.too_much_script) or 'none'}")
    out.print(f"{figures.cores} cores; load average before: {figures.load_average:g}")


def _cold(opened: Opened | None) -> tuple[str, ...]:
    if opened is None:
        return ("-",) * 4
    sizes = f"{opened.script_bytes / 1000:.1f}", f"{opened.bytes / 1000:.0f}"
    return f"{opened.paint_ms:.0f}", f"{opened.usable_ms:.0f}", *sizes
