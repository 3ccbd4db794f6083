"""How a connection ended."""

from enum import StrEnum
from typing import Final

_VERSION_REFUSED: Final = 0x84
TAKEN_OVER_CODE: Final = 0x8E
"""What a broker says in the DISCONNECT of MQTT 5 to a client in whose name another has come."""
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
    TAKEN_OVER = "session taken over"  # another client came with our client id


def of_refusal(code: int) -> Outcome:
    """What a CONNACK with this MQTT 5 reason code means."""
    if code == _VERSION_REFUSED:
        return Outcome.VERSION_REFUSED
    return Outcome.LOGIN_REFUSED if code in _LOGIN_REFUSED else Outcome.LOST
