"""History played to versions of the rules, piece by piece."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from app.rules_history.stretch import Piece, Stretch
from config.load import Site
from rules.replay import AlarmSpan, Replay
from rules.rule import Rule

Progress = Callable[[int, float], None]
"""Told how many readings are done, and which share of the time."""


class _Noting(Protocol):
    def take(self, replays: Sequence[Replay], /) -> None: ...


def play(
    pieces: Iterator[Piece],
    site: Site,
    versions: Sequence[Sequence[Rule]],
    stretch: Stretch,
    *,
    progress: Progress = lambda _readings, _share: None,
    noting: _Noting | None = None,
    begins_ms: int | None = None,
) -> list[tuple[AlarmSpan, ...]]:
    """Pieces of history through every version; `noting` is shown the engines after each piece.

    `begins_ms`: when the history begins, if that is not when the first piece does.
    """
    replays: list[Replay] = []
    done = 0
    for piece in pieces:
        from_ms = piece.begins_ms if begins_ms is None else begins_ms
        # before anything was stored nobody was silent, and nothing passes
        if not replays and from_ms is not None:
            replays = [Replay(rules, site, from_ms=from_ms, tick_ms=stretch.tick_ms) for rules in versions]
        for one in replays:
            one.play(piece.observations, piece.heard)
        if noting is not None:
            noting.take(replays)
        done += piece.readings
        progress(done, min(1.0, (piece.end_ms - stretch.start_ms) / (stretch.to_ms - stretch.start_ms)))
    for one in replays:
        one.advance(stretch.to_ms)
    return [one.spans.all(from_ms=stretch.from_ms) for one in replays] or [() for _ in versions]
