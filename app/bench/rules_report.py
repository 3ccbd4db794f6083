"""The rules measurement for people."""

from rich.console import Console
from rich.table import Table

from app.bench.rules_figures import RulesFigures


def report(figures: RulesFigures, out: Console) -> None:
    """Print the tables."""
    table = Table(title="the shipped rules over a city's traffic, one core", title_justify="left", show_header=False)
    table.add_row("evaluations/s", f"{figures.evals_per_s:,}", style="bold")
    table.add_row("readings and looks/s", f"{figures.readings_per_s:,}")
    table.add_row("rules; watches; subjects", f"{figures.rules}; {figures.watches:,}; {figures.subjects:,}")
    table.add_row("alarms", f"{figures.alarms:,}")
    kinds = ", ".join(f"{kind} {size:,}" for kind, size in figures.subject_bytes_by_kind.items())
    table.add_row("memory of a subject, median", f"{figures.subject_bytes_median:,} bytes ({kinds})")
    table.add_row("memory of the process, with the traffic", f"{figures.peak_rss_mb:,.0f} MiB")
    table.add_row("a second's states committed", f"{figures.state_commit_ms:g} ms")
    table.add_row("history replayed, 339 trees and 400 ports", f"{figures.replay_days_per_minute:g} days a minute")
    out.print(table)
    rates = Table(title="evaluations/s", title_justify="left", show_header=False)
    for kind, one in figures.by_kind.items():
        rates.add_row(f"only kind: {kind} ({one.rules} rules)", f"{one.evals_per_s:,}")
    for peer in figures.peers:
        rates.add_row(f"thresholds in {peer.name}, nothing remembered", f"{peer.evals_per_s:,}")
    out.print(rates)
    out.print(f"{figures.cores} cores; load average before: {figures.load_average:g}")
    for missing in figures.peers_missing:
        out.print(f"left out: {missing}")
