"""The cameras of a running service, whose zones may be redrawn while it runs."""

from collections.abc import Collection, Iterator, Mapping

from msgspec.structs import replace

from domain.register import Camera


class LiveCameras(Mapping[str, Camera]):
    """Reads like any register; what is read at once is of one state. Any thread may read, one takes over."""

    def __init__(self, cameras: Mapping[str, Camera]) -> None:
        self._cameras = dict(cameras)

    def take_over(self, cameras: Mapping[str, Camera]) -> None:
        """From now on these."""
        self._cameras = dict(cameras)

    def __getitem__(self, camera_id: str) -> Camera:
        """One camera."""
        return self._cameras[camera_id]

    def __iter__(self) -> Iterator[str]:
        """Their ids, in the register's order."""
        return iter(self._cameras)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._cameras)


def redrawn(started: Mapping[str, Camera], now: Mapping[str, Camera], shops: Collection[str]) -> dict[str, Camera]:
    """The cameras as they were at the start, with the zones of now. Of one that names a shop which was not in the
    register then, as before."""
    return {camera_id: _redrawn(camera, now.get(camera_id), shops) for camera_id, camera in started.items()}


def _redrawn(camera: Camera, now: Camera | None, shops: Collection[str]) -> Camera:
    if now is None or any(zone.shop_id is not None and zone.shop_id not in shops for zone in now.zones):
        return camera
    return replace(camera, zones=now.zones)
