"""Sparkplug B: nodes and their devices introduce themselves once, and then speak of their metrics by number."""

import zlib
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from config.schema import Feed
from domain.message import RawMessage, RejectReason
from domain.reading import DeviceState
from ingest.births import Births
from ingest.decoded import Reply, Unfit, shown
from ingest.moment import Heard
from ingest.sparkplug import wire
from ingest.sparkplug.birth import Birth, bd_seq, birth_of
from ingest.sparkplug.moments import moments_of
from ingest.sparkplug.topic import BIRTHS, DEATHS, Topic, read_topic

_ASK_AGAIN_MS: Final = 60_000
_NOWHERE: Final = -(1 << 62)
_TOLERATED_MS: Final = 60_000
"""How far our own clock may go back. What came so shortly before a birth that was asked for is of the same session."""
_MOST_NODES: Final = 10_000
"""In memory; of more, the one known longest is read from the births again when it speaks."""


class _Known(Struct, frozen=True):
    """The birth that holds, or None after a death; and when we received either."""

    birth: Birth | None
    received_ms: int


_NOTHING: Final = _Known(birth=None, received_ms=_NOWHERE)


@dataclass(slots=True)
class _Node:
    """What is remembered of a node; all but `number` and `asked_ms` can be read from the births at any time."""

    at_seq: int = _NOWHERE
    place: int = _NOWHERE
    """Where in the journal its own newest birth or death stands. A device's birth before that is of another session."""
    births: dict[str, _Known] = field(default_factory=dict)
    number: int | None = None
    """The sequence number of its last message."""
    asked_ms: int | None = None


class Sparkplug:
    """A feed of `format: sparkplug`. An address is `group/node/device`, or `group/node` for the node itself.

    Aliases are read by the birth that was the last one at the message's place in the journal, so that a message read
    again says the same. After a death nothing is read by the birth before it: its aliases may mean something else.
    For the same reason nothing of an earlier time is read by a later birth.
    """

    def __init__(self, feed: Feed, zone: ZoneInfo, births: Births) -> None:  # noqa: ARG002 - as every feed
        self._births = births
        self._nodes: dict[str, _Node] = {}

    def decode(self, message: RawMessage, seq: int) -> list[Heard]:
        """What the message says of its device, and of its node, which is what speaks. Raises Unfit."""
        topic = read_topic(message.topic)
        if topic is None:
            return []
        if message.retain and topic.word not in BIRTHS:
            raise Unfit(RejectReason.RETAINED, f"{topic.word} is never retained; which birth it belongs to is unknown")
        payload = _read(message.payload, topic.word)
        node = self._node(topic.node, seq)
        if self._is_told_again(node, topic, message, seq):
            return _told_again(topic, payload)
        if topic.word == "NDEATH":
            return self._node_died(node, topic, payload, message, seq)
        missed = _missed(node, topic, payload, message)
        if topic.word == "DDEATH":
            self._keep(node, topic.address, seq, message, None)
            heard = Heard(address=topic.address, state=DeviceState.OFFLINE, in_passing=True)
        else:
            heard = self._said(node, topic, payload, message, seq)
        unborn = any(reject.reason is RejectReason.NO_BIRTH for reject in heard.rejects)
        if missed or unborn or self._known(node, topic.node, topic.node, seq).birth is None:
            heard = replace(heard, replies=_ask(node, topic, message))
        if topic.device is None:
            return [heard]
        return [Heard(address=topic.node, state=DeviceState.ONLINE, in_passing=True), heard]

    def _node(self, name: str, seq: int) -> _Node:
        """The node, as it was at this place; a reader that begins again comes to earlier ones."""
        node = self._nodes.get(name)
        if node is None:
            if len(self._nodes) >= _MOST_NODES:
                self._nodes.pop(next(iter(self._nodes)))
            node = self._nodes[name] = _Node()
        if seq <= node.at_seq:
            node.births.clear()
            node.number = None
        node.at_seq = seq
        return node

    def _known(self, node: _Node, of_node: str, name: str, seq: int) -> _Known:
        """What holds for the node or one of its devices."""
        if name in node.births:
            return node.births[name]
        found = self._births.latest(name, seq)
        if name == of_node:
            node.place = _NOWHERE if found is None else found[0]
        else:
            self._known(node, of_node, of_node, seq)
        known = _NOTHING if found is None or found[0] < node.place else _recalled(found[1])
        node.births[name] = known
        return known

    def _keep(self, node: _Node, name: str, seq: int, message: RawMessage, birth: Birth | None) -> None:
        """Keep what holds from here on: a birth as it was sent, or with None a death."""
        payload = b"" if birth is None else message.payload
        self._births.put(name, seq, msgspec.msgpack.encode((message.received_ms, zlib.crc32(payload), payload)))
        node.births[name] = _Known(birth=birth, received_ms=message.received_ms)

    def _is_told_again(self, node: _Node, topic: Topic, message: RawMessage, seq: int) -> bool:
        """Whether it is of a time before the birth or death that holds: kept by a broker, or replayed."""
        since_ms = max(self._known(node, topic.node, name, seq).received_ms for name in {topic.node, topic.address})
        return message.retain or message.received_ms < since_ms - _TOLERATED_MS

    def _node_died(
        self, node: _Node, topic: Topic, payload: wire.Payload, message: RawMessage, seq: int
    ) -> list[Heard]:
        """The node and all its devices are gone; unless it is the last will of a session before this one."""
        birth = self._known(node, topic.node, topic.node, seq).birth
        session = bd_seq(payload)
        if birth is not None and None not in (birth.bd_seq, session) and birth.bd_seq != session:
            return []
        devices = self._births.below(topic.node, seq)
        node.births.clear()
        node.number = None
        node.place = seq
        self._keep(node, topic.node, seq, message, None)
        return [
            Heard(address=name, state=DeviceState.OFFLINE, in_passing=True) for name in (topic.node, *sorted(devices))
        ]

    def _said(self, node: _Node, topic: Topic, payload: wire.Payload, message: RawMessage, seq: int) -> Heard:
        """The values of a birth or of data."""
        birth: Birth | None
        if topic.word in BIRTHS:
            birth = birth_of(payload)
            if topic.device is None:
                node.births.clear()
                node.place = seq
            self._keep(node, topic.address, seq, message, birth)
        else:
            birth = self._known(node, topic.node, topic.address, seq).birth
        moments, rejects = moments_of(payload, birth, topic.address)
        live = topic.word in BIRTHS or not moments or any(moment.past for moment in moments)
        return Heard(
            address=topic.address,
            moments=moments,
            state=DeviceState.ONLINE if live else None,
            in_passing=not moments,
            rejects=rejects,
        )


def _told_again(topic: Topic, payload: wire.Payload) -> list[Heard]:
    """Values that name themselves. It is no birth or death any more; aliases are those of a birth long past."""
    if topic.word in DEATHS:
        return []
    birth = birth_of(payload) if topic.word in BIRTHS else None
    moments, rejects = moments_of(payload, birth, topic.address)
    return [Heard(address=topic.address, moments=moments, in_passing=not moments, rejects=rejects)]


def _recalled(kept: bytes) -> _Known:
    """What was kept. Of a damaged file: nothing, and so a birth is asked for."""
    try:
        received_ms, checksum, payload = msgspec.msgpack.decode(kept, type=tuple[int, int, bytes])
        birth = birth_of(wire.read(payload)) if payload else None
    except ValueError:
        return _NOTHING
    return _Known(birth=birth, received_ms=received_ms) if zlib.crc32(payload) == checksum else _NOTHING


def _read(raw: bytes, word: str) -> wire.Payload:
    if not raw and word not in DEATHS:
        raise Unfit(RejectReason.SCHEMA, f"the {word} is empty")
    try:
        payload = wire.read(raw)
    except ValueError as wrong:
        raise Unfit(RejectReason.DECODE, f"not a Sparkplug B payload: {shown(str(wrong))}") from None
    if payload.compressed:
        raise Unfit(RejectReason.SCHEMA, "the payload is compressed; switch that off at the node")
    return payload


def _missed(node: _Node, topic: Topic, payload: wire.Payload, message: RawMessage) -> bool:
    """Whether messages of the node are missing before this one. A birth may begin with any number."""
    before, node.number = node.number, payload.seq
    if topic.word == "NBIRTH" or before is None or payload.seq is None:
        return False
    return payload.seq != (before + 1) % 256 and not (message.dup and payload.seq == before)


def _ask(node: _Node, topic: Topic, message: RawMessage) -> tuple[Reply, ...]:
    """Ask the node to introduce itself again, but not over and over."""
    if node.asked_ms is not None and message.received_ms - node.asked_ms < _ASK_AGAIN_MS:
        return ()
    node.asked_ms = message.received_ms
    request = wire.rebirth_request(max(message.received_ms, 0))
    return (Reply(f"{topic.namespace}/{topic.group}/NCMD/{topic.edge}", request),)
