"""What a camera's view is compared with, over hours and days."""

import hashlib

import msgspec
import numpy as np
import pytest

from domain.sighting import ViewHealth
from tests.vision import view_scenes
from tests.vision.scenes import NOON_MS, Array, covered
from tests.vision.view_scenes import aimed
from tests.vision.view_watch import MINUTE_MS, SCENES, Watched
from vision.glance import THUMB
from vision.view_health import Arrival, hides
from vision.view_health.repeats import noted, old
from vision.view_memory import Reference, ViewMemory

HOUR_MS = 60 * MINUTE_MS
BOTH = pytest.mark.parametrize("scene", SCENES, ids=["street", "road"])


def memory_of(watched: Watched) -> ViewMemory:
    """What is remembered now."""
    return msgspec.msgpack.decode(watched.memory, type=ViewMemory)


def by_day(watched: Watched) -> Reference:
    """The day's reference."""
    reference = memory_of(watched).by_day
    assert reference is not None
    return reference


def thumb_of(reference: Reference) -> Array:
    """Its picture."""
    return np.asarray(np.frombuffer(reference.thumb, np.uint8).reshape(THUMB[1], THUMB[0]), np.uint8)


def lit(picture: Array, gain: float) -> Array:
    """So much light."""
    return np.asarray(np.clip(picture * np.float32(gain), 0, 255), np.uint8)


@BOTH
def test_a_camera_that_sags_ever_so_slowly_is_followed_and_then_moved(scene: tuple[Array, ...]) -> None:
    """A twentieth of a thumb's pixel every two minutes: no two looks differ, and still nothing creeps along."""
    watched = Watched.of(scene)
    sagged = [step * 0.05 / 120 for step in range(90)]
    seen = [watched.sees(aimed(scene[0], down=down), after_ms=2 * MINUTE_MS) for down in sagged]
    for down, verdict in zip(sagged, seen, strict=True):
        if down < 0.017:
            assert verdict.view is ViewHealth.HEALTHY, down
            assert abs(verdict.shift[1] - down) <= 1.25 / 120
        if down > 0.026:
            assert verdict.view is ViewHealth.MOVED, down
    assert watched.thinks_of(aimed(scene[0])).shift == (0.0, 0.0)


@BOTH
def test_a_camera_that_comes_back_is_healthy_by_itself(scene: tuple[Array, ...]) -> None:
    """A ladder leant on it for an hour; nothing of that time was learnt."""
    watched = Watched.of(scene)
    before = memory_of(watched)
    away = [watched.sees(aimed(picture, right=0.06)).view for picture in (scene * 30)[:60]]
    assert set(away) == {ViewHealth.MOVED}
    assert memory_of(watched).by_day == before.by_day
    assert watched.sees(aimed(scene[0])).view is ViewHealth.HEALTHY


@BOTH
def test_wind_neither_blurs_the_reference_nor_carries_it_off(scene: tuple[Array, ...]) -> None:
    """Two hours of sway by up to two pixels of a thumb."""
    watched = Watched.of(scene)
    before = thumb_of(by_day(watched)).astype(np.float32)
    for _ in range(60):
        right, down = (float(part) for part in watched.chance.uniform(-0.012, 0.012, 2))
        assert watched.sees(aimed(scene[0], right=right, down=down), after_ms=2 * MINUTE_MS).view == "healthy"
    after = thumb_of(by_day(watched)).astype(np.float32)
    edges = [float(np.abs(np.diff(thumb[10:-10, 10:-10], axis=1)).mean()) for thumb in (before, after)]
    assert edges[1] > 0.8 * edges[0]
    assert watched.thinks_of(aimed(scene[0])).shift == (0.0, 0.0)


@BOTH
def test_spoilt_looks_teach_nothing(scene: tuple[Array, ...]) -> None:
    """An hour behind a hand, in the dark, out of focus, and before another scene."""
    watched = Watched.of(scene)
    before = memory_of(watched)
    spoilt = (view_scenes.hand, view_scenes.cloth, view_scenes.defocused, view_scenes.sprayed)
    for number in range(60):
        assert watched.sees(spoilt[number % 4](aimed(scene[0]), watched.chance)).view != "healthy"
    after = memory_of(watched)
    assert (after.by_day, after.by_night) == (before.by_day, before.by_night)


@BOTH
def test_the_reference_follows_the_light(scene: tuple[Array, ...]) -> None:
    """From noon to dusk in two hours, at looks of 20 seconds: each is healthy, and the reference gets darker too."""
    watched = Watched.of(scene)
    noon = float(thumb_of(by_day(watched)).mean())
    for step in range(0, 360, 3):  # every third look is enough for the test, and is as far apart as it is
        gain = 1 - 0.5 * step / 360
        assert watched.sees(lit(aimed(scene[0]), gain), after_ms=MINUTE_MS).view == "healthy"
    assert float(thumb_of(by_day(watched)).mean()) < 0.65 * noon


@BOTH
def test_infrared_at_dusk_is_the_same_view(scene: tuple[Array, ...]) -> None:
    """The switch is neither a move nor a cover; turned or covered by night is found; the morning is healthy again."""
    watched = Watched.of(scene)
    for gain in (0.8, 0.6, 0.5):
        assert watched.sees(lit(aimed(scene[0]), gain), after_ms=20 * MINUTE_MS).view == "healthy"
    day = by_day(watched)
    for _ in range(6):
        night = view_scenes.infrared(aimed(scene[0]), watched.chance)
        assert watched.sees(night).view == "healthy"
    assert by_day(watched) == day, "the night is learnt apart from the day"
    assert memory_of(watched).by_night is not None
    turned = view_scenes.infrared(aimed(scene[0], right=0.05), watched.chance)
    assert watched.thinks_of(turned).view == "moved"
    hand = view_scenes.hand(view_scenes.infrared(aimed(scene[0]), watched.chance), watched.chance)
    assert watched.thinks_of(hand).view == "covered"
    assert watched.sees(view_scenes.shaded(aimed(scene[1]), watched.chance), after_ms=9 * HOUR_MS).view == "healthy"


@BOTH
def test_a_camera_turned_while_infrared_is_new_to_it_is_moved(scene: tuple[Array, ...]) -> None:
    """The first picture of the first night is measured against the day."""
    watched = Watched.of(scene)
    turned = view_scenes.infrared(aimed(scene[0], down=0.05), watched.chance)
    assert [watched.sees(turned).view for _ in range(4)] == [ViewHealth.MOVED] * 4


@BOTH
@pytest.mark.parametrize("hours", [1, 10, 72])
def test_the_morning_after_a_gap_is_healthy(scene: tuple[Array, ...], hours: int) -> None:
    """A night out of duty, a weekend without power: other shadows, a wet road, other things, and the same view."""
    watched = Watched.of(scene)
    watched.sees(view_scenes.dimmed(aimed(scene[0]), watched.chance))
    morning = view_scenes.wet(view_scenes.shaded(aimed(scene[-1]), watched.chance), watched.chance)
    assert watched.sees(morning, after_ms=hours * HOUR_MS).view == "healthy"
    assert watched.thinks_of(aimed(scene[0], right=0.04)).view == "moved"


@BOTH
def test_a_camera_that_begins_at_night_knows_the_morning(scene: tuple[Array, ...]) -> None:
    """What two lamps light is enough to know the view by."""
    watched = Watched()
    for _ in range(4):
        assert watched.sees(view_scenes.lamp_lit(aimed(scene[0]), watched.chance)).view == "healthy"
    assert [watched.sees(aimed(picture), after_ms=HOUR_MS).view for picture in scene[:3]] == ["healthy"] * len(
        scene[:3]
    )


@BOTH
def test_a_bad_first_look_is_outvoted(scene: tuple[Array, ...]) -> None:
    """It was taken while the fitter still turned the camera: one look doubts, then the true view stands."""
    other = SCENES[1] if scene is SCENES[0] else SCENES[0]
    watched = Watched()
    assert watched.sees(aimed(other[0])).view == "healthy", "a first look can't be compared with anything"
    assert watched.sees(aimed(scene[0])).view == "moved"
    assert [watched.sees(aimed(scene[0])).view for _ in range(3)] == ["healthy"] * 3
    assert watched.sees(aimed(other[0])).view == "moved"
    assert watched.sees(aimed(scene[0])).view == "healthy", "once it is settled, no single look overturns it"


@BOTH
def test_a_hand_before_the_lens_at_the_first_look_is_forgotten(scene: tuple[Array, ...]) -> None:
    """Half an hour later the same hand is found to cover the view."""
    watched = Watched()
    watched.sees(view_scenes.hand(aimed(scene[0]), watched.chance))
    for _ in range(30):
        watched.sees(aimed(scene[0]))
    assert watched.thinks_of(view_scenes.hand(aimed(scene[0]), watched.chance)).view == "covered"


@BOTH
def test_a_clock_that_goes_back_changes_nothing(scene: tuple[Array, ...]) -> None:
    """The worker's clock is set back by a day."""
    watched = Watched.of(scene)
    assert watched.sees(aimed(scene[0]), after_ms=-24 * HOUR_MS).view == "healthy"
    assert watched.sees(aimed(scene[0])).view == "healthy"
    assert watched.thinks_of(aimed(scene[0], right=0.04)).view == "moved"


@BOTH
def test_what_hides_a_part_of_the_view_is_not_learnt_in_an_afternoon(scene: tuple[Array, ...]) -> None:
    """A poster blown against the glass: the zone behind it stays unknown for hours, and is seen at once afterwards."""
    watched = Watched.of(scene)
    behind = ((0.02, 0.4), (0.3, 0.4), (0.3, 0.9), (0.02, 0.9))
    for _ in range(60):
        seen = watched.sees(covered(aimed(scene[0]), 0.33), after_ms=4 * MINUTE_MS)
        assert seen.view == "healthy"
        assert hides(seen.hidden, behind)
    assert not hides(watched.sees(aimed(scene[0])).hidden, behind)


@BOTH
def test_what_stays_for_days_becomes_the_view(scene: tuple[Array, ...]) -> None:
    """A wall painted over, three days later: the zone before it is not given up for ever."""
    watched = Watched.of(scene)
    for _ in range(144):
        seen = watched.sees(covered(aimed(scene[0]), 0.33), after_ms=30 * MINUTE_MS)
    assert seen.view == "healthy"
    assert seen.hidden == ()


def test_what_is_remembered_is_small() -> None:
    """671 cameras' views are to fit into 40 MB, by day and by night."""
    watched = Watched.of(SCENES[0])
    for _ in range(10):
        watched.sees(view_scenes.infrared(aimed(SCENES[0][0]), watched.chance))
    memory = memory_of(watched)
    assert memory.by_day
    assert memory.by_night
    assert len(memory.earlier) == 13
    assert len(watched.memory) < 50_000


@pytest.mark.parametrize("pictures", [9, 64])
def test_a_loop_of_stored_pictures_is_stale(pictures: int) -> None:
    """A recorder that plays its last hour again and again is found out in the second round; no look of it counts."""
    memory, views = ViewMemory(), []
    plain = np.full((48, 64, 3), 90, np.uint8)
    for number in range(2 * pictures):
        arrival = Arrival(
            taken_ms=NOON_MS + number * MINUTE_MS,
            sha256=hashlib.sha256(bytes([number % pictures])).hexdigest(),
            age_ms=None,
            interval_s=60,
        )
        views.append(old(plain, arrival, memory))
        memory = noted(memory, arrival)
    assert views[:pictures] == [None] * pictures
    assert [seen and seen.view for seen in views[pictures:]] == ["stale"] * pictures
    assert len(msgspec.msgpack.encode(memory)) < 1000
