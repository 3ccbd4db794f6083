"""Orders to cameras: done when the broker has them, and not a moment before."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from config.schema import Mqtt
from domain.errors import ChannelError, ConfigError
from ingest.commands import Commands
from tests.fakes.brokers import amqtt, free_port, mosquitto, scripted
from tests.fakes.listeners import listening
from tests.ingest.waiting import until

TOPIC = "longcheng/v1/camera/cam-001/command"
LOOK_NOW = b'{"command":"look_now"}'
PATIENCE_S = 60.0


@asynccontextmanager
async def commands(url: str, **settings: object) -> AsyncIterator[Commands]:
    """Started, and stopped at the end, whatever happens in between."""
    client = Commands(Mqtt.model_validate({"url": url, **settings}), "longcheng-test-commands")
    client.start()
    try:
        yield client
    finally:
        await asyncio.to_thread(client.stop)


async def tried(client: Commands, payload: bytes = LOOK_NOW) -> ChannelError | None:
    """What became of the first attempt that found a connection, or None if it got through."""
    loop = asyncio.get_running_loop()
    outcomes: list[ChannelError | None] = []

    def attempt() -> bool:
        sending = asyncio.run_coroutine_threadsafe(client.publish(TOPIC, payload), loop)
        problem = sending.exception(PATIENCE_S)
        if problem is not None and not isinstance(problem, ChannelError):
            raise problem
        if problem is None or "no connection" not in str(problem):
            outcomes.append(problem)
        return bool(outcomes)

    await asyncio.to_thread(until, attempt, "a connection to the broker")
    return outcomes[0]


@pytest.mark.server
async def test_an_order_arrives_at_mosquitto(tmp_path: Path) -> None:
    """Topic and payload as given, at QoS 1, not retained: an order is for now."""
    with mosquitto(tmp_path) as broker, listening(broker.url, "longcheng/v1/camera/+/command") as heard:
        async with commands(broker.url) as client:
            assert await tried(client) is None
        order = heard.get(timeout=PATIENCE_S)

    assert (order.topic, order.payload, order.qos, order.retain) == (TOPIC, LOOK_NOW, 1, False)


async def test_an_order_arrives_at_a_broker_of_the_old_version() -> None:
    """Also where nobody speaks MQTT 5, as in the demo."""
    with amqtt() as url, listening(url, "longcheng/v1/camera/+/command") as heard:
        async with commands(url) as client:
            assert await tried(client) is None
        assert heard.get(timeout=PATIENCE_S).payload == LOOK_NOW


@pytest.mark.server
async def test_many_at_once_are_each_answered(tmp_path: Path) -> None:
    """Acknowledgements find their own order, however many are under way."""
    payloads = [f"order {number}".encode() for number in range(50)]
    with mosquitto(tmp_path) as broker, listening(broker.url, TOPIC) as heard:
        async with commands(broker.url) as client:
            assert await tried(client) is None
            await asyncio.gather(*(client.publish(TOPIC, payload) for payload in payloads))
        arrived = [heard.get(timeout=PATIENCE_S).payload for _ in range(51)]

    assert arrived == [LOOK_NOW, *payloads]


async def test_without_a_connection_it_fails_at_once_and_may_be_tried_again() -> None:
    """The outbox keeps the order; nothing is queued behind its back, to be sent hours later."""
    port = free_port()
    async with commands(f"mqtt://127.0.0.1:{port}") as client:
        with pytest.raises(ChannelError, match=f"no connection to 127.0.0.1:{port}") as failed:
            await client.publish(TOPIC, LOOK_NOW)

    assert failed.value.retry


@pytest.mark.server
async def test_it_finds_back_to_a_broker_that_was_away(tmp_path: Path) -> None:
    """No connection while it is away, and no restart of ours needed when it is back."""
    with mosquitto(tmp_path) as broker:
        async with commands(broker.url) as client:
            assert await tried(client) is None
            broker.stop()
            with pytest.raises(ChannelError):
                await client.publish(TOPIC, LOOK_NOW)
            broker.start()
            assert await tried(client) is None


class SlowToAcknowledge:
    """A broker's script: it lets everyone in, and acknowledges a message only when it is told to."""

    def __init__(self) -> None:
        self.has_it = threading.Event()
        self.may_answer = threading.Event()
        self.script: tuple[Callable[[bytes], bytes], ...] = (lambda _connect: b"\x20\x02\x00\x00", self._acknowledge)

    def _acknowledge(self, publish: bytes) -> bytes:
        assert publish[0] == 0x32  # QoS 1, the first time, not retained
        topic_ends = 4 + int.from_bytes(publish[2:4], "big")
        self.has_it.set()
        self.may_answer.wait(PATIENCE_S)
        return b"\x40\x02" + publish[topic_ends : topic_ends + 2]


async def test_it_is_done_only_when_the_broker_says_so() -> None:
    """Sent is not delivered: as long as the acknowledgement is out, so is the order."""
    broker = SlowToAcknowledge()
    with scripted(broker.script) as url:
        async with commands(url) as client:
            sending = asyncio.create_task(tried(client))
            assert await asyncio.to_thread(broker.has_it.wait, PATIENCE_S)
            assert not sending.done()
            broker.may_answer.set()
            assert await asyncio.wait_for(sending, PATIENCE_S) is None


async def test_a_broker_that_never_acknowledges_is_given_up_for_now() -> None:
    """After five seconds it is a failure that may be tried again."""
    broker = SlowToAcknowledge()
    with scripted(broker.script) as url:
        async with commands(url) as client:
            failed = await tried(client)
        broker.may_answer.set()

    assert failed is not None
    assert failed.retry
    assert "did not acknowledge within 5 s" in str(failed)


def test_a_url_that_cannot_be_is_refused_before_anything_connects() -> None:
    """As everywhere, the value stands in the error."""
    with pytest.raises(ConfigError, match="mqtt://:1883"):
        Commands(Mqtt.model_construct(url="mqtt://:1883"), "longcheng-test-commands")
