"""The command line: `longcheng <command>`."""

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app import bench
from app.called import as_called, command
from app.commands import (
    accounts,
    backup,
    cases,
    deadletters,
    evidence,
    journal,
    ladder,
    matters,
    models,
    notices,
    platform,
    registers,
    report,
    rules,
    series,
    shop,
    simulate,
    vision,
)
from config.load import Site, load_site
from domain.errors import ConfigError, LongchengError

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    help="City sensing for urban-management bureaus: sensors and cameras in, notices and cases out.",
    epilog=f"Start with `{command('demo')}`. A site is a folder: `config/sites/demo`, or one of your own.",
)
cli.add_typer(accounts.cli, name="accounts", help="Who may use the console: accounts, their roles, their tokens.")
cli.add_typer(accounts.audit_cli, name="audit", help="Who did what on the console.")
cli.add_typer(backup.cli, name="backup", help="All that must not be lost, as one file, and whether it is whole.")
cli.add_typer(
    bench.cli, name="bench", help="Measure this machine; every figure in docs/performance.md is one of these."
)
cli.add_typer(cases.cli, name="cases", help="See cases and work on them; and as files for other systems.")
cli.add_typer(deadletters.cli, name="deadletters", help="See, mend, replay and purge what could not be used.")
cli.add_typer(evidence.cli, name="evidence", help="Kept pictures: see, verify, hold, release and prune them.")
cli.add_typer(journal.cli, name="journal", help="How full the journal is, and whether all of it can be read back.")
cli.add_typer(ladder.cli, name="ladder", help="What waits for a person: is it so, is a shop right, may it be told.")
cli.add_typer(models.cli, name="models", help="What cameras are looked at with, and making a model of one's own fit.")
cli.add_typer(notices.cli, name="notices", help="What people are told: its way, how it reads, what was given up.")
cli.add_typer(platform.cli, name="platform", help="What the city's platform is told of cases, and what waits for it.")
cli.add_typer(registers.cli, name="registers", help="Shops, permits and contacts from CSV files into the site's own.")
cli.add_typer(report.cli, name="report", help="Daily check, monthly bulletin, quarterly review: HTML, Excel or JSON.")
cli.add_typer(rules.cli, name="rules", help="What the rules say, whether it can be, and whether it is what was meant.")
cli.add_typer(series.cli, name="series", help="Readings out of the series store, into another, and how it is.")
cli.add_typer(shop.cli, name="shop", help="The page behind a shop's link: a new link, and photos that shops sent.")
cli.add_typer(simulate.cli, name="simulate", help="What a month of an invented city leads to, in minutes.")
cli.add_typer(vision.cli, name="vision", help="How well a model sees: boxes and verdicts, on labelled pictures.")

cli.command("matters")(matters.matters)
cli.command("restore")(backup.restore)

SiteName = Annotated[
    str, typer.Option("--site", envvar="LONGCHENG_SITE", help="A shipped site's name, or the path of a site folder.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on the last line of standard output.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Log every step.")]

_SHOWN_DOUBTS = 20
_LOG_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
out = Console()
err = Console(stderr=True)


def log_to_stderr(*, verbose: bool) -> None:
    """Our own steps at INFO (or DEBUG), libraries only when something is wrong."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format=_LOG_FORMAT)
    for package in ("app", "ingest", "vision", "rules", "cases", "storage", "console"):
        logging.getLogger(package).setLevel(logging.DEBUG if verbose else logging.INFO)


def _version(wanted: bool) -> None:
    if wanted:
        out.print(version("longcheng"))
        raise typer.Exit


@cli.callback()
def options(
    *,
    _shown: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version and exit.")
    ] = False,
) -> None:
    """City sensing for urban-management bureaus: sensors and cameras in, notices and cases out."""


@cli.command()
def serve(site: SiteName = "demo", verbose: Verbose = False) -> None:
    """Collect from the broker, store, judge, keep cases, send notices, and show it all on the console's page."""
    from app.wiring import serve as run

    log_to_stderr(verbose=verbose)
    _run(lambda stop: run(load_site(site), stop, lambda address: out.print(f"console: {address}")))


@cli.command(hidden=True)
def collect(verbose: Verbose = False) -> None:
    """Take messages from the broker into the journal, as ordered on standard input by `serve`, which starts this."""
    from app.processes.collecting import collect as run

    log_to_stderr(verbose=verbose)
    run()


@cli.command(hidden=True)
def store(verbose: Verbose = False) -> None:
    """Take messages from the journal into the series store, as ordered on standard input by `serve`."""
    from app.processes.storing import store as run

    log_to_stderr(verbose=verbose)
    run()


@cli.command(hidden=True)
def judge(verbose: Verbose = False) -> None:
    """Judge the journal's messages by the rules, as ordered on standard input by `serve`."""
    from app.processes.judging import judge as run

    log_to_stderr(verbose=verbose)
    run()


@cli.command()
def watch(
    site: SiteName = "demo",
    *,
    camera: Annotated[list[str] | None, typer.Option(help="Only this camera; may be given several times.")] = None,
    once: Annotated[bool, typer.Option(help="Look once and print it; publishes nothing, keeps pictures.")] = False,
    check: Annotated[
        bool, typer.Option(help="Only say whether the `watch` that runs looks; exits with 1 if not.")
    ] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Look through the site's cameras, each at its interval, and publish what is seen over MQTT.

    Changed files of the site are taken over while it runs: within a few seconds, or at once after a SIGHUP.
    """
    if check:
        from app.commands.watch_check import check as looks
        from domain.clock import SystemClock

        raise typer.Exit(0 if looks(site, SystemClock(), out) else 1)
    from app import watching

    log_to_stderr(verbose=verbose)
    chosen = watching.choose(load_site(site), camera or [])
    if once:
        _run(lambda _stop: watching.look_once(chosen, out=out, as_json=as_json))
    else:
        _run(lambda stop: watching.watch(chosen, stop, out=out, as_json=as_json, only=camera or []))


@cli.command()
def demo(
    *,
    minutes: Annotated[float, typer.Option(help="How long to run; 0: until Ctrl-C.", min=0)] = 0,
    headless: Annotated[bool, typer.Option(help="No live table; only the address and the summary.")] = False,
    as_json: AsJson = False,
    data: Annotated[
        Path | None, typer.Option(help="Keep the demo's data here; default: a folder that is removed.")
    ] = None,
    port: Annotated[int, typer.Option(help="The console's port; 0: any free one.")] = 8080,
    verbose: Verbose = False,
) -> None:
    """Run a small city on this machine: broker, sensors, cameras, shopkeepers, and the whole product on top.

    Ladders run 30 times as fast as life (`demo.compress` in the demo's site.yaml): a minute for half an hour.
    Exits with 0 only if nothing was lost.
    """
    from app.demo.run import Demo

    log_to_stderr(verbose=verbose)
    city = Demo(data=data, port=port, minutes=minutes, out=out, live=out.is_terminal and not headless and not as_json)
    _run(city.run)
    city.print_summary(as_json=as_json)
    raise typer.Exit(0 if city.nothing_lost else 1)


@cli.command("check-config")
def check_config(site: SiteName = "demo", as_json: AsJson = False) -> None:
    """Read a site and its rules, connect to nothing, and say what was found or what is wrong, with file and line."""
    from app.channels import check_channels
    from app.platform import trust_of
    from app.processes.collectors import orders
    from config import lint as site_lint
    from domain.clock import SystemClock, utc
    from ingest.decode import Decoder
    from rules import lint as rules_lint
    from rules.files import load_rules
    from vision.detectors import find_model
    from vision.sources import check_source

    found = load_site(site)
    checked = load_rules(found.rule_files, found)
    Decoder(found)
    orders(found.settings)
    channels = asyncio.run(check_channels(found))
    trust_of(found)
    find_model(found.settings.vision.model)
    for camera in found.cameras.values():
        check_source(camera)
    counts = _counted(found, rules=len(checked), channels=channels)
    today = utc(SystemClock().now_ms()).astimezone(found.timezone).date()
    doubts = [str(doubt) for doubt in (*site_lint.doubts(found, today), *rules_lint.doubts(checked, found, today))]
    if as_json:
        out.print_json(data={**counts, "doubts": doubts}, indent=None)
        return
    out.print(_table(found, counts))
    for doubt in doubts[:_SHOWN_DOUBTS]:
        out.print(Text("look again: ", style="bold yellow") + Text(doubt, style="default"), soft_wrap=True)
    if len(doubts) > _SHOWN_DOUBTS:
        out.print(f"… and {len(doubts) - _SHOWN_DOUBTS} more; --json has them all")


def _counted(found: Site, *, rules: int, channels: Sequence[str]) -> dict[str, str | int]:
    from storage.series.open import kind_of

    return {
        "site": found.settings.site,
        "devices": len(found.devices),
        "cameras": len(found.cameras),
        "zones": sum(len(camera.zones) for camera in found.cameras.values()),
        "shops": len(found.shops),
        "metrics": len(found.metrics),
        "rules": rules,
        "plans": len(found.plans.all),
        "series_store": kind_of(found.settings.series),
        "broker": found.settings.mqtt.url,
        "notices": ", ".join(channels),
        "shop_page": found.settings.shop_page.url or "no url: notices to shops have no link",
    }


def _table(site: Site, counts: dict[str, str | int]) -> Table:
    table = Table(title=site.settings.name.zh, show_header=False, title_justify="left")
    table.add_row("folder", str(site.folder))
    for name, value in counts.items():
        table.add_row(name, str(value))
    return table


def _run(work: Callable[[asyncio.Event], Coroutine[Any, Any, object]]) -> None:
    from app.lifecycle import stop_on_signal

    async def body() -> None:
        await work(stop_on_signal())

    asyncio.run(body())


def _say_why(what: str, problem: LongchengError) -> None:
    # Errors quote values, and those may look like Rich's markup.
    err.print(Text(f"{what}: ", style="bold red") + Text(as_called(str(problem)), style="default"), soft_wrap=True)


def main() -> None:
    """Entry point. Errors raised on purpose end with a line each and exit code 2; others show their traceback."""
    try:
        cli()
    except ConfigError as wrong:
        for each in wrong.problems:
            _say_why("settings", each)
        raise SystemExit(2) from None
    except LongchengError as problem:
        _say_why("stopped", problem)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
