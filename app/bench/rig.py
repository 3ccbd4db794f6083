"""What the ingest measurement runs: real servers and the product, each a child process of its own."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from app.lifecycle import PARENT
from config.load import SHARED
from domain.errors import LongchengError

_START_S = 120.0
"""A machine that is busy with other things takes its time to start a program."""
_STOP_S = 20.0
_TAIL = 15
_LINE_BYTES = 1 << 22
_SHIPPED = SHARED / "mosquitto" / "mosquitto.conf"
_OURS = (
    "listener",
    "allow_anonymous",
    "persistence_location",
    "password_file",
    "user",
    "log_dest",
    "pid_file",
    "per_listener_settings",
)
_WITHOUT_IT = "persistence true\nmax_queued_messages 0\nmax_queued_bytes 0\nmax_inflight_messages 0\n"


class BenchError(LongchengError):
    """Something that is measured, or needed for it, does not run."""


class Part:
    """A child process. What it writes to its error output goes to `<folder>/<name>.log`."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name = name
        self.pid = process.pid
        self._process = process
        self._log = log

    @classmethod
    async def start(
        cls, name: str, folder: Path, *command: str, environment: Mapping[str, str] | None = None
    ) -> "Part":
        """Start it in a session of its own: Ctrl-C reaches the measurement, which stops all in order."""
        log = folder / f"{name}.log"
        with log.open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                env=environment or clean_environment(),
                start_new_session=True,
                limit=_LINE_BYTES,
            )
        return cls(name, process, log)

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.returncode is None

    async def say(self, line: bytes) -> None:
        """Write a line to its input."""
        assert self._process.stdin is not None  # noqa: S101 it was started with a pipe
        self._process.stdin.write(line + b"\n")
        await self._process.stdin.drain()

    async def line(self, within_s: float = _START_S) -> str:
        """Its next line. Raises BenchError if none comes."""
        assert self._process.stdout is not None  # noqa: S101 it was started with a pipe
        try:
            async with asyncio.timeout(within_s):
                raw = await self._process.stdout.readline()
        except TimeoutError:
            raise BenchError(f"{self.name} said nothing for {within_s:g} s\n{self.tail()}") from None
        if not raw:
            raise BenchError(f"{self.name} has ended\n{self.tail()}")
        return raw.decode(errors="replace").rstrip()

    def tail(self) -> str:
        """The end of its log."""
        return "\n".join(self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-_TAIL:])

    async def stop(self) -> None:
        """Ask it to end; kill it if it doesn't. Its own children end with it."""
        with contextlib.suppress(ProcessLookupError):
            if self.running:
                self._process.send_signal(signal.SIGTERM)
        drained = asyncio.create_task(self._drain())
        try:
            async with asyncio.timeout(_STOP_S):
                await self._process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        await drained

    async def _drain(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 it was started with a pipe
        while await self._process.stdout.read(1 << 16):
            pass


def clean_environment(**more: str) -> dict[str, str]:
    """Ours, without what is set for another site; a child stops when its input ends."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LONGCHENG_", "INFLUX_"))}
    return kept | {PARENT: "1"} | more


def binary(name: str) -> str | None:
    """Where a server's program is; None if it is not installed."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def running(part: Part) -> AsyncIterator[Part]:
    """Stop it in the end."""
    try:
        yield part
    finally:
        await part.stop()


@asynccontextmanager
async def mosquitto(folder: Path) -> AsyncIterator[tuple[Part, int]]:
    """A mosquitto with the shipped settings, on a free port of its own. Raises BenchError if it is not installed."""
    program = binary("mosquitto")
    if program is None:
        raise BenchError("mosquitto is not installed, and it is what is measured: apt-get install mosquitto")
    port = free_port()
    settings = _write_settings(port, folder)
    async with running(await Part.start("mosquitto", folder, program, "-c", str(settings))) as part:
        await _listening(part, port)
        yield part, port


def _write_settings(port: int, folder: Path) -> Path:
    settings = folder / "mosquitto.conf"
    settings.write_text(broker_settings(port, folder), encoding="utf-8")
    return settings


def broker_settings(port: int, folder: Path) -> str:
    """The shipped mosquitto.conf, but for where it listens and where it keeps its files."""
    shipped = _SHIPPED.read_text(encoding="utf-8") if _SHIPPED.exists() else _WITHOUT_IT
    kept = [line for line in shipped.splitlines() if line.strip() and not line.startswith(("#", *_OURS))]
    # It would give up root's rights, and with them the folder.
    user = ["user root"] if os.geteuid() == 0 else []
    ours = [f"listener {port} 127.0.0.1", "allow_anonymous true", f"persistence_location {folder}/", "log_dest stderr"]
    return "\n".join([*user, *kept, *ours, ""])


async def _listening(part: Part, port: int) -> None:
    async def knock() -> None:
        while part.running:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                await writer.wait_closed()
                return
            await asyncio.sleep(0.05)
        raise BenchError(f"{part.name} has ended\n{part.tail()}")

    try:
        async with asyncio.timeout(_START_S):
            await knock()
    except TimeoutError:
        raise BenchError(f"{part.name} does not listen after {_START_S:g} s\n{part.tail()}") from None


@asynccontextmanager
async def victoria(folder: Path, program: str) -> AsyncIterator[str]:
    """The url of a fresh VictoriaMetrics that keeps its files below `folder`."""
    port = free_port()
    command = (
        program,
        f"-httpListenAddr=127.0.0.1:{port}",
        f"-storageDataPath={folder / 'data'}",
        "-retentionPeriod=100y",
        "-loggerLevel=WARN",
    )
    async with running(await Part.start("victoria-metrics", folder, *command)) as part:
        await _listening(part, port)
        yield f"http://127.0.0.1:{port}"


@asynccontextmanager
async def product(site: Path) -> AsyncIterator[tuple[Part, str]]:
    """`longcheng serve` of a site, ready to take messages, and its console's address."""
    command = (sys.executable, "-m", "app", "serve", "--site", str(site))
    async with running(await Part.start("serve", site, *command)) as part:
        address = ""
        while not address.startswith("http"):
            address = (await part.line()).removeprefix("console: ")
        await _ready(part, address)
        yield part, address


async def _ready(part: Part, address: str) -> None:
    async with aiohttp.ClientSession() as session:
        for _ in range(300):
            async with session.get(f"{address}ready") as answer:
                if answer.status == 200:
                    return
                said = await answer.text()
            await asyncio.sleep(0.1)
    raise BenchError(f"{part.name} is not ready: {said}\n{part.tail()}")
