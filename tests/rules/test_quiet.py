"""Values that settle a condition by themselves, and those that it cannot do without."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.schema import Metric
from domain.reading import Value
from rules.expression import Type, compiled
from rules.quiet import Settled, needed, settled

METRICS = {
    "power_w": Metric(type="float", unit="W", zh="功率", en="power"),
    "temp_c": Metric(type="float", unit="°C", zh="温度", en="temperature"),
    "relay_on": Metric(type="bool", unit="", zh="继电器", en="relay"),
    "smoke": Metric(type="bool", unit="", zh="烟雾", en="smoke"),
}
LET: dict[str, float | bool] = {"lots_w": 30.0}
GIVEN: frozenset[tuple[str, Type]] = frozenset(
    {("power_w", "number"), ("temp_c", "number"), ("relay_on", "truth"), ("smoke", "truth"), ("lots_w", "number"),
     ("hot", "truth")}
)  # fmt: skip
_numbers = st.sampled_from(["power_w", "temp_c"])
_limits = st.sampled_from(["0", "10", "-5", "2.5", "1e2", "lots_w"])
_signs = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
_atoms = st.one_of(
    st.sampled_from(["relay_on", "smoke", "hot", "!relay_on"]),
    st.builds(lambda name, sign, limit: f"{name} {sign} {limit}", _numbers, _signs, _limits),
    st.builds(lambda name, sign, limit: f"{limit} {sign} {name}", _numbers, _signs, _limits),
    st.builds(lambda name, limit: f"{name} * 2 > {limit}", _numbers, _limits),
    st.builds(lambda name, sign, limit: f"{name} {sign} {limit} + 20", _numbers, _signs, _limits),
    st.builds(lambda name, sign, limit: f"5 + {limit} {sign} {name}", _numbers, _signs, _limits),
    st.builds(lambda one, other: f"{one} < {other}", _numbers, _numbers),
)
_conditions = st.recursive(
    _atoms,
    lambda part: st.one_of(
        st.builds(lambda one, other: f"({one}) && ({other})", part, part),
        st.builds(lambda one, other: f"({one}) || ({other})", part, part),
        st.builds(lambda one: f"!({one})", part),
        st.builds(lambda which, one, other: f"(({which}) ? ({one}) : ({other}))", part, part, part),
    ),
    max_leaves=5,
)
_values = st.one_of(
    st.sampled_from([-6.0, -5.0, 0.0, 2.5, 9.9, 10.0, 10.1, 30.0, 100.0, math.inf]), st.floats(-50, 150)
)
_known = st.fixed_dictionaries(
    {"hot": st.booleans(), "relay_on": st.booleans(), "smoke": st.booleans(), "power_w": _values, "temp_c": _values}
)


def of(text: str) -> dict[str, Settled]:
    """What is settled by itself in a condition."""
    return dict(settled(text, compiled(text, GIVEN), METRICS, LET))


@given(text=_conditions, known=_known)
def test_what_a_value_settles_holds_for_nothing_else_there_is(text: str, known: dict[str, Value]) -> None:
    """A value that is said to settle it does: with all that can be known beside, it does not hold."""
    condition = compiled(text, GIVEN)
    for metric, found in of(text).items():
        if found.by(known[metric]):
            assert condition.truth({**LET, **known}) is False


def needed_by(text: str) -> frozenset[str]:
    """What a condition cannot do without."""
    return needed(text, compiled(text, GIVEN), METRICS, LET, ["hot"])


@given(text=_conditions, known=_known, silent=st.sets(st.sampled_from(sorted(METRICS))))
def test_without_what_it_needs_it_holds_for_nothing_else_there_is(
    text: str, known: dict[str, Value], silent: set[str]
) -> None:
    """Whatever is known beside, and whatever is not."""
    condition, needs = compiled(text, GIVEN), needed_by(text)
    heard = {name: value for name, value in known.items() if name not in silent}
    if silent & needs:
        assert condition.truth({**LET, **heard}) is not True


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        ("power_w > 10 && !relay_on", {"power_w", "relay_on"}),
        ("relay_on && power_w > 2 && power_w < 30", {"power_w", "relay_on"}),
        ("hot && smoke", {"smoke"}),
        ("power_w > 10 || smoke", set()),
        ("(power_w > 10 || smoke) && relay_on", {"relay_on"}),
        ("power_w > 10 && smoke || power_w < 0 && relay_on", {"power_w"}),
        ("relay_on ? (temp_c > 10) : (temp_c < 0)", {"relay_on", "temp_c"}),
        ("power_w * temp_c > 10", set()),
        ("power_w * temp_c > 10 && relay_on", set()),
    ],
)
def test_what_it_cannot_do_without(text: str, needs: set[str]) -> None:
    """Where a number is computed with, that is not found out."""
    assert needed_by(text) == needs


@pytest.mark.parametrize(
    ("text", "metric", "quiet", "loud"),
    [
        ("power_w > 10 && !relay_on", "power_w", [0.0, 9.9, 10.0, 10, -math.inf], [10.1, 99.0, 11]),
        ("power_w > 10 && !relay_on", "relay_on", [True], [False]),
        ("relay_on && power_w > 2 && power_w < 30", "power_w", [2.0, 30.0, 31.0], [2.1, 29.9]),
        ("relay_on && power_w > 2 && power_w < 30", "relay_on", [False], [True]),
        ("lots_w <= power_w && hot", "power_w", [29.9], [30.0, 31.0]),
        ("-5 > temp_c && hot", "temp_c", [-5.0, 0.0], [-5.1]),
        ("power_w == 10 && hot", "power_w", [9.9, 10.1], [10.0]),
    ],
)
def test_which_values_settle_it(text: str, metric: str, quiet: list[Value], loud: list[Value]) -> None:
    """On the limit itself as CEL has it."""
    found = of(text)[metric]
    assert [found.by(value) for value in quiet] == [True] * len(quiet)
    assert [found.by(value) for value in loud] == [False] * len(loud)


@pytest.mark.parametrize(
    "text",
    [
        "power_w > 10 || hot",
        "power_w * 2 > 10",
        "power_w > 10 && power_w * temp_c < 5",
        "10 - power_w > 5",
        "power_w > temp_c",
        "power_w < 10 + 5 && hot",
        "5 + 10 > power_w && hot",
        "'5' == '5' && power_w > 10",
        "[1, 2].exists(power_w, power_w > 1.0) && hot",
    ],
)
def test_what_cannot_be_read_off_is_asked(text: str) -> None:
    """A number that is computed with, or does not decide: no value of it is called quiet."""
    assert "power_w" not in of(text)
