"""Whom the figures praise."""

from dataclasses import replace
from pathlib import Path

import pytest

from cases.kpi.exemplary import Praise, looks_back_ms, praise
from cases.kpi.facts import facts_of
from cases.kpi.lines import UPHELD
from cases.kpi.share import Share
from config.figures import ExemplaryRoad, ExemplaryShop, Figures
from config.load import Site
from domain.history import History
from domain.ladder import LadderStep
from tests.cases.city import make_site
from tests.cases.kpi.rows import DAY, case, ladder, line

TO = 400 * DAY
HOUR = 3_600_000
CORRECTED = LadderStep.SELF_CORRECTED


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Two shops on one road, both watched; the road needs both."""
    found = make_site(tmp_path / "site")
    figures = Figures(shop=ExemplaryShop(), road=ExemplaryRoad(min_shops=2, min_share=1.0, min_rate=0.85))
    return replace(found, settings=found.settings.model_copy(update={"figures": figures}))


def of(site: Site, history: History) -> Praise:
    return praise(facts_of(history, site, TO), site, TO, 0)


def test_who_was_never_told_is_exemplary(site: Site) -> None:
    """Without one find, all that are watched are; and so is their road."""
    found = of(site, History())

    assert [(shop.name, shop.rate) for shop in found.shops] == [(("S1",), Share(0, 0)), (("S2",), Share(0, 0))]
    assert [(road.name, road.shops) for road in found.roads] == [(("天宁区", "双桂街"), Share(2, 2))]


def test_a_case_within_the_weeks_costs_it(site: Site) -> None:
    """And one before them does not."""
    lately = History(cases=[case("a", TO - 84 * DAY, TO, shop_id="S1")])
    before = History(cases=[case("a", TO - 84 * DAY - 1, TO, shop_id="S1")])

    assert [shop.name for shop in of(site, lately).shops] == [("S2",)]
    assert of(site, lately).roads == []
    assert len(of(site, before).shops) == 2


def test_a_third_strike_costs_it_for_longer(site: Site) -> None:
    """Half a year; unless its contest was upheld."""
    struck = [ladder(1, TO - 100 * DAY, step=LadderStep.CASE, ended_ms=TO - 100 * DAY)]
    line_1, line_2 = line(1, "strike", TO - 100 * DAY, ladder_id=1), line(2, UPHELD, TO - 99 * DAY, ladder_id=1)

    assert [shop.name for shop in of(site, History(ladders=struck, lines=[line_1])).shops] == [("S2",)]
    assert len(of(site, History(ladders=struck, lines=[line_1, line_2])).shops) == 2


def test_who_leaves_too_much_uncorrected_is_not(site: Site) -> None:
    """Nine of ten are enough, eight of nine are not. One that a person ended counts as not corrected."""
    ladders = [ladder(n, TO - n * 8 * DAY, step=CORRECTED, ended_ms=TO - n * 8 * DAY + HOUR) for n in range(1, 10)]
    released = ladder(10, TO - 80 * DAY, ended_ms=TO - 80 * DAY + HOUR)
    told = {n: TO - n * 8 * DAY for n in range(1, 11)}

    good = of(site, History(ladders=[*ladders, released], told=told))
    bad = of(site, History(ladders=[*ladders[1:], released], told=told))

    assert [(shop.name, shop.rate) for shop in good.shops] == [(("S1",), Share(9, 10)), (("S2",), Share(0, 0))]
    assert [shop.name for shop in bad.shops] == [("S2",)]


def test_a_past_that_nobody_watched_is_not_praised(site: Site) -> None:
    """The book has to go back as far as the criteria look."""
    facts, back_ms = facts_of(History(), site, TO), looks_back_ms(site.settings.figures)

    assert praise(facts, site, TO, None).too_early
    assert praise(facts, site, TO, TO - back_ms + 1).too_early
    assert not praise(facts, site, TO, TO - back_ms).too_early


def test_a_shop_that_no_camera_watches_is_not_praised(site: Site) -> None:
    """Nobody knows how it does."""
    unseen = replace(site, cameras={})

    assert of(unseen, History()) == Praise(shops=[], roads=[])
