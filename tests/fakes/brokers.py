"""Brokers for tests: a real mosquitto, and amqtt in process."""

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from amqtt.broker import Broker
from amqtt.contexts import BrokerConfig, ListenerConfig

_PATIENCE_S = 60.0


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Mosquitto:
    """A mosquitto that keeps sessions and queues on disk, so that it can be stopped and started again."""

    def __init__(self, folder: Path, *, settings: str = "", whole: str | None = None) -> None:
        """`settings` are further lines of its configuration; `whole` is all of it, but for the listener on `port`."""
        self.port = free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self._config = folder / "mosquitto.conf"
        self._process: subprocess.Popen[str] | None = None
        anyone = "" if "allow_anonymous" in settings else "allow_anonymous true\n"
        self._config.write_text(
            f"{whole}\nlistener {self.port} 127.0.0.1\nallow_anonymous true\n"
            if whole is not None
            else f"listener {self.port} 127.0.0.1\n{anyone}"
            "user root\n"
            f"persistence true\npersistence_location {folder}/\nautosave_interval 1\n"
            "max_queued_messages 100000\nmax_queued_bytes 0\n"
            f"log_dest stderr\nlog_type notice\nlog_type information\n{settings}\n"
        )

    def start(self) -> None:
        """Start it, and return when it listens."""
        self._process = subprocess.Popen(
            [_binary(), "-c", str(self._config)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        listening = threading.Event()
        threading.Thread(target=_follow, args=(self._process, listening), daemon=True).start()
        if not listening.wait(_PATIENCE_S):
            self.stop()
            pytest.fail(f"mosquitto did not start within {_PATIENCE_S:g} s")

    def stop(self) -> None:
        """End it in good order; it writes down what it keeps."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(_PATIENCE_S)
            self._process = None


def _follow(process: "subprocess.Popen[str]", listening: threading.Event) -> None:
    assert process.stdout is not None
    with process.stdout as lines:
        for line in lines:
            if " running" in line:
                listening.set()


def _binary() -> str:
    found = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("mosquitto is not installed; CI must have it")
        pytest.skip("mosquitto is not installed")
    return found


@contextmanager
def mosquitto(folder: Path, *, settings: str = "", whole: str | None = None) -> Iterator[Mosquitto]:
    """A running mosquitto that keeps its files in `folder`; `settings` and `whole` as above."""
    broker = Mosquitto(folder, settings=settings, whole=whole)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


Script = Sequence[Callable[[bytes], bytes]]
"""What to answer to the packets of one connection, in turn; then it says nothing more."""
HANG_UP = b"hang up"
"""As an answer: none, and the end of this connection."""


@contextmanager
def scripted(*connections: Script) -> Iterator[str]:
    """The url of a broker that follows a script, a connection each, and lets nobody in after the last one."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_play, args=(server, connections))
        thread.start()
        try:
            yield f"mqtt://127.0.0.1:{server.getsockname()[1]}"
        finally:
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            thread.join(_PATIENCE_S)


def _play(server: socket.socket, connections: Sequence[Script]) -> None:
    with contextlib.suppress(OSError):
        for script in connections:
            client, _ = server.accept()
            with client:
                for answer in script:
                    said = answer(client.recv(1 << 16))
                    if said is HANG_UP:
                        break
                    client.sendall(said)
                else:
                    while client.recv(1 << 16):
                        pass


@contextmanager
def amqtt() -> Iterator[str]:
    """The url of an amqtt on a thread of its own. It speaks 3.1.1, lets everyone in and keeps sessions in memory."""
    port = free_port()
    listening = threading.Event()
    stop: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def serve() -> None:
        # AnonymousAuthPlugin would let everyone in too, but keeps no session of whom it lets in.
        broker = Broker(
            BrokerConfig(
                listeners={"default": ListenerConfig(bind=f"127.0.0.1:{port}")},
                plugins={"amqtt.plugins.base.BaseAuthPlugin": {}},
            )
        )
        await broker.start()
        stop.append((asyncio.get_running_loop(), asyncio.Event()))
        listening.set()
        await stop[0][1].wait()
        await broker.shutdown()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="amqtt")
    thread.start()
    assert listening.wait(_PATIENCE_S)
    try:
        yield f"mqtt://127.0.0.1:{port}"
    finally:
        loop, stopping = stop[0]
        loop.call_soon_threadsafe(stopping.set)
        thread.join(_PATIENCE_S)
