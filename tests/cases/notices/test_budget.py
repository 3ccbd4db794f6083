"""A provider's limit is never exceeded, wherever one begins to count, and what is critical finds room."""

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from cases.notices.budget import Budget

STEPS = st.lists(st.tuples(st.integers(0, 20_000), st.booleans()), max_size=300)
RATES = st.sampled_from(["18:60", "90:60,4:1", "1:10", "2:5", "27:60,90:600"])


def spans_of(rates: str) -> list[tuple[int, int]]:
    """Messages and milliseconds of each limit."""
    return [(int(most), int(span) * 1000) for most, span in (pair.split(":") for pair in rates.split(","))]


@given(rates=RATES, steps=STEPS)
def test_no_span_of_time_ever_has_more(rates: str, steps: list[tuple[int, bool]]) -> None:
    """Counted anew, for the span that ends at each message. Of a limit of one, a critical one beside it."""
    budget = Budget(rates)
    went = [
        at_ms
        for at_ms, (_step, urgent) in zip(accumulate(step for step, _urgent in steps), steps, strict=True)
        if budget.take(at_ms, urgent=urgent)
    ]

    for most, span_ms in spans_of(rates):
        for end_ms in went:
            assert sum(end_ms - span_ms < at_ms <= end_ms for at_ms in went) <= max(most, 2)


@given(rates=RATES, steps=STEPS)
def test_others_never_take_the_room_of_what_is_critical(rates: str, steps: list[tuple[int, bool]]) -> None:
    """However many others there are: after them a critical one goes, unless critical ones took its room."""
    budget, at_ms = Budget(rates), 0
    for step, _urgent in steps:
        at_ms += step
        budget.take(at_ms, urgent=False)

    assert budget.take(at_ms, urgent=True)


@given(rates=RATES, steps=STEPS, cut=st.integers(0, 300))
def test_a_restart_begins_no_new_count(rates: str, steps: list[tuple[int, bool]], cut: int) -> None:
    """Told of what went before, a new budget decides as the old one would have."""
    whole, first = Budget(rates), Budget(rates)
    times = list(accumulate(step for step, _urgent in steps))
    went = []
    for at_ms, (_step, urgent) in list(zip(times, steps, strict=True))[:cut]:
        whole.take(at_ms, urgent=urgent)
        if first.take(at_ms, urgent=urgent):
            went.append(at_ms)
    second = Budget(rates, went)

    for at_ms, (_step, urgent) in list(zip(times, steps, strict=True))[cut:]:
        assert second.take(at_ms, urgent=urgent) is whole.take(at_ms, urgent=urgent)


def test_eighteen_a_minute() -> None:
    """Three are kept for what is critical; when the first leaves the minute, one more may go."""
    budget = Budget("18:60")
    went = [budget.take(at_ms, urgent=False) for at_ms in range(0, 40_000, 1000)]

    assert went == [True] * 15 + [False] * 25
    assert [budget.take(45_000, urgent=True) for _ in range(4)] == [True, True, True, False]
    assert budget.take(59_999, urgent=False) is False
    assert budget.room(63_999, urgent=False) == 1


def test_a_single_one_a_minute() -> None:
    """What is critical goes beside it, and nothing else does; what comes after that waits for the minute to be over."""
    budget = Budget("1:60")

    assert [budget.take(at_ms, urgent=False) for at_ms in (0, 30_000)] == [True, False]
    assert [budget.take(at_ms, urgent=True) for at_ms in (31_000, 32_000, 60_000)] == [True, False, True]
    assert budget.take(90_999, urgent=False) is False
    assert budget.take(120_000, urgent=False) is True


def test_no_limit() -> None:
    """Any number."""
    budget = Budget("")

    assert (budget.room(0, urgent=False), budget.take(0, urgent=False), budget.longest_ms) == (None, True, 0)


def test_a_clock_that_was_set_back_blocks_nothing_for_long() -> None:
    """What was sent in what is the future now counts as sent now."""
    budget = Budget("2:60", [3_600_000, 3_600_000])

    assert budget.take(0, urgent=True) is False
    assert budget.take(60_000, urgent=True) is True
