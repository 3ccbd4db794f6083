"""Tests of rules for the console: how many are written, what is kept of a run, and a run as a process of its own."""

import shutil
import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.commands.rules import cli
from app.kept_rule_tests import NAME, KeptTests, run_of
from app.rule_tests import RuleTesting
from app.timetables import WrittenTests, timetables_of
from config.load import SHARED, Site, load_site
from domain.clock import ManualClock
from domain.errors import OrderRefused
from rules.files import load_rules
from rules.timetables.run import read_timetables
from tests.rules.timetables.test_run import GOOD, file_of


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site of its own with the shipped rules and, of their tests, those about views and the network."""
    shutil.copytree(SHARED / "rules", tmp_path / "rules")
    for name in ("chargers", "storefronts", "trees"):
        (tmp_path / "rules" / "tests" / f"{name}.yaml").unlink()
    shutil.copytree(SHARED / "sites" / "starter", tmp_path / "sites" / "starter")
    monkeypatch.setenv("LONGCHENG_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    return load_site(str(tmp_path / "sites" / "starter"))


def broken(site: Site) -> Path:
    """One of its timetables, with an expectation that is not met."""
    path = next(path for path in timetables_of(site) if path.name == "network.yaml")
    before, expect, rest = path.read_text("utf-8").partition("expect:\n")
    path.write_text(f"{before}{expect}      00:01: network-no-such-thing x\n{rest}", "utf-8")
    return path


def test_how_many_are_written_is_known_without_running_them(site: Site) -> None:
    """By the rule that they are of, read anew when a file changes; a file that cannot be read is told of."""
    written = WrittenTests()
    found, problem = written.count(site)
    shipped = {name for path in timetables_of(site) for result in read_timetables(path).run() for name in result.about}
    assert (set(found), problem) == (shipped, "")
    assert written.count(site)[0] is found
    path = timetables_of(site)[0]
    path.write_text("tests: [\n", "utf-8")
    left, problem = written.count(site)
    assert path.name in problem
    assert 0 < sum(left.values()) < sum(found.values())


def test_without_saying_of_which_it_is_of_those_it_expects(site: Site) -> None:
    """However the expectation is written; a file of other rules is not counted."""
    for path in timetables_of(site):
        path.unlink()
    folder = site.rule_files[0].parent / "tests"
    expects = '{"08:00": none, "08:01": a x, "08:02": [b x warn, {alarm: c x}], "08:03": {alarm: a x}}'
    (folder / "own.yaml").write_text(f"rules: [../trees.yaml]\ntests: [{{name: t, expect: {expects}}}]\n", "utf-8")
    (folder / "other.yaml").write_text("rules: [../other.yaml]\ntests: [{name: t, of: [z]}]\n", "utf-8")
    assert WrittenTests().count(site) == ({"a": 1, "b": 1, "c": 1}, "")


def test_what_is_kept_of_a_run(tmp_path: Path, site: Site) -> None:
    """Of each rule how many and how many failed, and of each failure the first line."""
    wrong = GOOD.replace("08:01: none", "08:01: hot cs-1/1").replace("name: right", "name: wrong")
    results = list(read_timetables(file_of(tmp_path, GOOD, wrong)).run())
    run = run_of(results, {"hot": "v1"}, site, made_ms=5, took_s=0.5, who="w")
    kept = KeptTests(tmp_path)
    assert kept.last() is None
    kept.keep(run)
    assert kept.last() == run
    assert (run.tests, run.failed) == (2, 1)
    assert {name: (one.tests, one.failed, one.version) for name, one in run.rules.items()} == {
        "hot": (2, 1, "v1"),
        "smoke": (2, 1, ""),
    }
    (failed,) = run.failures
    assert (failed.name, failed.when, failed.expected, failed.got) == (
        "wrong",
        "08:01",
        "hot cs-1/1",
        "hot cs-1/1 pending",
    )
    (tmp_path / NAME).write_text("{", "utf-8")
    assert kept.last() is None


def test_the_command_keeps_what_came_of_the_sites_own(site: Site) -> None:
    """Not where it is told not to, and not of other files."""
    folder, kept = str(site.folder), KeptTests(site.settings.data_dir)
    mine = [str(path) for path in timetables_of(site)]
    for options in (["--site", folder, "--no-keep"], [*mine, "--site", folder]):
        assert CliRunner().invoke(cli, ["test", *options]).exit_code == 0
        assert kept.last() is None
    assert CliRunner().invoke(cli, ["test", "--site", folder]).exit_code == 0
    run = kept.last()
    assert run is not None
    assert (run.failed, run.who) == (0, "")
    versions = {rule.id: rule.version for rule in load_rules(site.rule_files, site)}
    assert {name: one.version for name, one in run.rules.items()} == {name: versions[name] for name in run.rules}


def test_they_are_run_from_a_page(site: Site) -> None:
    """As a process of its own, one at a time; a file that cannot be is told of, and so are failures."""
    here = RuleTesting(site, ManualClock(7))
    assert here.now(site).running is None
    started = here.start(site, "admin-1")
    assert (started.who, started.started_ms, started.ended) == ("admin-1", 7, "")
    with pytest.raises(OrderRefused, match="run already") as refused:
        here.start(site, "admin-2")
    assert refused.value.why == "over"
    over()
    found = here.now(site)
    assert found.running is not None
    assert found.running.ended == "done", found.running.problem
    assert found.last is not None
    assert (found.last.who, found.last.failed) == ("admin-1", 0)
    assert {name: one.tests for name, one in found.last.rules.items()} == dict(found.written)


def test_a_run_that_could_not_be_is_no_result(site: Site) -> None:
    """What was kept stays, and the reason is told."""
    path = broken(site)
    here = RuleTesting(site, ManualClock(7))
    here.start(site, "admin-1")
    over()
    found = here.now(site)
    assert found.last is None
    assert found.running is not None
    assert found.running.ended == "failed"
    assert path.name in found.running.problem
    assert "network-no-such-thing" in found.running.problem


def test_without_tests_there_is_nothing_to_run(site: Site) -> None:
    """It is said rather than begun."""
    for path in timetables_of(site):
        path.unlink()
    with pytest.raises(OrderRefused, match="no tests"):
        RuleTesting(site, ManualClock(7)).start(site, "admin-1")


def over() -> None:
    """Wait until the run has ended."""
    for thread in threading.enumerate():
        if thread.name == "rule tests":
            thread.join()
