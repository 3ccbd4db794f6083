"""A camera's day as a line: when its view was healthy, when not, and when things stood in its zones."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from console.words import Words
from domain.sighting import LookMark, ViewHealth

DAY_MS: Final = 86_400_000
WIDTH: Final = 1440
"""A unit is a minute."""
SILENT_MS: Final = 900_000
"""So long after a look nothing is known of the view any more: a calm camera's looks are kept every five minutes."""
UNKNOWN: Final = "unknown"


class Stretch(Struct, frozen=True, kw_only=True):
    """A part of the line; `x` and `width` in minutes."""

    view: str
    word: str
    x: float
    width: float
    from_ms: int
    to_ms: int


class Tick(Struct, frozen=True, kw_only=True):
    """A look with things in zones."""

    x: float
    height: float
    things: int


def day_facts(marks: Sequence[LookMark], words: Words) -> dict[str, object]:
    """For the template: stretches, ticks, hours, and the day in a sentence."""
    start_ms = words.now_ms - DAY_MS
    stretches = stretches_of(marks, words, start_ms)
    seen = [mark for mark in marks if mark.things and mark.taken_ms >= start_ms]
    healthy = sum(one.width for one in stretches if one.view == ViewHealth.HEALTHY)
    known = sum(one.width for one in stretches if one.view != UNKNOWN)
    return {
        "stretches": stretches,
        "ticks": [
            Tick(x=_minute(mark.taken_ms, start_ms), height=min(mark.things, 8) * 3.0, things=mark.things)
            for mark in seen
        ],
        "hours": [(_minute(at, start_ms), words.local(at).strftime("%H:%M")) for at in _hours(words, start_ms)],
        "healthy_share": f"{healthy / known:.0%}" if known else "–",
        "known_share": f"{known / WIDTH:.0%}",
        "faults": [one for one in stretches if one.view not in {ViewHealth.HEALTHY.value, UNKNOWN}][-8:],
        "most": max((mark.things for mark in seen), default=0),
        "width": WIDTH,
    }


def stretches_of(marks: Sequence[LookMark], words: Words, start_ms: int) -> list[Stretch]:
    """The day without a gap: looks alike in a row are one stretch, and where none was for long nobody knows."""
    spans: list[tuple[str, int, int]] = []
    at_ms = start_ms
    ends = [*(one.taken_ms for one in marks), words.now_ms][1:]
    for mark, after in zip(marks, ends, strict=True):
        if mark.taken_ms > at_ms:
            spans.append((UNKNOWN, at_ms, mark.taken_ms))
        end_ms = min(after, mark.taken_ms + SILENT_MS)
        spans.append((mark.view.value, max(mark.taken_ms, start_ms), end_ms))
        at_ms = end_ms
    if at_ms < words.now_ms:
        spans.append((UNKNOWN, at_ms, words.now_ms))
    joined: list[tuple[str, int, int]] = []
    for view, from_ms, to_ms in spans:
        if joined and joined[-1][0] == view:
            joined[-1] = (view, joined[-1][1], to_ms)
        elif to_ms > from_ms:
            joined.append((view, from_ms, to_ms))
    return [
        Stretch(
            view=view,
            word=words.term("view", view),
            x=_minute(from_ms, start_ms),
            width=round((to_ms - from_ms) / 60_000, 1),
            from_ms=from_ms,
            to_ms=to_ms,
        )
        for view, from_ms, to_ms in joined
    ]


def _minute(at_ms: int, start_ms: int) -> float:
    return round((at_ms - start_ms) / 60_000, 1)


def _hours(words: Words, start_ms: int) -> list[int]:
    """Every third full hour of the site's clock."""
    first = words.local(start_ms).replace(minute=0, second=0, microsecond=0)
    hours = (round(first.timestamp() * 1000) + n * 3_600_000 for n in range(1, 25))
    return [at for at in hours if at >= start_ms and words.local(at).hour % 3 == 0]
