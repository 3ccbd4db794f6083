"""Who was last heard of, and when."""

from msgspec import Struct

from domain.reading import DeviceState
from domain.sighting import ViewHealth


class DevicePresence(Struct, frozen=True, kw_only=True):
    """One device as last heard. `seen_ms` is when we received something; None: never.

    `state_ms` is when we received the newest word about its state; an older one changes nothing.
    """

    device_id: str
    kind: str
    seen_ms: int | None = None
    state: DeviceState | None = None
    state_ms: int | None = None


class CameraPresence(Struct, frozen=True, kw_only=True):
    """One camera as last looked at. `healthy_ms` is its last healthy look; None: never."""

    camera_id: str
    view: ViewHealth | None = None
    fault: str | None = None
    taken_ms: int | None = None
    healthy_ms: int | None = None
