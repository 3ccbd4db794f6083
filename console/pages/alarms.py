"""Open alarms as rows: the worst first, floods of one kind folded into one row."""

from collections.abc import Sequence
from itertools import groupby

from msgspec import Struct
from msgspec.structs import replace

from config.load import Site
from console.pages.pictures import Pictures
from console.places import Place, place_of
from console.words import Words
from domain.case import Alarm
from domain.finding import AlarmState, Severity
from domain.service import TroubleKind

_MINUTE_MS = 60_000
_FOLD_FROM = 3
"""This many alarms of one rule become one row. Critical ones never do."""


class AlarmRow(Struct, frozen=True, kw_only=True):
    """One alarm in words, and further ones of the same rule folded behind it."""

    id: int
    severity: Severity
    title: str
    place: Place
    since_ms: int
    seen_ms: int
    stale: bool
    latch: bool
    metric: str | None
    value: str | None
    limit: str | None
    limit_source: str | None
    advice: str | None
    picture: str | None
    same: tuple["AlarmRow", ...] = ()


def alarm_rows(alarms: Sequence[Alarm], site: Site, words: Words, pictures: Pictures) -> list[AlarmRow]:
    """Rows for alarms that are sorted worst first."""
    out: list[AlarmRow] = []
    for severity, of_severity in groupby(alarms, key=lambda alarm: alarm.severity):
        rules: dict[str, list[Alarm]] = {}
        for alarm in of_severity:
            rules.setdefault(alarm.rule_id, []).append(alarm)
        for same in rules.values():
            fold = severity is not Severity.CRITICAL and len(same) >= _FOLD_FROM
            rows = [alarm_row(alarm, site, words, pictures) for alarm in same]
            out.extend([replace(rows[0], same=tuple(rows[1:]))] if fold else rows)
    return out


def alarm_row(alarm: Alarm, site: Site, words: Words, pictures: Pictures) -> AlarmRow:
    """One alarm in words."""
    matter = site.matters.get(alarm.matter or "")
    return AlarmRow(
        id=alarm.id,
        severity=alarm.severity,
        title=words.pick(alarm.title_zh, alarm.title_en),
        place=place_of(site, words, alarm.device_id, shop_id=alarm.shop_id, port=alarm.port),
        since_ms=alarm.since_ms,
        seen_ms=alarm.seen_ms,
        stale=alarm.state is AlarmState.STALE,
        latch=alarm.latch,
        metric=_measured_what(alarm, words),
        value=_measured(alarm, _value_now(alarm, words.now_ms), words),
        limit=_measured(alarm, alarm.limit, words),
        limit_source=alarm.limit_source,
        advice=words.pick(matter.advice.zh, matter.advice.en) if matter else _of_service(alarm, words),
        picture=pictures.url(alarm.evidence),
    )


def _of_service(alarm: Alarm, words: Words) -> str | None:
    """What to do about an alarm of the product itself; None for any other."""
    trouble = TroubleKind.of_rule(alarm.rule_id)
    return None if trouble is None else words.say(f"service.{trouble}.advice")


def _measured_what(alarm: Alarm, words: Words) -> str | None:
    if alarm.metric is None and alarm.value is not None:
        return words.say("alarms.stay" if alarm.zone else "alarms.silence")
    return words.metric(alarm.metric)


def _value_now(alarm: Alarm, now_ms: int) -> float | None:
    """A silence that goes on grows; every other value is as last reported."""
    is_silence = alarm.metric is None and alarm.zone is None
    if is_silence and alarm.value is not None and alarm.resolved_ms is None:
        return max(alarm.value, (now_ms - alarm.since_ms) // _MINUTE_MS * 60)
    return alarm.value


def _measured(alarm: Alarm, value: float | None, words: Words) -> str | None:
    """Rules that watch no metric watch a time: how long something stood, or nothing was heard. Seconds."""
    if alarm.metric is None and value is not None:
        return words.exactly(value)
    return words.measured(alarm.metric, value)
