"""`longcheng rules replay`: which alarms the rules would have raised, and what another version of them would change."""

from pathlib import Path
from typing import Annotated

import typer

from app.commands.which_site import SiteName


def replay_command(
    *,
    since: Annotated[
        str, typer.Option("--from", help="`7d` ago, `2026-11-22` or `2026-11-22T08:00` in the site's time zone.")
    ],
    until: Annotated[str, typer.Option("--to", help="Likewise; it is not included.", show_default="now")] = "0s",
    site: SiteName = "",
    rules: Annotated[
        list[Path] | None, typer.Option("--rules", help="Rule files, several are possible; default: the site's.")
    ] = None,
    against: Annotated[
        list[Path] | None,
        typer.Option(help="An older rule file: it stands for the one of its name, or with the same rules."),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Only these alarms: `tree-*`, or `charger-h*/cs-007*` with the subject.")
    ] = None,
    journal: Annotated[
        Path | None, typer.Option(help="Replay this journal instead of the store: all of what came, as it came.")
    ] = None,
    lead: Annotated[str, typer.Option(help="How long before it the rules begin to hear; not reported.")] = "1d",
    tick: Annotated[str, typer.Option(help="How often silence is looked for.")] = "10s",
    chart: Annotated[Path | None, typer.Option(help="A picture of it: FILE.svg, .html or .png.")] = None,
    curve: Annotated[str, typer.Option(help="Whose values the picture shows: rule/subject; default: the worst.")] = "",
    plain: Annotated[bool, typer.Option(help="Read what no rule can care about, too; the same, and slower.")] = False,
    jobs: Annotated[int, typer.Option(help="So many processes share the devices; 0: as many as there are cores.")] = 0,
    keep: Annotated[
        bool, typer.Option(help="Keep the result in the data folder, where the console shows the newest fifty.")
    ] = True,
    by: Annotated[str, typer.Option(help="Who asks; it is kept with the result.", hidden=True)] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object on the last line of standard output.")
    ] = False,
) -> None:
    """Play the stored history to the rules: which alarms they raise, and with --against what changes.

    Nobody is notified, and nothing is written but the result. Times are the site's. Exits with 0 whatever is found.
    """
    from app.commands.rules_replay_run import Asked, run

    asked = Asked(
        since=since,
        until=until,
        site=site,
        rules=tuple(rules or ()),
        against=tuple(against or ()),
        only=tuple(only or ()),
        journal=journal,
        lead=lead,
        tick=tick,
        chart=chart,
        curve=curve,
        plain=plain,
        jobs=jobs,
        as_json=as_json,
        keep=keep,
        by=by,
    )
    run(asked)
