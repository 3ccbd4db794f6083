"""Whom the rules speak about, and what was last heard of each: the clock that lateness and silence are measured by."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec import Struct

from config.load import Site
from rules.rule import CAMERA
from rules.watch import LookWatch, SilenceWatch, ValueWatch, Watch

NEVER_MS = -1
"""Before any time there is."""
HEARD = "@heard"
"""Stands for a rule's id in the keys of what was last heard; no rule can be called so."""


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


@dataclass(slots=True, eq=False)
class Source:
    """A device with its ports, or a camera: what is silent as a whole."""

    whole: "Subject" = field(init=False)
    """The device itself, or the camera; in its `heard` stands what is known of the silence."""
    heard_ms: int = NEVER_MS
    silences: list[SilenceWatch[Any]] = field(default_factory=list)
    values: list[ValueWatch[Any]] = field(default_factory=list)
    looks: list[LookWatch[Any]] = field(default_factory=list)

    @property
    def quiet_since_ms(self) -> int:
        """When it was last heard, or when we began to listen; NEVER_MS: neither."""
        return self.whole.heard.since_ms if self.heard_ms == NEVER_MS else self.heard_ms

    def hear(self, received_ms: int) -> None:
        """Note that something came. Deaf time counts on only as far as it may lie after this."""
        self.heard_ms = received_ms
        heard = self.whole.heard
        heard.deaf_ms = min(heard.deaf_ms, max(heard.deaf_until_ms - received_ms, 0))

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
    watches: dict[str, list[ValueWatch[Any]]] = field(default_factory=dict)

    def restore(self, saved: bytes) -> None:
        """Take up what was heard. Raises msgspec.MsgspecError for anything else."""
        self.heard = msgspec.json.decode(saved, type=Heard)
        self.source.heard_ms = max(self.source.heard_ms, self.heard.received_ms)

    def dump(self) -> bytes:
        """What was heard, as bytes."""
        return msgspec.json.encode(self.heard)


class Subjects:
    """Every device, port and camera of a site."""

    def __init__(self, site: Site) -> None:
        self.devices: dict[tuple[str, int | None], Subject] = {}
        self.cameras: dict[str, Subject] = {}
        for device in site.devices.values():
            source = Source()
            for port in (None, *range(1, device.ports + 1)):
                name = device.device_id if port is None else f"{device.device_id}/{port}"
                self.devices[device.device_id, port] = Subject((HEARD, f"{device.kind}/{name}"), source)
            source.whole = self.devices[device.device_id, None]
        for camera_id in site.cameras:
            self.cameras[camera_id] = subject = Subject((HEARD, f"{CAMERA}/{camera_id}"), Source())
            subject.source.whole = subject

    def __iter__(self) -> Iterator[Subject]:
        yield from self.devices.values()
        yield from self.cameras.values()

    def add(self, watch: Watch[Any]) -> None:
        """Let a watch hear its subject."""
        camera = watch.rule.spec.for_each.kind == CAMERA
        subject = self.cameras[watch.device_id] if camera else self.devices[watch.device_id, watch.port]
        if isinstance(watch, ValueWatch):
            subject.watches.setdefault(watch.metric, []).append(watch)
            subject.source.values.append(watch)
        elif isinstance(watch, LookWatch):
            subject.source.looks.append(watch)
        elif isinstance(watch, SilenceWatch):
            subject.source.silences.append(watch)
