"""What `longcheng rules replay` does. It needs much that other commands do not, so it is loaded by itself."""

import os
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct
from rich.console import Console
from rich.text import Text

from app.commands import rules_replay_view as view
from app.commands.moments import moment_ms
from app.commands.which_site import the_site
from app.commands.which_store import opened
from app.kept_replays import KeptReplays, kept_of, new_id
from app.rules_history.chosen import chosen, only
from app.rules_history.journal import every_message
from app.rules_history.picture import Drawn, draw, save
from app.rules_history.play import Progress, play
from app.rules_history.points import NOT_STORED
from app.rules_history.run import replay
from app.rules_history.stretch import Stretch, only_feed
from app.rules_history.versions import older
from config.load import Site
from config.schema import duration_s
from console.desk.rules import ReplayNote
from domain.clock import SystemClock
from domain.errors import ConfigError
from rules.files import load_rules
from rules.replay import AlarmSpan
from rules.replay_diff import diff
from rules.rule import Rule

out = Console()
err = Console(stderr=True)

_SEVERAL_FEEDS = "the site has several feeds, and the store does not say which readings came by: feeds are not judged"


class Asked(Struct, frozen=True, kw_only=True):
    """The command's options, as they were typed."""

    since: str
    until: str
    site: str
    rules: tuple[Path, ...]
    against: tuple[Path, ...]
    only: tuple[str, ...]
    journal: Path | None
    lead: str
    tick: str
    chart: Path | None
    curve: str
    plain: bool
    jobs: int
    as_json: bool
    keep: bool = True
    by: str = ""


def run(asked: Asked) -> None:
    """Replay and tell. Raises ConfigError for what cannot be."""
    site = the_site(asked.site)
    stretch = _stretch(asked, site)
    chart = asked.chart
    if chart is not None and chart.suffix not in {".svg", ".html", ".png"}:
        raise ConfigError(f"--chart is {chart}; a picture is an .svg, .html or .png")
    now = load_rules(asked.rules or site.rule_files, site)
    versions = [now, older(now, asked.against, site)] if asked.against else [now]
    versions = [chosen(rules, asked.only) for rules in versions]
    with view.Shown(err) as shown:
        alarms = [only(spans, asked.only) for spans in _alarms(asked, site, versions, stretch, shown.update)]
        done = shown.done()
    result = view.Result(
        site=site,
        stretch=stretch,
        rules=len(versions[0]),
        new=alarms[0],
        diff=diff(alarms[1], alarms[0]) if asked.against else None,
        notes=_notes(site, asked.journal),
        **done,
    )
    if asked.keep:
        _keep(asked, result)
    if chart is not None:
        _draw(chart, Drawn(site=site, stretch=stretch, versions=versions, alarms=alarms), asked.curve)
    if asked.as_json:
        out.print_json(data=view.as_data(result), indent=None)
    else:
        view.print_result(result, out)


def _stretch(asked: Asked, site: Site) -> Stretch:
    clock = SystemClock()
    stretch = Stretch(
        from_ms=moment_ms(asked.since, "--from", site.timezone, clock),
        to_ms=moment_ms(asked.until, "--to", site.timezone, clock),
        lead_ms=_duration_ms(asked.lead, "--lead"),
        tick_ms=_duration_ms(asked.tick, "--tick"),
    )
    if stretch.from_ms >= stretch.to_ms:
        raise ConfigError(f"--from {asked.since} is not before --to {asked.until}")
    return stretch


def _alarms(
    asked: Asked, site: Site, versions: Sequence[tuple[Rule, ...]], stretch: Stretch, progress: Progress
) -> list[tuple[AlarmSpan, ...]]:
    if asked.journal is not None:
        return play(every_message(asked.journal, site, stretch), site, versions, stretch, progress=progress)
    jobs = asked.jobs or os.cpu_count() or 1
    with opened(site) as store:
        return replay(store, site, versions, stretch, progress=progress, plain=asked.plain, jobs=jobs)


def _draw(file: Path, drawn: Drawn, curve: str) -> None:
    with opened(drawn.site) as store:
        save(draw(store, drawn, curve), file)
    err.print(Text(f"drawn: {file}"), soft_wrap=True)


def _keep(asked: Asked, result: view.Result) -> None:
    """So that it can be looked at again, on the console too. A folder that cannot be written to costs only that."""
    stretch, now_ms = result.stretch, SystemClock().now_ms()
    note = ReplayNote(
        id=new_id(now_ms),
        made_ms=now_ms,
        from_ms=stretch.from_ms,
        to_ms=stretch.to_ms,
        rules=(),
        only=asked.only,
        files=tuple(path.name for path in asked.rules),
        against=tuple(path.name for path in asked.against),
        raised=0,
        readings=result.readings,
        took_s=result.seconds,
        who=asked.by,
    )
    kept = kept_of(
        note, result.new, result.diff, lambda at_ms: view.moment(at_ms, result.site)[:10], notes=result.notes
    )
    try:
        KeptReplays(result.site.settings.data_dir).keep(kept)
    except OSError as wrong:
        err.print(Text(f"not kept in {result.site.settings.data_dir}: {wrong.strerror}"), soft_wrap=True)


def _notes(site: Site, journal: Path | None) -> tuple[str, ...]:
    if journal is not None:
        return ()
    return NOT_STORED if only_feed(site) else (*NOT_STORED, _SEVERAL_FEEDS)


def _duration_ms(text: str, option: str) -> int:
    try:
        return round(duration_s(text) * 1000)
    except ValueError as wrong:
        raise ConfigError(f"{option} is {text!r}; {wrong}") from None
