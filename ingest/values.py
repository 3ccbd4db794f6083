"""From what a sender wrote to the type the metric registry fixes."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Final

from config.schema import Metric
from domain.message import RejectReason
from domain.reading import Value
from ingest.decoded import Unfit, shown

_FAR: Final = 1 << 53
"""Beyond, a whole number is no longer exact in JSON, nor as a float."""

_NUMBER: Final = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,3})?", re.ASCII)


def number(text: str) -> int | float | None:
    """The number that a text is, and nothing but; None if it is none."""
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        return None
    try:
        return int(text)
    except ValueError:
        return float(text)


def word(raw: object) -> str | None:
    """A single value as people write it in a file: true, 3 (for 3.0, too), open; None for what is no single value."""
    if isinstance(raw, bool):
        return str(raw).lower()
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    return str(raw) if isinstance(raw, str | int | float) else None


class Quantity:
    """One row of the metric registry, ready to read values."""

    def __init__(self, metric: Metric) -> None:
        self._as_type = _TYPES[metric.type]
        self._low = -math.inf if metric.min is None else metric.min
        self._high = math.inf if metric.max is None else metric.max

    def read(self, raw: object) -> Value:
        """The value in the metric's type. Raises Unfit: TYPE if it cannot be that, RANGE if it is not plausible."""
        value = self._as_type(raw)
        if not self._low <= value <= self._high:
            raise Unfit(RejectReason.RANGE, f"{shown(raw)} is outside {self._low:g} to {self._high:g}")
        return value


def _float(raw: object) -> float:
    if type(raw) is float and math.isfinite(raw):
        return raw
    if type(raw) is int:
        try:
            return float(raw)
        except OverflowError:
            pass
    _refuse_text(raw)
    raise Unfit(RejectReason.TYPE, f"{shown(raw)} is not a finite number")


def _refuse_text(raw: object) -> None:
    """What looks like a number in quotes is a text, and whoever mends it has to see that."""
    if isinstance(raw, str):
        raise Unfit(RejectReason.TYPE, f"{shown(raw)} is text (in quotes), where a number is wanted")


def _int(raw: object) -> int:
    if type(raw) is float and raw.is_integer():
        raw = int(raw)
    if type(raw) is not int:
        _refuse_text(raw)
        raise Unfit(RejectReason.TYPE, f"{shown(raw)} is not a whole number")
    if not -_FAR <= raw <= _FAR:
        raise Unfit(RejectReason.RANGE, f"{shown(raw)} is outside ±2^53")
    return raw


def _bool(raw: object) -> bool:
    if isinstance(raw, bool | int | float) and raw in (0, 1):
        return raw == 1
    raise Unfit(RejectReason.TYPE, f"{shown(raw)} is not true, false, 1 or 0")


_TYPES: Final[Mapping[str, Callable[[object], Value]]] = {"float": _float, "int": _int, "bool": _bool}
