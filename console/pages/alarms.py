"""Open alarms as rows: the worst first, floods of one kind folded into one row."""

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

from msgspec import Struct
from msgspec.structs import replace

from config.load import Site
from console.compared import figure_of, limit_of, limit_said_of, name_of, value_now, went_offline
from console.pages.pictures import Pictures
from console.places import Place, place_of
from console.words import Words
from domain.case import Alarm, acked, shown_state, silenced
from domain.finding import AlarmState, Severity
from domain.order import AlarmOrder, Holder, holder_of
from domain.service import TroubleKind

_FOLD_FROM = 3
"""This many alarms of one rule become one row. Critical ones never do, unless they are silenced."""


class AlarmRow(Struct, frozen=True, kw_only=True):
    """One alarm in words, and further ones of the same rule folded behind it."""

    id: int
    severity: Severity
    title: str
    place: Place
    since_ms: int
    seen_ms: int
    ended_ms: int | None
    state: AlarmState
    """The one of several that says most about what is to be done."""
    notes: tuple[str, ...]
    """Who has silenced it or taken it on, why and until when; that no rule speaks of it any more."""
    latch: bool
    metric: str | None
    value: str | None
    value_ms: int | None
    """When it was told; None of a silence, which goes on, and of what comes and goes."""
    limit: str | None
    limit_said: str | None
    """The limit where nothing beside it says that it is one."""
    limit_source: str | None
    text: str
    """What is wrong, since when, how sure, and what to do first; empty where its rule has no words for it."""
    advice: str | None
    picture: str | None
    may_ack: bool
    """Whether somebody could take it on: it stands, and nobody has, or is about to."""
    taken: Holder | None
    """Who is on it, from whom somebody else could take it over; None while an order about it is on its way."""
    same: tuple["AlarmRow", ...] = ()


def alarm_rows(
    alarms: Sequence[Alarm], site: Site, words: Words, pictures: Pictures, orders: Collection[AlarmOrder] = ()
) -> list[AlarmRow]:
    """Rows for alarms that are sorted worst first. `orders` about them are on their way."""
    out: list[AlarmRow] = []
    for (silent, severity), of_severity in groupby(alarms, key=lambda one: (silenced(one, words.now_ms), one.severity)):
        rules: dict[tuple[str, str], list[Alarm]] = {}
        for alarm in of_severity:
            rules.setdefault((alarm.rule_id, alarm.kind), []).append(alarm)
        for same in rules.values():
            fold = (silent or severity is not Severity.CRITICAL) and len(same) >= _FOLD_FROM
            rows = [alarm_row(alarm, site, words, pictures, orders) for alarm in same]
            out.extend([replace(rows[0], same=tuple(rows[1:]))] if fold else rows)
    return out


def alarm_row(
    alarm: Alarm, site: Site, words: Words, pictures: Pictures, orders: Collection[AlarmOrder] = ()
) -> AlarmRow:
    """One alarm in words."""
    ordered = [order for order in orders if order.alarm_id == alarm.id]
    matter = site.matters.get(alarm.matter or "")
    return AlarmRow(
        id=alarm.id,
        severity=alarm.severity,
        title=words.pick(alarm.title_zh, alarm.title_en),
        place=place_of(site, words, alarm.device_id, shop_id=alarm.shop_id, port=alarm.port),
        since_ms=alarm.since_ms,
        seen_ms=alarm.seen_ms,
        ended_ms=alarm.resolved_ms,
        state=shown_state(alarm, words.now_ms),
        notes=(*_ordered(ordered, words), *_notes(alarm, words)),
        latch=alarm.latch,
        metric=name_of(alarm, words),
        value=figure_of(alarm, value_now(alarm, words.now_ms), words),
        value_ms=_told_ms(alarm),
        limit=limit_of(alarm, words),
        limit_said=limit_said_of(alarm, words),
        limit_source=None if went_offline(alarm) else alarm.limit_source,
        text=words.pick(alarm.text_zh, alarm.text_en),
        advice=words.pick(matter.advice.zh, matter.advice.en) if matter else _of_service(alarm, words),
        picture=pictures.url(alarm.evidence),
        may_ack=alarm.resolved_ms is None and not acked(alarm, words.now_ms) and not ordered,
        taken=None if ordered or alarm.resolved_ms is not None else holder_of(alarm, (), words.now_ms),
    )


def _ordered(orders: Collection[AlarmOrder], words: Words) -> Iterator[str]:
    """What people have just ordered: it holds when the rules have carried it out, a moment later."""
    for order in orders:
        yield words.say(f"alarm_page.order_{order.kind}", who=order.who)


def _notes(alarm: Alarm, words: Words) -> Iterator[str]:
    """What people have said of it, as long as that holds, and what they have to know beside."""
    if alarm.resolved_ms is not None:
        yield words.say("alarm_page.resolved", clock=words.clock(alarm.resolved_ms))
        return
    until_ms = alarm.silenced_until_ms
    if silenced(alarm, words.now_ms) and until_ms is not None:
        said = {"who": alarm.silenced_by, "why": alarm.silenced_why, "until": words.clock(until_ms)}
        yield words.say("alarms.silenced", **said)
    if acked(alarm, words.now_ms):
        said = {"who": alarm.acked_by, "why": alarm.acked_why}
        until_ms = alarm.acked_until_ms
        if until_ms is None:
            yield words.say("alarms.acked", **said)
        else:
            yield words.say("alarms.acked_until", **said, until=words.clock(until_ms))
    if alarm.held and silenced(alarm, words.now_ms):
        yield words.say("alarms.held")
    if alarm.state is AlarmState.FLAPPING:
        yield words.say("alarms.flapping")
    if alarm.orphaned:
        yield words.say("alarms.orphaned", n=alarm.id)


def _of_service(alarm: Alarm, words: Words) -> str | None:
    """What to do about an alarm of the product itself; None for any other."""
    trouble = TroubleKind.of_rule(alarm.rule_id)
    return None if trouble is None else words.say(f"service.{trouble}.advice")


def _told_ms(alarm: Alarm) -> int | None:
    """When its value was last beyond the limit, or the thing last stood there: it may have gone since."""
    grows = alarm.metric is None and alarm.zone is None
    return None if grows or alarm.value is None or alarm.state is AlarmState.FLAPPING else alarm.seen_ms
