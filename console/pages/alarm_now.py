"""What the rule of a standing alarm compares by now: it may have ended long ago where only a person ends the alarm."""

from collections.abc import Sequence

from msgspec import Struct

from console.explained import Judged
from console.pages.looking import Looking
from domain.case import Alarm
from domain.errors import OrderRefused, StoreRefused, StoreUnavailable


class AlarmNow(Struct, frozen=True, kw_only=True):
    """The newest value, as its rule looks at it."""

    value: str
    at_ms: int
    state: str
    """How the rule takes it: it still fires, or recovers; empty where it knows of no alarm."""
    whole: str
    """All of it in one sentence."""


def alarm_now(alarm: Alarm, looking: Looking) -> AlarmNow | None:
    """None where it is over, or where nobody can say: of a silence, of a camera, of a device that is no more."""
    metric, words = alarm.metric, looking.words
    if alarm.resolved_ms is not None or metric is None or alarm.device_id not in looking.site.devices:
        return None
    try:
        about = looking.desk.watched.explain(alarm.subject)
    except (OrderRefused, StoreUnavailable, StoreRefused):
        return None
    judged = next((one for one in about.judged if (one.rule_id, one.subject) == (alarm.rule_id, alarm.subject)), None)
    figure = None if judged is None else _figure(judged)
    if judged is None or figure is None or metric not in about.newest:
        return None
    at_ms, value = about.newest[metric][0], words.measured(metric, figure) or ""
    state = words.term("alarm_state", judged.state) if judged.state else ""
    said = words.say("alarms.joint").join(filter(None, (f"{words.metric(metric) or metric} {value}", state)))
    whole = words.say("alarm_page.now_said", said=said, at=words.exact(at_ms))
    return AlarmNow(value=value, at_ms=at_ms, state=state, whole=whole)


def _figure(judged: Judged) -> float | None:
    """The same of each severity."""
    figures: Sequence[float | None] = [one.figure for one in judged.gathering]
    return next((one for one in figures if one is not None), None)
