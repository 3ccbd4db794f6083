"""Values that wait for earlier ones which may still come, and are given out in the order of their times."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct

from domain.reading import Value
from rules.watch import ValueWatch

if TYPE_CHECKING:
    from rules.subjects import Source, Subject

_MOST = 256
"""So many values of one metric of one subject wait; of more, the oldest are given out before their time."""
_NEVER_DUE_MS = 1 << 62
_BEFORE_ALL_MS = -1


class Waiting(NamedTuple):
    """A value that waits."""

    at_ms: int
    value: Value
    received_ms: int


class Queue(Struct):
    """What waits of one metric of one subject, oldest first, and how far it was given out."""

    given_ms: int = _BEFORE_ALL_MS
    waiting: list[Waiting] = []


class Reorder:
    """The queue of those watches of one metric of one subject that wait equally long."""

    __slots__ = ("lateness_ms", "metric", "name", "subject", "watches")

    def __init__(self, subject: "Subject", metric: str, lateness_ms: int) -> None:
        self.subject = subject
        self.metric = metric
        self.lateness_ms = lateness_ms
        self.name = f"{metric}@{lateness_ms}"
        self.watches: list[ValueWatch[Any]] = []

    @property
    def queue(self) -> Queue:
        """What is remembered of it."""
        heard = self.subject.heard
        if heard.queues is None:
            heard.queues = {}
        queue = heard.queues.get(self.name)
        if queue is None:
            queue = heard.queues[self.name] = Queue()
        return queue

    def put(self, value: Value, at_ms: int, received_ms: int) -> bool:
        """Let a value wait; False if it is older than what was given out already. One that waits already is no news."""
        queue = self.queue
        if at_ms < queue.given_ms:
            return False
        waiting = queue.waiting
        place = bisect_left(waiting, (at_ms, value))
        if place == len(waiting) or waiting[place][:2] != (at_ms, value):
            waiting.insert(place, Waiting(at_ms, value, received_ms))
        return True

    def take(self, until_ms: int) -> list[Waiting]:
        """What is as old as that, or too much."""
        waiting = self.queue.waiting
        count = bisect_left(waiting, until_ms + 1, key=lambda each: each.at_ms)
        count = max(count, len(waiting) - _MOST)
        taken, waiting[:count] = waiting[:count], []
        return taken


class Order:
    """Everything that waits of one source. How far its time has come is the newest of its times, but never ahead."""

    __slots__ = ("_source", "due_ms", "expires_ms", "reorders")

    def __init__(self, source: "Source") -> None:
        self._source = source
        self.reorders: list[Reorder] = []
        self.due_ms = self.expires_ms = _NEVER_DUE_MS

    def add(self, subject: "Subject", watch: ValueWatch[Any]) -> None:
        """Let a watch hear its metric of the subject in order."""
        delayed = subject.delayed or {}
        known = delayed.get(watch.metric, ())
        reorder = next((each for each in known if each.lateness_ms == watch.lateness_ms), None)
        if reorder is None:
            reorder = Reorder(subject, watch.metric, watch.lateness_ms)
            self.reorders.append(reorder)
            subject.delayed = {**delayed, watch.metric: (*known, reorder)}
        reorder.watches.append(watch)

    def take_up(self) -> None:
        """Know again when the next is due; what waited for a rule that now waits longer or shorter waits with it."""
        for reorder in self.reorders:
            queues = reorder.subject.heard.queues or {}
            names = {each.name for each in self.reorders if each.subject is reorder.subject}
            for name in [name for name in queues if name not in names and name.startswith(f"{reorder.metric}@")]:
                queues.setdefault(reorder.name, queues.pop(name))
        self._look_ahead()

    def pass_to(self, at_ms: int, received_ms: int) -> None:
        """Something came: the source's time has come so far. A clock that runs ahead moves it to our time only."""
        heard = self._source.whole.heard
        heard.passed_ms = max(heard.passed_ms, min(at_ms, received_ms))

    def due(self) -> Iterator[tuple[Reorder, Waiting, bool]]:
        """What waits no longer since the source's time has come far enough; for the rest see `_given_out`."""
        passed_ms = self._source.whole.heard.passed_ms
        if passed_ms < self.due_ms:
            return iter(())
        return self._given_out((reorder, passed_ms - reorder.lateness_ms) for reorder in self.reorders)

    def expired(self, now_ms: int) -> Iterator[tuple[Reorder, Waiting, bool]]:
        """As `due`, what has waited long enough by our clock, and all before it."""
        if now_ms < self.expires_ms:
            return iter(())
        return self._given_out(
            (
                reorder,
                max(
                    (each.at_ms for each in reorder.queue.waiting if _expires_ms(each, reorder) <= now_ms),
                    default=_BEFORE_ALL_MS,
                ),
            )
            for reorder in self.reorders
        )

    def _given_out(self, until: Iterable[tuple[Reorder, int]]) -> Iterator[tuple[Reorder, Waiting, bool]]:
        """Everything that old, in the order of event times; the last tells whether one of that moment came before."""
        taken = [(reorder, waiting) for reorder, until_ms in until for waiting in reorder.take(until_ms)]
        taken.sort(key=lambda each: each[1].at_ms)
        self._look_ahead()
        for reorder, waiting in taken:
            queue = reorder.queue
            again = waiting.at_ms == queue.given_ms
            queue.given_ms = waiting.at_ms
            yield reorder, waiting, again

    def note(self, reorder: Reorder) -> None:
        """A value was put."""
        waiting = reorder.queue.waiting
        if len(waiting) > _MOST:
            self.due_ms = _BEFORE_ALL_MS
        elif waiting:
            self.due_ms = min(self.due_ms, waiting[0].at_ms + reorder.lateness_ms)
            self.expires_ms = min(self.expires_ms, *(_expires_ms(each, reorder) for each in waiting))

    def _look_ahead(self) -> None:
        self.due_ms = self.expires_ms = _NEVER_DUE_MS
        for reorder in self.reorders:
            self.note(reorder)


def _expires_ms(waiting: Waiting, reorder: Reorder) -> int:
    return max(waiting.at_ms, waiting.received_ms) + reorder.lateness_ms
