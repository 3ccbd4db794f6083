"""`longcheng serve` as an operator has it: a process, a log, HTTP."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil

from tests.scenario.waiting import PATIENCE_S, until

_ADDRESS = "console: "
_HTTP_S = 10.0


def cut_power(serve: "subprocess.Popen[bytes]") -> None:
    """It and its children end, without a word."""
    with contextlib.suppress(psutil.NoSuchProcess):
        children = psutil.Process(serve.pid).children(recursive=True)
        serve.kill()
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
    serve.wait(PATIENCE_S)


class Product:
    """One run of it."""

    def __init__(self, site: Path, log: Path, environment: Mapping[str, str]) -> None:
        """Start it; wait until its console answers."""
        self._log = log
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("LONGCHENG_", "INFLUX_"))}
        with log.open("ab") as said:
            self._from = said.tell()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "app", "serve", "--site", str(site)],
                stdout=subprocess.PIPE,
                stderr=said,
                env=clean | dict(environment),
                start_new_session=True,
            )
        assert self._process.stdout is not None
        line = self._process.stdout.readline().decode().strip()
        assert line.startswith(_ADDRESS), f"serve said {line!r}: {self.log()}"
        self._address = line.removeprefix(_ADDRESS)

    # What an operator sees.

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of a path."""
        try:
            with urllib.request.urlopen(f"{self._address}{path}", timeout=_HTTP_S) as answer:  # noqa: S310
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as wrong:
            with wrong:
                return wrong.code, wrong.read().decode()

    def json(self, path: str) -> Any:
        """The JSON at a path."""
        return json.loads(self.get(path)[1])

    def ready(self) -> tuple[int, list[str]]:
        """Status and reasons of `/ready`."""
        status, body = self.get("ready")
        return status, json.loads(body)["reasons"]

    def metric(self, name: str, label: str = "") -> float:
        """A figure of `/metrics`; `label` is some of its labels' text."""
        found = [
            float(line.rpartition(" ")[2])
            for line in self.get("metrics")[1].splitlines()
            if re.match(rf"longcheng_{name}(\{{| )", line) and label in line
        ]
        assert len(found) == 1, f"{name} {label!r} is {len(found)} times in /metrics"
        return found[0]

    def alarms(self, rule_id: str) -> list[dict[str, Any]]:
        """All alarms of a rule, open or not."""
        items = self.json("api/v1/alarms?open=false&limit=1000")["items"]
        return [item for item in items if item["rule_id"] == rule_id]

    def letters(self) -> dict[str, int]:
        """Dead letters by reason."""
        found: dict[str, int] = {}
        for letter in self.json("api/v1/deadletters?limit=1000")["items"]:
            found[letter["reason"]] = found.get(letter["reason"], 0) + 1
        return found

    def log(self) -> str:
        """What this run has logged so far."""
        with self._log.open("rb") as said:
            said.seek(self._from)
            return said.read().decode(errors="replace")

    # What happens to it.

    def until(self, holds: Callable[["Product"], Any], what: str) -> Any:
        """The first true answer; without one it fails, and shows the log."""
        return until(lambda: holds(self), lambda: f"{what}\n{self.log()[-3000:]}")

    def until_ready(self) -> None:
        """Messages are taken in."""
        self.until(lambda one: one.ready()[0] == 200, "it is ready")

    def children(self, command: str = "") -> list[psutil.Process]:
        """Its child processes: all of them, or those of a command, `collect`, `store` or `judge`."""
        found = []
        for child in psutil.Process(self._process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                if not command or command in child.cmdline():
                    found.append(child)
        return found

    def lost_a_child(self) -> bool:
        """Whether it has seen one of them die."""
        return "exit status -9" in self.log()

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def kill(self) -> None:
        """As a power cut would: it and its children, without a word."""
        cut_power(self._process)

    def kill_alone(self) -> None:
        """Only `serve` itself: what it has started goes on until it notices."""
        self._process.kill()
        self._process.wait(PATIENCE_S)

    def hang_up(self) -> None:
        """It is to read its files again."""
        self._process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        """In good order."""
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(PATIENCE_S) == 0, self.log()[-2000:]

    def close(self) -> None:
        """Whatever its state: gone."""
        if self.running:
            self.kill()
        if self._process.stdout is not None:
            self._process.stdout.close()
