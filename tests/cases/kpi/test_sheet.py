"""Figures: by hand, and against a count that knows nothing of how they are made."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from math import ceil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from cases.kpi.bulletin import SHARES
from cases.kpi.facts import facts_of
from cases.kpi.lines import DEFERRED, REPORTED, SENT_BACK, UPHELD
from cases.kpi.place import By
from cases.kpi.share import Share, Spread
from cases.kpi.sheet import sheet_of
from config.load import Site
from config.texts import LANGUAGES
from domain.case import Case, ClosedReason, LogEntry
from domain.history import History
from domain.ladder import Ladder, LadderStep
from tests.cases.city import make_site
from tests.cases.kpi.rows import DAY, case, ladder, line

HOUR = 3_600_000
FROM, TO = 100 * DAY, 130 * DAY


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return make_site(tmp_path_factory.mktemp("site"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_shares_of_different_things_name_different_things(site: Site, language: str) -> None:
    """What is filed without a ladder is a find, and none that a shop could have put right itself."""
    history = History(
        ladders=[
            ladder(1, FROM, step=LadderStep.SELF_CORRECTED, ended_ms=FROM + HOUR),
            ladder(2, FROM + DAY, step=LadderStep.CASE, ended_ms=FROM + DAY + HOUR),
        ],
        told={1: FROM + 1},
        cases=[case("a", FROM, FROM + DAY), case("b", FROM, FROM + DAY, subject="E1/4")],
        lines=[line(1, "case_deferred", FROM, case_id="b")],
    )
    sheet = sheet_of(facts_of(history, site, TO).during(FROM, TO))
    named = {name: site.texts.say(language, f"report.of.{name}").partition("÷")[2] for name in SHARES}
    for one, other in combinations(SHARES, 2):
        if getattr(sheet, one).denominator != getattr(sheet, other).denominator:
            assert named[one] != named[other], (one, other)
    assert (sheet.self_correction_strict.denominator, sheet.filing.denominator) == (2, 4)


def test_a_small_month_by_hand(site: Site) -> None:
    """Each figure with what it is a share of."""
    corrected = LadderStep.SELF_CORRECTED
    history = History(
        ladders=[
            ladder(1, FROM, step=corrected, ended_ms=FROM + 2 * HOUR),
            ladder(2, FROM + DAY, step=corrected, ended_ms=FROM + DAY + 4 * HOUR),  # a repeat of 1
            ladder(3, FROM + 20 * DAY, step=LadderStep.CASE, ended_ms=FROM + 20 * DAY + HOUR),
            ladder(4, FROM + 21 * DAY, step=corrected, ended_ms=FROM + 21 * DAY),  # never told; a repeat of 3
            ladder(5, FROM + 2 * DAY, step=LadderStep.CASE, ended_ms=FROM + 2 * DAY + HOUR, shop_id="S2"),  # upheld
        ],
        told={1: FROM + HOUR, 2: FROM + DAY + HOUR, 3: FROM + 20 * DAY, 5: FROM + 2 * DAY},
        cases=[
            case("a", FROM + 20 * DAY, FROM + 21 * DAY, closed_ms=FROM + 20 * DAY + 1, reason=ClosedReason.FIXED,
                 ladder_id=3),
            case("b", FROM, FROM + DAY, closed_ms=FROM + 9 * DAY, reason=ClosedReason.FORCED),
            case("c", FROM, FROM + DAY, subject="E1/4"),
            case("d", FROM, FROM + DAY, subject="E1/5"),
            case("e", FROM, TO + DAY, subject="E1/6"),  # due in the next month
        ],
        lines=[
            line(1, "case_reported_read", FROM + DAY, case_id="b"),
            line(2, "case_returned", FROM + 2 * DAY, case_id="b"),
            line(3, "case_reported_read", FROM + 3 * DAY, case_id="b"),
            line(4, "case_deferred", FROM, case_id="d"),
            line(5, UPHELD, FROM + 3 * DAY, ladder_id=5),
        ],
    )  # fmt: skip

    sheet = sheet_of(facts_of(history, site, TO).during(FROM, TO))

    assert (sheet.finds, sheet.upheld, sheet.opened) == (8, 1, 5)
    assert sheet.self_correction == Share(2, 3)
    assert sheet.self_correction_strict == Share(2, 4)
    assert sheet.filing == Share(5, 8)
    assert sheet.closing == Share(2, 3)
    assert sheet.on_time == Share(1, 3)
    assert sheet.deferred == 1
    assert sheet.rework == Share(1, 2)
    assert sheet.repeat == Share(2, 8)
    assert sheet.time_to_correct == Spread(2, HOUR, 3 * HOUR)
    assert sheet.closed_as == {"fixed": 1, "forced": 1}


def test_of_nothing_there_is_no_rate(site: Site) -> None:
    """0 of 0 is no 0 %."""
    sheet = sheet_of(facts_of(History(), site, TO))

    assert sheet.self_correction.value is None
    assert sheet.time_to_correct == Spread(0, None, None)


def test_what_came_later_is_not_known_yet(site: Site) -> None:
    """A bulletin as of a day says the same whenever it is made."""
    rows = {"step": LadderStep.SELF_CORRECTED, "ended_ms": FROM + 5 * DAY}
    history = History(ladders=[ladder(1, FROM, recheck_ms=FROM + 4 * DAY, **rows)], told={1: FROM})  # type: ignore[arg-type]

    assert sheet_of(facts_of(history, site, FROM + DAY)).self_correction == Share(0, 0)
    assert sheet_of(facts_of(history, site, FROM + 4 * DAY)).self_correction == Share(0, 1)
    assert sheet_of(facts_of(history, site, FROM + 6 * DAY)).self_correction == Share(1, 1)


def test_a_spread_is_of_times_that_occurred() -> None:
    """Nearest rank: nine of ten took no longer than the ninth."""
    assert Spread.of([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) == Spread(10, 5, 9)
    assert Spread.of([4]) == Spread(1, 4, 4)


# Whole quarter days, so that exactly seven days lie between some.
TIMES = some.integers((FROM - 12 * DAY) * 4 // DAY, (TO + 3 * DAY) * 4 // DAY).map(lambda quarter: quarter * DAY // 4)
SHOPS = some.sampled_from([("S1", "C1/door-1"), ("S2", "C1/door-2"), (None, "C1/lane")])
MATTERS = some.sampled_from(["09010", "06010"])


@some.composite
def histories(draw: some.DrawFn) -> History:
    """A book that holds anything at all, likely or not."""
    ladders, told, cases = [], {}, []
    lines: list[LogEntry] = []
    for number in range(1, draw(some.integers(0, 14)) + 1):
        started = draw(TIMES)
        shop_id, subject = draw(SHOPS)
        step = draw(some.sampled_from(LadderStep))
        ended = started + draw(some.integers(0, 2 * DAY))
        over = step in {LadderStep.SELF_CORRECTED, LadderStep.CASE}
        ladders.append(
            ladder(number, started, step=step, ended_ms=ended if over else None, shop_id=shop_id, subject=subject,
                   matter=draw(MATTERS), recheck_ms=started + draw(some.integers(0, DAY)))
        )  # fmt: skip
        if draw(some.booleans()):
            told[number] = started + draw(some.integers(0, DAY))
        if draw(some.integers(0, 4)) == 0:
            lines.append(line(len(lines) + 1, UPHELD, ended + 1, ladder_id=number))
    for number in range(draw(some.integers(0, 10))):
        opened = draw(TIMES)
        closed = draw(some.one_of(some.none(), some.integers(0, 5 * DAY)))
        of_ladder = bool(ladders) and draw(some.booleans())
        cases.append(
            case(f"c{number}", opened, opened + draw(some.integers(0, 4 * DAY)),
                 closed_ms=None if closed is None else opened + closed, reason=ClosedReason.FIXED if closed else None,
                 ladder_id=draw(some.sampled_from(ladders)).id if of_ladder else None,
                 shop_id="S1" if of_ladder else None, subject=f"E1/{draw(some.integers(1, 2))}")
        )  # fmt: skip
        for _ in range(draw(some.integers(0, 3))):
            what = draw(some.sampled_from(sorted({*REPORTED, *SENT_BACK, *DEFERRED, "case_joined"})))
            lines.append(line(len(lines) + 1, what, draw(TIMES), case_id=f"c{number}"))
    return History(ladders=ladders, told=told, cases=cases, lines=lines)


@dataclass
class Naive:
    """The definitions of docs/figures.md, counted row by row with no regard for time."""

    history: History
    now: int
    shop: str | None

    def sheet(self) -> tuple[object, ...]:
        finds = [x for x in self.mine(self.history.ladders) if self.within(x.started_ms) and self.counts(x)]
        direct = [x for x in self.mine(self.history.cases) if x.ladder_id is None and self.within(x.opened_ms)]
        told = [x for x in finds if self.told(x)]
        good = [x for x in told if self.over(x) and x.step is LadderStep.SELF_CORRECTED]
        filed = [x for x in finds if self.over(x) and x.step is LadderStep.CASE]
        due = [x for x in self.mine(self.history.cases) if self.within(x.due_ms) and not self.put_off(x)]
        closed = [x for x in due if x.closed_ms is not None and x.closed_ms <= self.now]
        on_time = [x for x in closed if x.closed_ms is not None and x.closed_ms <= x.due_ms]
        repeats = [x for x in finds if self.again(x, x.started_ms)] + [x for x in direct if self.again(x, x.opened_ms)]
        took = sorted(max(0, (x.ended_ms or 0) - self.history.told[x.id]) for x in good)
        n = len(finds) + len(direct)
        return (
            n,
            (len(good), len(told)),
            (len(good), len(finds)),
            (len(filed) + len(direct), n),
            (len(closed), len(due)),
            (len(on_time), len(due)),
            (self.lines(SENT_BACK), self.lines(REPORTED)),
            (len(repeats), n),
            took[ceil(0.5 * len(took)) - 1] if took else None,
            took[ceil(0.9 * len(took)) - 1] if took else None,
        )

    def mine(self, rows: object) -> list:  # type: ignore[type-arg]
        return [x for x in rows if self.shop is None or x.shop_id == self.shop]  # type: ignore[attr-defined]

    def within(self, at: int) -> bool:
        return FROM <= at < TO and at <= self.now

    def over(self, x: Ladder) -> bool:
        return x.ended_ms is not None and x.ended_ms <= self.now

    def told(self, x: Ladder) -> bool:
        sent = self.history.told.get(x.id)
        return sent is not None and sent <= self.now and (self.over(x) or x.recheck_ms <= self.now)

    def upheld(self, x: Ladder) -> bool:
        return any(one.what == UPHELD and one.ladder_id == x.id and one.at_ms <= self.now for one in self.history.lines)

    def counts(self, x: Ladder) -> bool:
        """Told, corrected or filed, or rejected on a contest that is not decided yet."""
        contested = any(one.what == UPHELD and one.ladder_id == x.id for one in self.history.lines)
        return (x.step.is_find or (x.step is LadderStep.REJECTED and contested)) and not self.upheld(x)

    def put_off(self, x: Case) -> bool:
        """Before its deadline: leave that comes later excuses nothing."""
        leave = [one.at_ms for one in self.history.lines if one.what in DEFERRED and one.case_id == x.id]
        return any(x.opened_ms <= at <= min(x.due_ms, self.now) for at in leave)

    def lines(self, kinds: frozenset[str]) -> int:
        ids = {x.id for x in self.mine(self.history.cases)}
        return sum(one.what in kinds and one.case_id in ids and self.within(one.at_ms) for one in self.history.lines)

    def again(self, x: Ladder | Case, at: int) -> bool:
        def alike(other: Ladder | Case) -> bool:
            same_place = other.shop_id == x.shop_id if x.shop_id else not other.shop_id and other.subject == x.subject
            return other.matter == x.matter and same_place

        ladders = [y.started_ms for y in self.history.ladders if alike(y) and self.counts(y)]
        direct = [y.opened_ms for y in self.history.cases if y.ladder_id is None and alike(y)]
        return any(at - 7 * DAY <= began < at for began in ladders + direct)


@settings(max_examples=200, deadline=None)
@given(histories(), some.integers(FROM, TO + 5 * DAY))
def test_figures_are_what_a_naive_count_says(site: Site, history: History, now: int) -> None:
    """The whole city, and shop by shop."""
    facts = facts_of(history, site, now).during(FROM, TO)
    apart = facts.apart(By.SHOP)
    for shop, part in [(None, facts), *((key[0], part) for key, part in apart.items())]:
        sheet = sheet_of(part)
        pairs = [
            (share.numerator, share.denominator)
            for share in (sheet.self_correction, sheet.self_correction_strict, sheet.filing, sheet.closing,
                          sheet.on_time, sheet.rework, sheet.repeat)
        ]  # fmt: skip
        counted = (sheet.finds, *pairs, sheet.time_to_correct.median_ms, sheet.time_to_correct.p90_ms)
        assert counted == Naive(history, now, shop).sheet()


@given(histories())
@settings(max_examples=50, deadline=None)
def test_parts_add_up(site: Site, history: History) -> None:
    """What stands apart by matter is the whole; every part has its rows and no other's."""
    facts = facts_of(history, site, TO).during(FROM, TO)
    parts = [sheet_of(part) for part in facts.apart(By.MATTER).values()]
    whole = sheet_of(facts)

    def together(of: Callable[..., int]) -> int:
        return sum(of(part) for part in parts)

    assert together(lambda part: part.finds) == whole.finds
    assert together(lambda part: part.self_correction.denominator) == whole.self_correction.denominator
    assert together(lambda part: part.closing.numerator) == whole.closing.numerator
    assert together(lambda part: part.rework.denominator) == whole.rework.denominator


def test_a_road_is_one_district_s(site: Site, tmp_path: Path) -> None:
    """Roads of one name in two districts are two roads; what no register has belongs to none."""
    gone = ladder(1, FROM, shop_id="S9")
    facts = facts_of(History(ladders=[ladder(2, FROM), gone]), site, TO)

    assert set(facts.apart(By.ROAD)) == {("天宁区", "双桂街")}
    assert set(facts.apart(By.SUB_DISTRICT)) == {("天宁区", "天宁街道")}
    assert len(facts.apart(By.ROAD)["天宁区", "双桂街"].finds) == 2  # the camera still says where
