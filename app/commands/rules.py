"""`longcheng rules …`: what the rules say, whether it can be, and whether they do what their authors meant."""

import logging
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.commands import rules_people
from app.commands.rules_explain import explain_command
from app.commands.rules_replay import replay_command
from app.commands.rules_view import about_rules
from config.load import load_site
from domain.errors import ConfigError

cli = typer.Typer(no_args_is_help=True)
out = Console()
err = Console(stderr=True)

SiteName = Annotated[
    str, typer.Option("--site", envvar="LONGCHENG_SITE", help="A shipped site's name, or the path of a site folder.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on the last line of standard output.")]


@cli.command()
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILES", help="Rule files; default: all of the site's.")
    ] = None,
    site: SiteName = "demo",
    as_json: AsJson = False,
) -> None:
    """Read rule files and plans, and tell everything that cannot be, with file and line; and what is hardly meant.

    What is hardly meant is told as `look again` and is no mistake. Exits with 2 if there is a mistake.
    """
    from app.commands import rules_view as view
    from domain.clock import SystemClock, utc
    from rules import lint
    from rules.files import read_rules

    of_plans: list[ConfigError] = []
    found = load_site(site, of_plans=of_plans)
    paths = tuple(files) if files else found.rule_files
    rules, of_rules = read_rules(paths, found, beside=found.rule_files if files else ())
    mistakes = view.by_line([*of_plans, *of_rules])
    doubts = lint.doubts(rules, found, utc(SystemClock().now_ms()).astimezone(found.timezone).date())
    if as_json:
        out.print_json(data=view.checked(paths, rules, mistakes, doubts), indent=None)
    else:
        view.print_checked(paths, rules, mistakes, doubts, out)
    raise typer.Exit(2 if mistakes else 0)


@cli.command("test")
def play(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILES",
            help="Timetables, or folders of them; default: those in tests/ beside the site's rule files.",
        ),
    ] = None,
    site: SiteName = "demo",
    *,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Tell, too, which rules and levels no test raises.")
    ] = False,
    keep: Annotated[
        bool, typer.Option(help="Keep what comes of the site's own timetables in the data folder, for the console.")
    ] = True,
    by: Annotated[str, typer.Option(help="Who asks; it is kept with the result.", hidden=True)] = "",
    as_json: AsJson = False,
) -> None:
    """Play timetables to the rules: what is received when, and which alarms must then stand, and no others.

    How they are written: docs/rules.md. Exits with 1 if a test fails, with 2 if a file cannot be used.
    """
    from app.commands import rules_testing as testing

    found = None if files else load_site(site)
    paths = testing.in_folders(files or ()) if found is None else testing.beside_rules(found, site)
    started = time.monotonic()
    with about_rules(logging.ERROR):  # of a subject that a rule cannot speak for, tests speak themselves
        read = testing.read_all(paths)
        results = testing.played(read, tell=None if as_json else out)
    if found is not None and keep:
        testing.keep(found, read, results, took_s=time.monotonic() - started, who=by)
    missing = testing.uncovered(read, results) if coverage else None
    if as_json:
        out.print_json(data=testing.as_data(results, missing), indent=None)
    else:
        testing.print_summary(results, missing, out)
    raise typer.Exit(1 if any(result.differences for result in results) else 0)


@cli.command("list")
def list_command(site: SiteName = "demo", as_json: AsJson = False) -> None:
    """The rules of a site: how many each watches, from which limit on, for how long, how sure the number is.

    In a wide window, and with --json, also where the numbers come from.
    """
    from app.commands import rules_listing as listing
    from rules.files import load_rules

    found = load_site(site)
    rows = listing.listed(load_rules(found.rule_files, found), found)
    if as_json:
        out.print_json(data={"rules": rows}, indent=None)
    else:
        out.print(listing.table_of(rows, out))


@cli.command()
def schema(
    of: Annotated[str, typer.Option("--of", help="Of which files: rules, timetables or plan.")] = "rules",
    to: Annotated[Path | None, typer.Option("--out", help="Write it here; default: print it.")] = None,
) -> None:
    """The JSON schema of rule files, of their timetables, or of plans: with it, editors complete and check keys.

    The shipped copies lie in config/schemas/; a file names its own in a first line
    `# yaml-language-server: $schema=…`.
    """
    from rules.schema import FILES, text_of

    if of not in FILES:
        raise ConfigError(f"--of is {of!r}; there is {', '.join(FILES)}")
    if to is None:
        out.print(text_of(of), markup=False, highlight=False, soft_wrap=True, end="")
    else:
        to.write_text(text_of(of), encoding="utf-8")
        out.print(f"written: {to}", soft_wrap=True, highlight=False)


cli.command("explain")(explain_command)
cli.command("replay")(replay_command)
cli.command("alarms")(rules_people.alarms)
cli.command("ack")(rules_people.ack)
cli.command("release")(rules_people.release)
cli.add_typer(rules_people.silence_cli, name="silence")
