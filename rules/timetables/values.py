"""Rows of values: `1.8`, `1.8x5` (five times), `1.8+0.1x10` (ten values, each 0.1 more), `true`."""

import re
from collections.abc import Sequence

from config.schema import Metric
from domain.reading import Value
from rules.timetables.row import HOW

_NUMBER = re.compile(r"^(?P<first>-?\d+(?:\.\d+)?)(?P<step>[+-]\d+(?:\.\d+)?)?$")
_SWITCH = {"true": True, "false": False}


def values_of(word: str, times: int, metric: Metric) -> Sequence[Value]:
    """The values that a word stands for. Raises ValueError for what the metric can't be."""
    if metric.type == "bool":
        if word not in _SWITCH:
            raise ValueError(f"{word!r} is no value of a switch; write true or false")
        return [_SWITCH[word]] * times
    parts = _NUMBER.match(word)
    if parts is None:
        raise ValueError(f"{word!r} is no number; write {HOW}")
    first, step = float(parts["first"]), float(parts["step"] or 0)
    # Rounded: 1.8 + 3 × 0.1 is to be 2.1, as whoever wrote it means.
    return [round(first + number * step, 9) for number in range(times)]
