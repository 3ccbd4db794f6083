"""示范户 and 示范路: who is praised, by criteria that are published and nothing else."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Final

from msgspec import Struct

from cases.kpi.facts import Facts
from cases.kpi.share import Share
from config.figures import Figures
from config.load import Site

_WEEK_MS: Final = 7 * 86_400_000


class Exemplary(Struct, frozen=True, kw_only=True):
    """A shop or a road that meets the criteria, with what it was measured by."""

    name: tuple[str, ...]
    """(shop id,), or (district, road)."""
    rate: Share
    """Self-corrected of what it was told."""
    shops: Share = Share(0, 0)
    """Of a road: its exemplary shops ÷ its watched ones."""


class Praise(Struct, frozen=True, kw_only=True):
    """All of them; `too_early` if the book does not go back as far as the criteria look."""

    shops: Sequence[Exemplary] = ()
    roads: Sequence[Exemplary] = ()
    too_early: bool = False


def looks_back_ms(figures: Figures) -> int:
    """How far back the criteria look."""
    return max(figures.shop.weeks_without_case, figures.shop.weeks_without_strike) * _WEEK_MS


def praise(facts: Facts, site: Site, to_ms: int, since_ms: int | None) -> Praise:
    """By the weeks up to `to_ms`. `since_ms` is when the book began: a clean past that nobody watched is none."""
    figures = site.settings.figures
    if since_ms is None or since_ms > to_ms - looks_back_ms(figures):
        return Praise(too_early=True)
    watched = {zone.shop_id for camera in site.cameras.values() for zone in camera.zones if zone.shop_id}
    shops = _shops(facts, figures, to_ms, watched)
    return Praise(shops=shops, roads=_roads(facts, site, to_ms, watched, {shop.name[0] for shop in shops}))


def _shops(facts: Facts, figures: Figures, to_ms: int, watched: Collection[str]) -> list[Exemplary]:
    wanted = figures.shop
    lately = facts.during(to_ms - wanted.weeks_without_case * _WEEK_MS, to_ms)
    with_case = {one.where.shop_id for one in lately.opened}
    with_case |= {find.where.shop_id for find in lately.finds if find.filed and not find.upheld}
    longer = facts.during(to_ms - wanted.weeks_without_strike * _WEEK_MS, to_ms)
    struck = {find.where.shop_id for find in longer.finds if find.struck and not find.upheld}
    rates = _rates(lately)
    found = []
    for shop_id in sorted(set(watched) - with_case - struck):
        rate = rates.get(shop_id, Share(0, 0))
        if rate.value is None or rate.value >= wanted.min_rate:
            found.append(Exemplary(name=(shop_id,), rate=rate))
    return found


def _roads(facts: Facts, site: Site, to_ms: int, watched: Collection[str], good: Collection[str]) -> list[Exemplary]:
    wanted = site.settings.figures.road
    rates = _rates(facts.during(to_ms - site.settings.figures.shop.weeks_without_case * _WEEK_MS, to_ms))
    roads: dict[tuple[str, str], list[str]] = defaultdict(list)
    for shop_id in watched:
        place = site.shops[shop_id].location
        roads[place.district, place.road].append(shop_id)
    found = []
    for name, shops in sorted(roads.items()):
        of_shops = [rates.get(shop_id, Share(0, 0)) for shop_id in shops]
        rate = Share(sum(one.numerator for one in of_shops), sum(one.denominator for one in of_shops))
        share = Share(sum(shop_id in good for shop_id in shops), len(shops))
        enough = len(shops) >= wanted.min_shops and (share.value or 0) >= wanted.min_share
        if enough and (rate.value is None or rate.value >= wanted.min_rate):
            found.append(Exemplary(name=name, rate=rate, shops=share))
    return found


def _rates(facts: Facts) -> dict[str, Share]:
    """By shop: self-corrected of what it was told."""
    told: dict[str, list[bool]] = defaultdict(list)
    for find in facts.finds:
        if find.told and not find.upheld and find.where.shop_id:
            told[find.where.shop_id].append(find.corrected)
    return {shop_id: Share(sum(each), len(each)) for shop_id, each in told.items()}
