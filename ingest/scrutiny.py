"""What takes more than one message to see: spikes, stuck values, floods, and what was delivered twice.

All of it is kept in memory only, and depends on nothing but the messages in their order: who starts anew reads the end
of the journal once more.
"""

import math
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Final, TypeGuard

from msgspec import Struct
from msgspec.structs import replace

from config.load import Site
from config.schema import Profile
from domain.message import RawMessage, Reject, RejectReason
from domain.reading import Doubt, Reading, TimeSource, Value
from ingest.decoded import Decoded, Observation
from ingest.rates import Buckets

_MOST_UNTIMED: Final = 5000
_TOLD_AGAIN_MS: Final = 120_000
_OVERTAKEN_MS: Final = 1000
"""So far several collectors may have overtaken each other."""
_FLOOD: Final = "more messages than its rate allows; its safety metrics were kept"
_Key = tuple[str, int | None, str]


class _Past(Struct, gc=False):
    """What is remembered of one value of one subject."""

    at_ms: int
    value: Value
    same_since_ms: int
    suspect: Value | None = None
    """The last value that was a spike. A second one like it is a new level, and no spike."""


class _Limits(Struct, frozen=True, gc=False):
    """From where on a value is suspect; infinity: never."""

    max_step: float
    stuck_ms: float


class Scrutiny:
    """Remembers a little of each device, in the order of the journal."""

    def __init__(self, site: Site) -> None:
        ingest = site.settings.ingest
        self._rates = {
            device.device_id: _rate(site.profiles[device.profile], ingest.device_rate)
            for device in site.devices.values()
        }
        self._safety = frozenset(name for name, metric in site.metrics.items() if metric.safety)
        self._total = Buckets(ingest.total_rate) if ingest.total_rate else None
        checks = {name: _checks_of(profile) for name, profile in site.profiles.items() if profile.checks}
        self._checks = {one.device_id: checks[one.profile] for one in site.devices.values() if one.profile in checks}
        self._limits = self._total is not None or any(self._rates.values())
        self._idle = not self._checks and not self._limits
        self._buckets: dict[str, Buckets] = {}
        self._pasts: dict[_Key, _Past] = {}
        self._untimed: OrderedDict[tuple[str, bytes], int] = OrderedDict()
        self._came: dict[tuple[str, int | None], tuple[int, int]] = {}
        """By subject: when its last reading without a time came, and the time it was given."""

    def judged(self, decoded: Decoded, message: RawMessage) -> Decoded:
        """The same, with doubts marked, floods held back, and a repeated delivery given the time of the first."""
        observations = decoded.observations
        if not observations or type(observations[0]) is not Reading:
            return decoded
        if observations[0].time_source is TimeSource.RECEIVED:
            decoded = self._first_received(decoded, message)
        if self._idle:
            return decoded
        if self._limits and not self._passes(decoded.observations, message.received_ms):
            decoded = self._held_back(decoded)
        if not self._checks:
            return decoded
        doubted = tuple([self._doubted(one) for one in decoded.observations])
        return decoded if doubted == decoded.observations else replace(decoded, observations=doubted)

    def _first_received(self, decoded: Decoded, message: RawMessage) -> Decoded:
        """Readings without a time of their own get the time they first came at, each a millisecond of its own.

        Delivered again, they are the same readings. Delivered in one go, as after an outage, they are not one reading.
        """
        key = (message.topic, blake2b(message.payload, digest_size=16).digest())
        at_ms = self._untimed.get(key) if message.dup else None
        if at_ms is not None and message.received_ms - at_ms > _TOLD_AGAIN_MS:
            at_ms = None  # the mark also stands on messages that never reached us: rather twice than not at all
        if at_ms is None:
            at_ms = self._free_ms(decoded.observations, message.received_ms)
            self._untimed[key] = at_ms
            self._untimed.move_to_end(key)
            if len(self._untimed) > _MOST_UNTIMED:
                self._untimed.popitem(last=False)
        later_ms = at_ms - message.received_ms
        if not later_ms:
            return decoded
        return replace(
            decoded,
            observations=tuple(
                replace(one, at_ms=one.at_ms + later_ms) if _is_untimed(one) else one for one in decoded.observations
            ),
        )

    def _free_ms(self, observations: Sequence[Observation], received_ms: int) -> int:
        """The time of receipt, or the first moment after it at which none of these subjects has a reading yet."""
        free_ms, subjects = received_ms, set()
        for one in observations:
            if _is_untimed(one):
                subjects.add((one.device_id, one.port))
                came_ms, last_ms = self._came.get((one.device_id, one.port), (received_ms, one.at_ms - 1))
                # What came long before that is told again, and has its own place.
                if came_ms - _OVERTAKEN_MS <= received_ms and one.at_ms <= last_ms:
                    free_ms = max(free_ms, last_ms + 1 + received_ms - one.at_ms)
        self._came.update(dict.fromkeys(subjects, (received_ms, free_ms)))
        return free_ms

    def _passes(self, observations: Iterable[Observation], received_ms: int) -> bool:
        """Whether the message is within its devices' rates and the rate of all."""
        for device_id in {one.device_id for one in observations if isinstance(one, Reading)}:
            rates = self._rates.get(device_id)
            if not rates:
                continue
            bucket = self._buckets.get(device_id)
            if bucket is None:
                bucket = self._buckets[device_id] = Buckets(rates)
            if not bucket.take(received_ms):
                return False
        return self._total is None or self._total.take(received_ms)

    def _held_back(self, decoded: Decoded) -> Decoded:
        kept: list[Observation] = []
        for one in decoded.observations:
            if not isinstance(one, Reading):
                kept.append(one)
            else:  # even with nothing left it is a sign of life: a flood must not pass for silence
                metrics = {name: value for name, value in one.metrics.items() if name in self._safety}
                kept.append(replace(one, metrics=metrics))
        flood = Reject(reason=RejectReason.RATE_LIMITED, detail=_FLOOD)
        return replace(decoded, observations=tuple(kept), rejects=(*decoded.rejects, flood))

    def _doubted(self, observation: Observation) -> Observation:
        if type(observation) is not Reading or observation.past:
            return observation
        checks = self._checks.get(observation.device_id)
        if checks is None:
            return observation
        doubts = [
            (name, doubt)
            for name, check in checks
            if name in observation.metrics and (doubt := self._doubt(observation, name, check)) is not None
        ]
        return replace(observation, doubts=tuple(doubts)) if doubts else observation

    def _doubt(self, reading: Reading, name: str, check: "_Limits") -> Doubt | None:
        key = (reading.device_id, reading.port, name)
        value, at_ms, past = reading.metrics[name], reading.at_ms, self._pasts.get(key)
        if past is None:
            self._pasts[key] = _Past(at_ms, value, at_ms)
            return None
        if at_ms <= past.at_ms:  # late, or told again: it says nothing about what came after
            return None
        past.at_ms = at_ms
        if value == past.value:
            past.suspect = None
            return Doubt.STUCK if at_ms - past.same_since_ms >= check.stuck_ms else None
        if abs(value - past.value) > check.max_step and (
            past.suspect is None or abs(value - past.suspect) > check.max_step
        ):
            past.suspect = value
            return Doubt.SPIKE
        past.suspect = None
        past.value, past.same_since_ms = value, at_ms
        return None


def _is_untimed(observation: Observation) -> TypeGuard[Reading]:
    return isinstance(observation, Reading) and observation.time_source is TimeSource.RECEIVED


def _checks_of(profile: Profile) -> Sequence[tuple[str, _Limits]]:
    """By metric, in the order of their names."""
    return [
        (
            name,
            _Limits(
                math.inf if check.max_step is None else check.max_step,
                math.inf if check.stuck_after is None else check.stuck_after * 1000,
            ),
        )
        for name, check in sorted(profile.checks.items())
    ]


def _rate(profile: Profile, default: str) -> str:
    return default if profile.rate is None else profile.rate
