"""`longcheng cases`: what is open, one case whole, and people at work on it, beside a `serve` or not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner

from app.__main__ import cli
from domain.case import CaseState
from domain.case_order import CaseAct
from domain.errors import ConfigError, OrderRefused
from domain.finding import Change
from tests.cases.city import Town, bikes, charger, clock_ms, leaning, make_site
from tests.cases.desks import the_case

Command = Callable[..., Any]
WHO, WHY = ("--who", "王工"), ("--why", "到场查看过")


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """A town with a tree that leans, a charger in trouble, and bikes that became a case."""
    site = make_site(tmp_path / "site")
    (tmp_path / "site" / "data").mkdir()
    town = Town(site, tmp_path / "site" / "data")
    town.record(charger(Change.RAISED, clock_ms("08:00")))
    for at, change in (("08:30", Change.RAISED), ("08:46", Change.RENEWED), ("09:02", Change.RENEWED)):
        town.record(bikes(change, clock_ms(at)))
    town.record(leaning(Change.RAISED, clock_ms("09:10")))
    return town


@pytest.fixture
def command(town: Town) -> Command:
    """`longcheng cases …` in this process: what it printed, as an object if `--json` was among the words."""

    def run(*words: str, columns: int = 120, raises: type[Exception] | None = None) -> Any:
        said = ["cases", *words, "--site", str(town.site.folder)]
        done = CliRunner(env={"COLUMNS": str(columns)}).invoke(cli, said, terminal_width=columns)
        if raises is not None:
            assert isinstance(done.exception, raises), (done.output, done.exception)
            return str(done.exception)
        assert done.exit_code == 0, (done.output, done.exception)
        return json.loads(done.stdout.splitlines()[-1]) if "--json" in words else done.output

    return run


@pytest.mark.parametrize("columns", [80, 120])
def test_lists_fit_the_terminal(command: Command, town: Town, columns: int) -> None:
    """Every line; the numbers are whole, to be typed again."""
    listed = command("list", columns=columns)
    assert all(cell_len(line) <= columns for line in listed.splitlines())
    assert all(case.id in listed for case in town.store.cases())
    shown = command("show", the_case(town).id, columns=columns)
    assert all(cell_len(line) <= columns for line in shown.splitlines())
    for said in ("古树倾斜", "待处置，自 ", "天宁街道城管中队", "现在可用的命令：assign, take, report"):
        assert said in shown


def test_they_speak_the_language_that_was_asked_for(command: Command, town: Town) -> None:
    """One language in all of what it says: titles, states, columns; the site's, unless another is asked for."""
    case = the_case(town)
    command("close", case.id, *WHO, *WHY, "--reason", "false_positive")
    own = " ".join((command("list", "--all"), command("show", case.id)))
    for said in ("古树倾斜", "状态", "3 / 3 起案件", "误报"):
        assert said in own
    assert command("list", "--all", "--language", "zh") == command("list", "--all")
    english = " ".join((command("list", "--all", "--language", "en"), command("show", case.id, "--language", "en")))
    for said in (case.title_en, "With its unit", "3 of 3 cases", "false alarm"):
        assert said in " ".join(english.split()), said
    for raw in ("pending_handle", "false_positive", case.title_zh, "待处置"):
        assert raw not in english + own.replace(case.title_zh, "").replace("待处置", ""), raw


def test_what_is_wanted_is_listed(command: Command, town: Town) -> None:
    """By state, unit, matter, and what is late; a closed state finds closed ones."""
    case = the_case(town)
    command("take", case.id, *WHO)
    command("close", case.id, *WHO, *WHY, "--reason", "false_positive")

    def ids(*words: str) -> list[str]:
        return [one["id"] for one in command("list", *words, "--json")["items"]]

    assert ids("--state", "closed") == [case.id]
    assert len(ids()) == 2
    assert len(ids("--all")) == 3
    assert ids("--matter", "04001") == []
    assert ids("--matter", "04001", "--all") == [case.id]
    assert len(ids("--unit", "值班台")) == 1
    assert len(ids("--overdue")) == 2
    assert "there is pending_check" in command("list", "--state", "lost", raises=ConfigError)
    assert "没有这样的案件" in command("list", "--unit", "园林所")


def test_the_whole_way(command: Command, town: Town) -> None:
    """From taken to rated, with a re-work between; the story has who and why."""
    town.record(leaning(Change.RESOLVED, clock_ms("09:20")))
    case = the_case(town)
    assert "返工，天宁街道城管中队" in command("return", case.id, *WHO, *WHY)
    assert f"案件 {case.id}：处置中，天宁街道城管中队 · 王工" in command("take", case.id, *WHO)
    command("report", case.id, *WHO, "--why", "已支撑加固")
    command("verify", case.id, "--who", "李姐")
    assert f"案件 {case.id}：已结案，已解决" in command("close", case.id, "--who", "李姐")
    rated = command("rate", case.id, "4", "--who", "市民", "--json")
    assert (rated["state"], rated["rating"], rated["reworks"], rated["version"]) == ("rated", 4, 1, 8)

    shown = command("show", case.id)
    for said in ("王工核实未完成：到场查看过", "已支撑加固", "4 分（满分 5 分），市民", "结案", "返工 1 次"):
        assert said in shown
    story = command("show", case.id, "--json")["story"]
    assert [line["who"] for line in story[-3:]] == ["李姐", "李姐", "市民"]


def test_every_act_is_a_command(command: Command, town: Town) -> None:
    """Each as the table has it; what is not for the state is refused with what is."""
    help_ = CliRunner(env={"COLUMNS": "120"}).invoke(cli, ["cases", "--help"]).output
    for act in CaseAct:
        assert f" {act} " in help_
    case = the_case(town)
    command("send-back", case.id, *WHO, *WHY)
    command("assign", case.id, *WHO, "--unit", "天宁街道城管中队", "--handler", "赵六")
    command("defer", case.id, *WHO, *WHY, "--until", "3d")
    command("resume", case.id, *WHO, *WHY)
    command("force-close", case.id, *WHO, *WHY)
    command("reopen", case.id, *WHO, *WHY)
    assert the_case(town).state is CaseState.RETURNED
    assert "is returned: verify is not for that; now there is assign" in command(
        "verify", case.id, *WHO, raises=OrderRefused
    )
    assert "there is no case 7" in command("show", "7", raises=OrderRefused)
    assert "there is no case 7" in command("take", "7", *WHO, raises=OrderRefused)
    assert "of matter" in command("merge", case.id, "--into", "202611223204000001", *WHO, *WHY, raises=OrderRefused)
    assert "--reason is 'forced'; there is" in command(
        "close", case.id, *WHO, *WHY, "--reason", "forced", raises=ConfigError
    )
    for early in ("accept", "refuse"):
        assert "is not for that" in command(early, case.id, *WHO, *WHY, raises=OrderRefused)


def test_on_what_was_seen(command: Command, town: Town) -> None:
    """With a version that is not the newest, nothing is done."""
    case = the_case(town)
    command("take", case.id, *WHO, "--version", str(case.version))
    told = command("take", case.id, "--who", "李姐", "--version", str(case.version), raises=OrderRefused)
    assert "was changed meanwhile by 王工" in told
