"""Alarms, and what people said about them, as they are read in a terminal, and as JSON."""

from collections.abc import Sequence

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from config.load import Site
from console.api.rows import Rows
from console.payload import readable
from domain.case import Alarm, acked, shown_state, silenced
from domain.clock import utc
from domain.order import AlarmOrder, OrderKind, Outcome
from domain.silence import Silence


def alarms_table(alarms: Sequence[Alarm], total: int, site: Site, now_ms: int) -> Table:
    """One line for each alarm."""
    table = Table(title=f"{len(alarms)} of {total} alarms", title_justify="left")
    for name in ("alarm", "severity", "state", "rule", "subject", "what", "since", "by whom, until when, and why"):
        table.add_column(name, justify="right" if name == "alarm" else "left", overflow="fold")
    english = site.settings.language == "en"
    for alarm in alarms:
        table.add_row(
            str(alarm.id),
            alarm.severity.value,
            shown_state(alarm, now_ms).value,
            alarm.rule_id,
            _plain(alarm.subject),
            _plain(alarm.title_en if english else alarm.title_zh),
            _at(alarm.since_ms, site),
            _plain(_said_of(alarm, site, now_ms)),
        )
    return table


def alarms_json(alarms: Sequence[Alarm], total: int, site: Site, now_ms: int) -> bytes:
    """As the API gives them."""
    rows = Rows(site, now_ms)
    return msgspec.json.encode({"items": [rows.alarm(alarm) for alarm in alarms], "total": total})


def order_said(order: AlarmOrder, *, serves: bool) -> str:
    """What has come of an order."""
    done = "taken on" if order.kind is OrderKind.ACK else "over"
    match order.outcome:
        case Outcome.DONE:
            return f"alarm {order.alarm_id} is {done}"
        case Outcome.TOO_LATE:
            return f"alarm {order.alarm_id} was over before that"
        case Outcome.FAILED:
            return f"that alarm {order.alarm_id} is {done} could not be carried out; serve's log says why"
        case None:
            waits = "serve has not come to it yet" if serves else "serve does not run, and does it when it is started"
            return f"order {order.id} is kept: {waits}"


def order_json(order: AlarmOrder, site: Site) -> bytes:
    """As the API gives it."""
    return msgspec.json.encode(Rows(site, order.given_ms).order(order))


def silence_given(silence: Silence, site: Site, covered: Sequence[Alarm], spared: Sequence[Alarm]) -> RenderableType:
    """A new silence, and what it does to the alarms that stand."""
    lines = [f"silence {silence.id} {_span(silence, site)}; it covers {len(covered)} of the alarms that stand"]
    if spared:
        ids = ", ".join(str(alarm.id) for alarm in spared[:20])
        lines.append(f"{len(spared)} that it fits are told on, as they are critical or latched: {ids}")
        lines.append("to silence these too, add another with --even-critical")
    return Group(*(Text(line) for line in lines))


def silence_json(silence: Silence, site: Site, covered: Sequence[Alarm], spared: Sequence[Alarm]) -> bytes:
    """With the numbers of alarms that it covers, and of those that it fits and spares."""
    said = msgspec.to_builtins(Rows(site, silence.given_ms).silence(silence), builtin_types=())
    ids = {"covers": [alarm.id for alarm in covered], "spares": [alarm.id for alarm in spared]}
    return msgspec.json.encode(said | ids)


def silences_table(silences: Sequence[Silence], site: Site, now_ms: int) -> RenderableType:
    """One line for each silence."""
    if not silences:
        return Text("no silences")
    table = Table(title_justify="left")
    for name in ("silence", "state", "covers", "from", "until", "whose", "why"):
        table.add_column(name, justify="right" if name == "silence" else "left", overflow="fold")
    for one in silences:
        until = _at(one.until_ms, site)
        if one.ended_ms is not None:
            until = f"{_at(one.ended_ms, site)}, ended by {one.ended_by}"
        state = "over" if one.is_over(now_ms) else "in force" if one.holds(now_ms) else "planned"
        table.add_row(
            str(one.id), state, _plain(_covers(one)), _at(one.from_ms, site), _plain(until), _plain(one.who),
            _plain(one.why),
        )  # fmt: skip
    return table


def silences_json(silences: Sequence[Silence], site: Site) -> bytes:
    """As the API gives them."""
    rows = Rows(site, 0)
    return msgspec.json.encode({"items": [rows.silence(one) for one in silences]})


def _said_of(alarm: Alarm, site: Site, now_ms: int) -> str:
    said = []
    if silenced(alarm, now_ms) and alarm.silenced_until_ms is not None:
        said.append(f"silenced by {alarm.silenced_by} until {_at(alarm.silenced_until_ms, site)}: {alarm.silenced_why}")
    if acked(alarm, now_ms):
        until = "" if alarm.acked_until_ms is None else f" until {_at(alarm.acked_until_ms, site)}"
        said.append(f"taken on by {alarm.acked_by}{until}: {alarm.acked_why}")
    if alarm.orphaned:
        said.append("no rule speaks of it any more: a person has to end it")
    return "; ".join(said)


def _covers(silence: Silence) -> str:
    named = {
        "rule": silence.rule_id,
        "subject": silence.subject,
        "device": silence.device_id,
        "kind": silence.kind,
        "sub-district": silence.sub_district,
    }
    said = [f"{name} {pattern}" for name, pattern in named.items() if pattern is not None]
    return ", ".join([*said, *(["even critical"] if silence.even_critical else [])])


def _span(silence: Silence, site: Site) -> str:
    return f"holds from {_at(silence.from_ms, site)} until {_at(silence.until_ms, site)}"


def _at(at_ms: int, site: Site) -> str:
    return f"{utc(at_ms).astimezone(site.timezone):%Y-%m-%d %H:%M}"


def _plain(text: str) -> Text:
    """Names and reasons may look like Rich's markup."""
    return Text(readable(text, limit=200))
