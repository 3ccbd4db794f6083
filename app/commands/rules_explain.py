"""`longcheng rules explain`: which limits hold for whom and why, and how an alarm came about."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Annotated, Literal

import typer
from msgspec import Struct
from rich.console import Console

from app.commands import rules_explain_view as view
from app.commands.rules_explain_data import alarm_data, subject_data
from app.commands.which_site import SiteName, the_site
from app.commands.which_store import opened
from app.rules_history.cases import CasesRead
from app.rules_history.one_device import observations_of
from app.rules_history.points import Observation
from config.load import Site
from console.words import Words
from domain.case import Alarm
from domain.clock import SystemClock
from domain.errors import ConfigError
from domain.reading import Reading, Value
from rules.engine import Engine
from rules.explain import Judged, judged_by, only, story
from rules.files import load_rules
from rules.memory import Key
from rules.rule import FEED, Rule

out = Console()

_DAY_MS = 86_400_000
_BEFORE_MS = 6 * 3_600_000
_AFTER_MS = 10 * 60_000


class _Asked(Struct, frozen=True, kw_only=True):
    """Where an answer comes from."""

    site: Site
    rules: Sequence[Rule]
    cases: CasesRead
    now_ms: int


def explain_command(
    what: Annotated[
        str, typer.Argument(help="A subject (tree-001, cs-007/3, a camera), an alarm's number, or RULE/SUBJECT.")
    ],
    *,
    site: SiteName = "",
    language: Annotated[
        Literal["zh-CN", "zh", "en", ""], typer.Option(help="In which language; default: the site's.")
    ] = "",
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
    spoken = "zh-CN" if language == "zh" else language or found.settings.language
    say = view.Say(found, Words(found, spoken, now_ms))
    asked = _Asked(
        site=found,
        rules=load_rules(found.rule_files, found),
        cases=CasesRead(found.settings),
        now_ms=now_ms,
    )
    if what.isdecimal():
        alarm = asked.cases.alarm(int(what))
        if alarm is None:
            raise ConfigError(f"there is no alarm {what}; `longcheng rules alarms --all` lists them")
        answer = _alarm((alarm.rule_id, alarm.subject), alarm, asked)
    elif key := _key(what, asked.rules):
        answer = _alarm(key, asked.cases.newest(key), asked)
    else:
        _show_subject(_subject(what, asked), say, as_json=as_json)
        return
    if as_json:
        out.print_json(data=alarm_data(answer, say), indent=None)
    else:
        view.print_alarm(answer, say, out)


def _show_subject(subject: view.AboutSubject, say: view.Say, *, as_json: bool) -> None:
    if as_json:
        out.print_json(data=subject_data(subject, say), indent=None)
    else:
        view.print_subject(subject, say, out)


def _key(what: str, rules: Sequence[Rule]) -> Key | None:
    """A rule and a subject, if it begins with a rule."""
    rule_id, slash, subject = what.partition("/")
    return (rule_id, subject) if slash and any(rule.id == rule_id for rule in rules) else None


def _subject(what: str, asked: _Asked) -> view.AboutSubject:
    site, now_ms = asked.site, asked.now_ms
    device_id, _, part = what.partition("/")
    registered = site.devices.get(device_id) or site.cameras.get(device_id)
    if registered is None:
        close = get_close_matches(device_id, [*site.devices, *site.cameras], n=3)
        hint = f"; do you mean {' or '.join(close)}?" if close else ""
        raise ConfigError(
            f"{what!r} is no device, port or camera of the site, no alarm's number and no RULE/SUBJECT{hint}"
        )
    device = site.devices.get(device_id)
    if device is not None and part and part not in {str(port) for port in range(1, device.ports + 1)}:
        raise ConfigError(f"there is no {what!r}: {device_id} has {device.ports} ports")
    saved = _of(asked.cases, device_id)
    engine = Engine(_without_feeds(asked.rules), only(device_id, site), saved=saved, listening_since_ms=now_ms)
    return view.AboutSubject(
        subject=what,
        name=registered.name,
        place=f"{registered.location.district} {registered.location.road}",
        judged=judged_by(what, asked.rules, site, engine, now_ms),
        newest=_newest(_said(site, device_id, now_ms - _DAY_MS, now_ms), part),
    )


def _without_feeds(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules if rule.spec.for_each.kind != FEED)


def _of(cases: CasesRead, device_id: str) -> dict[Key, bytes]:
    """What is remembered of a device and its parts."""
    return {key: state for key, state in cases.states().items() if key[1].partition("/")[0] == device_id}


def _newest(said: Sequence[Observation], part: str) -> dict[str, tuple[int, Value]]:
    newest: dict[str, tuple[int, Value]] = {}
    for one in said:
        if isinstance(one, Reading) and str(one.port or "") == part:
            newest |= {metric: (one.at_ms, value) for metric, value in one.metrics.items()}
    return newest


def _said(site: Site, device_id: str, start_ms: int, stop_ms: int) -> list[Observation]:
    try:
        with opened(site) as store:
            return observations_of(store, site, device_id, start_ms, stop_ms)
    except ConfigError:  # no reading was ever stored
        return []


def _alarm(key: Key, alarm: Alarm | None, asked: _Asked) -> view.AboutAlarm:
    site, now_ms = asked.site, asked.now_ms
    rule = next((rule for rule in asked.rules if rule.id == key[0]), None)
    device_id = key[1].partition("/")[0]
    known = rule is not None and (device_id in site.devices or device_id in site.cameras)
    start_ms = (alarm.since_ms if alarm else now_ms - _DAY_MS) - _BEFORE_MS - _reach_ms(rule)
    stop_ms = min((alarm.resolved_ms if alarm and alarm.resolved_ms else now_ms) + _AFTER_MS, now_ms)
    said = _said(site, device_id, start_ms, stop_ms) if known else []
    return view.AboutAlarm(
        key=key,
        alarm=alarm,
        judged=_judged(key, rule, asked, alarm.raised_ms if alarm else now_ms) if rule and known else None,
        rule=rule,
        steps=story(key, asked.rules, site, said, until_ms=stop_ms),
        said=len(said),
        start_ms=start_ms,
        stop_ms=stop_ms,
        log=tuple(asked.cases.log(alarm)) if alarm else (),
    )


def _judged(key: Key, rule: Rule, asked: _Asked, at_ms: int) -> Judged | None:
    """The rule over the subject, with the limits as they held then and the state as it is now."""
    device_id = key[1].partition("/")[0]
    saved = {
        (rule_id, name): state for (rule_id, name), state in _of(asked.cases, device_id).items() if rule_id == rule.id
    }
    engine = Engine((rule,), only(device_id, asked.site), saved=saved, listening_since_ms=asked.now_ms)
    found = judged_by(key[1], (rule,), asked.site, engine, at_ms)
    return next((one for one in found if one.subject == key[1]), None)


def _reach_ms(rule: Rule | None) -> int:
    """How far back a rule looks: a window, a hold, or days of its own history."""
    spec = rule.spec if rule else None
    seconds = [getattr(spec, name, 0.0) or 0.0 for name in ("over", "hold")]
    days = getattr(spec, "days", 0) or 0
    return round(max(*seconds, days * 86_400.0) * 1100)
