"""View health word by word, on real pictures to which real things happen."""

import cv2
import numpy as np
import pytest

from domain.sighting import ViewHealth
from tests.fakes.cameras import jpeg
from tests.vision import view_scenes
from tests.vision.scenes import Array, covered, sensed, shifted, street
from tests.vision.view_scenes import aimed
from tests.vision.view_watch import SCENES, Watched
from vision.view_health import Duplicates, hides


def resized(scene: tuple[Array, ...], wide: int, high: int) -> tuple[Array, ...]:
    """The scene by a camera of another resolution."""
    return tuple(cv2.resize(picture, (wide, high), interpolation=cv2.INTER_AREA) for picture in scene)


@pytest.mark.parametrize("scene", SCENES, ids=["street", "road"])
def test_all_samples_are_healthy(scene: tuple[Array, ...]) -> None:
    """Both street pictures and 30 frames of the road, with noise, other exposures and a running clock: bicycles that
    vanish and people who walk are no fault of the view.
    """
    watched, new = Watched.of(scene), Watched()
    for number, picture in enumerate(scene):
        for gain in (0.8, 1.0, 1.15):
            taken = sensed(aimed(picture), seed=number, gain=gain, clock=f"2025-11-22 12:{number:02}:0{number % 10}")
            assert watched.thinks_of(taken).view is ViewHealth.HEALTHY, (number, gain)
            assert new.thinks_of(taken).view is ViewHealth.HEALTHY, (number, gain)


@pytest.mark.parametrize("gain", [0.0, 0.05, 0.15])
def test_dark(gain: float) -> None:
    """A closed iris and a night without lamps, with their noise and a bright clock burnt in."""
    for scene in SCENES:
        taken = sensed(aimed(scene[0]), seed=2, gain=gain, clock="2025-11-22 12:00:00 cam-1")
        assert Watched.of(scene).thinks_of(taken).view is ViewHealth.DARK


def test_what_a_lamp_lights_can_be_seen_but_a_lamp_alone_shows_nothing() -> None:
    """Dark is decided by what can be made out, not by the hour."""
    for scene in SCENES:
        watched = Watched.of(scene)
        assert watched.thinks_of(view_scenes.lamp_lit(aimed(scene[1]), watched.chance)).view is ViewHealth.HEALTHY
        for radius in (20, 60, 90):
            lamps = np.clip(aimed(scene[1]) * 0.03, 0, 255).astype(np.uint8)
            for x in (200, 560):
                cv2.circle(lamps, (x, 120), radius, (200, 230, 255), -1)
            assert watched.thinks_of(cv2.GaussianBlur(lamps, (0, 0), 4), sigma=5.0).view is ViewHealth.DARK, radius


@pytest.mark.parametrize("sigma", [1.0, 2.0, 3.0, 5.0])
def test_blurred(sigma: float) -> None:
    """Against its own usual focus a camera notices early; a sensor's noise on top hides nothing."""
    for scene in SCENES:
        watched = Watched.of(scene)
        for noise in (0.0, 3.0, 6.0):
            picture = aimed(cv2.GaussianBlur(scene[1], (0, 0), sigma))
            expected = ViewHealth.HEALTHY if sigma < 2 else ViewHealth.BLURRED
            assert watched.thinks_of(picture, sigma=noise).view is expected, (sigma, noise)


def test_a_camera_that_was_never_sharp_is_blurred() -> None:
    """Nobody has to have seen it better; the burnt-in clock is sharp and does not help."""
    for scene in SCENES:
        hopeless = cv2.GaussianBlur(aimed(scene[0]), (0, 0), 6)
        cv2.putText(hopeless, "2025-11-22 12:00:00", (12, 40), 0, 1.0, (255, 255, 255), 2)
        assert Watched().thinks_of(hopeless).view is ViewHealth.BLURRED


def test_covered() -> None:
    """Half the view hidden is too much, a seventh is not; a cloth on the lens needs no comparison."""
    for scene in SCENES:
        watched = Watched.of(scene)
        assert watched.thinks_of(covered(aimed(scene[0]), 0.14)).view is ViewHealth.HEALTHY
        assert watched.thinks_of(covered(aimed(scene[0]), 0.6)).view is ViewHealth.COVERED
        assert watched.thinks_of(covered(aimed(scene[0]), 0.8)).view is ViewHealth.COVERED
        assert Watched().thinks_of(view_scenes.cloth(scene[0], watched.chance)).view is ViewHealth.COVERED


def test_a_lorry_right_before_the_camera_never_moves_it() -> None:
    """Over 40 % of the view: the look may or may not count, but nobody is sent to turn a camera back; and where it
    counts, what lies behind the lorry is not called clear.
    """
    for scene in SCENES:
        watched = Watched.of(scene)
        for number in range(12):
            seen = watched.thinks_of(view_scenes.lorry(aimed(scene[number % len(scene)]), watched.chance))
            assert seen.view in {ViewHealth.HEALTHY, ViewHealth.COVERED, ViewHealth.BLURRED}


def test_what_lies_behind_something_large_is_hidden() -> None:
    """A board before the left third: the zone behind it can't be judged, the zone beside it can; without it both."""
    for scene in SCENES:
        watched, plain = Watched.of(scene), aimed(scene[0])
        behind = ((0.02, 0.4), (0.3, 0.4), (0.3, 0.9), (0.02, 0.9))
        beside = ((0.6, 0.4), (0.9, 0.4), (0.9, 0.9), (0.6, 0.9))
        boarded = watched.thinks_of(covered(plain, 0.33))
        assert boarded.view is ViewHealth.HEALTHY
        assert hides(boarded.hidden, behind)
        assert not hides(boarded.hidden, beside)
        assert not hides(watched.thinks_of(plain).hidden, behind)


@pytest.mark.parametrize("size", [(480, 360), (768, 576), (1920, 1080)])
@pytest.mark.parametrize(("pixels", "wide"), [(1, 480), (5, 480), (30, 480), (1, 1920), (5, 1920), (30, 1920)])
def test_shifts(size: tuple[int, int], pixels: int, wide: int) -> None:
    """Zones follow what sways; 30 pixels of 480 is another place, 30 of 1920 is not. Whatever people and light do."""
    for scene in SCENES:
        watched = Watched.of(resized(scene, *size))
        away = aimed(resized(scene, *size)[-1], right=pixels / wide)
        seen = watched.thinks_of(np.clip(away * np.float32(0.8), 0, 255).astype(np.uint8))
        if pixels / wide > 0.02:
            assert seen.view is ViewHealth.MOVED
        else:
            assert seen.view is ViewHealth.HEALTHY
            assert seen.shift[0] == pytest.approx(pixels / wide, abs=0.0045)
            assert seen.shift[1] == 0


@pytest.mark.parametrize("down", [-0.015, -0.01, 0.0, 0.01, 0.015])
def test_zones_follow_a_swaying_camera_in_steps(down: float) -> None:
    """In whole pixels of a thumb, so that not every look needs zones of its own; and right to half a pixel."""
    for scene in SCENES:
        watched = Watched.of(scene)
        shifts = {watched.thinks_of(aimed(picture, down=down)).shift for picture in scene[:8]}
        assert len(shifts) <= 2
        assert all(abs(shift[1] - down) <= 0.75 / 120 for shift in shifts)
        assert all((shift[1] * 120).is_integer() for shift in shifts)


def test_another_scene_is_a_moved_camera() -> None:
    """Turned away altogether: nothing is left to measure a shift by."""
    for scene, other in (SCENES, SCENES[::-1]):
        for picture in other:
            assert Watched.of(scene).thinks_of(aimed(picture)).view is ViewHealth.MOVED


def test_a_source_that_calls_its_picture_old_is_stale() -> None:
    """Older than three intervals; three minutes here."""
    data = Watched().taken(street())
    assert Watched().gets(data, age_ms=170_000).view is ViewHealth.HEALTHY
    assert Watched().gets(data, age_ms=190_000).view is ViewHealth.STALE


def test_the_same_bytes_again_are_frozen_and_earlier_ones_are_stale() -> None:
    """Half a second apart is enough, and a clock that went back changes nothing. Two answers of one moment are not."""
    watched = Watched.of(SCENES[0])
    first, second = (watched.taken(aimed(street())) for _ in range(2))
    assert watched.gets(first).view is ViewHealth.HEALTHY
    assert watched.gets(first, after_ms=100).view is ViewHealth.HEALTHY
    assert watched.gets(first, after_ms=500).view is ViewHealth.FROZEN
    assert watched.gets(first, after_ms=-3_600_000).view is ViewHealth.FROZEN
    assert watched.gets(second, after_ms=2 * 3_600_000).view is ViewHealth.HEALTHY
    assert watched.gets(first).view is ViewHealth.STALE


@pytest.mark.parametrize("quality", [50, 75, 92])
def test_a_frozen_frame_with_a_running_clock_is_frozen(quality: int) -> None:
    """A recorder encodes the last frame again and again and writes the time on it: bytes differ, pixels do not."""
    for scene in SCENES:
        frame = sensed(aimed(scene[0]), seed=9)
        watched = Watched()
        seen = []
        for second in range(5):
            taken = frame.copy()
            cv2.putText(taken, f"2025-11-22 12:00:{20 * second:02}", (15, 40), 0, 0.8, (255, 255, 255), 2)
            seen.append(watched.gets(jpeg(taken, quality), after_ms=20_000).view)
        assert seen == [ViewHealth.HEALTHY] + [ViewHealth.FROZEN] * 4


@pytest.mark.parametrize("quality", [20, 40, 90])
@pytest.mark.parametrize("gain", [0.3, 1.0])
def test_a_denoised_camera_at_night_is_not_frozen(quality: int, gain: float) -> None:
    """Half a grey level of noise is left and most of that falls to the JPEG; it lives all the same."""
    for scene in SCENES:
        watched = Watched()
        for _ in range(5):
            still = np.clip(aimed(scene[0]) * np.float32(gain), 0, 255).astype(np.uint8)
            noise = watched.chance.normal(0, 0.5, still.shape[:2])[..., None]
            taken = np.clip(np.rint(still + noise), 0, 255).astype(np.uint8)
            assert watched.gets(jpeg(taken, quality)).view is not ViewHealth.FROZEN


def test_bytes_that_two_cameras_gave_are_a_placeholder() -> None:
    """A media server's own picture may be a photograph. One camera under two names is no second one."""
    book = Duplicates(most=3)
    assert [book.elsewhere("aa", source) for source in ("rtsp://a", "rtsp://a", "rtsp://b", "rtsp://a")] == [
        False,
        False,
        True,
        True,
    ]
    for sha256 in ("bb", "cc", "dd"):
        assert not book.elsewhere(sha256, "rtsp://c")
    assert not book.elsewhere("aa", "rtsp://b"), "the book is bounded: what nobody gave lately is forgotten"
    watched = Watched()
    assert watched.gets(watched.taken(street()), elsewhere=True).view is ViewHealth.PLACEHOLDER


def test_a_frame_round_the_picture_is_no_filling() -> None:
    """Black bars above and below, or a strip with the camera's name, were there at the first look too."""
    framed = aimed(street()).copy()
    framed[:60], framed[-60:] = 0, 0
    assert Watched().thinks_of(framed, sigma=0.0).view is ViewHealth.HEALTHY
    assert Watched().thinks_of(view_scenes.cut_off(aimed(street()), Watched().chance), sigma=0.0).view == "placeholder"


def test_what_is_wrong_is_said_in_figures() -> None:
    """The reason goes out with the look."""
    watched = Watched.of(SCENES[0])
    assert watched.thinks_of(np.zeros_like(street())).reason == "luma p95 1 of 255, below 40"
    moved = watched.thinks_of(shifted(aimed(street()), 30)).reason
    assert moved is not None
    assert moved.startswith("shifted by +0.04")
