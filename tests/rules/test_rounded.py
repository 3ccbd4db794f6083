"""Figures are compared with their limits as they are on paper."""

import math

from hypothesis import given
from hypothesis import strategies as st

from rules.figured import rounded, rounds_between

_LIMITS = st.one_of(st.sampled_from([-math.inf, 0.0, 5.0, math.inf]), st.floats(-1e12, 1e12), st.integers(-9, 9))


@given(low=_LIMITS, high=_LIMITS, beside=st.booleans(), by=st.floats(-3e-6, 3e-6), far=st.floats(-1e13, 1e13))
def test_what_is_not_rounded_would_lie_there_too(low: float, high: float, beside: bool, by: float, far: float) -> None:
    """Beside a limit by less than the last digit, and anywhere else."""
    for limit in (low, high):
        figure = limit + by if beside and math.isfinite(limit) else far
        assert rounds_between(figure, low, high) is (low < rounded(figure) < high)
