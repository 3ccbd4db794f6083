"""What docker-compose.yml runs, run here: the broker by its files, PostgreSQL, InfluxDB, `serve` as process 1."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from config.load import SHARED
from tests.deploy.shipped import DEPLOY, SECRETS, SERVICES, made_secrets
from tests.fakes.brokers import free_port
from tests.fakes.influx import FakeInflux
from tests.fakes.postgres import postgres
from tests.scenario.waiting import until

pytestmark = [pytest.mark.server, pytest.mark.slow]


@contextmanager
def broker(folder: Path, secrets: Path) -> Iterator[int]:
    """Mosquitto as its container has it, its paths and ports moved; the port for the other containers."""
    if shutil.which("mosquitto") is None:
        pytest.skip("needs mosquitto")
    inside, loopback = free_port(), free_port()
    (folder / "shipped").mkdir()
    (folder / "data").mkdir()
    if os.geteuid() == 0:
        shutil.chown(folder / "data", "mosquitto")
        for path in (folder, *folder.parents[:3]):
            path.chmod(0o755)
    shipped = (SHARED / "mosquitto" / "mosquitto.conf").read_text(encoding="utf-8")
    (folder / "shipped" / "longcheng.conf").write_text(
        shipped.replace("listener 1883 127", f"listener {loopback} 127"), encoding="utf-8"
    )
    public = folder / "passwords"
    shutil.copy(secrets / "mosquitto_passwords", public)
    said = (DEPLOY / "mosquitto" / "mosquitto.conf").read_text(encoding="utf-8")
    said = said.replace("/mosquitto/data/", f"{folder}/data/").replace("/mosquitto/shipped", f"{folder}/shipped")
    said = said.replace("listener 1884", f"listener {inside} 127.0.0.1").replace(
        f"{SECRETS}mosquitto_passwords", str(public)
    )
    (folder / "mosquitto.conf").write_text(said, encoding="utf-8")
    process = subprocess.Popen(["mosquitto", "-c", folder / "mosquitto.conf"], stdout=subprocess.DEVNULL)
    try:
        health = [word.replace("$$", "$") for word in SERVICES["mosquitto"]["healthcheck"]["test"][1:]]
        health[health.index("1883")] = str(loopback)
        until(lambda: subprocess.run(health, capture_output=True, check=False).returncode == 0, lambda: "it answers")
        yield inside
    finally:
        process.terminate()
        process.wait(60)


@pytest.mark.timeout(400)
def test_serve_as_process_1_comes_up_by_its_environment_and_goes_on_sigterm(tmp_path: Path) -> None:
    """By the environment and secrets of the compose file, with other addresses; its health check says so; SIGTERM ends
    it in order, with no process left behind, as `docker stop` wants it."""
    secrets = made_secrets(tmp_path)
    site, data, port = tmp_path / "etc" / "site", tmp_path / "state" / "data", free_port()
    shutil.copytree(SHARED / "sites" / "starter", site)
    (tmp_path / "broker").mkdir()
    with postgres() as server, FakeInflux() as influx, broker(tmp_path / "broker", secrets) as mqtt:
        server.start()
        for name, said in (("cases_url", server.new_database()), ("influx_token", influx.token)):
            (secrets / name).chmod(0o644)
            (secrets / name).write_text(said, encoding="utf-8")
        environment = _environment(secrets) | _elsewhere(site, data, influx, mqtt=mqtt, console=port)
        log = (tmp_path / "serve.log").open("wb")
        command = [*_as_process_1(), sys.executable, "-m", "app", *SERVICES["serve"]["command"]]
        outer = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=SHARED.parent)
        try:
            health = [sys.executable, *SERVICES["serve"]["healthcheck"]["test"][2:]]
            health[-1] = health[-1].replace("8080", str(port))
            until(
                lambda: subprocess.run(health, capture_output=True, check=False).returncode == 0,
                lambda: (tmp_path / "serve.log").read_text(errors="replace")[-3000:],
            )
            _is_ready(port, tmp_path / "serve.log")
            family = psutil.Process(outer.pid).children(recursive=True)
            (family[0] if _as_process_1() else psutil.Process(outer.pid)).send_signal(signal.SIGTERM)
            began_s = time.monotonic()
            assert outer.wait(60) == 0, (tmp_path / "serve.log").read_text(errors="replace")[-3000:]
            limit = SERVICES["serve"]["stop_grace_period"]
            assert time.monotonic() - began_s < float(limit.removesuffix("s"))
            assert not [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
        finally:
            log.close()
            if outer.poll() is None:
                outer.kill()
    assert (data / "journal.db").is_file()
    assert not (data / "cases.db").exists()
    assert not (data / "series.db").exists()


def _as_process_1() -> list[str]:
    """A namespace of its own for process ids, as a container has it, where we may make one."""
    made = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
    may = shutil.which("unshare") and subprocess.run([*made, "true"], capture_output=True, check=False).returncode == 0
    return made if may else []


def _is_ready(port: int, log: Path) -> None:
    asked = f"import urllib.request as r; print(r.urlopen('http://127.0.0.1:{port}/ready').read().decode())"

    def ready() -> bool:
        done = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=False, text=True)
        return done.returncode == 0 and not json.loads(done.stdout)["reasons"]

    until(ready, lambda: log.read_text(errors="replace")[-3000:])


def _elsewhere(site: Path, data: Path, influx: FakeInflux, *, mqtt: int, console: int) -> dict[str, str]:
    """The addresses, and where files lie, outside of containers."""
    return {
        "LONGCHENG_SITE": str(site),
        "LONGCHENG_DATA": str(data),
        "LONGCHENG_RULES": str(SHARED / "rules"),
        "LONGCHENG_MQTT_URL": f"mqtt://127.0.0.1:{mqtt}",
        "LONGCHENG_CONSOLE_HOST": "127.0.0.1",
        "LONGCHENG_CONSOLE_PORT": str(console),
        "INFLUX_URL": influx.url,
        "INFLUX_ORG": influx.org,
        "INFLUX_BUCKET": influx.bucket,
    }


def _environment(secrets: Path) -> dict[str, str]:
    """Of `serve` in the compose file, the secrets where they lie."""
    said = {
        name: re.sub(r"^\$\{\w+:-(.*)\}$", r"\1", str(value)).replace(SECRETS, f"{secrets}/")
        for name, value in SERVICES["serve"]["environment"].items()
    }
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LONGCHENG_", "INFLUX_"))}
    return clean | {name: value for name, value in said.items() if value}
