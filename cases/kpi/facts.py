"""Rows of the book as what each of them counts for."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Final

from msgspec import Struct

from cases.kpi.due import DueCase, closings_of, due_of
from cases.kpi.lines import REPORTED, SENT_BACK, STRIKE, UPHELD
from cases.kpi.period import Period
from cases.kpi.place import By, Key, Where, where
from config.load import Site
from domain.case import Case, ClosedReason, LogEntry
from domain.history import History
from domain.ladder import Ladder, LadderStep

REPEAT_MS: Final = 7 * 86_400_000


class Find(Struct, frozen=True, kw_only=True):
    """A confirmed find: an episode of a ladder or, of what is filed without one, the case."""

    at_ms: int
    where: Where
    on_ladder: bool
    told: bool = False
    """A notice of it went out, and its re-check was due."""
    corrected: bool = False
    """Told, and then seen clear before a case."""
    took_ms: int | None = None
    """Of a corrected one: from the notice to the look that shows it clear."""
    filed: bool = False
    repeat: bool = False
    """One of the same matter at the same shop, or of the same subject, began at most seven days before it."""
    upheld: bool = False
    """Its contest was upheld: it never was one, and counts nowhere but among these."""
    struck: bool = False


class Event(Struct, frozen=True, kw_only=True):
    """Something that happened to a case: it was opened, closed, reported as done, or sent back."""

    at_ms: int
    where: Where
    reason: ClosedReason | None = None


class Facts(Struct, frozen=True, kw_only=True):
    """All that figures are counted from, each at its time."""

    finds: Sequence[Find] = ()
    due: Sequence[DueCase] = ()
    opened: Sequence[Event] = ()
    closed: Sequence[Event] = ()
    reported: Sequence[Event] = ()
    sent_back: Sequence[Event] = ()

    def within(self, period: Period) -> "Facts":
        """Only those in a period."""
        return self.during(period.from_ms, period.to_ms)

    def during(self, from_ms: int, to_ms: int) -> "Facts":
        """Only those from one moment up to, and without, another."""
        return self._picked(lambda one: from_ms <= one.at_ms < to_ms)

    def only(self, keep: Callable[[Where], bool]) -> "Facts":
        """Only those of some places or matters."""
        return self._picked(lambda one: keep(one.where))

    def apart(self, by: By) -> dict[Key, "Facts"]:
        """By the parts of a grouping, in the order of their names. What belongs to none of them is left out."""
        parts: dict[Key, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        for name, rows in self._each():
            for one in rows:
                if (key := one.where.key(by)) is not None:
                    parts[key][name].append(one)
        return {key: Facts(**rows) for key, rows in sorted(parts.items())}

    def _picked(self, keep: "Callable[[Find | DueCase | Event], bool]") -> "Facts":
        picked: dict[str, Any] = {name: [one for one in rows if keep(one)] for name, rows in self._each()}
        return Facts(**picked)

    def _each(self) -> Iterator[tuple[str, Sequence[Find | DueCase | Event]]]:
        for name in self.__struct_fields__:
            yield name, getattr(self, name)


def facts_of(history: History, site: Site, as_of_ms: int) -> Facts:
    """What the rows count for, as it stood at `as_of_ms`: what came later is not known yet."""
    places = {case.id: where(site, case.matter, case.device_id, case.shop_id) for case in history.cases}
    own: dict[str | None, list[LogEntry]] = defaultdict(list)
    for line in history.lines:
        own[line.case_id].append(line)

    def events(kinds: frozenset[str]) -> list[Event]:
        return [
            Event(at_ms=one.at_ms, where=places[one.case_id])
            for one in history.lines
            if one.what in kinds and one.case_id in places and one.at_ms <= as_of_ms
        ]

    return Facts(
        finds=sorted(_finds(history, site, as_of_ms), key=lambda find: find.at_ms),
        due=[one for case in history.cases for one in due_of(case, own[case.id], places[case.id], as_of_ms)],
        opened=[
            Event(at_ms=case.opened_ms, where=places[case.id]) for case in history.cases if case.opened_ms <= as_of_ms
        ],
        closed=[
            Event(at_ms=closing.at_ms, where=places[case.id], reason=closing.reason)
            for case in history.cases
            for closing in closings_of(case, own[case.id], as_of_ms)
        ],
        reported=events(REPORTED),
        sent_back=events(SENT_BACK),
    )


def _finds(history: History, site: Site, as_of_ms: int) -> Iterator[Find]:
    upheld = {one.ladder_id for one in history.lines if one.what == UPHELD and one.at_ms <= as_of_ms}
    struck = {one.ladder_id for one in history.lines if one.what == STRIKE}
    contested = {one.ladder_id for one in history.lines if one.what == UPHELD}
    ladders = [one for one in history.ladders if one.started_ms <= as_of_ms and _is_find(one, contested, as_of_ms)]
    direct = [one for one in history.cases if one.ladder_id is None and one.opened_ms <= as_of_ms]
    began: dict[tuple[str, str], list[int]] = defaultdict(list)
    for ladder in ladders:
        if ladder.id not in upheld:
            began[_same(ladder)].append(ladder.started_ms)
    for case in direct:
        began[_same(case)].append(case.opened_ms)
    for times in began.values():
        times.sort()
    for ladder in ladders:
        told_ms = history.told.get(ladder.id)
        yield _of_ladder(
            ladder,
            where(site, ladder.matter, ladder.camera_id, ladder.shop_id),
            None if told_ms is None or told_ms > as_of_ms else told_ms,
            as_of_ms,
            repeat=_before(began[_same(ladder)], ladder.started_ms),
            upheld=ladder.id in upheld,
            struck=ladder.id in struck,
        )
    for case in direct:
        yield Find(
            at_ms=case.opened_ms,
            where=where(site, case.matter, case.device_id, case.shop_id),
            on_ladder=False,
            filed=True,
            repeat=_before(began[_same(case)], case.opened_ms),
        )


def _is_find(ladder: Ladder, contested: Collection[int | None], as_of_ms: int) -> bool:
    """Whether it was confirmed: not what waits for a person or is there by leave, nor what a person said is none.

    A contest that was upheld is told apart further on: before its decision it was a find.
    """
    if ladder.step.is_find:
        return ladder.confirmed_ms is None or ladder.confirmed_ms <= as_of_ms
    return ladder.step is LadderStep.REJECTED and ladder.id in contested


def _of_ladder(
    ladder: Ladder, place: Where, told_ms: int | None, as_of_ms: int, *, repeat: bool, upheld: bool, struck: bool
) -> Find:
    ended_ms = ladder.ended_ms if ladder.ended_ms is not None and ladder.ended_ms <= as_of_ms else None
    told = told_ms is not None and (ended_ms is not None or ladder.recheck_ms <= as_of_ms)
    corrected = told and ended_ms is not None and ladder.step is LadderStep.SELF_CORRECTED
    took_ms = None
    if corrected and told_ms is not None and ended_ms is not None:
        clear_ms = ladder.cleared.taken_ms if ladder.cleared else ended_ms
        took_ms = max(0, clear_ms - told_ms)
    return Find(
        at_ms=ladder.started_ms,
        where=place,
        on_ladder=True,
        told=told,
        corrected=corrected,
        took_ms=took_ms,
        filed=ended_ms is not None and ladder.step is LadderStep.CASE,
        repeat=repeat,
        upheld=upheld,
        struck=struck,
    )


def _same(found: Ladder | Case) -> tuple[str, str]:
    """What makes two finds the same again: the matter, and the shop or, without one, the subject."""
    return found.matter, f"shop {found.shop_id}" if found.shop_id else f"at {found.subject}"


def _before(times: list[int], at_ms: int) -> bool:
    """Whether one of them lies in the seven days before a moment."""
    place = bisect_left(times, at_ms)
    return place > 0 and times[place - 1] >= at_ms - REPEAT_MS
