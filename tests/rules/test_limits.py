"""What limits mean for values, at their edges."""

import pytest

from rules.limits import Side, limits_of


@pytest.mark.parametrize(
    ("raise_", "clear", "baseline", "value", "breached", "cleared"),
    [
        (Side(above=30), Side(below=10), None, 30, True, False),
        (Side(above=30), Side(below=10), None, 29.9, False, False),
        (Side(above=30), Side(below=10), None, 10, False, False),
        (Side(above=30), Side(below=10), None, 9.9, False, True),
        (Side(above=30), None, None, 29.9, False, True),
        (Side(below=12), Side(above=14), None, 12, True, False),
        (Side(below=12), Side(above=14), None, 14, False, False),
        (Side(below=12), Side(above=14), None, 14.1, False, True),
        (Side(equals=True), None, None, True, True, False),
        (Side(equals=True), None, None, False, False, True),
        (Side(equals=False), None, None, False, True, False),
        (Side(equals=False), None, None, True, False, True),
        (Side(above=1.5), Side(below=1), 2.0, 3.5, True, False),
        (Side(above=1.5), Side(below=1), 2.0, 0.5, True, False),
        (Side(above=1.5), Side(below=1), 2.0, 3.0, False, False),
        (Side(above=1.5), Side(below=1), 2.0, 1.1, False, True),
    ],
)
def test_on_the_edge_the_alarm_wins(
    raise_: Side, clear: Side | None, baseline: float | None, value: float, breached: bool, cleared: bool
) -> None:
    """A raise limit holds when reached, a clear limit when passed; a change from a baseline has no sign."""
    limits = limits_of(raise_, clear, baseline, "here")
    assert (limits.breached(value), limits.cleared(value)) == (breached, cleared)
