"""Self-correction, with what it is a share of."""

from msgspec.structs import replace

from cases.kpi import SelfCorrection, self_correction
from domain.ladder import LadderStep
from tests.cases.test_ladder import LADDER, MIN


def test_self_correction_has_two_denominators() -> None:
    """Undelivered, unfinished and filed-at-once episodes count in the strict rate only."""
    corrected = replace(LADDER, step=LadderStep.SELF_CORRECTED, ended_ms=10 * MIN)
    ladders = [
        replace(corrected, id=1),
        replace(corrected, id=2),
        replace(LADDER, id=3, step=LadderStep.CASE, ended_ms=40 * MIN),
        replace(corrected, id=4),  # never delivered: cleared of itself
        replace(LADDER, id=5, step=LadderStep.CASE, ended_ms=0),  # a case at once
        replace(LADDER, id=6, started_ms=90 * MIN, recheck_ms=105 * MIN),  # not due yet
        *(replace(corrected, id=7, step=step) for step in LadderStep if not step.is_find),  # no finds at all
    ]

    kpi = self_correction(ladders, told={1, 2, 3, 6}, now_ms=100 * MIN)

    assert kpi == SelfCorrection(corrected=2, told=3, confirmed=6)
    assert kpi.rate == 2 / 3
    assert kpi.strict_rate == 2 / 6


def test_no_episodes_have_no_rate() -> None:
    """0 of 0 is no 0 %."""
    kpi = self_correction([], told=(), now_ms=0)

    assert kpi.rate is None
    assert kpi.strict_rate is None
