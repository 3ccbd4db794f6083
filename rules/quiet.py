"""When a condition cannot hold whatever else is known: one value settles it by itself, or one is missing.

A city's values are nearly all of this kind, and most conditions need not be asked at all.
"""

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise, product
from typing import Final, NamedTuple

from config.schema import Metric
from domain.reading import Value
from rules.expression import Expression

_TOKEN: Final = re.compile(r"[A-Za-z_]\w*|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[<>=!]=|&&|\|\||\S")
_NUMBER: Final = re.compile(r"\d")
_COMPARED: Final = frozenset({"<", "<=", ">", ">=", "==", "!="})
_BEFORE: Final = frozenset({"", "(", "!", "&&", "||"})
_AFTER: Final = frozenset({"", ")", "&&", "||"})
_TEXT: Final = re.compile(r"[\"']|//")
_SWITCH: Final = (False, True)
_MOST_WAYS: Final = 10_000
"""To fill in all that a condition reads; of one with more nothing is found out."""


class Settled(NamedTuple):
    """For one metric: the values at which a condition may turn, and what it is on and between them.

    `never` has an entry for below the first of the points, for it, for between it and the next, and so on.
    """

    points: tuple[float, ...]
    never: tuple[bool, ...]

    def by(self, value: Value) -> bool:
        """Whether the condition cannot hold while this is the value."""
        left, right = bisect_left(self.points, value), bisect_right(self.points, value)
        return self.never[left + right]

    def throughout(self, least: Value, most: Value) -> bool:
        """Whether it cannot hold at any value from `least` to `most`."""
        first = bisect_left(self.points, least) + bisect_right(self.points, least)
        last = bisect_left(self.points, most) + bisect_right(self.points, most)
        return all(self.never[first : last + 1])


def settled(
    text: str, expression: Expression, metrics: Mapping[str, Metric], constants: Mapping[str, float | bool]
) -> Mapping[str, Settled]:
    """Of each metric for which some value settles the condition by itself: which do."""
    found: dict[str, Settled] = {}
    for name in sorted(metrics.keys() & expression.names):
        points = (0.0, 1.0) if metrics[name].type == "bool" else _points(text, name, constants)
        if not points:
            continue
        probes: Iterator[Value] = _probes(points)
        if metrics[name].type == "bool":
            probes = iter((False, False, False, True, True))
        never = tuple(_never(expression, {**constants, name: probe}) for probe in probes)
        if any(never):
            found[name] = Settled(points, never)
    return found


def needed(
    text: str,
    expression: Expression,
    metrics: Mapping[str, Metric],
    constants: Mapping[str, float | bool],
    rules: Collection[str],
) -> frozenset[str]:
    """The metrics without which the condition cannot hold. `rules`: the names of those that it reads.

    What holds while something is unknown holds whatever that is: so it is enough to fill in everything but the one.
    """
    read = sorted(metrics.keys() & expression.names)
    ways: dict[str, Sequence[Value]] = dict.fromkeys(rules, _SWITCH)
    for name in read:
        points = () if metrics[name].type == "bool" else _points(text, name, constants)
        ways[name] = _SWITCH if metrics[name].type == "bool" else tuple(_probes(points)) if points else ()
    return frozenset(name for name in read if _is_needed(expression, constants, _without(ways, name)))


def _without(ways: Mapping[str, Sequence[Value]], missing: str) -> Mapping[str, Sequence[Value]]:
    return {name: values for name, values in ways.items() if name != missing}


def _is_needed(
    expression: Expression, constants: Mapping[str, float | bool], ways: Mapping[str, Sequence[Value]]
) -> bool:
    """Whether no way to fill in the others makes it hold. No, if one of them has too many values to try."""
    if not 0 < math.prod(map(len, ways.values())) <= _MOST_WAYS:
        return False
    return not any(
        _holds(expression, {**constants, **dict(zip(ways, way, strict=True))}) for way in product(*ways.values())
    )


def _holds(expression: Expression, known: Mapping[str, Value]) -> bool:
    try:
        return expression.truth(known) is True
    except ArithmeticError:
        return True  # it says so by itself when it is asked


def _never(expression: Expression, known: Mapping[str, Value]) -> bool:
    try:
        return expression.truth(known) is False
    except ArithmeticError:
        return False


def _points(text: str, name: str, constants: Mapping[str, float | bool]) -> tuple[float, ...]:
    """The numbers that a metric is compared with; none if the condition does anything else with it."""
    if _TEXT.search(text):
        return ()
    tokens = ["", "", "", *_TOKEN.findall(text), "", "", ""]
    points: set[float] = set()
    for place, token in enumerate(tokens):
        if token == name:
            point = _compared(tokens, place, constants)
            if point is None:
                return ()
            points.add(point)
    return tuple(sorted(points))


def _compared(tokens: Sequence[str], place: int, constants: Mapping[str, float | bool]) -> float | None:
    """The number on the other side of `name < 5` or `5 > name`, if that stands by itself."""
    before, after = tokens[place - 1], tokens[place + 1]
    if before in _BEFORE and after in _COMPARED:
        sign, rest = (-1, 3) if tokens[place + 2] == "-" else (1, 2)
        number, beyond = _number(tokens[place + rest], constants), tokens[place + rest + 1]
        return None if number is None or beyond not in _AFTER else sign * number
    if after in _AFTER and before in _COMPARED:
        number = _number(tokens[place - 2], constants)
        sign, rest = (-1, 4) if tokens[place - 3] == "-" else (1, 3)
        return None if number is None or tokens[place - rest] not in _BEFORE else sign * number
    return None


def _number(token: str, constants: Mapping[str, float | bool]) -> float | None:
    return float(token) if _NUMBER.match(token) else constants.get(token)


def _probes(points: Sequence[float]) -> Iterator[float]:
    """A value below all points, each point, one between each two, and one above them all."""
    yield -math.inf
    for one, next_ in pairwise((*points, math.inf)):
        yield one
        yield math.inf if next_ == math.inf else one / 2 + next_ / 2
