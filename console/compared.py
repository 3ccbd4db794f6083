"""What a rule compared with its limit, in words: a metric's value with its unit, or a time where it watches none."""

from typing import Final, Protocol

from console.words import Words
from domain.case import Alarm

_MINUTE_MS: Final = 60_000


class Compared(Protocol):
    """An alarm, or one step of it."""

    @property
    def metric(self) -> str | None:
        """None: a time is watched, how long something stood in a zone, or nothing was heard."""
        ...

    @property
    def zone(self) -> str | None: ...
    @property
    def value(self) -> float | None:
        """In the unit of the metric; seconds where there is none."""
        ...

    @property
    def limit(self) -> float | None: ...


def went_offline(one: Compared) -> bool:
    """Whether the broker said so. A silence that is too long has reached its limit; only a last will comes sooner."""
    watches_silence = one.metric is None and one.zone is None
    return watches_silence and one.value is not None and one.limit is not None and one.value < one.limit


def value_now(alarm: Alarm, now_ms: int) -> float | None:
    """A silence goes on to the end of its alarm, by the minute where it is longer; all else is as last told."""
    if alarm.metric is not None or alarm.zone is not None or alarm.value is None:
        return alarm.value
    lasted_ms = (alarm.resolved_ms or now_ms) - alarm.since_ms
    whole_ms = (
        lasted_ms // _MINUTE_MS * _MINUTE_MS if alarm.resolved_ms is None and lasted_ms >= _MINUTE_MS else lasted_ms
    )
    return max(alarm.value, whole_ms / 1000)


def name_of(one: Compared, words: Words) -> str | None:
    """What its figure is called."""
    if one.metric is not None or one.value is None:
        return words.metric(one.metric)
    if one.zone is not None:
        return words.say("alarms.stay")
    return words.say("alarms.went_offline" if went_offline(one) else "alarms.silence")


def figure_of(one: Compared, value: float | None, words: Words) -> str | None:
    """A value of what it watches; None stays None."""
    if one.metric is None and value is not None:
        return words.exactly(value)
    return words.measured(one.metric, value)


def limit_of(one: Compared, words: Words) -> str | None:
    """From where on it alarms; None where it has no limit, or was not compared with it."""
    if went_offline(one):
        return None
    return figure_of(one, one.limit, words) if one.metric is None else words.limit(one.metric, one.limit)


def limit_said_of(one: Compared, words: Words) -> str | None:
    """The same where nothing beside it says that it is a limit."""
    if one.metric is not None:
        return words.limit_said(one.metric, one.limit)
    limit = limit_of(one, words)
    return None if limit is None else words.say("alarms.limit", limit=limit)


def figure_said_of(one: Compared, value: float | None, words: Words) -> str | None:
    """A value where nothing beside it says of what: `漏电流 31.2 mA`, `无消息 16 秒`; None where there is none."""
    figure = figure_of(one, value, words)
    return None if figure is None else f"{name_of(one, words) or one.metric} {figure}"


def said_whole(one: Compared, words: Words) -> str:
    """Both: `漏电流 31.2 mA，限值 30 mA`; empty where it has neither."""
    parts = (figure_said_of(one, one.value, words), limit_said_of(one, words))
    return words.say("alarms.joint").join(filter(None, parts))
