"""Alarms as people look for them, page by page, and what is on its way about them."""

from collections.abc import Callable, Sequence
from typing import Protocol

from domain.alarm_choice import AlarmChoice
from domain.case import Alarm
from domain.notice import Notice
from domain.order import AlarmOrder
from domain.page import Page


class AlarmDesk(Protocol):
    """Any thread may ask; every method may raise StoreUnavailable."""

    def chosen(
        self,
        choice: AlarmChoice,
        *,
        limit: int,
        cursor: str | None = None,
        keep: Callable[[Alarm], bool] = lambda _alarm: True,
    ) -> Page[Alarm]:
        """At most `limit` alarms that fit and are to be kept: open ones worst first, all others newest first.

        Where few of very many are kept, a page may have less than `limit` and yet another after it. Raises OrderRefused
        for a cursor that is none.
        """
        ...

    def orders_waiting(self) -> Sequence[AlarmOrder]:
        """People's orders about alarms that the rules' next step carries out, in the order in which they were given."""
        ...

    def notices_about(self, alarm_id: int, *, limit: int) -> Sequence[Notice]:
        """Who was told of an alarm, or by the ladder after it, the newest first."""
        ...
