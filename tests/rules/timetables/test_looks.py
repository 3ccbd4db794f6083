"""Rows of looks."""

import re
from functools import partial

import pytest

from domain.sighting import Sighting, ViewHealth
from rules.timetables.looks import Look, looks_of, sightings
from rules.timetables.row import Row
from tests.rules.city import small_city
from tests.rules.timetables.test_row import DAY

CAMERA = small_city().cameras["cam-1"]


def looks(text: str) -> list[Sighting]:
    """A row of looks, a minute apart."""
    row = Row[Look](DAY, 60).read(text, partial(looks_of, camera=CAMERA))
    return sightings(CAMERA, row.steps)


def shown(look: Sighting) -> str:
    """A look as an old hand would write it."""
    zones = [
        f"{zone.zone}:" + ",".join(f" {seen.label} {seen.stay_s:g}s" for seen in zone.objects) + "?" * zone.unsure
        for zone in look.zones
    ]
    return " ".join([look.view, *zones])


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("clear", "healthy front: kerb:"),
        ("healthy", "healthy front: kerb:"),
        ("dark", "dark"),
        ("front=bicycle", "healthy front: bicycle 0s kerb:"),
        ("front=bicyclex3", "healthy front: bicycle 120s kerb:"),
        ("front=bicycle _ dark front=bicycle", "healthy front: bicycle 180s kerb:"),
        ("front=bicycle clear front=bicycle", "healthy front: bicycle 0s kerb:"),
        ("front=bicycle front=? front=bicycle", "healthy front: bicycle 120s kerb:"),
        ("front=? clear", "healthy front: kerb:"),
        ("kerb=?", "healthy front: kerb:?"),
        ("front=car/12m", "healthy front: car 720s kerb:"),
        ("front=car/12m front=car", "healthy front: car 780s kerb:"),
        ("front=car,dining_table;kerb=left_object", "healthy front: car 0s, dining table 0s kerb: left_object 0s"),
    ],
)
def test_what_stays_stands_there_longer_and_longer(text: str, last: str) -> None:
    """Only a look that shows the zone without it begins anew; gaps and blind looks don't."""
    assert shown(looks(text)[-1]) == last


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nothing", "'nothing' is no look"),
        ("front=unicorn", "shows 'unicorn'; there is bicycle"),
        ("back=car", "names the zone 'back'; cam-1 has front, kerb"),
        ("front=car/12", "write a duration with its unit"),
    ],
)
def test_what_cannot_be_seen_is_named(text: str, says: str) -> None:
    """With what there is."""
    with pytest.raises(ValueError, match=re.escape(says)):
        looks(text)


def test_every_view_is_a_word() -> None:
    """A blind look has no zones."""
    for view in ViewHealth:
        assert looks(view)[0].view is view
        assert bool(looks(view)[0].zones) is (view is ViewHealth.HEALTHY)
