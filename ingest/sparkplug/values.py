"""What a Sparkplug metric's datatype makes of the number that was sent."""

from collections.abc import Mapping
from typing import Final

from domain.message import RejectReason
from ingest.decoded import Unfit
from ingest.sparkplug.wire import BOOLEAN, Metric

_SIGNED_BITS: Final[Mapping[int, int]] = {1: 8, 2: 16, 3: 32, 4: 64}
_UNSIGNED_BITS: Final[Mapping[int, int]] = {5: 8, 6: 16, 7: 32, 8: 64, 13: 64}  # the last is DateTime
_WHOLE: Final = ("int", "long")
_FORMS: Final[Mapping[int, tuple[str, ...]]] = {
    **dict.fromkeys((*_SIGNED_BITS, *_UNSIGNED_BITS), _WHOLE),
    9: ("float", "double"),
    10: ("float", "double"),
    BOOLEAN: ("boolean",),
    12: ("string",),
    14: ("string",),
    15: ("string",),
}
_PLAIN: Final = ("float", "double", "boolean", "string")
"""Forms that need no datatype to be understood."""


def value_of(metric: Metric, datatype: int | None, *, born: bool) -> int | float | bool | str:
    """The value in its own type. Raises Unfit: TYPE for what is no single value, or not what its datatype says.

    NO_BIRTH if nothing says the datatype of a whole number, but a birth that was not heard would (`born`).
    """
    if metric.value is None:
        said = "no value, and is not said to be null" if metric.form is None else f"a {metric.form}, which is not read"
        raise Unfit(RejectReason.TYPE, f"it has {said}")
    if not datatype:
        if metric.form not in _PLAIN:
            reason = RejectReason.TYPE if born else RejectReason.NO_BIRTH
            raise Unfit(reason, "nothing says its datatype, and so not whether it has a sign")
        return metric.value
    forms = _FORMS.get(datatype)
    if forms is None:
        raise Unfit(RejectReason.TYPE, f"values of datatype {datatype} are not read")
    if metric.form not in forms:
        raise Unfit(RejectReason.TYPE, f"it is sent as {metric.form}, but its datatype {datatype} is {forms[0]}")
    return _whole(int(metric.value), metric.form, datatype) if forms is _WHOLE else metric.value


def _whole(raw: int, form: str | None, datatype: int) -> int:
    """The field is unsigned: a negative number comes as two's complement, of its own width or of the field's."""
    width = 32 if form == "int" else 64
    value = raw & ((1 << width) - 1)
    bits = _UNSIGNED_BITS.get(datatype)
    if bits is None:
        bits = _SIGNED_BITS[datatype]
        if value >= 1 << (width - 1):
            value -= 1 << width
        elif 1 << (bits - 1) <= value < 1 << bits:
            value -= 1 << bits
        fits = -(1 << (bits - 1)) <= value < 1 << (bits - 1)
    else:
        fits = value < 1 << bits
    if not fits:
        raise Unfit(RejectReason.TYPE, f"{value} does not fit the {bits} bits of its datatype {datatype}")
    return value
