"""Which stretch of history is replayed, and what its pieces look like."""

from collections.abc import Iterator
from itertools import groupby
from typing import Final, NamedTuple

from msgspec import Struct

from app.rules_history.points import Observation, Observations
from config.load import Site
from config.schema import NATIVE
from domain.sighting import Sighting
from rules.rule import CAMERA, FEED, Rule
from storage.series.store import SeriesStore

HOUR_MS: Final = 3_600_000


class Stretch(Struct, frozen=True, kw_only=True):
    """From when to when, in epoch ms; the end is not included."""

    from_ms: int
    to_ms: int
    lead_ms: int = 86_400_000
    """How long before it the rules begin to hear, so that what had begun already is known. None of it is reported."""
    tick_ms: int = 10_000

    @property
    def start_ms(self) -> int:
        """The time of the first point that is read."""
        return max(self.from_ms - self.lead_ms, 0)


class Piece(NamedTuple):
    """Part of the history, in order; and when something came by which feed, in epoch ms."""

    end_ms: int
    observations: list[Observation]
    heard: list[tuple[int, str]]
    readings: int
    """How many stored observations it stands for; more than it has, where some were not worth reading."""
    first_ms: int | None = None
    """When the first of those came, if the piece does not have it; None: see `begins_ms`."""

    @property
    def begins_ms(self) -> int | None:
        """When the first thing came; None: nothing did."""
        firsts_ms = [one.received_ms for one in self.observations[:1]] + [at_ms for at_ms, _ in self.heard[:1]]
        if self.first_ms is not None:
            firsts_ms.append(self.first_ms)
        return min(firsts_ms, default=None)


def only_feed(site: Site) -> str | None:
    """The feed that everything came by; None where a site has several, for a store does not say which."""
    return None if site.settings.ingest.feeds else NATIVE


def comes_by_feed(observation: Observation) -> bool:
    """Cameras come by none: we feed them ourselves."""
    return not isinstance(observation, Sighting) and observation.kind != CAMERA


def answerable(rules: tuple[Rule, ...], site: Site) -> tuple[Rule, ...]:
    """The rules that history can be asked about: with several feeds, none of those about feeds."""
    if only_feed(site) is not None:
        return rules
    return tuple(rule for rule in rules if rule.spec.for_each.kind != FEED)


def every_reading(store: SeriesStore, site: Site, stretch: Stretch) -> Iterator[Piece]:
    """All of it, hour by hour, from any kind of store."""
    observations, feed = Observations(site), only_feed(site)
    points = store.export(stretch.start_ms, stretch.to_ms)
    for hour, group in groupby(points, lambda point: point.at_ms // HOUR_MS):
        found = observations.in_order(group)
        heard = [(one.received_ms, feed) for one in found if comes_by_feed(one)] if feed else []
        yield Piece((hour + 1) * HOUR_MS, found, heard, len(found))
