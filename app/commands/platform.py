"""The commands of `longcheng platform`."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from app.commands.case_book import opened_book
from app.commands.which_site import SiteName, the_site
from config.load import Site
from domain.clock import SystemClock
from domain.errors import ConfigError
from domain.platform import EventState

cli = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown")
out = Console()

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on the last line of standard output.")]
Keys = Annotated[list[str] | None, typer.Argument(help="Keys of events, as `list` shows them.", metavar="[KEYS]")]


@cli.command()
def status(*, site: SiteName = "", as_json: AsJson = False) -> None:
    """What waits for the platform, since when, and what was given up. Exits with 1 if it is late, or something was."""
    from app.commands import platform_view as view

    found, now_ms = the_site(site), SystemClock().now_ms()
    with opened_book(found) as book:
        backlog, newest = book.backlog(), book.events(limit=1, state=EventState.SENT)
        waiting = book.next_events(now_ms + view.FOREVER_MS, 1)
    said = view.status_json(found, backlog, newest, waiting, now_ms)
    if as_json:
        out.print_json(data=said, indent=None)
    else:
        out.print(view.status_table(said))
    if said["late"] or said["dead"]:
        raise typer.Exit(1)


@cli.command("list")
def list_events(
    *,
    site: SiteName = "",
    state: Annotated[EventState | None, typer.Option(help="Only events in this state.")] = None,
    case: Annotated[str, typer.Option(help="Only events of this case.", metavar="ID")] = "",
    limit: Annotated[int, typer.Option(help="How many at most, the newest first.", min=1)] = 50,
    as_json: AsJson = False,
) -> None:
    """Events that wait, came through, or were given up, and what went wrong."""
    from app.commands import platform_view as view

    found = the_site(site)
    with opened_book(found) as book:
        events = book.events(limit=limit, state=state, case_id=case)
    if as_json:
        out.print_json(data=view.list_json(events), indent=None)
        return
    out.print(view.table(events, found))


@cli.command()
def show(key: Annotated[str, typer.Argument(help="An event's key.")], *, site: SiteName = "") -> None:
    """One event as the platform would be told it now, as JSON."""
    from app.platform import picture_url_of
    from cases.platform.events import told_of
    from storage.evidence_store import EvidenceStore

    found = the_site(site)
    with opened_book(found) as book:
        event = book.event(key)
    if event is None:
        raise ConfigError(f"there is no event {key!r}; `longcheng platform list` shows those there are")
    pictures = EvidenceStore(found.settings.data_dir / "evidence").shareable
    out.print_json(data=told_of(event, found, picture_url_of(found, pictures)))


@cli.command()
def retry(
    keys: Keys = None,
    *,
    site: SiteName = "",
    everything: Annotated[bool, typer.Option("--all", help="All that were given up.")] = False,
) -> None:
    """Let events that were given up go out again, under the keys they had. `serve` sends them, now or once it runs."""
    if bool(keys) == everything:
        raise typer.BadParameter("say which events: their keys, or --all")
    with opened_book(the_site(site)) as book:
        dead = book.dead_events(keys or ())
        missing = sorted(set(keys or ()) - set(dead))
        if missing:
            raise typer.BadParameter(f"{', '.join(missing)} was not given up; nothing was done")
        done = book.revive_events(dead, SystemClock().now_ms())
    out.print(f"{done} events go out again")


@cli.command("test")
def try_out(*, site: SiteName = "") -> None:
    """Send one event, marked as a test and about no case, and say what came of it. Exits with 1 if it wasn't taken."""
    error = asyncio.run(_try(the_site(site)))
    out.print(Text("taken", style="green") if error is None else Text(error, style="red"), soft_wrap=True)
    if error is not None:
        raise typer.Exit(1)


async def _try(site: Site) -> str | None:
    """What went wrong; None if nothing did."""
    import aiohttp
    import msgspec

    from app.platform import build_post
    from cases.platform.events import ping
    from cases.platform.post import Verdict

    if not site.settings.platform.url:
        raise site.wrong("there is no platform: platform.url is not set", "platform")
    clock = SystemClock()
    event = ping(site, clock.now_ms())
    async with aiohttp.ClientSession() as session:
        answer = await build_post(site, session, clock).send(event["key"], msgspec.json.encode(event))
    return None if answer.verdict is Verdict.TAKEN else answer.error
