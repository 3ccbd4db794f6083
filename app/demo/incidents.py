"""What goes wrong in the demo city, and when: a fixed timetable in seconds after the start."""

import math
from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

LEAN_DEG = 2.1
RESIDUAL_MA = 38.0
HOT_C = 72.0
HEATING_S = 25.0  # from the port's own temperature to HOT_C
SMOKE_WARMTH_K = 21.0


class IncidentKind(StrEnum):
    """What can happen."""

    TILT_STEP = "tilt_step"  # a tree leans by LEAN_DEG from one moment to the next, and stays so
    DROUGHT = "drought"  # a tree away until now comes back with what it measured in the meantime: dry soil
    RESIDUAL = "residual"  # a port leaks RESIDUAL_MA
    SMOKE = "smoke"  # in a station's cabinet
    OVERHEAT = "overheat"  # a port heats up to HOT_C
    CUT = "cut"  # the connection ends without a goodbye, so that the broker sends the last will
    MUTE = "mute"  # connected, and saying nothing
    RUBBISH = "rubbish"  # a device sends what nobody can use beside its readings


class Incident(Struct, frozen=True, kw_only=True):
    """One line of the timetable, from `from_s` up to `until_s` after the start."""

    kind: IncidentKind
    device_id: str
    from_s: float
    until_s: float = math.inf
    port: int | None = None


TIMETABLE = (
    Incident(kind=IncidentKind.OVERHEAT, device_id="cs-019", port=6, from_s=8, until_s=150),
    Incident(kind=IncidentKind.RESIDUAL, device_id="cs-007", port=3, from_s=12, until_s=90),
    Incident(kind=IncidentKind.TILT_STEP, device_id="tree-001", from_s=15),
    Incident(kind=IncidentKind.RUBBISH, device_id="cs-036", from_s=18, until_s=48),
    Incident(kind=IncidentKind.DROUGHT, device_id="tree-002", from_s=22),
    Incident(kind=IncidentKind.MUTE, device_id="cs-031", from_s=25, until_s=240),
    Incident(kind=IncidentKind.SMOKE, device_id="cs-012", from_s=28, until_s=75),
    Incident(kind=IncidentKind.CUT, device_id="cs-023", from_s=32, until_s=180),
)


class Troubles:
    """One device's part of the timetable."""

    def __init__(self, timetable: Iterable[Incident], device_id: str) -> None:
        self._own = tuple(incident for incident in timetable if incident.device_id == device_id)

    def on(self, kind: IncidentKind, elapsed_s: float) -> Incident | None:
        """The incident of this kind that is going on."""
        for incident in self._own:
            if incident.kind is kind and incident.from_s <= elapsed_s < incident.until_s:
                return incident
        return None

    def away(self, elapsed_s: float) -> bool:
        """Whether the device has no connection: cut off, or not yet back from where the drought was."""
        if self.on(IncidentKind.CUT, elapsed_s):
            return True
        return any(own.kind is IncidentKind.DROUGHT and elapsed_s < own.from_s for own in self._own)
