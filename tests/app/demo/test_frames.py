"""Pictures of the simulated cameras."""

import cv2
import numpy as np
import pytest

from app.demo.frames import Frames, Picture
from app.demo.scenes import Scene

AT_MS = 1_790_000_000_000
BIKES = (slice(380, 485), slice(128, 278))


def decoded(jpeg: bytes) -> Picture:
    picture: Picture | None = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return picture


@pytest.mark.parametrize("scene", [Scene.BIKES, Scene.CLEAR, Scene.ROAD, Scene.BLACK])
def test_no_two_pictures_are_the_same_bytes(frames: Frames, scene: Scene) -> None:
    """A live camera's noise makes every picture another, even within one millisecond."""
    assert len({frames.render("CZ-0001", scene, AT_MS) for _ in range(10)}) == 10


def test_a_frozen_camera_sends_the_same_bytes_for_ever(frames: Frames) -> None:
    """Its own ones: two frozen cameras do not share a picture."""
    first = frames.render("CZ-0001", Scene.FROZEN, AT_MS)
    assert frames.render("CZ-0001", Scene.FROZEN, AT_MS + 3_600_000) == first
    assert frames.render("CZ-0002", Scene.FROZEN, AT_MS) != first


def test_a_black_camera_is_nearly_black(frames: Frames) -> None:
    """Sensor noise and nothing else."""
    picture = decoded(frames.render("CZ-0001", Scene.BLACK, AT_MS))
    assert 0 < picture.mean() < 8
    assert picture.max() < 40


def test_the_street_differs_where_the_bicycles_are(frames: Frames) -> None:
    """Bicycles and clear street are one view: only their place differs by more than noise."""
    bikes = decoded(frames.render("CZ-0001", Scene.BIKES, AT_MS)).astype(int)
    clear = decoded(frames.render("CZ-0001", Scene.CLEAR, AT_MS)).astype(int)
    difference = np.abs(bikes - clear)
    assert difference[BIKES].mean() > 3 * difference[:, 400:].mean()


def test_each_camera_has_its_own_colours(frames: Frames) -> None:
    """Fixed gain and white balance: apart from the clock, one camera's pictures agree, two cameras' do not."""
    one, again = (decoded(frames.render("CZ-0001", Scene.CLEAR, AT_MS)).astype(int) for _ in range(2))
    other = decoded(frames.render("CZ-0002", Scene.CLEAR, AT_MS)).astype(int)
    assert np.abs(one.mean(axis=(0, 1)) - again.mean(axis=(0, 1))).max() < 0.2
    assert np.abs(one.mean(axis=(0, 1)) - other.mean(axis=(0, 1))).max() > 1


def test_the_clock_is_burnt_in(frames: Frames) -> None:
    """Two moments differ in the line of the clock far more than below it."""
    now = decoded(frames.render("CZ-0001", Scene.CLEAR, AT_MS)).astype(int)
    later = decoded(frames.render("CZ-0001", Scene.CLEAR, AT_MS + 47_300)).astype(int)
    difference = np.abs(now - later)
    assert difference[10:32, 120:200].mean() > 3 * difference[100:].mean()


def test_the_road_moves_on(frames: Frames) -> None:
    """Six seconds later people have walked; after the whole video it begins again."""
    now = decoded(frames.render("CZ-0001", Scene.ROAD, AT_MS)).astype(int)
    later = decoded(frames.render("CZ-0001", Scene.ROAD, AT_MS + 6_000)).astype(int)
    round_again = decoded(frames.render("CZ-0001", Scene.ROAD, AT_MS + 80_000)).astype(int)
    assert np.abs(now - later)[100:].max() > 80
    assert np.abs(now - round_again)[100:].mean() < 5


@pytest.mark.parametrize("scene", [Scene.DEAD, Scene.SILENT])
def test_a_camera_without_a_picture_is_refused(frames: Frames, scene: Scene) -> None:
    """The error names the scene."""
    with pytest.raises(ValueError, match=scene.value):
        frames.render("CZ-0001", scene, AT_MS)
