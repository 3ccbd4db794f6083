"""`longcheng rules alarms, ack, release, silence`: what people order from a terminal, beside whoever judges."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner

from app.__main__ import cli
from config.load import SHARED, load_site
from domain.clock import SystemClock
from domain.errors import ConfigError, OrderRefused
from tests.app.line import LEAK_MA, STATION, Line, message

Command = Callable[..., Any]
BY = ("--who", "王工", "--why", "已派人到场")
SMOKE_RULE = "charger-smoke"
OTHER = ("--who", "李姐", "--why", "我在附近")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A site of one's own, which is the starter site."""
    made = tmp_path / "sites" / "mine"
    shutil.copytree(SHARED / "sites" / "starter", made)
    shutil.copytree(SHARED / "rules", tmp_path / "rules")
    return made


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Where its data is, in a terminal wide enough."""
    return {"LONGCHENG_DATA": str(tmp_path / "data"), "COLUMNS": "200"}


@pytest.fixture
def command(folder: Path, environment: Mapping[str, str]) -> Command:
    """`longcheng rules …` in this process: what it printed, as an object if `--json` was among the words."""

    def run(*words: object, raises: type[Exception] | None = None, exit_code: int = 0) -> Any:
        said = [*map(str, words), "--site", str(folder)]
        done = CliRunner(env=environment).invoke(cli, ["rules", *said], terminal_width=200)
        if raises is not None:
            assert isinstance(done.exception, raises), (done.output, done.exception)
            return str(done.exception)
        assert done.exit_code == exit_code, (done.output, done.exception)
        return json.loads(done.stdout.splitlines()[-1]) if "--json" in words else done.output

    return run


@pytest.fixture
def judged(folder: Path, environment: Mapping[str, str]) -> Callable[..., None]:
    """What the station says now is judged, and what was ordered is done, as by a `serve` that has come and gone."""

    def judge(**metrics: float | bool) -> None:
        line = Line(load_site(str(folder), environment))
        now_ms = SystemClock().now_ms()
        line.clock.advance(seconds=(now_ms - line.clock.now_ms()) / 1000)
        if metrics:
            port = {} if "smoke" in metrics else {"port": 3}
            said = json.dumps({"ts": now_ms, "metrics": metrics, **port}).encode()
            line.journal.append([message(said, now_ms, topic=STATION)])
        reader = line.reader()
        for _ in range(3):
            reader.step()
        line.close()

    return judge


def test_smoke_is_seen_and_ended(command: Command, judged: Callable[..., None]) -> None:
    """By its number; the order waits for whoever judges, and the story knows who gave it."""
    judged(smoke=True)
    judged(smoke=False)
    assert "charger-smoke" in command("alarms")
    (smoke,) = command("alarms", "--json")["items"]

    assert "serve does not run" in command("release", smoke["id"], *BY)
    assert command("alarms", "--json")["total"] == 1
    judged()

    assert command("alarms", "--json") == {"items": [], "total": 0}
    (over,) = command("alarms", "--all", "--json")["items"]
    assert over["state"] == "resolved"
    assert "over" in command("release", over["id"], *BY, raises=OrderRefused)
    assert "no alarm 99" in command("ack", 99, *BY, raises=OrderRefused)


def test_an_alarm_is_taken_on(command: Command, judged: Callable[..., None]) -> None:
    """It is shown with who, until when, and why."""
    judged(residual_ma=LEAK_MA)
    leak = command("alarms", "--json")["items"][0]
    order = command("ack", leak["id"], *BY, "--until", "2h", "--json")
    assert (order["kind"], order["who"], order["outcome"]) == ("ack", "王工", None)
    judged()

    shown = next(item for item in command("alarms", "--json")["items"] if item["id"] == leak["id"])
    assert (shown["state"], shown["acked"]["by"], shown["acked"]["why"]) == ("acked", "王工", "已派人到场")
    own, english = command("alarms"), command("alarms", "--language", "en")
    chinese_words = ("王工已接手至", "状态", "紧急", "1 / 1 件告警")
    english_words = ("taken on by 王工 until", "state", "Critical", "1 of 1 alarms")
    for said, raw, words in ((own, english, chinese_words), (english, own, english_words)):
        for one in words:
            assert one in said
            assert one not in raw
        assert "critical" not in said


def test_a_silence_is_added_seen_and_ended(command: Command, judged: Callable[..., None]) -> None:
    """It says what it covers of what stands, and what it spares, as it may not be silenced in passing."""
    judged(residual_ma=20.0)
    (warning,) = command("alarms", "--json")["items"]
    judged(smoke=True)
    given = command("silence", "add", "--device", "cs-*", *BY, "--until", "2h")
    assert "it covers 1 of the alarms that stand" in given
    assert "1 that it fits are told on" in given
    judged()
    states = {item["rule_id"]: item["state"] for item in command("alarms", "--json")["items"]}
    assert states == {warning["rule_id"]: "silenced", SMOKE_RULE: "firing"}

    both = command("silence", "add", "--device", "cs-*", *BY, "--until", "3h", "--even-critical", "--json")
    assert (len(both["covers"]), both["spares"]) == (2, [])
    judged()
    assert {item["state"] for item in command("alarms", "--json")["items"]} == {"silenced"}

    assert "device cs-*, even critical" in command("silence", "list")
    for silence in command("silence", "list", "--json")["items"]:
        assert "is over" in command("silence", "end", silence["id"], "--who", "李姐")
    assert "no silences" in command("silence", "list")
    assert "ended by 李姐" in command("silence", "list", "--all")
    judged()
    assert {item["state"] for item in command("alarms", "--json")["items"]} == {"firing"}


def test_a_silence_that_fits_nothing_says_so(command: Command, judged: Callable[..., None]) -> None:
    """A pattern is kept, for the device may come, but most likely it is a slip. A name that nothing has is refused."""
    judged()
    add = ("silence", "add", *BY, "--until", "2h")
    assert "look again: no device or camera of the site fits 'zz*'" in command(*add, "--device", "zz*")
    refused = {
        ("--kind", "chargers"): "no kind of the site fits 'chargers'; did you mean 'charger'",
        ("--rule", "charger-smok"): "no rule of the site fits 'charger-smok'; did you mean 'charger-smoke'",
        ("--device", "没有这个"): "no device or camera of the site fits '没有这个'",
        ("--subject", "cs-zzz/1"): "no device, camera, port or zone of the site fits 'cs-zzz/1'",
        ("--sub-district", "火星街道"): "no sub-district of the site fits '火星街道'",
    }
    for asked, said in refused.items():
        assert said in command(*add, *asked, raises=OrderRefused), asked
    (kept,) = command("silence", "list", "--json")["items"]
    assert kept["device"] == "zz*"
    assert "look again" not in command(*add, "--rule", "system-*")
    assert "look again" not in command(*add, "--device", "cs-*", "--kind", "charger")


def test_alarms_and_silences_fit_a_narrow_window(
    command: Command, judged: Callable[..., None], environment: dict[str, str]
) -> None:
    """Eighty columns, and neither a severity nor a rule's id is broken in two."""
    environment["COLUMNS"] = "80"
    judged(residual_ma=LEAK_MA)
    judged(smoke=True)
    reason = "the electrician is on the way and looks at every port of the station by himself"
    command("silence", "add", "--device", "cs-*", "--who", "王工", "--why", reason, "--until", "2h", "--even-critical")
    judged()
    for words in (("alarms",), ("silence", "list")):
        said = command(*words)
        assert max(cell_len(line) for line in said.splitlines()) <= 80
        assert set(reason.split()) <= set(said.split())
    said = command("alarms", "--language", "en").split()
    assert {"Critical", "silenced", SMOKE_RULE, "charger-residual"} <= set(said)


def test_what_cannot_be_is_refused(command: Command, judged: Callable[..., None], folder: Path) -> None:
    """A silence of everything, for ever, or without a name; a time that is none; a site that has no alarms yet."""
    assert "no alarms" in command("alarms", raises=ConfigError)
    judged()
    add = ("silence", "add", *BY)
    assert "cover everything" in command(*add, "--until", "2h", raises=OrderRefused)
    assert "longer than 30 days" in command(*add, "--rule", "charger-smoke", "--until", "31d", raises=OrderRefused)
    assert "--until is 'soon'" in command(*add, "--rule", "a", "--until", "soon", raises=ConfigError)
    command("silence", "add", "--why", "x", "--rule", "a", "--until", "2h", exit_code=2)
    command("silence", "add", "--who", "x", "--why", "x", "--rule", "a", exit_code=2)


def test_who_is_on_it_is_not_pushed_aside_unawares(command: Command, judged: Callable[..., None]) -> None:
    """Neither by an order that is carried out, nor by one that waits."""
    judged(smoke=True)
    command("ack", 1, *BY)
    assert "王工 has taken alarm 1 on" in command("ack", 1, *OTHER, raises=OrderRefused)
    judged()
    assert "instead_of '王工'" in command("ack", 1, *OTHER, raises=OrderRefused)
    command("ack", 1, *OTHER, "--instead-of", "王工")
    judged()
    (alarm,) = command("alarms", "--json")["items"]
    assert alarm["acked"]["by"] == "李姐"
