"""Conditions in CEL: what they mean when something is not known, and what is refused before they are used."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.expression import ExpressionError, Type, compiled
from rules.kleene import Truth, every, inverse, some

GIVEN: frozenset[tuple[str, Type]] = frozenset(
    {("power_w", "number"), ("temp_c", "number"), ("relay_on", "truth"), ("charger_hot", "truth")}
)
NAMES = ("a", "b", "c")


@dataclass(frozen=True)
class Node:
    """A condition as CEL has it, and what it must be."""

    text: str
    parts: tuple["Node", ...] = ()

    def truth(self, known: dict[str, bool]) -> Truth:
        """By Kleene's tables."""
        truths = [part.truth(known) for part in self.parts]
        if not truths:
            return known.get(self.text)
        return inverse(truths[0]) if len(truths) == 1 else (every if "&&" in self.text else some)(truths)

    @property
    def cel(self) -> str:
        """As a rule would have it."""
        if not self.parts:
            return self.text
        if len(self.parts) == 1:
            return f"!({self.parts[0].cel})"
        return self.text.join(f"({part.cel})" for part in self.parts)


NODES = st.recursive(
    st.sampled_from([Node(name) for name in NAMES]),
    lambda node: st.one_of(
        st.builds(lambda left, right: Node("&&", (left, right)), node, node),
        st.builds(lambda left, right: Node("||", (left, right)), node, node),
        st.builds(lambda one: Node("!", (one,)), node),
    ),
    max_leaves=12,
)


@given(node=NODES, known=st.dictionaries(st.sampled_from(NAMES), st.booleans()))
def test_what_is_not_known_makes_unknown_only_what_hangs_on_it(node: Node, known: dict[str, bool]) -> None:
    """The runtime's own errors for missing names are Kleene's third value, in every condition."""
    condition = compiled(node.cel, frozenset((name, "truth") for name in NAMES))
    assert condition.truth(known) is node.truth(known)


@pytest.mark.parametrize(
    ("values", "truth"),
    [
        ({"power_w": 20.0, "relay_on": False}, True),
        ({"power_w": 20.0, "relay_on": True}, False),
        ({"power_w": 10.0, "relay_on": False}, False),
        ({"power_w": 20.0}, None),
        ({"power_w": 5.0}, False),
        ({"relay_on": True}, False),
        ({"relay_on": False}, None),
        ({}, None),
    ],
)
def test_power_with_the_relay_off(values: dict[str, float], truth: bool | None) -> None:
    """A condition of the shipped kind, row by row; a whole number is a number like any other."""
    condition = compiled("power_w > 10 && !relay_on", GIVEN)
    assert condition.names == {"power_w", "relay_on"}
    assert condition.truth(values) is truth


@pytest.mark.parametrize("text", ["power_w == 1", "power_w in [1, 2]", "power_w * 2 - 1 == 1", "1 <= power_w"])
def test_a_whole_number_is_a_number(text: str) -> None:
    """CEL tells 1 from 1.0; whoever writes a limit does not."""
    assert compiled(text, GIVEN).truth({"power_w": 1.0}) is True
    assert compiled(text, GIVEN).truth({"power_w": 0.0}) is False


def test_what_is_written_in_a_text_is_not_touched() -> None:
    """Nor what follows on a line after //."""
    assert compiled("'10' == '10' && power_w > 1 // 5 more", GIVEN).names == {"power_w"}
    assert compiled("'1' != '1.0'", GIVEN).truth({}) is True


@pytest.mark.parametrize(
    ("text", "row", "column", "said"),
    [
        ("powr_w > 10", 1, 1, "there is no 'powr_w'; did you mean 'power_w'?"),
        ("nonsense", 1, 1, "there is no 'nonsense'; there is charger_hot, power_w, relay_on, temp_c"),
        ("power_w > 10 && 5 < 6 && relay_of", 1, 26, "did you mean 'relay_on'?"),
        ("power_w > 10 &&\n  relay_of", 2, 3, "did you mean 'relay_on'?"),
        ("power_w >", 1, 10, "it ends too early"),
        (" ", 1, 2, "it ends too early"),
        ("power_w > 10 power_w", 1, 14, "extraneous input 'power_w'"),
        ("power_w > 10 # hot", 1, 14, "token recognition error at: '#'"),
        ("power_w + 1", 1, 1, "it is a number, not true or false"),
        ("relay_on == 1", 1, 10, "'==' does not go with true or false and a number"),
        ("power_w && relay_on", 1, 9, "'&&' does not go with a number and true or false"),
        ("power_w > '10'", 1, 9, "'>' does not go with a number and a text"),
        ("hot(power_w)", 1, 4, "there is no 'hot'"),
        ("power_w.value > 1", 1, 8, "expression of type 'double'"),
    ],
)
def test_what_cannot_be_is_refused_where_it_stands(text: str, row: int, column: int, said: str) -> None:
    """Before it is ever used: with the row and the column in the text as it was written."""
    with pytest.raises(ExpressionError) as refused:
        compiled(text, GIVEN)
    assert said in str(refused.value)
    assert (refused.value.row, refused.value.column) == (row, column)


@given(numbers=st.lists(st.integers(0, 10**6), max_size=5), after=st.integers(0, 10**6))
def test_the_column_is_that_of_the_text_as_written(numbers: list[int], after: int) -> None:
    """However many numbers stand before it."""
    before = "".join(f"power_w > {number} && " for number in numbers)
    with pytest.raises(ExpressionError) as refused:
        compiled(f"{before}unheard_of && temp_c < {after}", GIVEN)
    assert refused.value.column == len(before) + 1


def test_what_cannot_be_computed_is_no_answer() -> None:
    """With everything known that is the rule's fault, and must be told; else it may be the gap's."""
    condition = compiled("[1][int(power_w)] == 1 && !relay_on", GIVEN)
    with pytest.raises(ArithmeticError, match="power_w"):
        condition.truth({"power_w": 7.0, "relay_on": False})
    assert condition.truth({"power_w": 7.0}) is None
