"""Whether anything speaks against a person's word about what still stands."""

from typing import Final

from cases.store import BookTransaction
from domain.case import Alarm, Case
from domain.finding import AlarmState
from domain.presence import CameraPresence, DevicePresence
from domain.sighting import ViewHealth

VERIFIED_ON_SITE: Final = "case_verified_on_site"
"""The line of a person who has been there while nobody else could see."""


def is_believed(alarm: Alarm) -> bool:
    """Whether it stands on what the rules see. Where they see nothing, or none speaks of it, it is only remembered."""
    return alarm.state is not AlarmState.STALE and not alarm.orphaned


def is_contradicted(tx: BookTransaction, case: Case, alarm: Alarm) -> bool:
    """Whether a healthy look or a reading has come since the case is where it is, and the alarm still stands.

    A camera that is blind, dark or offline now says nothing, nor does a sensor that is not heard. What is latched is
    not for this: it ends by its release.
    """
    if alarm.latch or alarm.seen_ms > case.state_ms:
        return True
    match tx.presence(alarm.device_id):
        case CameraPresence(view=ViewHealth.HEALTHY, healthy_ms=int(healthy_ms)):
            return healthy_ms > case.state_ms
        case DevicePresence(seen_ms=int(seen_ms)):
            return seen_ms > case.state_ms
        case _:
            return False
