"""The accounts: what the broker acknowledged, against what the journal and the series store have."""

from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from itertools import chain
from typing import Protocol

from msgspec import Struct

from app.demo.wire import Expected, Outgoing
from domain.message import RawMessage
from domain.reading import Value

SHOWN = 10
LOOKS_REMEMBERED = 20_000  # a look delivered twice comes within moments
SETTLED_AFTER_MS = 60_000  # a younger moment may still be acknowledged piece by piece

Names = tuple[str, ...]
Moments = dict[int, dict[int | None, Names]]
"""Time in ms → port, or None for the device itself → the metrics that must be stored. Of one device."""


class Stored(Protocol):
    """The series store, to read from."""

    def range(
        self, measurement: str, field: str, tags: Mapping[str, str], start_ms: int, stop_ms: int
    ) -> list[tuple[int, Value]]:
        """Times and values with start ≤ time < stop, of all points that carry at least these tags."""
        ...


class Balance(Struct, frozen=True, kw_only=True):
    """What was acknowledged, what arrived, and what is missing."""

    messages_published: int
    messages_journalled: int
    messages_missing: int
    values_expected: int
    values_missing: int
    looks_published: int
    looks_journalled: int
    looks_missing: int
    rejects_expected: int
    """Dead letters that the devices' rubbish must have left, at least."""
    examples: tuple[str, ...]
    """A few of the missing, in words."""

    @property
    def lost(self) -> int:
        """Everything missing."""
        return self.messages_missing + self.values_missing + self.looks_missing


class Ledger:
    """Crosses off what arrived, so that it holds only what is still under way. Use it from one thread."""

    def __init__(self) -> None:
        self._under_way: Counter[bytes] = Counter()
        self._topics: dict[bytes, str] = {}
        self._early: Counter[bytes] = Counter()
        self._expected: dict[tuple[str, str], Moments] = {}
        self._shapes: dict[Names, Names] = {}
        self._looks: dict[bytes, None] = {}
        self._published = 0
        self._values = 0
        self._looks_seen = 0
        self._rejects = 0

    @property
    def published(self) -> int:
        """Messages that the broker acknowledged."""
        return self._published

    @property
    def missing_messages(self) -> int:
        """Of those, the ones that no record has been given for yet."""
        return self._under_way.total()

    @property
    def waiting(self) -> int:
        """Moments, one a device and time, not crossed off yet."""
        return sum(len(moments) for moments in self._expected.values())

    def record(self, message: Outgoing) -> None:
        """The broker acknowledged this message: from now on it must not be lost."""
        self._published += 1
        self._rejects += message.rejects
        for expected in message.expected:
            self._expect(expected)
        digest = _digest(message.topic, message.payload)
        if not _take(self._early, digest):
            self._under_way[digest] += 1
            self._topics[digest] = message.topic

    def settle(self, messages: Iterable[RawMessage], stored: Stored | None = None) -> None:
        """Cross off what the journal has, and what is stored by now; in a long run it keeps the accounts small.

        Give each journal record once over all calls; a message that the journal has twice does no harm.
        """
        for message in messages:
            if message.topic.endswith("/sighting"):
                self._settle_look(message)
            else:
                self._settle_message(message)
        if stored is not None:
            for device, moments in list(self._expected.items()):
                self._settle_values(device, moments, stored)

    def compare(self, messages: Iterable[RawMessage], stored: Stored, *, looks_published: int) -> Balance:
        """The balance, once everything has had time to arrive.

        `messages` are the journal's records not given to `settle` before; `looks_published` is how many looks
        the broker acknowledged to the vision worker.
        """
        self.settle(messages)
        short = {device: _shortfall(device, moments, stored) for device, moments in self._expected.items()}
        missing = self.missing_messages
        return Balance(
            messages_published=self._published,
            messages_journalled=self._published - missing,
            messages_missing=missing,
            values_expected=self._values,
            values_missing=sum(lack.total() for own in short.values() for lack in own.values()),
            looks_published=looks_published,
            looks_journalled=self._looks_seen,
            looks_missing=max(0, looks_published - self._looks_seen),
            rejects_expected=self._rejects,
            examples=self._examples(short),
        )

    def _expect(self, expected: Expected) -> None:
        moments = self._expected.setdefault((expected.kind, expected.device_id), {})
        ports = moments.setdefault(expected.at_ms, {})
        known = ports.get(expected.port, ())
        names = tuple(dict.fromkeys((*known, *expected.metrics)))
        ports[expected.port] = self._shapes.setdefault(names, names)
        self._values += len(names) - len(known)

    def _settle_look(self, message: RawMessage) -> None:
        digest = _digest(message.topic, message.payload)
        if digest in self._looks:
            return
        self._looks[digest] = None
        self._looks_seen += 1
        if len(self._looks) > LOOKS_REMEMBERED:
            del self._looks[next(iter(self._looks))]

    def _settle_message(self, message: RawMessage) -> None:
        digest = _digest(message.topic, message.payload)
        if not _take(self._under_way, digest):
            self._early[digest] += 1  # the journal may be quicker than the acknowledgement
        elif digest not in self._under_way:
            del self._topics[digest]

    def _settle_values(self, device: tuple[str, str], moments: Moments, stored: Stored) -> None:
        newest_ms = max(moments, default=0)
        old = {at_ms: ports for at_ms, ports in moments.items() if at_ms <= newest_ms - SETTLED_AFTER_MS}
        short = _shortfall(device, old, stored)
        for at_ms in old.keys() - short.keys():
            del moments[at_ms]

    def _examples(self, short: Mapping[tuple[str, str], Mapping[int, Counter[str]]]) -> tuple[str, ...]:
        messages = [f"a message on {topic}" for topic in self._topics.values()]
        values = [
            f"{device_id} at {at_ms}: {', '.join(f'{metric} of {count}' for metric, count in sorted(lack.items()))}"
            for (_, device_id), own in short.items()
            for at_ms, lack in own.items()
        ]
        return tuple(messages[:SHOWN] + values[:SHOWN])


def _shortfall(device: tuple[str, str], moments: Moments, stored: Stored) -> dict[int, Counter[str]]:
    """Per time, which metrics are stored for fewer subjects of the device than they must be, and for how many fewer.

    The cabinet and the ports of a station share the tag `device_id`, so that one query a metric sees them all.
    """
    if not moments:
        return {}
    kind, device_id = device
    needed = {at_ms: Counter(chain.from_iterable(ports.values())) for at_ms, ports in moments.items()}
    found = {
        metric: Counter(
            at_ms for at_ms, _ in stored.range(kind, metric, {"device_id": device_id}, min(moments), max(moments) + 1)
        )
        for metric in sorted({name for counts in needed.values() for name in counts})
    }
    lacking = {
        at_ms: counts - Counter({metric: found[metric][at_ms] for metric in counts}) for at_ms, counts in needed.items()
    }
    return {at_ms: lack for at_ms, lack in lacking.items() if lack}


def _take(counter: Counter[bytes], digest: bytes) -> bool:
    """Take one out; False if there is none."""
    count = counter[digest]
    if count > 1:
        counter[digest] = count - 1
    elif count == 1:
        del counter[digest]
    return count > 0


def _digest(topic: str, payload: bytes) -> bytes:
    return blake2b(topic.encode() + b"\0" + payload, digest_size=16).digest()
