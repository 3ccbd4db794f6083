"""The demo's MQTT broker: amqtt, in this process, on a thread and loop of its own."""

import asyncio
import logging
import socket
import threading

from amqtt.broker import Broker as Amqtt
from amqtt.contexts import BrokerConfig, ListenerConfig

from domain.errors import LongchengError

START_WITHIN_S = 10.0


class BrokerFailed(LongchengError):
    """The demo's broker did not come up."""


class Broker:
    """An open MQTT 3.1.1 broker on loopback. Sessions and retained messages live as long as it does, in memory."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._host = host
        self._port = port
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._halt: asyncio.Event | None = None
        self._ready = threading.Event()
        self._failure: BaseException | None = None

    @property
    def host(self) -> str:
        """Where it listens."""
        return self._host

    @property
    def port(self) -> int:
        """Its port; the one found, if 0 was asked for."""
        return self._port

    @property
    def url(self) -> str:
        """As `mqtt.url` wants it."""
        return f"mqtt://{self._host}:{self._port}"

    def start(self) -> None:
        """Listen. Raises BrokerFailed if it cannot, e.g. because the port is taken."""
        _hush()
        if self._port == 0:
            self._port = _free_port(self._host)
        self._thread = threading.Thread(target=self._run, name="demo-broker", daemon=True)
        self._thread.start()
        if not self._ready.wait(START_WITHIN_S):
            raise BrokerFailed(f"the broker on {self._host}:{self._port} did not start within {START_WITHIN_S:g} s")
        if self._failure is not None:
            raise BrokerFailed(f"the broker cannot listen on {self._host}:{self._port}: {self._failure}")

    def stop(self, timeout_s: float = 2.0) -> None:
        """Stop listening. Clients still connected are cut, so stop them first."""
        if self._thread is None:
            return
        if self._loop is not None and self._halt is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._halt.set)
        self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as failure:  # noqa: BLE001  amqtt raises its own sorts; start() says what it was
            self._failure = failure
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._halt = asyncio.Event()
        broker = Amqtt(
            BrokerConfig(
                listeners={"default": ListenerConfig(bind=f"{self._host}:{self._port}")},
                # AnonymousAuthPlugin would make amqtt forget the sessions of those who leave for a moment.
                plugins={"amqtt.plugins.base.BaseAuthPlugin": {}},
            )
        )
        await broker.start()
        self._ready.set()
        await self._halt.wait()
        await broker.shutdown()


def _hush() -> None:
    """amqtt logs each connection, and its state machine each step."""
    logging.getLogger("amqtt").setLevel(logging.CRITICAL)
    logging.getLogger("transitions").setLevel(logging.WARNING)


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
