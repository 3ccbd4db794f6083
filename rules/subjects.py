"""Whom the rules speak about, and what was last heard of each: the clock that lateness and silence are measured by."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec import Struct

from config.load import Site
from config.schema import NATIVE
from rules.reorder import Order, Queue, Reorder
from rules.rule import CAMERA, FEED
from rules.watch import DerivedWatch, LookWatch, Newest, SilenceWatch, ValueWatch, Watch

NEVER_MS = -1
"""Before any time there is."""
HEARD = "@heard"
"""Stands for a rule's id in the keys of what was last heard; no rule can be called so."""
_FEED = "@feed"
"""Stands for a kind of device there, for the same reason."""


class Heard(Struct, omit_defaults=True):
    """What was last heard of one device, port or camera."""

    received_ms: int = NEVER_MS
    newest_ms: dict[str, int] = {}
    """Event time of the newest value by metric, or of the newest look under `look`."""
    breached_ms: dict[str, int] = {}
    """Event time of the newest value that an urgent rule is raised by, by rule: what is not newer is no news to it."""
    since_ms: int = NEVER_MS
    """For a whole device or camera of which nothing was ever heard: since when we listen."""
    deaf_ms: int = 0
    """For a whole device or camera: how long we could not hear, since it was last heard."""
    deaf_until_ms: int = NEVER_MS
    returned_ms: int = NEVER_MS
    """For a gateway or a feed: when it was last heard again after a silence of its own."""
    passed_ms: int = NEVER_MS
    """For a whole device whose values wait for earlier ones: how far its time has come."""
    queues: dict[str, Queue] | None = None
    """What waits for earlier values, by metric and how long."""
    values: dict[str, Newest] | None = None
    """Newest values of those metrics that rules conclude from."""


@dataclass(slots=True, eq=False)
class Source:
    """A device with its ports, a camera, or a feed: what is silent as a whole."""

    whole: "Subject" = field(init=False)
    """The device itself, the camera or the feed; in its `heard` stands what is known of the silence."""
    heard_ms: int = NEVER_MS
    silences: list[SilenceWatch[Any]] = field(default_factory=list)
    values: list[ValueWatch[Any]] = field(default_factory=list)
    looks: list[LookWatch[Any]] = field(default_factory=list)
    derived: list[DerivedWatch[Any]] = field(default_factory=list)
    order: Order | None = None
    """What waits for earlier values, if any rule waits for them."""
    gateway: "Source | None" = None
    feed: "Source | None" = None
    allowed_ms: int = 0
    """How long the first of its silence watches allows it to be silent."""
    carried: list["Source"] = field(default_factory=list)
    """Those that are heard through it."""
    counts_once_heard: bool = False
    """Whether it may never speak at all, and nothing be amiss."""

    @property
    def quiet_since_ms(self) -> int:
        """When it was last heard, or when we began to listen; NEVER_MS: neither."""
        return self.whole.heard.since_ms if self.heard_ms == NEVER_MS else self.heard_ms

    @property
    def excused_ms(self) -> int:
        """How much of the time since then says nothing: we could not hear it, or what carries it was silent."""
        since_ms = from_ms = self.quiet_since_ms
        if self.gateway is not None:
            from_ms = max(from_ms, self.gateway.whole.heard.returned_ms)
        if self.feed is not None:
            from_ms = max(from_ms, self.feed.whole.heard.returned_ms)
        return from_ms - since_ms + self.whole.heard.deaf_ms

    @property
    def silent_from_ms(self) -> int:
        """When its own silence is, or was, or will be called one."""
        return self.quiet_since_ms + self.excused_ms + self.allowed_ms

    def is_explained(self, now_ms: int, due_ms: int) -> bool:
        """Whether its silence, due then, is or may be that of the gateway or the feed it is heard through.

        It is while that is silent itself; and it may be as long as a gateway was not heard since.
        """
        gateway, feed = self.gateway, self.feed
        return (gateway is not None and gateway.explains(self.heard_ms, now_ms, due_ms)) or (
            feed is not None and feed.explains(self.heard_ms, now_ms, NEVER_MS)
        )

    def explains(self, heard_ms: int, now_ms: int, due_ms: int) -> bool:
        """Whether the silence, due then, of what was last heard at `heard_ms` is or may be this one's.

        What was heard when this was silent already has another way to us.
        """
        if not self.silences or self.quiet_since_ms == NEVER_MS or heard_ms >= self.silent_from_ms:
            return False
        return self.heard_ms < due_ms or self.is_silent(now_ms)

    def is_silent(self, now_ms: int) -> bool:
        """Whether its silence has been raised, or is about to be."""
        return now_ms >= self.silent_from_ms or any(watch.state is not None for watch in self.silences)

    @property
    def is_carried_by_silent(self) -> bool:
        """Whether the silence of what it is heard through has been raised, so that only a word of that ends it."""
        return any(
            watch.state is not None
            for above in (self.gateway, self.feed)
            if above is not None and above.explains(self.heard_ms, NEVER_MS, NEVER_MS)
            for watch in above.silences
        )

    def has_returned(self, received_ms: int) -> bool:
        """Note that it is heard now, and say whether that ends a silence: what it carries has its full time again."""
        if not self.silences or self.quiet_since_ms == NEVER_MS:
            return False
        soon = received_ms - self.heard_ms < self.allowed_ms
        if (soon and all(watch.state is None for watch in self.silences)) or not self.is_silent(received_ms):
            return False
        self.whole.heard.returned_ms = received_ms
        for source in self.carried:
            source.begin(received_ms)
        return True

    def hear(self, received_ms: int) -> None:
        """Note that something came."""
        self.heard_ms = received_ms
        self.begin(received_ms)

    def begin(self, from_ms: int) -> None:
        """Let its silence count from then: deaf time does so only as far as it may lie after it."""
        heard = self.whole.heard
        heard.deaf_ms = min(heard.deaf_ms, max(heard.deaf_until_ms - from_ms, 0))

    def rewind(self, now_ms: int) -> None:
        """Our clock was set back: count its silence from now, or it could not be silent until then has come again."""
        heard = self.whole.heard
        if self.heard_ms != NEVER_MS:
            self.heard_ms = now_ms
        heard.since_ms = min(heard.since_ms, now_ms)
        heard.returned_ms = min(heard.returned_ms, now_ms)
        heard.deaf_ms, heard.deaf_until_ms = 0, min(heard.deaf_until_ms, now_ms)

    def deafen(self, from_ms: int, until_ms: int) -> bool:
        """Note that nothing could be heard; whether that is news. No moment counts twice."""
        heard = self.whole.heard
        from_ms = max(from_ms, heard.deaf_until_ms, self.quiet_since_ms)
        if until_ms <= from_ms:
            return False
        heard.deaf_ms += until_ms - from_ms
        heard.deaf_until_ms = until_ms
        return True


@dataclass(slots=True, eq=False)
class Subject:
    """A device, one of its ports, or a camera: what has a clock of its own."""

    key: tuple[str, str]
    source: Source
    heard: Heard = field(default_factory=Heard)
    watches: dict[str, tuple[ValueWatch[Any], ...]] = field(default_factory=dict)
    """Those that hear values as they come, by metric."""
    delayed: dict[str, tuple[Reorder, ...]] | None = None
    """The queues for those that hear them in order, by metric."""
    derived: dict[str, tuple[DerivedWatch[Any], ...]] | None = None
    """Those that look at the newest value, by metric."""

    def restore(self, saved: bytes) -> None:
        """Take up what was heard. Raises msgspec.MsgspecError for anything else."""
        decode = msgspec.json.decode if saved[:1] == b"{" else msgspec.msgpack.decode
        self.heard = decode(saved, type=Heard)
        self.source.heard_ms = max(self.source.heard_ms, self.heard.received_ms)

    def dump(self) -> bytes:
        """What was heard, as bytes."""
        return msgspec.msgpack.encode(self.heard)


class Subjects:
    """Every device, port, camera and feed of a site."""

    def __init__(self, site: Site) -> None:
        self.devices: dict[tuple[str, int | None], Subject] = {}
        self.cameras: dict[str, Subject] = {}
        self.feeds = {name: _alone(f"{_FEED}/{name}") for name in (NATIVE, *site.settings.ingest.feeds)}
        for device in site.devices.values():
            source = Source()
            for port in (None, *range(1, device.ports + 1)):
                name = device.device_id if port is None else f"{device.device_id}/{port}"
                self.devices[device.device_id, port] = Subject((HEARD, f"{device.kind}/{name}"), source)
            source.whole = self.devices[device.device_id, None]
        for camera_id in site.cameras:
            self.cameras[camera_id] = _alone(f"{CAMERA}/{camera_id}")
        self._connect(site)

    def __iter__(self) -> Iterator[Subject]:
        yield from self.devices.values()
        yield from self.cameras.values()
        yield from self.feeds.values()

    @property
    def sources(self) -> Iterator[Source]:
        """Each that is silent as a whole."""
        return (subject.source for subject in self if subject.source.whole is subject)

    def _connect(self, site: Site) -> None:
        """Say who is heard through whom. With several feeds, nobody says which of them a device comes by."""
        native = self.feeds[NATIVE].source
        native.counts_once_heard = True
        for device in site.devices.values():
            source = self.devices[device.device_id, None].source
            if len(self.feeds) == 1:
                source.feed = native
                native.carried.append(source)
            if device.gateway is not None:
                source.gateway = self.devices[device.gateway, None].source
                source.gateway.carried.append(source)

    def add(self, watch: Watch[Any]) -> None:
        """Let a watch hear its subject."""
        subject = self.of(watch)
        source = subject.source
        if isinstance(watch, ValueWatch):
            source.values.append(watch)
            if watch.lateness_ms:
                source.order = source.order or Order(source)
                source.order.add(subject, watch)
            else:
                subject.watches[watch.metric] = (*subject.watches.get(watch.metric, ()), watch)
        elif isinstance(watch, LookWatch):
            source.looks.append(watch)
        elif isinstance(watch, SilenceWatch):
            source.silences.append(watch)
            source.allowed_ms = min(each.allowed_ms for each in source.silences)
        elif isinstance(watch, DerivedWatch):
            source.derived.append(watch)
            for each in dict.fromkeys((subject, source.whole)):
                known = each.derived or {}
                each.derived = {
                    **known,
                    **{metric: (*known.get(metric, ()), watch) for metric in watch.metrics},
                } or None

    def of(self, watch: Watch[Any]) -> Subject:
        """Whom it is about."""
        kind = watch.rule.spec.for_each.kind
        if kind == CAMERA:
            return self.cameras[watch.device_id]
        return self.feeds[watch.device_id] if kind == FEED else self.devices[watch.device_id, watch.port]


def _alone(name: str) -> Subject:
    """A subject that is all of its source."""
    subject = Subject((HEARD, name), Source())
    subject.source.whole = subject
    return subject
