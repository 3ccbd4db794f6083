"""View health, on real pictures to which real things happen."""

import hashlib

import numpy as np
import pytest
from msgspec import structs

from domain.sighting import ViewHealth
from tests.fakes.cameras import jpeg
from tests.vision.scenes import NOON_MS, Array, blurred, covered, road, sensed, shifted, street
from vision.glance import Glance
from vision.memory import CameraMemory
from vision.picture import decode_for_look
from vision.view_health import Arrival, Verdict, judge, sharpness


def remembered(picture: Array) -> CameraMemory:
    """What a camera that has always shown this picture remembers."""
    glance = Glance.of(picture)
    return CameraMemory(reference=glance.thumb.tobytes(), sharpness=sharpness(glance.small), picture_ms=NOON_MS)


def verdict(
    picture: Array, memory: CameraMemory | None = None, *, age_ms: int | None = None, quality: int = 85
) -> Verdict:
    """What is thought of the picture, sent as a JPEG, a minute after noon."""
    data = jpeg(picture, quality)
    pixels = decode_for_look(data)
    arrival = Arrival(taken_ms=NOON_MS + 60_000, sha256=hashlib.sha256(data).hexdigest(), age_ms=age_ms, interval_s=60)
    return judge(pixels, Glance.of(pixels), arrival, memory or CameraMemory())


def test_all_samples_are_healthy() -> None:
    """Both street pictures and 30 frames of the road, with noise, other exposures and a running clock, against the
    first of each scene: bicycles that vanish and people who walk are no fault of the view.
    """
    scenes = ((street(), (street(), street("clear"))), (road()[0], road()))
    for first, pictures in scenes:
        memory = remembered(sensed(first, seed=1))
        for number, picture in enumerate(pictures):
            for gain in (0.8, 1.0, 1.15):
                taken = sensed(picture, seed=number, gain=gain, clock=f"2025-11-22 12:{number:02}:0{number % 10}")
                assert verdict(taken, memory) == Verdict(view=ViewHealth.HEALTHY), (number, gain)
                assert verdict(taken) == Verdict(view=ViewHealth.HEALTHY), (number, gain)


@pytest.mark.parametrize("quality", [30, 60, 95])
def test_compression_is_no_fault_of_the_view(quality: int) -> None:
    """From blocky to fine."""
    assert verdict(street("clear"), remembered(street()), quality=quality).view is ViewHealth.HEALTHY


@pytest.mark.parametrize("gain", [0.0, 0.05, 0.15])
def test_dark(gain: float) -> None:
    """A closed iris and a night without lamps, with their noise and a bright clock burnt in."""
    for picture in (street(), road()[0]):
        taken = sensed(picture, seed=2, gain=gain, clock="2025-11-22 12:00:00 cam-1")
        assert verdict(taken, remembered(picture)).view is ViewHealth.DARK


@pytest.mark.parametrize("gain", [0.35, 0.6, 1.5])
def test_dusk_and_glare_are_not_dark_or_bright_yet(gain: float) -> None:
    """Things can still be seen."""
    for picture in (street(), road()[0]):
        assert verdict(sensed(picture, seed=2, gain=gain), remembered(picture)).view is ViewHealth.HEALTHY


def test_bright() -> None:
    """Overexposed until hardly anything is left."""
    assert verdict(sensed(road()[0], seed=3, gain=8), remembered(road()[0])).view is ViewHealth.BRIGHT


def test_a_drawn_picture_is_a_placeholder() -> None:
    """A logo or `no signal` on a plain ground has no noise."""
    drawn = np.full((480, 640, 3), (150, 60, 30), np.uint8)
    drawn[200:280, 220:420] = (240, 240, 240)
    assert verdict(drawn).view is ViewHealth.PLACEHOLDER


def test_the_same_bytes_again_are_frozen() -> None:
    """Half a second apart is enough, and a clock that went back changes nothing. Two answers of one moment are not."""
    sha256 = hashlib.sha256(jpeg(street(), 85)).hexdigest()
    memory = structs.replace(remembered(street()), recent=(sha256,))
    assert verdict(street(), memory).view is ViewHealth.FROZEN
    assert verdict(street(), structs.replace(memory, picture_ms=NOON_MS + 3_600_000)).view is ViewHealth.FROZEN
    assert verdict(street(), structs.replace(memory, picture_ms=NOON_MS + 59_900)).view is ViewHealth.HEALTHY


def test_an_earlier_picture_given_again_is_stale() -> None:
    """A snapshot server that falls back to an old file when the camera is gone."""
    sha256 = hashlib.sha256(jpeg(street(), 85)).hexdigest()
    memory = structs.replace(remembered(street()), recent=(sha256, "another"))
    assert verdict(street(), memory).view is ViewHealth.STALE


def test_a_picture_that_its_source_calls_old_is_stale() -> None:
    """Older than three intervals; three minutes here."""
    assert verdict(street(), age_ms=170_000).view is ViewHealth.HEALTHY
    assert verdict(street(), age_ms=190_000).view is ViewHealth.STALE


@pytest.mark.parametrize("picture", [street(), road()[0]])
def test_blurred(picture: Array) -> None:
    """Against its own usual sharpness a camera notices early; one that was never sharp only what is hopeless."""
    assert verdict(sensed(blurred(picture, 1), seed=4), remembered(picture)).view is ViewHealth.HEALTHY
    assert verdict(blurred(picture, 2.5), remembered(picture)).view is ViewHealth.BLURRED
    assert verdict(blurred(picture, 5)).view is ViewHealth.BLURRED


@pytest.mark.parametrize("picture", [street(), road()[0]])
def test_covered(picture: Array) -> None:
    """Half the view hidden is too much, a seventh is not; a cloth on the lens needs no comparison."""
    assert verdict(covered(picture, 0.14), remembered(picture)).view is ViewHealth.HEALTHY
    assert verdict(covered(picture, 0.6), remembered(picture)).view is ViewHealth.COVERED
    assert verdict(covered(picture, 0.8), remembered(picture)).view is ViewHealth.COVERED
    assert verdict(covered(picture, 1.0)).view is ViewHealth.COVERED


@pytest.mark.parametrize(("pixels", "view"), [(1, "healthy"), (5, "healthy"), (30, "moved"), (100, "moved")])
def test_moved(pixels: int, view: str) -> None:
    """The sway of a pole leaves zones where they are; 30 pixels of 751 do not, whatever people and light do."""
    assert verdict(sensed(shifted(street("clear"), pixels), seed=6), remembered(street())).view == view
    assert verdict(sensed(shifted(road()[9], 0, -pixels), seed=6, gain=0.7), remembered(road()[0])).view == view


def test_another_scene_is_a_moved_camera() -> None:
    """Turned away altogether: nothing is left to measure a shift by."""
    assert verdict(road()[0], remembered(street())).view is ViewHealth.MOVED
    assert verdict(street(), remembered(road()[0])).view is ViewHealth.MOVED


def test_what_is_wrong_is_said_in_figures() -> None:
    """The reason goes out with the look."""
    assert verdict(sensed(street(), seed=2, gain=0.05)).reason == "luma p95 11 of 255, below 40"
    moved = verdict(shifted(street(), 30), remembered(street())).reason
    assert moved is not None
    assert moved.startswith("shifted by +0.04")
