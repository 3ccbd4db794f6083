"""Alarms as people look for them, from the case store."""

from collections.abc import Callable, Sequence
from typing import Final

from domain.alarm_choice import AlarmChoice, place_in_list
from domain.case import Alarm
from domain.clock import Clock
from domain.notice import Notice
from domain.order import AlarmOrder
from domain.page import Page, cursor_of, key_of
from storage.case_store import CaseStore

_AT_ONCE: Final = 500
_AT_MOST: Final = 20_000
"""So many are looked through for one page; where fewer fit, the page says where to go on."""


class AlarmList:
    """Fits `console.desk.alarms.AlarmDesk`. Any thread may ask."""

    def __init__(self, store: CaseStore, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def chosen(
        self,
        choice: AlarmChoice,
        *,
        limit: int,
        cursor: str | None = None,
        keep: Callable[[Alarm], bool] = lambda _alarm: True,
    ) -> Page[Alarm]:
        """Read in stretches, until there are enough."""
        now_ms, order = self._clock.now_ms(), _order(choice)
        after = None if cursor is None else _place(cursor, order)
        kept: list[Alarm] = []
        looked = 0
        while True:
            found = self._store.alarms_chosen(choice, now_ms, limit=_AT_ONCE, after=after)
            for alarm in found:
                looked += 1
                if keep(alarm):
                    if len(kept) == limit:
                        return Page(items=kept, next=cursor_of(order, place_in_list(kept[-1], choice, now_ms)))
                    kept.append(alarm)
            if len(found) < _AT_ONCE:
                return Page(items=kept, next=None)
            after = place_in_list(found[-1], choice, now_ms)
            if looked >= _AT_MOST:
                return Page(items=kept, next=cursor_of(order, after))

    def orders_waiting(self) -> Sequence[AlarmOrder]:
        """Those not carried out."""
        return self._store.orders_waiting()

    def notices_about(self, alarm_id: int, *, limit: int) -> Sequence[Notice]:
        """The newest first."""
        return self._store.notices_about(alarm_id, limit=limit)


def _order(choice: AlarmChoice) -> str:
    return "alarms-worst" if choice.by_rank else "alarms-newest"


def _place(cursor: str, order: str) -> tuple[int, int, int]:
    ranked, since, number = key_of(cursor, order, int, int, int)
    return int(ranked), int(since), int(number)
