"""A row of a timetable: what comes one step after the other, written in a line.

    1.8x5 3.4 _x3 1.8+0.1x10

Words are separated by spaces. `x5` repeats one, `_` leaves a step out, `@late` stands behind what comes later than it
should, `at=10:30` says when the next one is, `every=1m` how long the steps are from there on, and at `@restart` the
engine is stopped and started again.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from config.schema import duration_s
from rules.timetables.calendar import TIME, Calendar

Said = TypeVar("Said")
_WORD = re.compile(
    rf"^(?P<said>[^@]+?)(?:x(?P<times>[1-9]\d{{0,4}}))?(?P<late>@late(?:=(?P<how>\d+(?:\.\d+)?[smhd]|{TIME}))?)?$"
)
_ORDER = re.compile(r"^(?P<order>at|every)=(?P<how>.+)$")
_DAY = re.compile(r"(\d+d) (?=\d\d:)")
RESTART = "@restart"
_GAP = "_"


@dataclass(frozen=True, slots=True)
class Step(Generic[Said]):
    """One word of a row: what was said at a time, and when it was received."""

    at_ms: int
    received_ms: int
    said: Said

    @property
    def late(self) -> bool:
        """Whether it came later than it should."""
        return self.received_ms > self.at_ms


class Row(Generic[Said]):
    """A row as it is read: its steps in the order in which they stand there, and when the engine is started again."""

    def __init__(self, calendar: Calendar, every_s: float) -> None:
        self._calendar = calendar
        self._every_ms = round(every_s * 1000)
        self._next_ms = calendar.start_ms
        self.steps: list[Step[Said]] = []
        self.restarts_ms: list[int] = []

    def read(self, text: str, meaning: Callable[[str, int], Sequence[Said]]) -> "Row[Said]":
        """`meaning` makes of a word, and of how often it comes, what is said each time.

        Raises ValueError for what cannot be read.
        """
        for word in _words(text):
            if word == RESTART:
                self.restarts_ms.append(max(self._calendar.start_ms, self._next_ms - self._every_ms))
            elif order := _ORDER.match(word):
                self._obey(order["order"], order["how"])
            elif parts := _WORD.match(word):
                self._say(parts, meaning)
            else:
                raise ValueError(f"{word!r} cannot be read; write {HOW}")
        return self

    def _obey(self, order: str, how: str) -> None:
        if order == "at":
            self._next_ms = self._calendar.at_ms(how)
        else:
            self._every_ms = round(duration_s(how) * 1000)

    def _say(self, parts: re.Match[str], meaning: Callable[[str, int], Sequence[Said]]) -> None:
        times = int(parts["times"] or 1)
        if parts["said"] == _GAP:
            if parts["late"]:
                raise ValueError(f"{parts[0]!r}: what never comes cannot be late")
            self._next_ms += times * self._every_ms
            return
        for said in meaning(parts["said"], times):
            received_ms = self._received_ms(parts["how"]) if parts["late"] else self._next_ms
            if received_ms < self._next_ms:
                raise ValueError(f"{parts[0]!r} is received before its time, {self._calendar.text(self._next_ms)}")
            self.steps.append(Step(self._next_ms, received_ms, said))
            self._next_ms += self._every_ms

    def _received_ms(self, how: str | None) -> int:
        if how is None:
            return self._next_ms + self._every_ms
        if ":" in how:
            return self._calendar.at_ms(how)
        return self._next_ms + round(duration_s(how) * 1000)


HOW = "1.8, 1.8x5, 1.8+0.1x10, _x3, 1.8@late, 1.8@late=2h, 1.8@late=10:30, at=10:30, every=1m or @restart"


def _words(text: str) -> Iterator[str]:
    # `at=1d 10:30` is one word, though it has a space.
    yield from _DAY.sub(r"\1", text).split()
