"""What people write to get MQTT messages into a time-series store, after the examples in the libraries' documents.

`python -m app.bench.peers <name> <broker port> <store's url>` runs one until SIGTERM; it says `ready` once it listens.
QoS 1 and a kept session, as far as the library makes that easy; batches of 5,000 points or a second.
"""

import asyncio
import contextlib
import json
import signal
import sys
from importlib.util import find_spec

from influxdb_client import InfluxDBClient, Point, WriteApi, WriteOptions, WritePrecision
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from app.bench.traffic import KIND, ROOT

_TOPIC = f"{ROOT}/{KIND}/+/telemetry"
_BUCKET = "bench"


def missing(name: str) -> str:
    """What has to be installed for a peer; empty if nothing."""
    library = PEERS[name][1]
    return "" if find_spec(library) else f"pip install {library}"


def _point(topic: str, payload: bytes | bytearray) -> Point:
    content = json.loads(payload)
    point = Point(KIND).tag("device_id", topic.split("/")[3]).tag("port", content["port"])
    for name, value in content["metrics"].items():
        point.field(name, value)
    return point.time(content["ts"], WritePrecision.MS)


def _open(url: str) -> InfluxDBClient:
    return InfluxDBClient(url=url, token="-", org="-")  # noqa: S106 the store asks for none


def _write_api(influx: InfluxDBClient) -> WriteApi:
    return influx.write_api(write_options=WriteOptions(batch_size=5000, flush_interval=1000))


def _paho(port: int, url: str) -> None:
    with _open(url) as influx, _write_api(influx) as writer:
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="peer-paho", clean_session=False)

        def on_connect(
            client: mqtt.Client, _data: object, _flags: mqtt.ConnectFlags, _why: ReasonCode, _more: Properties | None
        ) -> None:
            client.subscribe(_TOPIC, qos=1)

        def on_subscribe(
            _client: mqtt.Client, _data: object, _mid: int, _granted: list[ReasonCode], _more: Properties | None
        ) -> None:
            _ready()

        def on_message(_client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
            writer.write(bucket=_BUCKET, record=_point(message.topic, message.payload))

        client.on_connect = on_connect
        client.on_subscribe = on_subscribe
        client.on_message = on_message
        client.connect("127.0.0.1", port)
        signal.signal(signal.SIGTERM, lambda *_: client.disconnect())
        client.loop_forever()


def _aiomqtt(port: int, url: str) -> None:
    asyncio.run(_aiomqtt_main(port, url))


async def _aiomqtt_main(port: int, url: str) -> None:
    import aiomqtt  # noqa: PLC0415 - only where it is installed

    async def listen(writer: WriteApi) -> None:
        async with aiomqtt.Client("127.0.0.1", port, identifier="peer-aiomqtt", clean_session=False) as client:
            await client.subscribe(_TOPIC, qos=1)
            _ready()
            async for message in client.messages:
                assert isinstance(message.payload, bytes)  # noqa: S101 it is what arrives
                writer.write(bucket=_BUCKET, record=_point(str(message.topic), message.payload))

    with _open(url) as influx, _write_api(influx) as writer:
        listening = asyncio.create_task(listen(writer))
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, listening.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await listening


def _ready() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


PEERS = {
    "paho + influxdb-client": (_paho, "paho"),
    "aiomqtt + influxdb-client": (_aiomqtt, "aiomqtt"),
}


def main() -> None:
    """Run the peer that is named."""
    name, port, url = sys.argv[1:]
    PEERS[name][0](int(port), url)


if __name__ == "__main__":
    main()
