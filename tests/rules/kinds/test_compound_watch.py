"""The watch of a `compound` rule, asked by itself: what holds, for how long, and what is unknown."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.load import Site
from domain.finding import AlarmState, Change
from rules.conclusions import CompoundWatch
from rules.files import Rule
from rules.watch import Newest
from tests.rules.city import rules_from, small_city
from tests.rules.kinds.compounds import HOT

TRUTHS = {True: AlarmState.FIRING, False: AlarmState.RESOLVED, None: None}


@cache
def rule_of(text: str) -> tuple[Rule, Site]:
    """The rule beside the rules a and b about whole stations, and its city."""
    site = small_city()
    others = [HOT.replace("id: hot", f"id: {name}").replace("part: port", "part: device") for name in ("a", "b")]
    with TemporaryDirectory() as folder:
        head = "id: x\nkind: compound\nfor_each: {kind: charger, part: device}\n"
        return rules_from(Path(folder), site, *others, head + text)[-1], site


def a_watch(text: str) -> CompoundWatch:
    """The watch of such a rule about cs-1."""
    rule, site = rule_of(text)
    watch = rule.spec.watches(rule, site)[0]
    assert isinstance(watch, CompoundWatch)
    watch.bind({"a": {"cs-1"}, "b": {"cs-1"}})
    return watch


@given(
    steps=st.lists(st.tuples(st.integers(1, 40), st.sampled_from([True, False, None])), max_size=30),
    hold_s=st.sampled_from([0, 30, 60]),
)
def test_it_is_raised_by_what_was_known_to_hold_for_long_enough(
    steps: list[tuple[int, bool | None]], hold_s: int
) -> None:
    """Found the long way: the last row of trues without anything else between, at any pace."""
    watch = a_watch(f"all: [a]\nfor: {hold_s}s\n")
    at_ms, since_ms, standing = 0, None, False
    for gap_s, truth in steps:
        at_ms += gap_s * 1000
        finding = watch.evaluate(at_ms, {("a", "cs-1"): TRUTHS[truth]}, {})
        since_ms = None if truth is not True else at_ms if since_ms is None else since_ms
        raised = not standing and since_ms is not None and at_ms - since_ms >= hold_s * 1000
        ended = standing and truth is False
        assert (finding is not None and finding.change is Change.RAISED) is raised
        assert (finding is not None and finding.change is Change.RESOLVED) is ended
        standing = (standing or raised) and not ended
        assert watch.standing is standing
        if raised:
            assert finding is not None
            assert finding.since_ms == since_ms


@given(
    a=st.sampled_from([True, False, None]),
    b=st.sampled_from([True, False, None]),
    power_w=st.sampled_from([None, 5.0, 20.0]),
    group=st.sampled_from(["all", "any", "none"]),
)
def test_the_groups_and_the_condition_are_taken_together(
    a: bool | None, b: bool | None, power_w: float | None, group: str
) -> None:
    """As one reads it: raised if it is so whatever the unknown is, and not if it is not so for one way to fill it."""
    watch = a_watch(f"{group}: [a, b]\nwhen: power_w > 10\n")
    values = {} if power_w is None else {"power_w": Newest(power_w, 1000)}
    watch.evaluate(1000, {("a", "cs-1"): TRUTHS[a], ("b", "cs-1"): TRUTHS[b]}, values)
    ways = {
        {"all": one and two, "any": one or two, "none": not (one or two)}[group] and power > 10
        for one in ([True, False] if a is None else [a])
        for two in ([True, False] if b is None else [b])
        for power in ([5.0, 20.0] if power_w is None else [power_w])
    }
    assert watch.standing is (ways == {True})


@given(
    a=st.sampled_from([True, False, None]),
    power_w=st.sampled_from([None, 5.0, 10.0, 20.0]),
    relay_on=st.sampled_from([None, True, False]),
    when=st.sampled_from(
        ["power_w > 10 && !relay_on", "relay_on || a", "power_w < 10 || power_w > 15 && a", "a && power_w == 10"]
    ),
)
def test_of_quiet_values_nothing_follows(
    a: bool | None, power_w: float | None, relay_on: bool | None, when: str
) -> None:
    """Whoever asks all the same is told nothing."""
    watch = a_watch(f'when: "{when}"\n')
    values = {
        name: Newest(value, 0) for name, value in (("power_w", power_w), ("relay_on", relay_on)) if value is not None
    }
    if watch.is_quiet(values):
        assert watch.evaluate(0, {("a", "cs-1"): TRUTHS[a]}, values) is None
        assert watch.state is None


@pytest.mark.parametrize("stale", ["unknown", "stands"])
def test_a_stale_alarm_counts_as_the_rule_says(stale: str) -> None:
    """Not known, or as it last was."""
    watch = a_watch(f"all: [a]\nstale: {stale}\n")
    watch.evaluate(1000, {("a", "cs-1"): AlarmState.STALE}, {})
    assert watch.standing is (stale == "stands")
