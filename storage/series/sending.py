"""Getting a batch of lines into a server that may complain about some of them."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from domain.errors import PointsRejected
from domain.point import Point
from storage.series import flaws, line_protocol

Numbered = tuple[int, str]
"""A point's index in its batch, with its line or with what is wrong with it."""


class Refusal(Struct, frozen=True, kw_only=True):
    """An answer that blames lines of a request; the other lines of it may or may not be stored.

    `dropped` is how many it says were not stored, if it says so. `named` are places of lines that will never be
    stored, with the reason for each, where the server names them; there may be more than these.
    """

    reason: str
    dropped: int | None = None
    named: Mapping[int, str] = {}


Post = Callable[[bytes], Refusal | None]
"""Sends lines. None: all are stored. Raises StoreUnavailable or StoreRefused for anything that blames no line."""


def write(
    points: Sequence[Point],
    post: Post,
    *,
    flaw: Callable[[Point], str | None] = flaws.of_point,
    line: Callable[[Point], str] = line_protocol.line,
) -> None:
    """Store all points but those that never can be. Raises what `post` raises, and PointsRejected.

    `flaw` says what is wrong with a point that need not be sent, and `line` makes the line or lines of one. To find
    k bad points among n takes O(k log n) requests. Sending a line twice is taken to be harmless.
    """
    lines: list[Numbered] = []
    rejected: list[Numbered] = []
    for index, point in enumerate(points):
        if wrong := flaw(point):
            rejected.append((index, wrong))
        else:
            lines.append((index, line(point)))
    rejected += _sent(lines, post)
    if rejected:
        raise PointsRejected(sorted(rejected))


def _sent(lines: Sequence[Numbered], post: Post) -> list[Numbered]:
    """Send all lines and return those that are refused. They are halved until the culprits stand alone."""
    rejected: list[Numbered] = []
    waiting = deque([lines] if lines else [])
    while waiting:
        batch = waiting.popleft()
        refusal = post("\n".join([line for _, line in batch]).encode())
        if refusal is None:
            continue
        if named := {place: why for place, why in refusal.named.items() if 0 <= place < len(batch)}:
            rejected += [(batch[place][0], why) for place, why in named.items()]
            if rest := [line for place, line in enumerate(batch) if place not in named]:
                waiting.appendleft(rest)
        elif len(batch) in {1, refusal.dropped}:
            rejected += [(index, refusal.reason) for index, _ in batch]
        else:  # in order, so that of two values at one key the later one still wins
            half = len(batch) // 2
            waiting.extendleft((batch[half:], batch[:half]))
    return rejected
