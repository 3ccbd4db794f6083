"""What the demo tells at its end, and while it runs."""

from typing import Any

import msgspec
from msgspec import Struct
from rich.table import Table


class Summary(Struct, frozen=True, kw_only=True):
    """One run of the demo in figures."""

    messages: int
    """Records in the journal."""
    readings_stored: int
    """Field values in the series store."""
    looks: int
    sightings: int
    """Looks with something in a zone."""
    alarms: int
    notices: int
    """Notices to people that went out."""
    self_corrected: int
    cases: int
    cases_by_kind: dict[str, int]
    dead_letters: int
    """Those that lie there."""
    dead_letters_settled: dict[str, int]
    """Those that people dealt with while it ran, by how: they are accounted for."""
    to_confirm: int
    """Finds that wait for a person to say whether they are so."""
    lost: int
    """Everything missing: messages, looks and values that the broker had acknowledged and that are not where they
    belong, records that a reader has not taken, rubbish without a dead letter, notices that reached nobody."""
    lost_examples: tuple[str, ...] = ()

    def as_json(self) -> str:
        """On one line."""
        return msgspec.json.encode(self).decode()


def summary_table(summary: Summary) -> Table:
    """The summary for people."""
    table = Table(title="what happened", show_header=False, title_justify="left")
    for name, value in msgspec.to_builtins(summary).items():
        if name == "cases_by_kind":
            value = ", ".join(f"{count} × {kind}" for kind, count in sorted(value.items()))  # noqa: PLW2901
        elif name == "dead_letters_settled":
            value = ", ".join(f"{count} {how}" for how, count in sorted(value.items())) or "none"  # noqa: PLW2901
        elif name == "lost_examples":
            if not value:
                continue
            value = "\n".join(value)  # noqa: PLW2901
        table.add_row(name.replace("_", " "), str(value))
    return table


def live_table(address: str, overview: dict[str, Any], ends_s: float | None, now_s: float) -> Table:
    """The city right now. `overview` is what /api/v1/overview answers; empty while it doesn't."""
    left = "until Ctrl-C" if ends_s is None else f"{max(0, ends_s - now_s):.0f} s to go"
    table = Table(title=f"{address} · {left}", show_header=False, title_justify="left")
    if not overview:
        table.add_row("the console", "does not answer")
        return table
    corrected, system = overview["self_correction"], overview["system"]
    table.add_row("open alarms", _each(overview["alarms_open"]))
    table.add_row("open cases", _each(overview["cases_open_by_kind"]))
    table.add_row("shops being asked, or finds to be confirmed", str(overview["ladders_open"]))
    table.add_row("self-corrected", f"{corrected['corrected']} of {corrected['n']} asked")
    table.add_row("cameras", _each(overview["cameras"]))
    table.add_row("devices", _each(overview["devices"]))
    table.add_row("dead letters", _each(overview["dead_letters"]))
    table.add_row("messages", f"{system['messages_received']:,}, {system['readings_stored']:,} values stored")
    return table


def _each(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "none"
