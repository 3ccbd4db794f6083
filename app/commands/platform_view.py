"""Events for the platform as people read them in a terminal, and as JSON."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from config.load import Site
from domain.clock import utc
from domain.platform import Backlog, PlatformEvent

FOREVER_MS: Final = 10 * 365 * 86_400_000


def status_json(
    site: Site, backlog: Backlog, newest: Sequence[PlatformEvent], waiting: Sequence[PlatformEvent], now_ms: int
) -> dict[str, Any]:
    """The figures. The address without what may be a key."""
    settings = site.settings.platform
    parts = urlsplit(settings.url)
    age_s = 0.0 if backlog.oldest_ms is None else max(0.0, (now_ms - backlog.oldest_ms) / 1000)
    return {
        "url": f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}" if parts.scheme
        else None,
        "format": settings.format,
        "pending": backlog.pending,
        "oldest_age_s": round(age_s, 1),
        "late": age_s > settings.late_after,
        "dead": backlog.dead,
        "died": _moment(backlog.died_ms, site),
        "newest_sent": newest[0].key if newest else None,
        "next": waiting[0].key if waiting else None,
        "next_error": waiting[0].last_error if waiting else None,
    }  # fmt: skip


def status_table(said: Mapping[str, Any]) -> RenderableType:
    """One line for each figure."""
    if said["url"] is None and not said["pending"] and not said["dead"]:
        return Text("there is no platform: platform.url is not set")
    shown = Table(show_header=False)
    for name, value in said.items():
        bad = name in {"late", "dead"} and value
        shown.add_row(name, Text("–" if value is None else str(value), style="red" if bad else ""))
    return shown


def table(events: Sequence[PlatformEvent], site: Site) -> RenderableType:
    """One line for each event."""
    if not events:
        return Text("there are no such events")
    shown = Table(title=f"the newest {len(events)}", title_justify="left", box=None, pad_edge=False)
    for name in ("key", "written", "state", "tries"):
        shown.add_column(name, justify="right" if name == "tries" else "left", no_wrap=True)
    shown.add_column("what, and what went wrong", overflow="fold")
    for event in events:
        shown.add_row(
            event.key,
            f"{utc(event.created_ms).astimezone(site.timezone):%m-%d %H:%M:%S}",
            event.state.value,
            str(event.attempts),
            Text(f"{event.what}\n{event.last_error}" if event.last_error else event.what),
        )
    return shown


def list_json(events: Sequence[PlatformEvent]) -> dict[str, Any]:
    """All of them, but for the cases in them: `show` tells one."""
    kept = ("key", "case_id", "sequence", "what", "state", "created_ms", "not_before_ms", "attempts", "last_error")
    return {
        "events": [msgspec.to_builtins({name: getattr(one, name) for name in (*kept, "sent_ms")}) for one in events]
    }


def _moment(at_ms: int | None, site: Site) -> str | None:
    return None if at_ms is None else utc(at_ms).astimezone(site.timezone).isoformat(timespec="seconds")
