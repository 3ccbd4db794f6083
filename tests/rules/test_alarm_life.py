"""What figures do to an alarm of one level or several, without an engine."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.limits import Side
from domain.finding import AlarmState, Change, Severity
from rules.alarm_life import Levels, Life, standing, unheld
from rules.limited import LevelLimits
from rules.limits import limits_of

MINUTE_MS = 60_000
LETTERS = {Change.RAISED: "R", Change.RENEWED: "+", Change.STALE: "S", Change.RESOLVED: "C", None: "."}
MARKS = {None: "", Severity.NOTICE: "n", Severity.WARN: "w", Severity.CRITICAL: "c"}


def _level(
    severity: Severity, above: float, clear: float | None, *, hold_min: int = 0, samples: int = 1, latch: bool = False
) -> LevelLimits:
    limits = limits_of(Side(above=above), None if clear is None else Side(below=clear), None, f"here {severity.value}")
    return LevelLimits(severity=severity, limits=limits, hold_ms=hold_min * MINUTE_MS, samples=samples, latch=latch)


def _told(figures: Sequence[float], levels: Levels, *, step_ms: int = MINUTE_MS) -> str:
    """A letter for each figure, and the severity that the alarm has then."""
    life: Life | None = None
    told: list[str] = []
    for number, figure in enumerate(figures):
        life, change = levels.judge(life, figure, number * step_ms)
        told.append(LETTERS[change] + (MARKS[life.severity] if life and standing(life) else ""))
    return " ".join(told)


ONE = Levels((_level(Severity.WARN, 5, 3),))
LEANING = Levels(
    (
        _level(Severity.CRITICAL, 15, None, samples=2, latch=True),
        _level(Severity.WARN, 5, 3, hold_min=3),
        _level(Severity.NOTICE, 2, 1, hold_min=3),
    )
)


@pytest.mark.parametrize(
    ("figures", "told"),
    [
        ([4, 5, 6, 4, 3, 2.9], ". Rw +w .w .w C"),
        ([5, 2, 5], "Rw C Rw"),
        ([5, 4, 5], "Rw .w +w"),
    ],
)
def test_one_level_is_raised_when_reached_and_cleared_when_passed(figures: list[float], told: str) -> None:
    """Between the two it recovers, and nothing is told."""
    assert _told(figures, ONE) == told


@pytest.mark.parametrize(
    ("figures", "told"),
    [
        ([2, 2, 2, 2, 2, 0], ". . . Rn +n C"),
        ([2, 6, 6, 6, 6, 4, 2.5, 0.5], ". . . Rn +w .w +n C"),
        ([2, 1.5, 2, 2, 2, 2], ". . . . . Rn"),
        ([20, 0, 20, 20], ". . . Rc"),
        ([20, 20, 6, 0, 0], ". Rc .c .c .c"),
    ],
)
def test_an_alarm_is_as_bad_as_its_worst_level(figures: list[float], told: str) -> None:
    """Each level has its own hold and its own end; a latched one does not end by itself."""
    assert _told(figures, LEANING) == told


def test_beyond_a_worse_limit_a_milder_one_needs_no_hold() -> None:
    """When the worse level ends and the milder is still passed, that is no all-clear."""
    levels = Levels((_level(Severity.CRITICAL, 15, 12), _level(Severity.WARN, 5, 3, hold_min=30)))
    assert _told([20, 11, 5, 2], levels) == "Rc +w +w C"


def test_it_is_renewed_once_a_minute_and_at_once_when_it_gets_worse() -> None:
    """The minute counts from what was told last."""
    levels = Levels((_level(Severity.CRITICAL, 15, 12), _level(Severity.WARN, 5, 3)))
    assert _told([5, 6, 6, 20, 20, 20, 20], levels, step_ms=30_000) == "Rw .w +w +c .c +c .c"


def test_since_is_when_what_raised_it_began() -> None:
    """It stays so while the alarm lives, however bad it gets."""
    life: Life | None = None
    for number, figure in enumerate([0, 2, 2, 2, 2, 20, 20]):
        life, _ = LEANING.judge(life, figure, number)
    assert life is not None
    assert (life.since_ms, life.severity) == (1, Severity.CRITICAL)
    holding = Levels((_level(Severity.CRITICAL, 15, None), _level(Severity.NOTICE, 2, 1)))
    life, _ = holding.judge(None, 3, 7)
    life, _ = holding.judge(life, 30, 9)
    assert life is not None
    assert (life.since_ms, life.severity) == (7, Severity.CRITICAL)


def test_after_a_gap_a_hold_begins_anew_and_an_alarm_stands() -> None:
    """What is not known to have held has not held; what was raised is ended only by what is heard."""
    life, _ = LEANING.judge(None, 6, 0)
    assert unheld(life) is None
    raised, change = ONE.judge(None, 6, 0)
    assert change is Change.RAISED
    assert unheld(raised) == raised
    assert unheld(None) is None


def test_a_gap_takes_the_hold_of_a_worse_level_only() -> None:
    """The notice stands on; the warning that was on its way has to be held anew."""
    life: Life | None = None
    for minute in range(4):
        life, _ = LEANING.judge(life, 2, minute * MINUTE_MS)
    life, _ = LEANING.judge(life, 6, 4 * MINUTE_MS)
    life = unheld(life)
    life, _ = LEANING.judge(life, 6, 8 * MINUTE_MS)
    assert life is not None
    assert life.severity is Severity.NOTICE


def test_silence_makes_it_stale_unless_it_is_latched() -> None:
    """A stale one is renewed by the next figure that does not end it, between the limits too."""
    raised, _ = ONE.judge(None, 6, 0)
    stale, change = ONE.unheard(raised)
    assert (stale and stale.state, change) == (AlarmState.STALE, Change.STALE)
    assert ONE.unheard(stale) == (stale, None)
    back, change = ONE.judge(stale, 4, 1)
    assert (back and back.state, change) == (AlarmState.RECOVERING, Change.RENEWED)
    latched, _ = Levels((_level(Severity.CRITICAL, 15, None, latch=True),)).judge(None, 20, 0)
    assert LEANING.unheard(latched) == (latched, None)
    pending, _ = LEANING.judge(None, 6, 0)
    assert LEANING.unheard(pending) == (pending, None)


def test_of_an_alarm_whose_level_is_gone_the_next_figure_decides() -> None:
    """A rule that was rewritten goes on with what it knew: what it no longer knows ends, told as its mildest level."""
    life, _ = LEANING.judge(None, 20, 0)
    life, _ = LEANING.judge(life, 20, 1)
    assert life is not None
    assert ONE.level(life).severity is Severity.WARN
    assert ONE.judge(life, 0, 2) == (None, Change.RESOLVED)


_figures = st.lists(st.sampled_from([0.0, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 15.0, 20.0]), max_size=30)


@given(_figures, st.integers(0, 30))
def test_a_restart_anywhere_changes_nothing(figures: list[float], stop: int) -> None:
    """Written down and read again, an alarm goes on as it was."""
    straight: Life | None = None
    stopped: Life | None = None
    for number, figure in enumerate(figures):
        if number == stop:
            stopped = msgspec.json.decode(msgspec.json.encode(stopped), type=Life | None)
        straight, change = LEANING.judge(straight, figure, number * MINUTE_MS)
        stopped, again = LEANING.judge(stopped, figure, number * MINUTE_MS)
        assert (stopped, again) == (straight, change)


@given(_figures)
def test_it_is_raised_then_renewed_then_resolved(figures: list[float]) -> None:
    """In this order only, and a pending one is no alarm."""
    stood, life = False, None
    for number, figure in enumerate(figures):
        life, change = LEANING.judge(life, figure, number * MINUTE_MS)
        assert (change is Change.RAISED) == (not stood and standing(life))
        assert (change is Change.RESOLVED) == (stood and not standing(life))
        stood = standing(life)
