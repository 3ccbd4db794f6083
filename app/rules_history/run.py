"""The rules over the stored history of a site."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from app.rules_history.hearing import Hearing
from app.rules_history.quick import QuickHistory
from app.rules_history.stretch import Piece, Stretch, answerable, every_reading
from config.load import Site
from rules.replay import AlarmSpan, Replay
from rules.rule import Rule
from storage.series.embedded import EmbeddedSeries
from storage.series.store import SeriesStore

Progress = Callable[[int, float], None]
"""Told how many readings are done, and which share of the time."""


class _Noting(Protocol):
    def take(self, replays: Sequence[Replay], /) -> None: ...


def replay(
    store: SeriesStore,
    site: Site,
    versions: Sequence[tuple[Rule, ...]],
    stretch: Stretch,
    *,
    progress: Progress = lambda _readings, _share: None,
    plain: bool = False,
) -> list[tuple[AlarmSpan, ...]]:
    """For each version of the rules, the alarms that stood at some time of the stretch.

    The history is read once. `plain`: every reading of it, also of an embedded store; the alarms are the same.
    """
    versions = [answerable(rules, site) for rules in versions]
    if isinstance(store, EmbeddedSeries) and not plain:
        hearing = Hearing(site, versions)
        pieces = QuickHistory(store, site, stretch, hearing).pieces()
        return play(pieces, site, versions, stretch, progress=progress, noting=hearing)
    return play(every_reading(store, site, stretch), site, versions, stretch, progress=progress)


def play(
    pieces: Iterator[Piece],
    site: Site,
    versions: Sequence[Sequence[Rule]],
    stretch: Stretch,
    *,
    progress: Progress = lambda _readings, _share: None,
    noting: _Noting | None = None,
) -> list[tuple[AlarmSpan, ...]]:
    """Pieces of history through every version; `noting` is shown the engines after each piece."""
    replays: list[Replay] = []
    done = 0
    for piece in pieces:
        # before anything was stored nobody was silent
        from_ms = piece.observations[0].received_ms if piece.observations else piece.end_ms
        replays = replays or [Replay(rules, site, from_ms=from_ms, tick_ms=stretch.tick_ms) for rules in versions]
        for one in replays:
            one.play(piece.observations, piece.heard)
        if noting is not None:
            noting.take(replays)
        done += piece.readings
        progress(done, min(1.0, (piece.end_ms - stretch.start_ms) / (stretch.to_ms - stretch.start_ms)))
    for one in replays:
        one.advance(stretch.to_ms)
    return [one.spans.all(from_ms=stretch.from_ms) for one in replays] or [() for _ in versions]
