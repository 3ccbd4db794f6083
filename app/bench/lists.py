"""How long the case store takes for each long list: its first page, one deep in it, chosen, and for a keeper."""

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from app.bench.lists_city import NOW_MS, fill, ground_of
from domain.alarm_choice import AlarmChoice, Standing, place_in_list
from domain.case import Alarm, CaseState
from domain.case_choice import CaseChoice, CaseSort
from domain.choices import ContestChoice, LadderChoice, NoticeChoice
from domain.finding import Severity
from domain.page import Page, cursor_of, key_of, page_of
from storage.case_store import CaseStore

_LIMIT: Final = 50
_DEEP: Final = 40
"""How many pages of the longest length a deep page lies behind."""
Turn = Callable[..., Page[Any]]


class ListFigures(Struct, frozen=True, kw_only=True):
    """Milliseconds for one page of fifty, with its total: the 95th percentile, the first time not counted.

    Of SQLite the processor time of the thread that asks: the whole store works in it, and other work on the machine is
    not counted. Of PostgreSQL the time until the answer.
    """

    name: str
    first_ms: float
    deep_ms: float | None
    """None where the list has no page so deep."""
    n: int | None
    """How many items the list has, where it is counted."""


class ListsFigures(Struct, frozen=True, kw_only=True):
    """One store."""

    store: str
    cases: int
    open_cases: int
    notices: int
    worst_ms: float
    lists: list[ListFigures]


def bench_lists(cases: int, url: str = "", rounds: int = 40) -> ListsFigures:
    """Fill an empty store, in a file of its own unless `url` names one, and turn pages."""
    with tempfile.TemporaryDirectory() as folder:
        clock = time.perf_counter if url else time.thread_time
        where = url or f"sqlite:///{Path(folder) / 'cases.db'}"
        store = CaseStore(where)
        try:
            fill(where, cases)
            lists = [_measured(name, turn, rounds, clock) for name, turn in _turns(store).items()]
            by_state = _times(lambda: store.cases_by_state(CaseChoice(open=True), NOW_MS), rounds, clock)
            lists.append(ListFigures(name="open cases by state", first_ms=by_state, deep_ms=None, n=None))
            counts = store.counts()
        finally:
            store.close()
    worst = max(max(one.first_ms, one.deep_ms or 0.0) for one in lists)
    return ListsFigures(
        store="postgresql" if url else "sqlite",
        cases=counts.cases_total,
        open_cases=counts.cases_open,
        notices=counts.notices_sent,
        worst_ms=worst,
        lists=lists,
    )


def _turns(store: CaseStore) -> dict[str, Turn]:
    street, nowhere = ground_of(range(1)), ground_of(range(0))
    sorts = {f"all cases, {sort} order": (CaseChoice(), sort) for sort in CaseSort}
    chosen = {
        "open cases, worst first": (CaseChoice(open=True), CaseSort.WORST),
        "closed cases, due first": (CaseChoice(open=False), CaseSort.DUE),
        "open, of a unit and a matter": (CaseChoice(open=True, unit="中队1", matter="09010"), CaseSort.WORST),
        "in a rare state": (CaseChoice(state=CaseState.FORCE_CLOSED), CaseSort.NEWEST),
        "critical, ever overdue": (CaseChoice(severity=Severity.CRITICAL, overdue=True), CaseSort.OPEN),
        "of a sub-district, a year": (
            CaseChoice(sub_district="街道3", opened_from_ms=NOW_MS - 365 * 86_400_000),
            CaseSort.NEWEST,
        ),
        "text that many have": (CaseChoice(text="垃圾"), CaseSort.OPEN),
        "text that none has": (CaseChoice(text="nowhere"), CaseSort.OPEN),
        "a keeper's, open first": (CaseChoice(ground=street), CaseSort.OPEN),
        "a keeper's open, worst first": (CaseChoice(ground=street, open=True), CaseSort.WORST),
        "of a keeper of nothing": (CaseChoice(ground=nowhere), CaseSort.OPEN),
    }
    turns: dict[str, Turn] = {
        name: partial(store.cases_page, choice, NOW_MS, sort=sort)
        for name, (choice, sort) in {**sorts, **chosen}.items()
    }
    standing = {f"alarms, {one}": AlarmChoice(standing=one) for one in Standing}
    turns |= {name: partial(_alarms, store, choice) for name, choice in standing.items()}
    for whose, ground in {"": None, ", a keeper's": street, ", of a keeper of nothing": nowhere}.items():
        turns |= {
            f"ladders{whose}": partial(store.ladders_page, LadderChoice(open=False, ground=ground)),
            f"open ladders{whose}": partial(store.ladders_page, LadderChoice(ground=ground)),
            f"contests{whose}": partial(store.contests_page, ContestChoice(undecided=False, ground=ground)),
            f"notices{whose}": partial(store.notices_page, NoticeChoice(ground=ground)),
        }
    return turns


def _alarms(store: CaseStore, choice: AlarmChoice, *, limit: int, cursor: str | None = None) -> Page[Alarm]:
    """As the desk asks for them: one more than there is room for, after a place in the list."""
    after = None if cursor is None else key_of(cursor, "alarms", int, int, int)
    places = None if after is None else (int(after[0]), int(after[1]), int(after[2]))
    found = store.alarms_chosen(choice, NOW_MS, limit=limit + 1, after=places)
    follows = cursor_of("alarms", place_in_list(found[limit - 1], choice, NOW_MS)) if len(found) > limit else None
    return page_of(found, limit, follows)


def _measured(name: str, turn: Turn, rounds: int, clock: Callable[[], float]) -> ListFigures:
    page, deep = turn(limit=1000), None
    for _ in range(_DEEP):
        if page.next is None:
            break
        deep, page = page.next, turn(cursor=page.next, limit=1000)
    return ListFigures(
        name=name,
        first_ms=_times(lambda: turn(limit=_LIMIT), rounds, clock),
        deep_ms=None if deep is None else _times(lambda: turn(cursor=deep, limit=_LIMIT), rounds, clock),
        n=page.total,
    )


def _times(ask: Callable[[], object], rounds: int, clock: Callable[[], float]) -> float:
    ask()
    taken = []
    for _ in range(rounds):
        begun = clock()
        ask()
        taken.append(clock() - begun)
    return round(sorted(taken)[int(len(taken) * 0.95)] * 1000, 2)
