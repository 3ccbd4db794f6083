"""One of the product's own commands, run as a child process."""

import asyncio
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from app.lifecycle import PARENT
from domain.errors import LongchengError

_TAIL = 15


class ChildEnded(LongchengError):
    """A child process ended by itself."""


class Child:
    """`longcheng <command> --site …`. What it logs goes to `<data>/<command>.log`."""

    def __init__(self, command: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self._command = command
        self._process = process
        self._log = log
        self._lines: list[str] = []
        self._reader = asyncio.create_task(self._read(), name=f"{command} output")

    @classmethod
    async def start(
        cls, command: str, site: Path, data: Path, environment: Mapping[str, str], *options: str
    ) -> "Child":
        """Start it in a session of its own, so that Ctrl-C reaches only the demo, which stops all in order."""
        log = data / f"{command}.log"
        with log.open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "app", command, "--site", str(site), *options),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                env={**environment, PARENT: "1"},
                start_new_session=True,
            )
        return cls(command, process, log)

    @property
    def last_line(self) -> str:
        """What it printed last."""
        return self._lines[-1] if self._lines else ""

    def said(self, prefix: str) -> str | None:
        """The rest of the first line that begins so."""
        return next((line.removeprefix(prefix) for line in self._lines if line.startswith(prefix)), None)

    def check(self) -> None:
        """Raises ChildEnded, with the end of its log, if it is no longer running."""
        if self._process.returncode is not None:
            tail = "\n".join(self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-_TAIL:])
            raise ChildEnded(f"longcheng {self._command} ended with {self._process.returncode}:\n{tail}")

    async def stop(self, within_s: float) -> None:
        """Ask it to stop in good order; kill it if it doesn't."""
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(within_s):
                    await self._process.wait()
            except TimeoutError:
                sys.stderr.write(f"longcheng {self._command} has not stopped in {within_s:g} s: killed\n")
                self._process.kill()
                await self._process.wait()
        await self._reader

    async def _read(self) -> None:
        if self._process.stdout is None:
            return
        async for line in self._process.stdout:
            self._lines.append(line.decode(errors="replace").rstrip())
