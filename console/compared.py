"""What a rule compared with its limit, in words: a metric's value with its unit, or a time where it watches none."""

from typing import Protocol

from console.words import Words


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


def name_of(one: Compared, words: Words) -> str | None:
    """What its figure is called."""
    if one.metric is None and one.value is not None:
        return words.say("alarms.stay" if one.zone else "alarms.silence")
    return words.metric(one.metric)


def figure_of(one: Compared, value: float | None, words: Words) -> str | None:
    """A value of what it watches; None stays None."""
    if one.metric is None and value is not None:
        return words.exactly(value)
    return words.measured(one.metric, value)


def limit_of(one: Compared, words: Words) -> str | None:
    """From where on it alarms; None where it has no limit."""
    return figure_of(one, one.limit, words) if one.metric is None else words.limit(one.metric, one.limit)


def limit_said_of(one: Compared, words: Words) -> str | None:
    """The same where nothing beside it says that it is a limit."""
    if one.metric is None and one.limit is not None:
        return words.say("alarms.limit", limit=words.exactly(one.limit))
    return words.limit_said(one.metric, one.limit)


def figure_said_of(one: Compared, words: Words) -> str | None:
    """Its figure where nothing beside it says of what: `漏电流 31.2 mA`, `无消息 16 秒`; None where it has none."""
    figure = figure_of(one, one.value, words)
    return None if figure is None else f"{name_of(one, words) or one.metric} {figure}"


def said_whole(one: Compared, words: Words) -> str:
    """Both: `漏电流 31.2 mA，限值 30 mA`; empty where it has neither."""
    return words.say("alarms.joint").join(filter(None, (figure_said_of(one, words), limit_said_of(one, words))))
