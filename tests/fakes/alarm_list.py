"""A list of alarms in memory."""

from collections.abc import Callable, Sequence

from domain.alarm_choice import AlarmChoice, Standing, place_in_list
from domain.case import Alarm, silenced
from domain.notice import Notice
from domain.order import AlarmOrder
from domain.page import Page, cursor_of, key_of

_ORDER = "fake-alarms"


class FakeAlarmList:
    """Fits console.desk.alarms.AlarmDesk. Silences count as of the beginning of time, so that they are in force."""

    def __init__(self, alarms: Sequence[Alarm], orders: Sequence[AlarmOrder], notices: Sequence[Notice]) -> None:
        self._alarms, self._orders, self._notices = alarms, orders, notices

    def chosen(
        self,
        choice: AlarmChoice,
        *,
        limit: int,
        cursor: str | None = None,
        keep: Callable[[Alarm], bool] = lambda _alarm: True,
    ) -> Page[Alarm]:
        """In the order of the noun's own place."""
        after = None if cursor is None else key_of(cursor, _ORDER, int, int, int)
        found = sorted(filter(lambda one: _fits(one, choice) and keep(one), self._alarms), key=lambda o: _at(o, choice))
        rest = [one for one in found if after is None or _at(one, choice) > after]
        more = len(rest) > limit
        return Page(items=rest[:limit], next=cursor_of(_ORDER, _at(rest[limit - 1], choice)) if more else None)

    def orders_waiting(self) -> Sequence[AlarmOrder]:
        """Those not carried out."""
        return [order for order in self._orders if order.done_ms is None]

    def notices_about(self, alarm_id: int, *, limit: int) -> Sequence[Notice]:
        """In their order."""
        return [notice for notice in self._notices if notice.alarm_id == alarm_id][:limit]


def _at(alarm: Alarm, choice: AlarmChoice) -> tuple[int, int, int]:
    return place_in_list(alarm, choice, 0)


def _fits(alarm: Alarm, choice: AlarmChoice) -> bool:
    over = alarm.resolved_ms is not None
    return (
        (choice.standing is Standing.ALL or over == (choice.standing is Standing.OVER))
        and choice.severity in {None, alarm.severity}
        and choice.kind in {None, alarm.kind}
        and choice.rule_id in {None, alarm.rule_id}
        and choice.silenced in {None, silenced(alarm, 0)}
    )
