"""The sheet of figures by what docs/figures.md says, of what was counted."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from tests.scenario.month.count import WEEK_MS, Count
from tests.scenario.month.registers import Place


class Figures:
    """Of one period."""

    def __init__(self, count: Count) -> None:
        self.from_ms, self.to_ms = count.from_ms, count.to_ms
        self.finds, self.cases = count.finds, count.cases
        self.reported, self.sent_back = count.reported, count.sent_back
        self.registers = count.registers

    def sheet(self, keep: Callable[[Place], bool] = lambda _place: True) -> dict[str, Any]:
        """Every figure of a part, with what it is a share of."""
        finds = [one for one in self.finds if keep(one.place) and self._in(one.at_ms)]
        upheld = sum(one.upheld for one in finds)
        finds = [one for one in finds if not one.upheld]
        ladders = [one for one in finds if one.ladder]
        cases = [one for one in self.cases if keep(one.place)]
        due = [one for one in cases if self._in(one.due_ms) and one.due_ms <= self.to_ms]
        closed = [one for one in cases if one.closed_ms is not None and self._in(one.closed_ms)]
        corrected = sum(one.corrected for one in ladders)
        took = [one.took_ms for one in ladders if one.took_ms is not None]
        back, said = (
            sum(keep(at) and self._in(at_ms) for at_ms, at in each) for each in (self.sent_back, self.reported)
        )
        return {
            "finds": len(finds),
            "upheld": upheld,
            "opened": sum(self._in(one.at_ms) for one in cases),
            "self_correction": (corrected, sum(one.due for one in ladders)),
            "self_correction_strict": (corrected, len(ladders)),
            "filing": (sum(one.filed for one in finds), len(finds)),
            "closing": (sum(one.closed_ms is not None for one in due), len(due)),
            "on_time": (sum(one.closed_ms is not None and one.closed_ms <= one.due_ms for one in due), len(due)),
            "deferred": 0,
            "rework": (back, said),
            "repeat": (sum(one.repeat for one in finds), len(finds)),
            "time_to_correct": (len(took), _rank(took, 0.5), _rank(took, 0.9)),
            "closed_as": {"fixed": len(closed)} if closed else {},
        }

    def parts(self, by: str) -> dict[tuple[str, ...], dict[str, Any]]:
        """The same for every part of a grouping in which anything was."""
        found: set[Place] = {one.place for one in self.finds} | {one.place for one in self.cases}
        keys = sorted({key for place in found if (key := place.key(by)) is not None})

        def of(key: tuple[str, ...], place: Place) -> bool:
            return place.key(by) == key

        return {key: self.sheet(partial(of, key)) for key in keys}

    def praised(self) -> tuple[list[str], list[tuple[str, str]]]:
        """示范户 and 示范路 by the criteria of the invented city: 3 weeks without a case, 4 without a third time."""
        watched = {shop_id for shop_id in self.registers.shop_at.values() if shop_id}
        lately = [one for one in self.finds if not one.upheld and self.to_ms - 3 * WEEK_MS <= one.at_ms < self.to_ms]
        longer = [one for one in self.finds if not one.upheld and self.to_ms - 4 * WEEK_MS <= one.at_ms < self.to_ms]
        with_case = {one.place.shop_id for one in self.cases if self.to_ms - 3 * WEEK_MS <= one.at_ms < self.to_ms}
        with_case |= {one.place.shop_id for one in lately if one.filed}
        struck = {one.place.shop_id for one in longer if one.struck}
        told: dict[str, list[bool]] = defaultdict(list)
        for one in lately:
            if one.due:
                told[one.place.shop_id].append(one.corrected)
        good = sorted(shop for shop in watched - with_case - struck if _rate(told.get(shop, ())) >= 0.9)
        roads: dict[tuple[str, str], list[str]] = defaultdict(list)
        for shop in watched:
            roads[self.registers.shops[shop]["district"], self.registers.shops[shop]["road"]].append(shop)
        return good, sorted(
            road
            for road, shops in roads.items()
            if len(shops) >= 5
            and sum(shop in good for shop in shops) / len(shops) >= 0.8
            and _rate([each for shop in shops for each in told.get(shop, ())]) >= 0.85
        )

    def _in(self, at_ms: int) -> bool:
        return self.from_ms <= at_ms < self.to_ms


def _rank(took: Sequence[int], share: float) -> int | None:
    return sorted(took)[math.ceil(share * len(took)) - 1] if took else None


def _rate(each: Iterable[bool]) -> float:
    """Of nothing it is as good as can be: who was never told anything needed nobody."""
    every = list(each)
    return sum(every) / len(every) if every else 1.0
