"""The collectors of a site, each a child process: started, listened to, started again, stopped."""

import random
import threading
import time
from collections.abc import Sequence
from typing import Final

import msgspec

from app.processes.children import Child
from app.processes.collecting import Order
from config.schema import Settings
from domain.errors import ConfigError
from ingest import topics
from ingest.broker import Broker, shared
from ingest.retire import QUIET_S
from ingest.tally import COUNTS, NOT_THERE, CollectorStatus, together

_SILENT_S: Final = 5.0
"""A collector that says nothing for so long is not believed to be connected."""
_SILENT: Final = f"its process has said nothing for {_SILENT_S:.0f} s"
_ENDED: Final = "its process ended, and is started again"

_decode = msgspec.json.Decoder(CollectorStatus).decode


def client_id(settings: Settings) -> str:
    """The name by which the broker knows us."""
    return settings.mqtt.client_id or f"longcheng-{settings.site}"


def orders(settings: Settings, *, quiet_s: float = QUIET_S) -> list[Order]:
    """What each collector of the site is to do. Raises ConfigError for what cannot be; connects to nothing."""
    mqtt, ingest, name = settings.mqtt, settings.ingest, client_id(settings)
    wanted, alone = topics.filters(mqtt.root, ingest.feeds), topics.undivided(mqtt.root, ingest.feeds)
    each = [wanted]
    names = [name]
    if ingest.collectors > 1:
        if mqtt.protocol == "3.1.1":
            raise ConfigError(
                f"ingest.collectors is {ingest.collectors}, which takes MQTT 5, but mqtt.protocol is '3.1.1'"
            )
        # Another version would not know what `$share` means, and hear nothing.
        mqtt = mqtt.model_copy(update={"protocol": "5"})
        group = ingest.share_group or name
        divided = tuple(shared(group, filter_) for filter_ in wanted if filter_ not in alone)
        each = [divided + alone] + [divided] * (ingest.collectors - 1)
        names = [f"{name}-{number}" for number in range(1, ingest.collectors + 1)]
    for one in names:
        Broker(mqtt, one)
    return [
        Order(
            client_id=one,
            mqtt=mqtt.model_dump(mode="json"),
            filters=filters,
            data_dir=str(settings.data_dir.absolute()),
            journal_max_bytes=settings.journal.max_size,
            group=settings.journal.group,
            group_wait_s=settings.journal.group_wait,
            label=f"collector {one}" if len(names) > 1 else "collector",
            client_ids=tuple(names) if number == 0 else (),
            quiet_s=quiet_s,
        )
        for number, (one, filters) in enumerate(zip(names, each, strict=True))
    ]


class Collectors:
    """All of them. Any thread may ask for the status."""

    def __init__(self, settings: Settings, chance: random.Random | None = None, *, quiet_s: float = QUIET_S) -> None:
        """Starts nothing yet. A session that is used no more is empty once it is quiet for `quiet_s`.

        Raises ConfigError.
        """
        chance = chance or random.SystemRandom()
        self._children = [_Collector(order, chance) for order in orders(settings, quiet_s=quiet_s)]

    def start(self) -> None:
        """Begin, and return at once. Once only."""
        for child in self._children:
            child.start()

    def stop(self, timeout_s: float) -> None:
        """Have each take nothing new, journal and acknowledge what it has, and end; kill it if that takes longer."""
        deadline_s = time.monotonic() + timeout_s
        for child in self._children:
            child.release()
        for child in self._children:
            child.end(max(0.0, deadline_s - time.monotonic()))

    @property
    def status(self) -> CollectorStatus:
        """All as one: connected if all are, paused if any is, and what they have done together."""
        return together(self.each)

    @property
    def each(self) -> Sequence[CollectorStatus]:
        """How each of them is doing."""
        return [child.status for child in self._children]

    @property
    def by_name(self) -> dict[str, CollectorStatus]:
        """How each is doing, by the name that the broker knows it by."""
        return {child.name: child.status for child in self._children}

    @property
    def processes(self) -> Sequence[int]:
        """The ids of those that run."""
        return [pid for child in self._children if (pid := child.pid) is not None]


class _Collector(Child):
    """One of them. Its counts go on from one process to the next."""

    def __init__(self, order: Order, chance: random.Random) -> None:
        super().__init__("collect", msgspec.json.encode(order), name=order.client_id, chance=chance)
        self._lock = threading.Lock()
        self._last = self._before = NOT_THERE
        self._heard_s = 0.0

    @property
    def status(self) -> CollectorStatus:
        """As last heard."""
        with self._lock:
            last, before, silent_s = self._last, self._before, time.monotonic() - self._heard_s
        counts = {name: getattr(last, name) + getattr(before, name) for name in COUNTS}
        if last.connected and silent_s >= _SILENT_S:
            last = msgspec.structs.replace(last, connected=False, trouble=_SILENT)
        return msgspec.structs.replace(last, restarts=self.restarts, **counts)

    def hear(self, line: bytes) -> None:
        """Its status."""
        status = _decode(line)
        with self._lock:
            self._last, self._heard_s = status, time.monotonic()

    def bury(self) -> None:
        """What it has done stays done; a process that is no more is not connected."""
        with self._lock:
            done = {name: getattr(self._last, name) + getattr(self._before, name) for name in COUNTS}
            self._before = msgspec.structs.replace(NOT_THERE, **done)
            none = dict.fromkeys(COUNTS, 0)
            self._last = msgspec.structs.replace(self._last, connected=False, paused=False, trouble=_ENDED, **none)
