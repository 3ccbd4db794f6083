"""`longcheng rules …`: what the rules say, whether it can be, and whether they do what their authors meant."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from config.load import load_site

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
        list[Path] | None, typer.Argument(metavar="[FILES]...", help="Rule files; default: all of the site's.")
    ] = None,
    site: SiteName = "demo",
    as_json: AsJson = False,
) -> None:
    """Read rule files, and tell everything that cannot be, with file and line; and what is hardly meant.

    What is hardly meant is told as `look again` and is no mistake. Exits with 2 if there is a mistake.
    """
    from app.commands import rules_view as view
    from rules import lint
    from rules.files import read_rules

    found = load_site(site)
    paths = tuple(files) if files else found.rule_files
    rules, mistakes = read_rules(paths, found, beside=found.rule_files if files else ())
    doubts = lint.doubts(rules, found)
    if as_json:
        out.print_json(data=view.checked(paths, rules, mistakes, doubts), indent=None)
    else:
        view.print_checked(paths, rules, mistakes, doubts, out)
    raise typer.Exit(2 if mistakes else 0)
