"""From a raw message to what it says. Never raises: what cannot be used comes back as named rejects."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from importlib.metadata import version
from typing import Final

import msgspec
from paho.mqtt.client import topic_matches_sub

from config.load import Site
from config.schema import Feed
from domain.message import RawMessage, Reject, RejectReason
from domain.reading import Status
from domain.register import Device
from ingest import topics
from ingest.assembly import Assembly
from ingest.births import Births, NoBirths
from ingest.decoded import Decoded, Observation, Reply, Unfit, refused, shown
from ingest.decoders import FEEDS, FeedDecoder, native, sighting, status
from ingest.moment import Heard
from ingest.scrutiny import Scrutiny

__all__ = ["Decoded", "Decoder", "Observation"]

MAX_PAYLOAD: Final = 1 << 20
"""Bytes; a larger message is set aside unread."""
_MOST_ROUTES: Final = 100_000
_EUI: Final = re.compile(r"[0-9A-Fa-f]{16}")

_Read = Callable[[RawMessage, int], Decoded]


class Decoder:
    """Reads everything a site subscribes to. It remembers a little of each device: each reader needs one of its own."""

    version: str
    """Names the program and the registers it decodes by, so that a dead letter says what refused it."""

    def __init__(self, site: Site, births: Births | None = None) -> None:
        """Raises ConfigError for a feed that cannot be read."""
        self._root = site.settings.mqtt.root
        self._devices = site.devices
        self._addresses = _by_address(site.devices.values())
        self._cameras = site.cameras
        self._kinds = {profile.kind for profile in site.profiles.values()}
        self._assemblies = {
            name: Assembly(profile, site.metrics, site.timezone) for name, profile in site.profiles.items()
        }
        self._feeds = _feeds(site, births or NoBirths())
        self._scrutiny = Scrutiny(site)
        self._routes: dict[str, _Read] = {}
        self.version = f"{version('longcheng')}+{_fingerprint(site)}"

    def decode(self, message: RawMessage, seq: int = 0) -> Decoded:
        """What the message says. `seq` is its place in the journal. Never raises."""
        if len(message.payload) > MAX_PAYLOAD:
            return refused(RejectReason.OVERSIZE, f"{len(message.payload)} bytes; at most {MAX_PAYLOAD} are read")
        read = self._routes.get(message.topic)
        if read is None:
            route = self._route(message.topic)
            if isinstance(route, Decoded):
                return route
            if len(self._routes) < _MOST_ROUTES:
                self._routes[message.topic] = route
            read = route
        return self._scrutiny.judged(read(message, seq), message)

    def _route(self, name: str) -> _Read | Decoded:
        """How to read this topic's payloads; or, where nothing can, the answer to all of them."""
        topic = topics.parse(self._root, name)
        if topic is None:
            for filters, feed in self._feeds:
                if any(topic_matches_sub(wanted, name) for wanted in filters):
                    return partial(self._foreign, feed)
            detail = f"{shown(name)} is neither {self._root}/kind/device_id/leaf nor of a feed"
            return refused(RejectReason.TOPIC, detail)
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
            return partial(_status, topic.kind, topic.device_id)
        return partial(_sighting, topic.device_id)

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
            return partial(_status, topic.kind, topic.device_id)
        return partial(_telemetry, self._assemblies[device.profile], device)

    def _foreign(self, feed: FeedDecoder, message: RawMessage, seq: int) -> Decoded:
        """A message of a feed: whatever it names, by the addresses of the register."""
        try:
            heard = feed.decode(message, seq)
        except Unfit as unfit:
            return Decoded(rejects=(unfit.reject(),))
        observations: list[Observation] = []
        rejects: list[Reject] = []
        replies: list[Reply] = []
        for one in heard:
            replies += one.replies
            rejects += one.rejects
            device = self._addresses.get(one.address)
            if device is not None:
                said = self._said(one, device, message)
                observations += said.observations
                rejects += said.rejects
            elif not one.in_passing:
                detail = f"no device has the address {shown(one.address)} in devices.csv"
                rejects.append(Reject(reason=RejectReason.UNKNOWN_DEVICE, detail=detail, part=shown(one.address)))
        return Decoded(tuple(observations), tuple(rejects), tuple(replies))

    def _said(self, heard: Heard, device: Device, message: RawMessage) -> Decoded:
        made = self._assemblies[device.profile].readings(heard.moments, device, message)
        if heard.state is None:
            return made
        told = Status(
            kind=device.kind,
            device_id=device.device_id,
            state=heard.state,
            received_ms=message.received_ms,
            retain=message.retain,
        )
        return Decoded((told, *made.observations), made.rejects)


def _telemetry(assembly: Assembly, device: Device, message: RawMessage, _seq: int) -> Decoded:
    plain = native.plain(message)
    if plain is not None:
        reading = assembly.reading(plain.metrics, plain.ts, plain.port, device, message)
        if reading is not None:
            return Decoded((reading,))
    try:
        moments, rejects = native.decode(message)
    except Unfit as unfit:
        return Decoded(rejects=(unfit.reject(),))
    made = assembly.readings(moments, device, message)
    return Decoded(made.observations, (*rejects, *made.rejects)) if rejects else made


def _status(kind: str, device_id: str, message: RawMessage, _seq: int) -> Decoded:
    return status.decode(message, kind, device_id)


def _sighting(camera_id: str, message: RawMessage, _seq: int) -> Decoded:
    return sighting.decode(message, camera_id)


def _feeds(site: Site, births: Births) -> Sequence[tuple[Sequence[str], FeedDecoder]]:
    """Each feed's filters and its decoder."""
    found = []
    for name, feed in site.settings.ingest.feeds.items():
        try:
            found.append((topics.of_feed(feed), FEEDS[feed.format](feed, site.timezone, births)))
            topics.check(site.settings.mqtt.root, feed)
        except ValueError as wrong:
            where = _where(wrong, feed)
            raise site.wrong(f"ingest.feeds.{name}: {wrong}", "ingest", "feeds", name, *where) from None
    return found


def _where(wrong: ValueError, feed: Feed) -> tuple[int | str, ...]:
    """Where in a feed that stands."""
    if not isinstance(wrong, topics.WrongTopic):
        return ("envelope",)
    return ("topics", feed.topics.index(wrong.topic)) if wrong.topic in feed.topics else ()


def _by_address(devices: Iterable[Device]) -> Mapping[str, Device]:
    """Devices by address. A DevEUI or a gateway's EUI, which labels print in capitals, by its small letters, too."""
    exact = {device.address or device.device_id: device for device in devices}
    return {address.lower(): device for address, device in exact.items() if _EUI.fullmatch(address)} | exact


def _fingerprint(site: Site) -> str:
    """Eight letters that change when a metric, a profile, a feed, or a device's kind or ports do."""
    said = (
        sorted((name, metric.model_dump_json()) for name, metric in site.metrics.items()),
        sorted((name, profile.model_dump_json()) for name, profile in site.profiles.items()),
        sorted((name, feed.model_dump_json()) for name, feed in site.settings.ingest.feeds.items()),
        sorted((device.device_id, device.profile, device.ports, device.address) for device in site.devices.values()),
    )
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:8]
