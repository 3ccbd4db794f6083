"""A vendor's own JSON, read as the feed's envelope says."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from paho.mqtt.client import topic_matches_sub

from config.schema import Envelope, Feed, States
from domain.message import RawMessage, Reject, RejectReason
from domain.reading import DeviceState
from ingest.births import Births
from ingest.decoded import Unfit, shown
from ingest.moment import Heard, Moment
from ingest.paths import MISSING, Path, flat
from ingest.payload import parse
from ingest.times import TimeReader
from ingest.topics import ADDRESS, WrongTopic
from ingest.values import number, word


class Mapping:
    """Reads the messages of one vendor."""

    def __init__(self, feed: Feed, zone: ZoneInfo, _births: Births, /) -> None:
        """Raises ValueError for a path that is none, and where the device's address stands nowhere or twice."""
        envelope = feed.envelope or Envelope()
        self._address = _path(envelope, "address")
        self._each = _path(envelope, "each")
        self._inside = _path(envelope, "values")
        self._time = _path(envelope, "time")
        self._port = _path(envelope, "port")
        self._times = TimeReader(envelope.time_unit, zone)
        self._states = _States(envelope.state) if envelope.state else None
        self._topics = [(topic.replace(ADDRESS, "+"), _place(topic, envelope)) for topic in feed.topics]
        self._aside = frozenset(path.text for path in (self._address, self._time, self._port) if path)

    def decode(self, message: RawMessage, _seq: int, /) -> list[Heard]:
        """What it says, by device. Raises Unfit."""
        if self._states is not None:
            return self._told(self._states, message)
        content = parse(message.payload)
        found: dict[str, tuple[list[Moment], list[Reject]]] = {}  # what has no address stands under ""
        for part, element in self._elements(content):
            try:
                address = self._addressed(message.topic, element, content)
                moments, rejects = found.setdefault(address, ([], []))
                moments.append(self._moment(element, content, part, message.received_ms, rejects))
            except Unfit as unfit:
                found.setdefault("", ([], []))[1].append(unfit.reject(part))
        return [
            Heard(address=address, moments=tuple(moments), rejects=tuple(rejects), in_passing=not address)
            for address, (moments, rejects) in found.items()
        ]

    def _told(self, states: "_States", message: RawMessage) -> list[Heard]:
        if not message.payload:  # how a retained word is taken back
            return []
        content = states.parse(message.payload)
        return [Heard(address=self._addressed(message.topic, content, content), state=states.read(content))]

    def _elements(self, content: object) -> list[tuple[str, object]]:
        """Each reading and where it stands. Raises Unfit(SCHEMA)."""
        elements = content if self._each is None else self._each.find(content)
        if self._each is None and not isinstance(elements, list):
            return [("", elements)]
        where = self._each.text if self._each else ""
        if not isinstance(elements, list) or not elements:
            raise Unfit(RejectReason.SCHEMA, f"{where or 'the payload'} must be a list that is not empty")
        return [(f"{where}[{index}]", element) for index, element in enumerate(elements)]

    def _addressed(self, topic: str, element: object, content: object) -> str:
        if self._address is None:
            return _in_topic(self._topics, topic)
        raw = _found(self._address, element, content)
        address = None if isinstance(raw, bool) else word(raw)
        if not address:
            raise Unfit(RejectReason.SCHEMA, f"there is no address at {self._address.text}")
        return address

    def _moment(self, element: object, content: object, part: str, received_ms: int, rejects: list[Reject]) -> Moment:
        values = element if self._inside is None else self._inside.find(element)
        if not isinstance(values, dict):
            where = f"no object at {self._inside.text}" if self._inside else f"{shown(values)}, and no object"
            raise Unfit(RejectReason.SCHEMA, f"there is {where}, with values")
        prefix = f"{self._inside.text}." if self._inside else ""
        return Moment(
            values={name: value for name, value in flat(values).items() if f"{prefix}{name}" not in self._aside},
            at_ms=self._time_ms(_found(self._time, element, content), part, received_ms, rejects),
            port=_whole(_found(self._port, element, content)),
            part=part,
        )

    def _time_ms(self, raw: object, part: str, received_ms: int, rejects: list[Reject]) -> int | None:
        if raw is None or self._time is None:
            return None
        try:
            return self._times.read(raw, received_ms)
        except Unfit as unfit:
            rejects.append(unfit.reject(f"{part}.{self._time.text}" if part else self._time.text))
            return None


class _States:
    """The words by which a vendor's devices come and go."""

    def __init__(self, states: States) -> None:
        self._path = Path(states.path) if states.path else None
        self._words = {word(said): DeviceState.OFFLINE for said in states.offline}
        for said in states.online:
            if word(said) in self._words:
                raise ValueError(f"envelope.state has {said!r} both in online and in offline")
            self._words[word(said)] = DeviceState.ONLINE

    def parse(self, payload: bytes) -> object:
        """JSON, or the bare word. Raises Unfit(DECODE)."""
        try:
            return parse(payload)
        except Unfit:
            if self._path is not None:
                raise
        try:
            return payload.decode("utf-8").strip()
        except ValueError:
            raise Unfit(RejectReason.DECODE, "neither JSON nor a text in UTF-8") from None

    def read(self, content: object) -> DeviceState:
        """Raises Unfit(SCHEMA) for a word that is none of them."""
        said = content if self._path is None else self._path.find(content)
        state = self._words.get(word(said))
        if state is None or said is MISSING:
            known = ", ".join(str(one) for one in self._words)
            where = f"at {self._path.text} stands" if self._path else "it says"
            raise Unfit(RejectReason.SCHEMA, f"{where} {'nothing' if said is MISSING else shown(said)}; not {known}")
        return state


def _path(envelope: Envelope, key: str) -> Path | None:
    text: str = getattr(envelope, key)
    try:
        return Path(text) if text else None
    except ValueError as wrong:
        raise ValueError(f"envelope.{key}: {wrong}") from None


def _found(path: Path | None, element: object, content: object) -> object:
    """What stands there in the element or, if nothing does, in the whole payload; None for nothing."""
    if path is None:
        return None
    found = path.find(element)
    if found is MISSING:
        found = path.find(content)
    return None if found is MISSING else found


def _whole(raw: object) -> object:
    """3 for 3.0 and "3"; anything else as it is."""
    told = number(raw) if isinstance(raw, str) else raw
    return int(told) if isinstance(told, float) and told.is_integer() else raw if told is None else told


def _place(topic: str, envelope: Envelope) -> int:
    """On which level the address stands; -1 if the payload has it. Raises ValueError."""
    levels = topic.split("/")
    if topic.count(ADDRESS) > 1 or (ADDRESS in topic and ADDRESS not in levels):
        raise WrongTopic(topic, f"the topic {topic!r} has {ADDRESS} twice, or not alone between slashes")
    if envelope.address and ADDRESS in levels:
        raise WrongTopic(
            topic, f"the address stands in the topic {topic!r} and at {envelope.address!r}; write + in the topic"
        )
    if not envelope.address and ADDRESS not in levels:
        raise WrongTopic(topic, f"the topic {topic!r} has no {ADDRESS}, and the envelope no path of one (address: …)")
    return levels.index(ADDRESS) if ADDRESS in levels else -1


def _in_topic(topics: Sequence[tuple[str, int]], name: str) -> str:
    """The address that stands in a topic. Raises Unfit(TOPIC)."""
    for wanted, place in topics:
        if topic_matches_sub(wanted, name) and (address := name.split("/")[place]):
            return address
    raise Unfit(RejectReason.TOPIC, f"{shown(name)} has no address")
