"""`longcheng rules explain`: which limits hold for whom and why, and how an alarm came about."""

from typing import Annotated

import typer
from rich.console import Console

from app.commands import rules_explain_view as view
from app.commands.language import Language, words_in
from app.commands.rules_explain_data import alarm_data, subject_data
from app.commands.which_site import SiteName, the_site
from app.commands.which_store import opened
from app.explaining import Explaining, key_of, newest_of
from app.rules_history.cases import CasesRead
from app.rules_history.one_device import observations_of
from app.rules_history.points import Observation
from config.load import Site
from console.explained import AboutSubject
from console.explaining import Say
from domain.clock import SystemClock
from domain.errors import ConfigError
from rules.files import load_rules

out = Console()

_DAY_MS = 86_400_000


def explain_command(
    what: Annotated[
        str, typer.Argument(help="A subject (tree-001, cs-007/3, a camera), an alarm's number, or RULE/SUBJECT.")
    ],
    *,
    site: SiteName = "",
    language: Language = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object on the last line of standard output.")
    ] = False,
) -> None:
    """Of a subject: every rule that watches it, who set which limit where, and how it stands. Of an alarm: its story.

    The story is played again from the stored history with the rules as they are now. Changes nothing, and may be asked
    while `serve` runs.
    """
    found = the_site(site)
    now_ms = SystemClock().now_ms()
    say = Say(found, words_in(language, found, now_ms))
    cases = CasesRead(found.settings)
    asked = Explaining(
        site=found,
        rules=load_rules(found.rule_files, found),
        kept=cases,
        said=lambda name, start_ms, stop_ms: _said(found, name, start_ms, stop_ms),
        newest=lambda what: newest_of(
            _said(found, what.partition("/")[0], now_ms - _DAY_MS, now_ms), what.partition("/")[2]
        ),
        now_ms=now_ms,
    )
    if what.isdecimal():
        alarm = cases.alarm(int(what))
        if alarm is None:
            raise ConfigError(f"there is no alarm {what}; `longcheng rules alarms --all` lists them")
        answer = asked.alarm((alarm.rule_id, alarm.subject), alarm)
    elif key := key_of(what, asked.rules):
        answer = asked.alarm(key, cases.newest_alarm(*key))
    else:
        _show_subject(asked.subject(what), say, as_json=as_json)
        return
    if as_json:
        out.print_json(data=alarm_data(answer, say), indent=None)
    else:
        view.print_alarm(answer, say, out)


def _show_subject(subject: AboutSubject, say: Say, *, as_json: bool) -> None:
    if as_json:
        out.print_json(data=subject_data(subject, say), indent=None)
    else:
        view.print_subject(subject, say, out)


def _said(site: Site, device_id: str, start_ms: int, stop_ms: int) -> list[Observation]:
    try:
        with opened(site) as store:
            return observations_of(store, site, device_id, start_ms, stop_ms)
    except ConfigError:  # no reading was ever stored
        return []
