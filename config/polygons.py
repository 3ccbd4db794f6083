"""Polygons as people write them, and what makes one impossible."""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from domain.register import Polygon

Point = tuple[float, float]

MOST_POINTS = 64
LEAST_AREA = 1e-4
"""Share of the picture: 8 × 8 pixels of 640 × 480. What is smaller is a slip of the mouse."""
_PAIR = re.compile(r"^[^,]+,[^,]+$")


def polygon_of(text: str) -> Polygon:
    """`0.1,0.6 0.5,0.6 0.5,0.9`, or all numbers in one row as Frigate has them: `0.1,0.6,0.5,0.6,0.5,0.9`.

    Concave is fine, either way round, and the first corner may stand once more at the end. Raises ValueError, with a
    sentence that goes on after the zone's name, for anything that encloses no part of the picture.
    """
    points = [_point(pair) for pair in _pairs(text)]
    if len(points) > 3 and points[0] == points[-1]:
        points.pop()
    if len(points) < 3:
        raise ValueError(f"has {len(points)} points; a polygon needs 3")
    if len(points) > MOST_POINTS:
        raise ValueError(f"has {len(points)} points; {MOST_POINTS} are enough for any zone")
    for number, point in enumerate(points):
        if point in points[:number]:
            raise ValueError(f"has the corner {_told(point)} twice; each stands once")
    for problem in _crossings(points):
        raise ValueError(problem)
    if (size := area_of(points)) < LEAST_AREA:
        raise ValueError(f"encloses {size:.2g} of the picture, which is nothing: its corners lie on one line")
    return tuple(points)


def area_of(points: Sequence[Point]) -> float:
    """Area of a polygon that does not cross itself, as a share of the picture."""
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise((*points, points[0])))) / 2


def _pairs(text: str) -> list[str]:
    """The corners, each as `x,y`; in a flat row, every two numbers are one."""
    words = text.split()
    if len(words) != 1 and all(_PAIR.match(word) for word in words):
        return words
    numbers = [number.strip() for number in text.split(",")]
    if len(numbers) < 4 or any(not number or " " in number for number in numbers):
        return words
    if len(numbers) % 2:
        raise ValueError(f"has {len(numbers)} numbers in a row; x and y go in pairs, so one is missing or too many")
    return [f"{x},{y}" for x, y in zip(numbers[::2], numbers[1::2], strict=True)]


def _point(pair: str) -> Point:
    x, _, y = pair.partition(",")
    try:
        point = (float(x), float(y))
    except ValueError:
        raise ValueError(f"has a corner {pair!r}; write x,y with 0–1 each") from None
    if not all(0 <= value <= 1 for value in point):
        raise ValueError(
            f"has a corner {pair}; x and y are shares of the picture, 0–1, not pixels: "
            "divide x by the picture's width and y by its height"
        )
    return point


def _crossings(points: list[Point]) -> Iterator[str]:
    """What is wrong with each pair of edges that meet where they should not."""
    edges = list(pairwise((*points, points[0])))
    for (one, first), (other, second) in combinations(enumerate(edges), 2):
        if other - one == 1 or (one == 0 and other == len(edges) - 1):
            before, after = (first, second) if other - one == 1 else (second, first)
            if _side(*before, after[1]) == 0 and _along(before, after) < 0:
                yield f"turns back on itself at the corner {_told(after[0])}"
        elif _meet(first, second):
            yield f"crosses itself: the edge {_edge(first)} meets the edge {_edge(second)}; list the corners in order"


def _side(start: Point, end: Point, point: Point) -> int:
    """−1, 0 or 1: on which side of a line the point lies."""
    turn = (end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0])
    return 0 if abs(turn) < 1e-12 else 1 if turn > 0 else -1


def _along(before: tuple[Point, Point], after: tuple[Point, Point]) -> float:
    """Negative if the second edge goes against the first."""
    (a, b), (c, d) = before, after
    return (b[0] - a[0]) * (d[0] - c[0]) + (b[1] - a[1]) * (d[1] - c[1])


def _meet(first: tuple[Point, Point], second: tuple[Point, Point]) -> bool:
    """Whether two edges have a point in common."""
    if (
        _side(*first, second[0]) * _side(*first, second[1]) < 0
        and _side(*second, first[0]) * _side(*second, first[1]) < 0
    ):
        return True
    return any(
        _side(*edge, point) == 0 and _spans(edge, point)
        for edge, points in ((first, second), (second, first))
        for point in points
    )


def _spans(edge: tuple[Point, Point], point: Point) -> bool:
    (x1, y1), (x2, y2) = edge
    return min(x1, x2) <= point[0] <= max(x1, x2) and min(y1, y2) <= point[1] <= max(y1, y2)


def _edge(edge: tuple[Point, Point]) -> str:
    return f"{_told(edge[0])} – {_told(edge[1])}"


def _told(point: Point) -> str:
    return f"{point[0]:g},{point[1]:g}"
