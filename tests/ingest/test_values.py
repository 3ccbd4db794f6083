"""Values take the registry's type, never the payload's."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.schema import Metric
from domain.message import RejectReason
from domain.reading import Value
from ingest.decoded import Unfit
from ingest.values import Quantity

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
