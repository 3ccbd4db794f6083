"""Absence of evidence is no all-clear: an alarm outlives every way in which a camera can fail to see."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from domain.errors import SourceFault
from domain.finding import AlarmState
from domain.ladder import LadderStep
from domain.register import ZoneRole
from domain.sighting import ViewHealth
from tests.fakes.cameras import jpeg
from tests.scenario.street import Street, black
from tests.vision.scenes import BIKES_ZONE, covered, sensed, shifted, street, zone
from vision.detectors import SHIPPED
from vision.detectors.openvino import OpenVino
from vision.picture import Picture

BAD_LOOKS = 8
"""More than the rule needs to be sure that a place is clear."""


@pytest.fixture(scope="module")
def detector() -> OpenVino:
    """The shipped detector."""
    return OpenVino(SHIPPED, 1)


@pytest.fixture
async def corner(tmp_path: Path, detector: OpenVino) -> AsyncIterator[Street]:
    """A corner before which bicycles have stood for a quarter of an hour: an alarm, and a notice to the shop."""
    corner = Street(tmp_path, detector, zone(BIKES_ZONE, ZoneRole.FRONTAGE, shop_id="shop"))
    await corner.sees(street("clear"), looks=3)
    await corner.sees(street(), looks=15)
    assert [alarm.state for alarm in corner.alarms()] == [AlarmState.FIRING]
    yield corner
    corner.close()


async def blind(corner: Street, how: str) -> list[ViewHealth]:
    """The bicycles go while the camera fails in this way: every picture it gives would look clear."""
    clear = street("clear")
    if how == "black":
        seen = await corner.sees(black(clear), looks=BAD_LOOKS)
    elif how == "frozen":
        data = jpeg(sensed(street("clear"), seed=999))
        seen = [await corner.gets(Picture(data=data)) for _ in range(BAD_LOOKS + 1)][1:]
    elif how == "stale":
        pictures = [jpeg(sensed(clear, seed=900 + number)) for number in range(BAD_LOOKS)]
        at_ms = corner.line.clock.now_ms()
        seen = [await corner.gets(Picture(data=data, own_ms=at_ms - 3_600_000)) for data in pictures]
    elif how == "placeholder":
        drawn = np.full_like(clear, (120, 60, 20))
        drawn[200:300, 300:500] = 255
        seen = [await corner.gets(Picture(data=jpeg(drawn, quality=60 + number))) for number in range(BAD_LOOKS)]
    elif how == "covered":
        seen = await corner.sees(covered(clear, 0.6), looks=BAD_LOOKS)
    elif how == "moved":
        seen = await corner.sees(shifted(clear, 90, 20), looks=BAD_LOOKS)
    else:
        seen = await corner.misses(SourceFault.TIMEOUT, looks=BAD_LOOKS)
    return [sighting.view for sighting in seen]


@pytest.mark.parametrize("how", ["black", "frozen", "stale", "placeholder", "covered", "moved", "offline"])
async def test_never_cleared_by_a_picture_that_shows_nothing(corner: Street, how: str) -> None:
    """Whatever the camera gives, it clears nothing; two healthy looks at the clear place do, with both pictures."""
    views = await blind(corner, how)
    word = {"black": ViewHealth.DARK}.get(how) or ViewHealth(how)
    assert set(views) == {word}
    (alarm,) = corner.alarms()
    assert alarm.state is not AlarmState.RESOLVED
    (ladder,) = corner.ladders()
    assert ladder.step in {LadderStep.NOTICE_1, LadderStep.NOTICE_2, LadderStep.CASE}
    assert ladder.cleared is None

    await corner.sees(street("clear"), looks=6)
    (alarm,) = corner.alarms()
    assert alarm.state is AlarmState.RESOLVED
    (ladder,) = corner.ladders()
    assert ladder.step is LadderStep.SELF_CORRECTED
    pair = (ladder.onset, ladder.cleared)
    assert all(look and look.picture and corner.evidence.shareable(look.picture) for look in pair)
