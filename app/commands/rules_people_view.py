"""Alarms, and what people said about them, as they are read in a terminal, and as JSON."""

from collections.abc import Iterator, Sequence

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from app.silenceable import fits_nothing
from app.written_rules import written_ids
from config.load import Site
from console.api.rows import Rows
from console.payload import readable
from console.words import Words
from domain.case import Alarm, acked, shown_state, silenced
from domain.clock import utc
from domain.order import AlarmOrder, OrderKind, Outcome
from domain.silence import Silence


def alarms_table(alarms: Sequence[Alarm], total: int, site: Site, words: Words) -> Table:
    """A few lines for each alarm, so that they fit eighty columns: what it is, who it is about, what people said."""
    columns = (words.say(f"commands.{name}") for name in ("alarm", "severity", "state", "begun", "what"))
    table = _table(words.say("commands.alarms_listed", n=len(alarms), total=total), *columns)
    for alarm in alarms:
        title = words.pick(alarm.title_zh, alarm.title_en)
        what = (title, f"{alarm.subject} · {alarm.rule_id}", *_said_of(alarm, site, words))
        table.add_row(
            str(alarm.id),
            words.term("severity", alarm.severity.value),
            words.term("alarm_state", shown_state(alarm, words.now_ms).value),
            _at(alarm.since_ms, site, words.now_ms),
            Text("\n").join(map(_plain, what)),
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
    """A new silence, what it does to the alarms that stand, and whether it can ever do anything."""
    lines = [f"silence {silence.id} {_span(silence, site)}; it covers {len(covered)} of the alarms that stand"]
    if spared:
        ids = ", ".join(str(alarm.id) for alarm in spared[:20])
        lines.append(f"{len(spared)} that it fits are told on, as they are critical or latched: {ids}")
        lines.append("to silence these too, add another with --even-critical")
    if not covered and not spared:
        lines += [f"look again: {doubt}" for doubt in _of_nobody(silence, site)]
    return Group(*(Text(line) for line in lines))


def _of_nobody(silence: Silence, site: Site) -> Iterator[str]:
    """Patterns that fit nothing the site has."""
    return (one.said for one in fits_nothing(silence, written_ids(site), site, ()))


def silence_json(silence: Silence, site: Site, covered: Sequence[Alarm], spared: Sequence[Alarm]) -> bytes:
    """With the numbers of alarms that it covers, and of those that it fits and spares."""
    said = msgspec.to_builtins(Rows(site, silence.given_ms).silence(silence), builtin_types=())
    ids = {"covers": [alarm.id for alarm in covered], "spares": [alarm.id for alarm in spared]}
    return msgspec.json.encode(said | ids)


def silences_table(silences: Sequence[Silence], site: Site, now_ms: int) -> RenderableType:
    """One line for each silence."""
    if not silences:
        return Text("no silences")
    table = _table("", "silence", "state", "from", "until", "what")
    for one in silences:
        ended = f"ended by {one.ended_by}, {_at(one.ended_ms, site, now_ms)}" if one.ended_ms is not None else ""
        state = "over" if one.is_over(now_ms) else "in force" if one.holds(now_ms) else "planned"
        what = filter(None, (_covers(one), f"{one.who}: {one.why}", ended))
        table.add_row(
            str(one.id),
            state,
            _at(one.from_ms, site, now_ms),
            _at(one.until_ms, site, now_ms),
            Text("\n").join(map(_plain, what)),
        )
    return table


def silences_json(silences: Sequence[Silence], site: Site) -> bytes:
    """As the API gives them."""
    rows = Rows(site, 0)
    return msgspec.json.encode({"items": [rows.silence(one) for one in silences]})


def _said_of(alarm: Alarm, site: Site, words: Words) -> Iterator[str]:
    if silenced(alarm, words.now_ms) and alarm.silenced_until_ms is not None:
        until = _at(alarm.silenced_until_ms, site, words.now_ms)
        facts = {"who": alarm.silenced_by, "clock": until, "why": alarm.silenced_why}
        yield words.say("commands.silenced_until", **facts)
    if acked(alarm, words.now_ms):
        said = {"who": alarm.acked_by, "why": alarm.acked_why}
        if alarm.acked_until_ms is None:
            yield words.say("commands.acked", **said)
        else:
            yield words.say("commands.acked_until", **said, clock=_at(alarm.acked_until_ms, site, words.now_ms))
    if alarm.orphaned:
        yield words.say("commands.orphaned")


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
    from_, until = (_at(at_ms, site, silence.given_ms) for at_ms in (silence.from_ms, silence.until_ms))
    return f"holds from {from_} until {until}"


def _at(at_ms: int, site: Site, now_ms: int) -> str:
    """To the minute; the year only where it is not this one."""
    at, now = (utc(each).astimezone(site.timezone) for each in (at_ms, now_ms))
    return f"{at:%m-%d %H:%M}" if at.year == now.year else f"{at:%Y-%m-%d %H:%M}"


def _table(title: str, *names: str) -> Table:
    """Short columns that are never broken, and a last one that is wrapped between words."""
    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    *short, long = names
    for place, name in enumerate(short):
        table.add_column(name, justify="right" if place == 0 else "left", no_wrap=True)
    table.add_column(long, overflow="fold")
    return table


def _plain(text: str) -> Text:
    """Names and reasons may look like Rich's markup."""
    return Text(readable(text, limit=200))
