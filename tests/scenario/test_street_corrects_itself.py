"""Real pictures through the whole line: bicycles before a shop, a notice, and the shop puts it right by itself."""

from pathlib import Path

from domain.finding import AlarmState
from domain.ladder import LadderStep
from domain.register import ZoneRole
from tests.scenario.street import Street
from tests.vision.scenes import BIKES_ZONE, street, zone
from vision.detectors import SHIPPED
from vision.detectors.openvino import OpenVino


async def test_from_bicycles_to_self_corrected_with_all_four_pictures(tmp_path: Path) -> None:
    """Clear, bicycles for a quarter of an hour, clear: one notice, no case, and the pictures tell the story."""
    corner = Street(tmp_path, OpenVino(SHIPPED, 1), zone(BIKES_ZONE, ZoneRole.FRONTAGE, shop_id="shop"))
    try:
        await corner.sees(street("clear"), looks=4)
        await corner.sees(street(), looks=9)
        assert corner.alarms() == []
        await corner.sees(street(), looks=6)
        (alarm,) = corner.alarms()
        assert alarm.state is AlarmState.FIRING
        (ladder,) = corner.ladders()
        assert ladder.step is LadderStep.NOTICE_1

        await corner.sees(street("clear"), looks=4)
        (ladder,) = corner.ladders()
        assert ladder.step is LadderStep.SELF_CORRECTED
        assert corner.line.store.cases() == []
        looks = [ladder.context, ladder.onset, ladder.confirmed, ladder.cleared]
        assert all(look and look.picture and corner.evidence.shareable(look.picture) for look in looks)
        taken_ms = [look.taken_ms for look in looks if look]
        assert taken_ms == sorted(set(taken_ms))
    finally:
        corner.close()
