"""Messages of The Things Stack v3, as its MQTT server publishes them."""

from typing import Final
from zoneinfo import ZoneInfo

from config.schema import Feed
from domain.message import RawMessage, Reject, RejectReason
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
_UNUSED: Final = ("downlink_", "location_solved", "service_data")
"""Beginnings of the keys of messages that say nothing of the city."""
_NO_FORMATTER: Final = (
    "there is frm_payload but no decoded_payload: set an uplink payload formatter at The Things Stack, or mend its own"
)


class Tts:
    """Reads the messages of one application."""

    def __init__(self, feed: Feed, _zone: ZoneInfo, _births: Births, /) -> None:
        """Raises ValueError for topics with an {address}."""
        for topic in feed.topics:
            if ADDRESS in topic:
                raise WrongTopic(
                    topic, f"the topic {topic!r} has {ADDRESS}: here, that is dev_eui of the payload; write +"
                )

    def decode(self, message: RawMessage, _seq: int, /) -> list[Heard]:
        """The device, and the gateways it was heard by. Raises Unfit."""
        content = parse_object(message.payload)
        if "uplink_message" in content:
            return _up(content)
        if "join_accept" in content:
            return [Heard(address=_address(content), state=DeviceState.ONLINE)]
        if any(key.startswith(_UNUSED) for key in content):
            return []
        raise Unfit(RejectReason.SCHEMA, "there is no uplink_message, nor any other key of The Things Stack v3")


def _up(content: _Content) -> list[Heard]:
    if content.get("simulated") is True:
        raise Unfit(RejectReason.SIMULATED, "made up at the console of The Things Stack")
    address = _address(content)
    uplink = inner(content, "uplink_message")
    heard_by = _gateways(uplink)
    decoded, normalized = uplink.get("decoded_payload"), inner_list(uplink, "normalized_payload")
    if not isinstance(decoded, dict) and not normalized:
        if decoded is None and not uplink.get("frm_payload"):
            return [Heard(address=address, state=DeviceState.ONLINE), *heard_by]
        why = _NO_FORMATTER if decoded is None else f"decoded_payload is {shown(decoded)}; it must be an object"
        return [Heard(address=address, rejects=(Unfit(RejectReason.SCHEMA, why).reject("decoded_payload"),)), *heard_by]
    # What is zero is not sent.
    offered = {"f_cnt": uplink.get("f_cnt", 0), "f_port": uplink.get("f_port", 0)}
    offered |= signal(inner_list(uplink, "rx_metadata"))
    rejects: list[Reject] = []
    at_ms = _time_ms(uplink.get("received_at", content.get("received_at")), "received_at", rejects)
    if isinstance(decoded, dict):
        moments = [Moment(values=flat(decoded), offered=offered, at_ms=at_ms, stamp=TimeSource.NETWORK)]
    else:
        moments = _normalized(normalized, offered, at_ms, rejects)
    # A frame that names no value is a sign of life all the same.
    state = None if any(moment.values for moment in moments) else DeviceState.ONLINE
    return [Heard(address=address, moments=tuple(moments), state=state, rejects=tuple(rejects)), *heard_by]


def _normalized(
    measurements: list[_Content], offered: _Content, at_ms: int | None, rejects: list[Reject]
) -> list[Moment]:
    """A moment for each measurement; one that says when it was made has the time of the device.

    The others must not fall upon each other: each is 1 ms older than the next.
    """
    moments = []
    for index, one in enumerate(measurements):
        part = f"[{index}]"
        own_ms = _time_ms(one.get("time"), f"{part}.time", rejects)
        received_ms = None if at_ms is None else at_ms - len(measurements) + 1 + index
        values = flat({key: value for key, value in one.items() if key != "time"})
        stamp = TimeSource.NETWORK if own_ms is None else TimeSource.DEVICE
        moments.append(
            Moment(
                values=values,
                offered={} if index else offered,
                at_ms=received_ms if own_ms is None else own_ms,
                stamp=stamp,
                part=part,
            )
        )
    return moments


def _time_ms(raw: object, part: str, rejects: list[Reject]) -> int | None:
    if raw is None:
        return None
    try:
        return read_rfc3339(raw)
    except Unfit as unfit:
        rejects.append(unfit.reject(part))
        return None


def _address(content: _Content) -> str:
    """The DevEUI, or the name at The Things Stack for a device that has none. Raises Unfit(SCHEMA)."""
    ids = inner(content, "end_device_ids")
    for key in ("dev_eui", "device_id"):
        name = ids.get(key)
        if isinstance(name, str) and name:
            return name.lower()
    raise Unfit(RejectReason.SCHEMA, "there is no end_device_ids.dev_eui, and no device_id")


def _gateways(uplink: _Content) -> list[Heard]:
    ids = [inner(one, "gateway_ids") for one in inner_list(uplink, "rx_metadata")]
    return gateways(one.get("eui") or one.get("gateway_id") for one in ids)
