"""What waits for those who are held to sub-districts, and the alarms of their streets."""

from collections.abc import Callable, Mapping, Sequence

from console.desk.alarms import AlarmDesk
from console.desk.review import ReviewDesk
from domain.alarm_choice import AlarmChoice
from domain.case import Alarm
from domain.ladder import Ladder
from domain.notice import Notice
from domain.order import AlarmOrder
from domain.page import Page
from domain.review import Done, Queue, Said, Waiting


class ScopedReview:
    """Fits `console.desk.review.ReviewDesk`. `mine` says of a device and a shop whether they are theirs."""

    def __init__(self, review: ReviewDesk, mine: Callable[[str, str | None, str | None], bool]) -> None:
        self._review = review
        self._mine = mine

    def waiting(self, queue: Queue) -> Sequence[Waiting]:
        """Theirs."""
        return [one for one in self._review.waiting(queue) if self._has(one)]

    def one(self, queue: Queue, key: str) -> Waiting | None:
        """One of theirs."""
        found = self._review.one(queue, key)
        return found if found is not None and self._has(found) else None

    def alike(self, about: Waiting, *, limit: int) -> Sequence[Ladder]:
        """Of a shop of theirs."""
        return self._review.alike(about, limit=limit) if self._has(about) else []

    def done(self, about: Waiting) -> Done:
        """Of a case of theirs."""
        return self._review.done(about) if self._has(about) else Done()

    def said_since(self, since_ms: int) -> Sequence[Said]:
        """On their streets."""
        return [one for one in self._review.said_since(since_ms) if self._mine(one.device_id, one.shop_id, None)]

    def claim(self, queue: Queue, keys: Sequence[str], *, seat: str, who: str) -> Mapping[str, str]:
        """Of theirs; what is elsewhere is neither kept nor told of."""
        mine = [key for key in keys if self.one(queue, key) is not None]
        return self._review.claim(queue, mine, seat=seat, who=who)

    def held(self, queue: Queue, *, seat: str) -> Mapping[str, str]:
        """Of theirs."""
        mine = {one.key for one in self.waiting(queue)}
        return {key: who for key, who in self._review.held(queue, seat=seat).items() if key in mine}

    def _has(self, waiting: Waiting) -> bool:
        street = waiting.case.sub_district if waiting.case else None
        return self._mine(waiting.device_id, waiting.shop_id, street)


class ScopedAlarms:
    """Fits `console.desk.alarms.AlarmDesk`."""

    def __init__(self, alarms: AlarmDesk, mine: Callable[[Alarm], bool], known: Callable[[int], bool]) -> None:
        """`mine` says whether an alarm is theirs, `known` the same of its id."""
        self._alarms, self._mine, self._known = alarms, mine, known

    def chosen(
        self,
        choice: AlarmChoice,
        *,
        limit: int,
        cursor: str | None = None,
        keep: Callable[[Alarm], bool] = lambda _alarm: True,
    ) -> Page[Alarm]:
        """Theirs."""

        def both(alarm: Alarm) -> bool:
            return self._mine(alarm) and keep(alarm)

        return self._alarms.chosen(choice, limit=limit, cursor=cursor, keep=both)

    def orders_waiting(self) -> Sequence[AlarmOrder]:
        """About theirs."""
        return [order for order in self._alarms.orders_waiting() if self._known(order.alarm_id)]

    def notices_about(self, alarm_id: int, *, limit: int) -> Sequence[Notice]:
        """About one of theirs."""
        return self._alarms.notices_about(alarm_id, limit=limit) if self._known(alarm_id) else []
