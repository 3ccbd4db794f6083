"""How a connection ended."""

from enum import StrEnum
from typing import Final

_VERSION_REFUSED: Final = 0x84
_LOGIN_REFUSED: Final = frozenset({0x86, 0x87, 0x8A, 0x8C})  # bad password, not authorised, banned, bad method


class Outcome(StrEnum):
    """How a connection ended."""

    CLOSED = "closed"  # we wanted it
    LOST = "lost"
    UNREACHABLE = "unreachable"
    UNANSWERED = "unanswered"  # no CONNACK: perhaps a broker that cannot read this version
    VERSION_REFUSED = "version refused"
    LOGIN_REFUSED = "login refused"
    SUBSCRIPTION_REFUSED = "subscription refused"


def of_refusal(code: int) -> Outcome:
    """What a CONNACK with this MQTT 5 reason code means."""
    if code == _VERSION_REFUSED:
        return Outcome.VERSION_REFUSED
    return Outcome.LOGIN_REFUSED if code in _LOGIN_REFUSED else Outcome.LOST
