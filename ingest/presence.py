"""Who was last heard of, and when."""

import threading
from collections.abc import Iterable

from msgspec.structs import replace

from config.load import Site
from domain.presence import CameraPresence, DevicePresence
from domain.reading import DeviceState, Reading, Status
from domain.sighting import Sighting, ViewHealth
from ingest.decoded import Observation

Present = DevicePresence | CameraPresence


class Presence:
    """The last word of every registered device and camera. One thread observes; any thread may read."""

    def __init__(self, site: Site, saved: Iterable[Present] = ()) -> None:
        """Every device and camera on the books is present, heard of or not. Of `saved`, only those are taken up."""
        self._lock = threading.Lock()
        self._devices = {
            device.device_id: DevicePresence(device_id=device.device_id, kind=device.kind)
            for device in site.devices.values()
        }
        self._cameras = {camera_id: CameraPresence(camera_id=camera_id) for camera_id in site.cameras}
        self._dirty: dict[tuple[type, str], Present] = {}
        self._all_devices: tuple[DevicePresence, ...] | None = None
        self.take_up(saved)

    def take_up(self, saved: Iterable[Present]) -> None:
        """What another has observed and kept, in the place of what is known here. That is no change."""
        with self._lock:
            for presence in saved:
                self._restore(presence)

    def observe(self, observation: Observation) -> None:
        """Take note of one reading, status or look. What was told as history is no sign of life."""
        if isinstance(observation, Reading):
            if not observation.past:
                self._heard(observation.device_id, observation.received_ms)
        elif isinstance(observation, Status):
            self._told(observation)
        else:
            self._looked(observation)

    def devices(self) -> tuple[DevicePresence, ...]:
        """Every registered device, in the register's order; the very same while nothing has changed."""
        with self._lock:
            if self._all_devices is None:
                self._all_devices = tuple(self._devices.values())
            return self._all_devices

    def cameras(self) -> tuple[CameraPresence, ...]:
        """Every registered camera, in the register's order."""
        with self._lock:
            return tuple(self._cameras.values())

    def take_dirty(self) -> list[Present]:
        """What has changed since the last call."""
        with self._lock:
            dirty, self._dirty = list(self._dirty.values()), {}
            return dirty

    def _heard(self, device_id: str, received_ms: int) -> None:
        """A sign of life, which also says that the device is there: unless that was told otherwise since."""
        before = self._devices.get(device_id)
        if before is None:
            return
        newest = before.state_ms is None or received_ms >= before.state_ms
        self._change(
            DevicePresence(
                device_id=device_id,
                kind=before.kind,
                seen_ms=max(received_ms, before.seen_ms or received_ms),
                state=DeviceState.ONLINE if newest else before.state,
                state_ms=received_ms if newest else before.state_ms,
            )
        )

    def _told(self, status: Status) -> None:
        """A last will is no word of the device's own; nor is a birth that only repeats what a broker retained.

        A gateway is heard by its births alone: each that is not a repetition is a new sign of life. Words may be read
        in another order than they were received in: an old one that was set aside comes after newer ones.
        """
        if status.state is DeviceState.ONLINE:
            if not status.retain:
                self._heard(status.device_id, status.received_ms)
            return
        before = self._devices.get(status.device_id)
        if before is None or status.received_ms < max(before.state_ms or 0, before.seen_ms or 0):
            return
        self._change(replace(before, state=status.state, state_ms=status.received_ms))

    def _looked(self, look: Sighting) -> None:
        before = self._cameras.get(look.camera_id)
        if before is None:
            return
        healthy_ms = before.healthy_ms
        if look.view is ViewHealth.HEALTHY:
            healthy_ms = max(look.taken_ms, healthy_ms or look.taken_ms)
        if before.taken_ms is not None and look.taken_ms < before.taken_ms:
            self._change(replace(before, healthy_ms=healthy_ms))
            return
        self._change(
            CameraPresence(
                camera_id=look.camera_id,
                view=look.view,
                fault=look.fault,
                taken_ms=look.taken_ms,
                healthy_ms=healthy_ms,
            )
        )

    def _change(self, presence: Present) -> None:
        with self._lock:
            self._put(presence)
            name = presence.device_id if isinstance(presence, DevicePresence) else presence.camera_id
            self._dirty[type(presence), name] = presence

    def _restore(self, presence: Present) -> None:
        if isinstance(presence, DevicePresence):
            known = self._devices.get(presence.device_id)
            if known is not None:
                self._put(replace(presence, kind=known.kind))
        elif presence.camera_id in self._cameras:
            self._put(presence)

    def _put(self, presence: Present) -> None:
        if isinstance(presence, DevicePresence):
            self._devices[presence.device_id] = presence
            self._all_devices = None
        else:
            self._cameras[presence.camera_id] = presence
