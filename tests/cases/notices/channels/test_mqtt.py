"""Notices over a real broker."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from cases.notices.channels.mqtt import Mqtt
from config.schema import Mqtt as Settings
from domain.errors import ChannelError
from ingest.commands import Commands
from tests.cases.notices.letter import letter
from tests.fakes.brokers import mosquitto
from tests.fakes.listeners import listening

pytestmark = pytest.mark.server


async def test_what_is_published(tmp_path: Path) -> None:
    """On the recipient's topic, whatever its name, with QoS 1, not kept by the broker; and the key is in it."""
    with mosquitto(tmp_path) as broker, listening(broker.url, "longcheng/v1/notice/#") as heard:
        commands = Commands(Settings(url=broker.url), "town-commands")
        commands.start()
        assert await commands.connected(10)
        channel = Mqtt(commands.publish, root="longcheng/v1")
        await channel.send(replace(letter("k-1"), recipient="street-keeper:天宁街道"))
        await channel.send(replace(letter("k-2"), address="a/b+c#"))
        commands.stop()
        first, second = heard.get(timeout=60), heard.get(timeout=60)

    assert (first.topic, first.qos, first.retain) == ("longcheng/v1/notice/street-keeper:天宁街道", 1, False)
    assert json.loads(first.payload)["key"] == "k-1"
    assert json.loads(first.payload)["body"]["text_zh"] == "您好。"
    assert second.topic == "longcheng/v1/notice/a_b_c_"


async def test_without_a_broker_it_is_tried_again(unused_tcp_port: int) -> None:
    """At once: nobody waits for a connection that is not there."""
    commands = Commands(Settings(url=f"mqtt://127.0.0.1:{unused_tcp_port}"), "town-commands")

    with pytest.raises(ChannelError, match="no connection") as caught:
        await Mqtt(commands.publish, root="longcheng/v1").send(letter())

    assert caught.value.retry
