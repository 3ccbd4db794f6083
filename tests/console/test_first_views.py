"""What is made before anybody asks."""

from itertools import takewhile

from config.load import Site
from console.first_views import FirstViews
from console.pages.rail import RAIL
from console.pages.render import Pages
from domain.clock import ManualClock
from tests.fakes.desk import FakeDesk


def test_every_place_of_the_rail_then_every_template(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """One thing a step, with a short rest; then there is nothing more to do. No page fails for whoever may do all."""
    pages = Pages(desk, site, clock)
    first = FirstViews(pages, "zh-CN")

    rests_s = list(takewhile(lambda rest_s: rest_s < 1, (first.step() for _ in range(1000))))

    assert len(rests_s) == len(RAIL) + len(pages.templates())
    assert {"map.html", "sections/headline.html"} <= set(pages.templates())
    assert first.step() > 60
