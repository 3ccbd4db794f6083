"""From a raw message to what it says. Never raises: what cannot be used comes back as named rejects."""

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import version
from typing import Final

import msgspec

from config.load import Site
from domain.errors import ConfigError
from domain.message import RawMessage, RejectReason
from ingest import topics
from ingest.decoded import Decoded, Observation, refused, shown
from ingest.decoders import DECODERS, TelemetryDecoder, sighting, status

__all__ = ["Decoded", "Decoder", "Observation"]

MAX_PAYLOAD: Final = 1 << 20
"""Bytes; a larger message is set aside unread."""

_Read = Callable[[RawMessage], Decoded]


class Decoder:
    """Reads everything below a site's topic root. Safe to use from several threads."""

    version: str
    """Names the program and the registers it decodes by, so that a dead letter says what refused it."""

    def __init__(self, site: Site) -> None:
        """Raises ConfigError if a profile names a decoder there is not."""
        self._root = site.settings.mqtt.root
        self._devices = site.devices
        self._cameras = site.cameras
        self._kinds = {profile.kind for profile in site.profiles.values()}
        self._by_profile = _telemetry_decoders(site)
        # Only topics of registered devices get in, so it cannot outgrow the register.
        self._routes: dict[str, _Read] = {}
        self.version = f"{version('longcheng')}+{_fingerprint(site)}"

    def decode(self, message: RawMessage) -> Decoded:
        """What the message says. Never raises."""
        if len(message.payload) > MAX_PAYLOAD:
            return refused(RejectReason.OVERSIZE, f"{len(message.payload)} bytes; at most {MAX_PAYLOAD} are read")
        read = self._routes.get(message.topic)
        if read is None:
            route = self._route(message.topic)
            if isinstance(route, Decoded):
                return route
            self._routes[message.topic] = read = route
        return read(message)

    def _route(self, name: str) -> _Read | Decoded:
        """How to read this topic's payloads; or, where nothing can, the answer to all of them."""
        topic = topics.parse(self._root, name)
        if topic is None:
            return refused(RejectReason.TOPIC, f"{shown(name)} is not {self._root}/kind/device_id/leaf")
        if topic.kind == topics.SERVICE:
            return Decoded()
        if topic.kind == topics.CAMERA:
            return self._camera(topic)
        return self._device(topic)

    def _camera(self, topic: topics.Topic) -> _Read | Decoded:
        if topic.leaf not in (topics.SIGHTING, topics.STATUS):
            return refused(RejectReason.TOPIC, f"a camera sends sighting and status, not {shown(topic.leaf)}")
        if topic.device_id not in self._cameras:
            return refused(RejectReason.UNKNOWN_DEVICE, f"no camera {shown(topic.device_id)} in cameras.csv")
        if topic.leaf == topics.STATUS:
            return partial(status.decode, kind=topic.kind, device_id=topic.device_id)
        return partial(sighting.decode, camera_id=topic.device_id)

    def _device(self, topic: topics.Topic) -> _Read | Decoded:
        if topic.kind not in self._kinds:
            return refused(RejectReason.TOPIC, f"no profile has the kind {shown(topic.kind)}")
        if topic.leaf not in (topics.TELEMETRY, topics.STATUS):
            return refused(RejectReason.TOPIC, f"a device sends telemetry and status, not {shown(topic.leaf)}")
        device = self._devices.get(topic.device_id)
        if device is None:
            return refused(RejectReason.UNKNOWN_DEVICE, f"no device {shown(topic.device_id)} in devices.csv")
        if device.kind != topic.kind:
            detail = f"{device.device_id} is registered as a {device.kind}, not as a {topic.kind}"
            return refused(RejectReason.UNKNOWN_DEVICE, detail)
        if topic.leaf == topics.STATUS:
            return partial(status.decode, kind=topic.kind, device_id=topic.device_id)
        return partial(self._by_profile[device.profile].decode, device=device)


def _telemetry_decoders(site: Site) -> Mapping[str, TelemetryDecoder]:
    for name, profile in site.profiles.items():
        if profile.decoder not in DECODERS:
            known = ", ".join(sorted(DECODERS))
            raise ConfigError(
                f"profile {name!r} names the decoder {profile.decoder!r}; there is {known}",
                path=site.folder / "profiles.yaml",
            )
    return {name: DECODERS[profile.decoder](profile, site.metrics) for name, profile in site.profiles.items()}


def _fingerprint(site: Site) -> str:
    """Eight letters that change when a metric, a profile or a device's kind or ports do."""
    said = (
        sorted((name, metric.model_dump_json()) for name, metric in site.metrics.items()),
        sorted((name, profile.model_dump_json()) for name, profile in site.profiles.items()),
        sorted((device.device_id, device.profile, device.ports) for device in site.devices.values()),
    )
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:8]
