"""What one of six shops before one camera is shown: its own zone, and nothing of the other five."""

import cv2
import numpy as np
import pytest
from msgspec import structs

from domain.picture import PictureFacts, SeenThing, picture_name
from domain.register import Camera, Polygon, Zone, ZoneRole
from domain.sighting import SeenObject, Sighting, ViewHealth, ZoneSighting
from tests.fakes.cameras import jpeg
from tests.vision.scenes import NOON_MS, Array, camera, zone
from tests.vision.test_evidence import CHINESE
from vision.archive import as_it_lay, zones_key
from vision.evidence import Hider, shareable_copy
from vision.picture import Pixels, decode
from vision.zone_copy import WIDEST_PX, zone_copy

SHIFT = (0.01, -0.01)
WIDTH, HEIGHT = 1280, 720
HIDER = Hider(detect=lambda _pixels: ())


def _place(number: int) -> Polygon:
    left = 0.02 + number * 0.16
    return ((left, 0.55), (left + 0.15, 0.55), (left + 0.15, 0.85), (left, 0.85))


def _zones() -> tuple[Zone, ...]:
    return tuple(zone(_place(n), ZoneRole.FRONTAGE, f"front-{n}", shop_id=f"S{n}") for n in range(6))


WATCHED = camera(*_zones())


def _street(seed: int = 1) -> Array:
    """Each shop has a sign in letters of fine lines, and its name below."""
    out = np.full((HEIGHT, WIDTH, 3), 120, np.uint8)
    noise = np.random.default_rng(seed).integers(0, 2, (HEIGHT // 4, WIDTH // 4, 1), np.uint8) * 110
    out += cv2.resize(noise, (WIDTH, HEIGHT), interpolation=cv2.INTER_NEAREST)[:, :, None]
    return np.asarray(out, np.uint8)


def _seen(number: int) -> SeenThing:
    left = 0.04 + number * 0.16
    return SeenThing(zone=f"front-{number}", label="goods", score=0.8, box=(left, 0.5, left + 0.08, 0.8), stay_s=700)


def _facts(*numbers: int) -> PictureFacts:
    look_id = f"cam-1-{NOON_MS}"
    return PictureFacts(
        name=picture_name("cam-1", look_id, NOON_MS),
        camera_id="cam-1",
        look_id=look_id,
        taken_ms=NOON_MS,
        zones_key=zones_key(WATCHED),
        shift=SHIFT,
        seen=tuple(_seen(n) for n in numbers),
        size_px=(WIDTH, HEIGHT),
    )


def _copy(street: Array, facts: PictureFacts) -> bytes:
    seen = {thing.zone: thing for thing in facts.seen}
    zones = tuple(
        ZoneSighting(
            zone=one.zone,
            shop_id=one.shop_id,
            objects=tuple(
                SeenObject(label=thing.label, score=thing.score, box=thing.box, overlap=1, stay_s=700, looks=9)
                for thing in ([seen[one.zone]] if one.zone in seen else [])
            ),
        )
        for one in WATCHED.zones
    )
    sighting = Sighting(
        camera_id="cam-1",
        look_id=facts.look_id,
        taken_ms=NOON_MS,
        received_ms=NOON_MS,
        view=ViewHealth.HEALTHY,
        zones=zones,
    )
    return shareable_copy(jpeg(street), sighting, as_it_lay(WATCHED, facts.shift), HIDER, CHINESE)


def _shown(street: Array, facts: PictureFacts, watched: Camera = WATCHED, name: str = "front-2") -> Pixels:
    made = zone_copy(_copy(street, facts), facts, watched, name)
    assert made is not None
    return decode(made)


def test_its_own_zone_is_there_as_it_was() -> None:
    """Fine detail of the zone survives; beside it nothing finer than the coarse cells does."""
    out = _shown(_street(), _facts(2))
    assert out.shape[1] <= WIDEST_PX
    fine = np.abs(cv2.Laplacian(cv2.cvtColor(out, cv2.COLOR_BGR2GRAY), cv2.CV_64F))
    height, width = out.shape[:2]
    assert fine[height // 2 - 30 : height // 2 + 30, width // 2 - 30 : width // 2 + 30].mean() > 8
    assert fine[:, :8].mean() < 3


@pytest.mark.parametrize("others", [(), (0, 1, 3, 4, 5)])
def test_what_stands_at_the_neighbours_changes_nothing(others: tuple[int, ...]) -> None:
    """The same picture to the last bit, whatever is in the other zones, and however they look."""
    quiet, busy = _street(), _street()
    for number in (0, 1, 3, 4, 5):
        left = round((0.02 + SHIFT[0] + number * 0.16) * WIDTH)
        busy[round((0.55 + SHIFT[1]) * HEIGHT) : round((0.85 + SHIFT[1]) * HEIGHT), left : left + 190] = (0, 0, 255)
    alone, beside = _shown(quiet, _facts(2)).astype(int), _shown(busy, _facts(2, *others)).astype(int)
    assert alone.shape == beside.shape
    # Only what the tag of a neighbour's thing leaves above its zone may differ, and that is coarse, grey and dim.
    lower = alone.shape[0] // 2
    assert np.abs(alone[lower:] - beside[lower:]).mean() < 1.5
    assert beside[:, :4].max() < 160


def test_what_a_neighbour_has_cannot_be_told_from_colours() -> None:
    """The red and green lines of other zones are gone."""
    out = _shown(_street(), _facts(0, 1, 2, 3)).astype(int)
    margin = out[:, :6]
    assert (margin.max(axis=2) - margin.min(axis=2)).max() < 40


def test_the_bar_with_the_cameras_name_is_not_in_it() -> None:
    """A zone that reaches to the lower edge ends where the picture does."""
    low = camera(zone(((0.1, 0.7), (0.9, 0.7), (0.9, 1.0), (0.1, 1.0)), name="front-2", shop_id="S2"))
    facts = structs.replace(_facts(), zones_key=zones_key(low), shift=(0.0, 0.0))
    made = zone_copy(_copy(_street(), facts), facts, low, "front-2")
    assert made is not None
    last = decode(made)[-14:-9].astype(int)
    assert last.std() > 10  # the bar is one colour


@pytest.mark.parametrize(
    "change",
    [{"zones_key": "drawn-anew"}, {"size_px": (0, 0)}, {"size_px": (640, 480)}, {"camera_id": "cam-2"}],
)
def test_without_knowing_where_the_zones_lay_there_is_no_picture(change: dict[str, object]) -> None:
    """Better none than one with the neighbour's front in it."""
    facts = _facts(2)
    assert zone_copy(_copy(_street(), facts), structs.replace(facts, **change), WATCHED, "front-2") is None


def test_a_zone_that_is_gone_or_a_mask_shows_nothing() -> None:
    """Only what a shop answers for."""
    masked = camera(*_zones(), zone(_place(0), ZoneRole.MASK, "mask"))
    facts = structs.replace(_facts(2), zones_key=zones_key(masked))
    copy = _copy(_street(), facts)
    assert zone_copy(copy, facts, masked, "mask") is None
    assert zone_copy(copy, facts, masked, "front-9") is None


def test_a_view_that_swayed_away_shows_nothing_legible() -> None:
    """A zone outside the picture leaves only what is dim."""
    facts = structs.replace(_facts(), shift=(2.0, 0.0))
    made = zone_copy(_copy(_street(), facts), facts, WATCHED, "front-2")
    assert made is not None
    assert decode(made).max() < 160
