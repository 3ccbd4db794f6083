"""Events of a ChirpStack v4 server, as its MQTT integration publishes them in JSON."""

from collections.abc import Callable, Mapping
from typing import Final
from zoneinfo import ZoneInfo

from config.schema import Feed
from domain.message import RawMessage, RejectReason
from domain.reading import DeviceState, TimeSource
from ingest.births import Births
from ingest.decoded import Unfit, shown
from ingest.lorawan import gateways, signal
from ingest.moment import Heard, Moment
from ingest.paths import flat
from ingest.payload import inner, inner_list, parse_object
from ingest.times import read_rfc3339
from ingest.topics import ADDRESS, WrongTopic

_Content = dict[str, object]
_UNUSED: Final = frozenset({"ack", "txack", "log", "location", "integration"})
_NO_CODEC: Final = (
    "there is data but no object: set a codec in the device profile at ChirpStack, or mend the one it has"
)


class ChirpStack:
    """Reads the events of one ChirpStack; the last level of a topic names the event."""

    def __init__(self, feed: Feed, _zone: ZoneInfo, _births: Births, /) -> None:
        """Raises ValueError for topics that do not end with the event."""
        self._readers: Mapping[str, Callable[[_Content], list[Heard]]] = {
            "up": _up,
            "status": _status,
            "join": _join,
            **dict.fromkeys(_UNUSED, _nothing),
        }
        for topic in feed.topics:
            if ADDRESS in topic or topic.rpartition("/")[2] not in {*self._readers, "+", "#"}:
                raise WrongTopic(
                    topic,
                    f"the topic {topic!r} must end with the event (+, {', '.join(sorted(self._readers))}), "
                    f"and has no {ADDRESS}: that is deviceInfo.devEui of the payload",
                )

    def decode(self, message: RawMessage, _seq: int, /) -> list[Heard]:
        """The device, and the gateways it was heard by. Raises Unfit."""
        event = message.topic.rpartition("/")[2]
        read = self._readers.get(event)
        if read is None:
            known = ", ".join(sorted(self._readers))
            raise Unfit(RejectReason.SCHEMA, f"{shown(event)} is no event of ChirpStack; there is {known}")
        return read(parse_object(message.payload))


def _nothing(_content: _Content) -> list[Heard]:
    """What says nothing of the city: receipts for what was sent, the server's own log and guesses."""
    return []


def _up(content: _Content) -> list[Heard]:
    address = _address(content)
    heard_by = _gateways(content)
    decoded = content.get("object")
    if decoded is None and not content.get("data"):
        # An empty frame is how a device answers its network: it lives, and has nothing to say.
        return [Heard(address=address, state=DeviceState.ONLINE), *heard_by]
    if not isinstance(decoded, dict):
        why = _NO_CODEC if decoded is None else f"object is {shown(decoded)}; it must be an object"
        return [Heard(address=address, rejects=(Unfit(RejectReason.SCHEMA, why).reject("object"),)), *heard_by]
    # What is zero is not sent.
    offered = {"f_cnt": content.get("fCnt", 0), "f_port": content.get("fPort", 0)}
    offered |= signal(inner_list(content, "rxInfo"))
    values = flat(decoded)
    # A frame that names no value is a sign of life all the same.
    alive = () if values else (Heard(address=address, state=DeviceState.ONLINE),)
    return [*alive, _heard(address, content, values, offered), *heard_by]


def _status(content: _Content) -> list[Heard]:
    offered: dict[str, object] = {
        "margin_db": content.get("margin", 0),
        "external_power": content.get("externalPowerSource", False),
    }
    level = content.get("batteryLevel")
    # On external power, and where the device does not know, the level is a zero that means nothing.
    unknown = content.get("externalPowerSource") is True or content.get("batteryLevelUnavailable") is True
    if level is not None and not unknown:
        offered["battery_pct"] = level
    return [_heard(_address(content), content, {}, offered)]


def _join(content: _Content) -> list[Heard]:
    return [Heard(address=_address(content), state=DeviceState.ONLINE), *_gateways(content)]


def _heard(address: str, content: _Content, values: _Content, offered: _Content) -> Heard:
    try:
        at_ms = _time_ms(content)
    except Unfit as unfit:
        moment = Moment(values=values, offered=offered)
        return Heard(address=address, moments=(moment,), rejects=(unfit.reject("time"),))
    moment = Moment(values=values, offered=offered, at_ms=at_ms, stamp=TimeSource.NETWORK)
    return Heard(address=address, moments=(moment,))


def _time_ms(content: _Content) -> int | None:
    """When the server received it, by the server's clock.

    `time` is a gateway's where one has sent it, and gateways' clocks are wrong in the field.
    """
    times = [one["nsTime"] for one in inner_list(content, "rxInfo") if "nsTime" in one]
    if times:
        return min(read_rfc3339(one) for one in times)
    return read_rfc3339(content["time"]) if "time" in content else None


def _address(content: _Content) -> str:
    """The DevEUI. Raises Unfit(SCHEMA)."""
    dev_eui = inner(content, "deviceInfo").get("devEui")
    if isinstance(dev_eui, str) and dev_eui:
        return dev_eui.lower()
    if "devEUI" in content or "applicationID" in content:
        raise Unfit(RejectReason.SCHEMA, "this is a payload of ChirpStack v3; only v4's are read")
    raise Unfit(RejectReason.SCHEMA, "there is no deviceInfo.devEui")


def _gateways(content: _Content) -> list[Heard]:
    return gateways(one.get("gatewayId") for one in inner_list(content, "rxInfo"))
