"""The commands of `longcheng notices`."""

import asyncio
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from app.commands.case_book import opened_book
from app.commands.which_site import SiteName, the_site
from config.load import Site
from domain.clock import SystemClock
from domain.errors import ChannelError
from domain.notice import NoticeState

cli = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown")
out = Console()
err = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on the last line of standard output.")]
Ids = Annotated[list[int] | None, typer.Argument(help="Ids of notices, as `list` shows them.", metavar="[IDS]")]
_CONNECTED_S = 5.0


class Way(StrEnum):
    """How a notice reads depends on the way it goes."""

    MAIL = "mail"
    BOT = "bot"
    SMS = "sms"
    VOICE = "voice"
    WEBHOOK = "webhook"


@cli.command("list")
def list_notices(
    *,
    site: SiteName = "",
    state: Annotated[NoticeState | None, typer.Option(help="Only notices in this state.")] = None,
    limit: Annotated[int, typer.Option(help="How many at most, the newest first.", min=1)] = 50,
    as_json: AsJson = False,
) -> None:
    """What is on its way, went out, or was given up, and what went wrong."""
    from app.commands import notices_view as view

    found = the_site(site)
    with opened_book(found) as store:
        notices = store.notices_in(state, limit)
    if as_json:
        out.print_json(data=view.list_json(notices), indent=None)
        return
    out.print(view.table(notices, found))


@cli.command()
def preview(
    *,
    site: SiteName = "",
    way: Annotated[list[Way] | None, typer.Option(help="Only as it reads on this way; may be given again.")] = None,
    only: Annotated[str, typer.Option(help="Only samples with this in their name or step, such as `shop`.")] = "",
    language: Annotated[str, typer.Option(help="zh-CN or en; both, if it is not given.")] = "",
    as_json: AsJson = False,
) -> None:
    """What people will read: each kind of notice on each way, about invented events on the site's own streets.

    Nothing is stored and nothing is sent. A mail is in both languages; an SMS says how long it is, and `voice` is what
    is read aloud on the telephone.
    """
    from app.commands import notices_view as view
    from app.sample_notices import Samples
    from config.texts import LANGUAGES

    if language and language not in LANGUAGES:
        raise typer.BadParameter(f"--language is {language!r}; write {' or '.join(LANGUAGES)}")
    found = the_site(site)
    samples = Samples(found, SystemClock().now_ms()).all()
    chosen = {name: one for name, one in samples.items() if only in name or only in one.step}
    if not chosen:
        raise typer.BadParameter(f"--only is {only!r}; there are {', '.join(samples)}")
    most = min((one.max_segments for one in found.settings.notices.gateways.values() if one.kind == "sms"), default=2)
    shown = view.rendered(
        chosen,
        found,
        ways=[str(one) for one in way or Way],
        languages=view.languages_of(language),
        segments_most=most,
    )
    if as_json:
        out.print_json(data={"previews": shown}, indent=None)
        return
    for page in view.pages(shown):
        out.print(page)


@cli.command()
def retry(
    ids: Ids = None,
    *,
    site: SiteName = "",
    everything: Annotated[bool, typer.Option("--all", help="All that were given up.")] = False,
) -> None:
    """Let notices that were given up go out again, under the keys they had. `serve` sends them, now or once it runs."""
    if bool(ids) == everything:
        raise typer.BadParameter("say which notices: their ids, or --all")
    with opened_book(the_site(site)) as store:
        dead = {notice.id for notice in store.notices_in(NoticeState.DEAD, 1_000_000)}
        missing = sorted(set(ids or ()) - dead)
        if missing:
            raise typer.BadParameter(f"{', '.join(map(str, missing))} was not given up; nothing was done")
        done = store.revive(sorted(dead) if everything else list(ids or ()), SystemClock().now_ms())
    out.print(f"{done} notices go out again")


@cli.command("test")
def try_out(
    *,
    site: SiteName = "",
    to: Annotated[str, typer.Option("--to", help="Such as duty-desk, or an address.", metavar="RECIPIENT")],
) -> None:
    """Send one message, marked as a test, by every way of a recipient, and say what came of it."""
    results = asyncio.run(_try(the_site(site), to))
    for way, problem in results:
        out.print(Text(f"{way}: ") + (Text("sent", style="green") if problem is None else Text(problem, style="red")))
    if any(problem for _way, problem in results):
        raise typer.Exit(1)


async def _try(site: Site, recipient: str) -> list[tuple[str, str | None]]:
    """Each way and what went wrong on it."""
    import aiohttp
    from msgspec.structs import replace

    from app.channels import build_channels
    from app.processes.collectors import client_id
    from app.sample_notices import sample_test
    from config.addresses import addresses_of
    from ingest.commands import Commands

    ways, clock = addresses_of(recipient, site.settings.notices), SystemClock()
    commands = Commands(site.settings.mqtt, f"{client_id(site.settings)}-test")
    over_mqtt = any(way.channel == "mqtt" for way in ways)
    results: list[tuple[str, str | None]] = []
    async with aiohttp.ClientSession() as session:
        channels = build_channels(site, commands.publish, session, clock)
        if over_mqtt:
            commands.start()
            await commands.connected(_CONNECTED_S)
        for channel, to in ways:
            notice = replace(sample_test(site, recipient, channel, clock.now_ms()), address=to)
            try:
                await channels[channel].send(notice)
                results.append((f"{channel}:{to}" if to else channel, None))
            except ChannelError as problem:
                results.append((f"{channel}:{to}" if to else channel, str(problem)))
        if over_mqtt:
            commands.stop()
    return results
