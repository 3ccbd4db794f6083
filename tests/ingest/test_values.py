"""Values take the registry's type, never the payload's."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.load import SHARED
from config.retold import retold
from config.schema import Metric
from config.texts import Texts
from domain.message import RejectReason
from domain.reading import Value
from ingest.decoded import Unfit
from ingest.values import Quantity, number, word

FLOAT = Quantity(Metric(type="float", unit="V", min=0, max=500, zh="电压", en="voltage"))
INT = Quantity(Metric(type="int", unit="", zh="次数", en="count"))
BOOL = Quantity(Metric(type="bool", unit="", zh="烟雾", en="smoke"))


@pytest.mark.parametrize(
    ("quantity", "raw", "value"),
    [
        (FLOAT, 220, 220.0),
        (FLOAT, 0, 0.0),
        (FLOAT, 500.0, 500.0),
        (INT, 3, 3),
        (INT, 3.0, 3),
        (INT, -(1 << 53), -(1 << 53)),
        (BOOL, True, True),
        (BOOL, False, False),
        (BOOL, 1, True),
        (BOOL, 0.0, False),
    ],
)
def test_what_can_be_the_type_becomes_it(quantity: Quantity, raw: object, value: object) -> None:
    """Whole floats are ints, ints are floats, 0 and 1 are switches; and the result has exactly the type."""
    read = quantity.read(raw)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("quantity", "raw", "reason"),
    [
        (FLOAT, True, RejectReason.TYPE),
        (FLOAT, "220", RejectReason.TYPE),
        (FLOAT, None, RejectReason.TYPE),
        (FLOAT, math.nan, RejectReason.TYPE),
        (FLOAT, math.inf, RejectReason.TYPE),
        (FLOAT, 10**400, RejectReason.TYPE),
        (FLOAT, 500.001, RejectReason.RANGE),
        (FLOAT, -1, RejectReason.RANGE),
        (INT, True, RejectReason.TYPE),
        (INT, 3.5, RejectReason.TYPE),
        (INT, math.nan, RejectReason.TYPE),
        (INT, (1 << 53) + 1, RejectReason.RANGE),
        (INT, -1e300, RejectReason.RANGE),
        (INT, 1e300, RejectReason.RANGE),
        (BOOL, 2, RejectReason.TYPE),
        (BOOL, 0.5, RejectReason.TYPE),
        (BOOL, "true", RejectReason.TYPE),
        (BOOL, [], RejectReason.TYPE),
    ],
)
def test_what_cannot_be_the_type_is_named(quantity: Quantity, raw: object, reason: RejectReason) -> None:
    """A switch is no number, a text is neither, and a number beyond what is plausible is RANGE."""
    with pytest.raises(Unfit) as unfit:
        quantity.read(raw)
    assert unfit.value.reason is reason


@pytest.mark.parametrize("quantity", [FLOAT, INT])
def test_a_number_in_quotes_is_said_to_be_a_text(quantity: Quantity) -> None:
    """Not that it is no finite number: it looks like one. In both languages."""
    with pytest.raises(Unfit) as unfit:
        quantity.read("85")
    sentence = unfit.value.detail
    assert sentence == "85 is text (in quotes), where a number is wanted"
    assert retold(Texts.load(SHARED / "texts"), "zh-CN", sentence) == "85 是文字（带引号），这里要填数字"


@given(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers())))
def test_any_value_is_the_type_or_unfit(raw: object) -> None:
    """Whatever a sender writes, a quantity is finite and of its type, or Unfit: nothing else comes out."""
    for quantity, kind in ((FLOAT, float), (INT, int), (BOOL, bool)):
        found = _read(quantity, raw)
        if isinstance(found, Unfit):
            assert found.reason in (RejectReason.TYPE, RejectReason.RANGE)
            assert found.detail.isprintable()
            assert len(found.detail) < 500
        else:
            assert type(found) is kind
            assert math.isfinite(found)


def _read(quantity: Quantity, raw: object) -> Value | Unfit:
    try:
        return quantity.read(raw)
    except Unfit as unfit:
        return unfit


@pytest.mark.parametrize(
    ("text", "expected"),
    [("3", 3), (" -3.50 ", -3.5), ("+.5", 0.5), ("1e3", 1000.0), ("007", 7), ("5.", 5.0), ("1e999", math.inf)],
)
def test_a_text_that_is_a_number(text: str, expected: float) -> None:
    """Digits, a point, an exponent; whole ones stay whole."""
    assert number(text) == expected
    assert type(number(text)) is type(expected)


@pytest.mark.parametrize("text", ["", "x", "1,5", "0x10", "1_000", "nan", "inf", "٣", "1 2", "--1", "1" * 5000])
def test_a_text_that_is_none(text: str) -> None:
    """Nothing is guessed."""
    assert number(text) is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [(True, "true"), (1, "1"), (1.0, "1"), (-0.5, "-0.5"), ("On", "On"), (None, None), ([], None), (math.nan, "nan")],
)
def test_a_value_as_people_write_it(raw: object, expected: object) -> None:
    """What stands in a file under `values` matches what stands in a payload, whatever type it has there."""
    assert word(raw) == expected
