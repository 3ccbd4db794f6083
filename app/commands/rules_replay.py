"""`longcheng rules replay`: which alarms the rules would have raised, and what another version of them would change."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from app.commands import rules_replay_view as view
from app.commands.moments import moment_ms
from app.commands.which_site import SiteName, the_site
from app.rules_history.journal import every_message
from app.rules_history.picture import Drawn, draw, save
from app.rules_history.play import Progress, play
from app.rules_history.points import NOT_STORED
from app.rules_history.run import replay
from app.rules_history.stretch import Stretch, only_feed
from app.rules_history.versions import instead
from config.load import Site
from config.schema import duration_s
from domain.clock import SystemClock
from domain.errors import ConfigError
from rules.files import load_rules
from rules.replay import AlarmSpan
from rules.replay_diff import diff
from rules.rule import Rule
from storage.series.open import kind_of, open_store
from storage.series.store import SeriesStore

out = Console()
err = Console(stderr=True)

_SEVERAL_FEEDS = "the site has several feeds, and the store does not say which readings came by: feeds are not judged"


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
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object on the last line of standard output.")
    ] = False,
) -> None:
    """Play the stored history to the rules: which alarms they raise, and with --against what changes.

    Nothing is written, and nobody is notified. Times are the site's. Exits with 0 whatever is found.
    """
    found, clock = the_site(site), SystemClock()
    stretch = Stretch(
        from_ms=moment_ms(since, "--from", found.timezone, clock),
        to_ms=moment_ms(until, "--to", found.timezone, clock),
        lead_ms=_duration_ms(lead, "--lead"),
        tick_ms=_duration_ms(tick, "--tick"),
    )
    if stretch.from_ms >= stretch.to_ms:
        raise ConfigError(f"--from {since} is not before --to {until}")
    if chart is not None and chart.suffix not in {".svg", ".html", ".png"}:
        raise ConfigError(f"--chart is {chart}; a picture is an .svg, .html or .png")
    now = load_rules(tuple(rules) if rules else found.rule_files, found)
    versions = [now, load_rules(instead(now, against), found)] if against else [now]
    with view.Shown(err) as shown:
        alarms = [
            _only(spans, only or ())
            for spans in _alarms(found, versions, stretch, journal, shown.update, plain=plain, jobs=jobs)
        ]
        done = shown.done()
    result = view.Result(
        site=found,
        stretch=stretch,
        rules=len(now),
        new=alarms[0],
        diff=diff(alarms[1], alarms[0]) if against else None,
        notes=_notes(found, journal),
        **done,
    )
    if chart is not None:
        _draw(chart, Drawn(site=found, stretch=stretch, versions=versions, alarms=alarms), curve)
    if as_json:
        out.print_json(data=view.as_data(result), indent=None)
    else:
        view.print_result(result, out)


def _alarms(
    site: Site,
    versions: Sequence[tuple[Rule, ...]],
    stretch: Stretch,
    journal: Path | None,
    progress: Progress,
    *,
    plain: bool,
    jobs: int,
) -> list[tuple[AlarmSpan, ...]]:
    if journal is not None:
        return play(every_message(journal, site, stretch), site, versions, stretch, progress=progress)
    with opened(site) as store:
        return replay(store, site, versions, stretch, progress=progress, plain=plain, jobs=jobs or os.cpu_count() or 1)


@contextmanager
def opened(site: Site) -> Iterator[SeriesStore]:
    """The site's series store. Raises ConfigError where an embedded one has no file yet: none is made."""
    settings, path = site.settings.series, site.settings.data_dir / "series.db"
    if kind_of(settings) == "embedded" and not path.is_file():
        raise ConfigError(f"no readings at {path} yet; is this the right site and working folder?")
    store = open_store(settings, path)
    try:
        yield store
    finally:
        store.close()


def _draw(file: Path, drawn: Drawn, curve: str) -> None:
    with opened(drawn.site) as store:
        save(draw(store, drawn, curve), file)
    err.print(Text(f"drawn: {file}"), soft_wrap=True)


def _only(spans: Sequence[AlarmSpan], patterns: Sequence[str]) -> tuple[AlarmSpan, ...]:
    """Those that one of the patterns names, by rule or by rule/subject."""
    if not patterns:
        return tuple(spans)
    return tuple(
        span
        for span in spans
        if any(
            fnmatchcase(f"{span.rule_id}/{span.subject}" if "/" in pattern else span.rule_id, pattern)
            for pattern in patterns
        )
    )


def _notes(site: Site, journal: Path | None) -> tuple[str, ...]:
    if journal is not None:
        return ()
    return NOT_STORED if only_feed(site) else (*NOT_STORED, _SEVERAL_FEEDS)


def _duration_ms(text: str, option: str) -> int:
    try:
        return round(duration_s(text) * 1000)
    except ValueError as wrong:
        raise ConfigError(f"{option} is {text!r}; {wrong}") from None
