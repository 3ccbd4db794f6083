"""`longcheng rules explain`, over a recorded week in which a tree leans and a socket overheats."""

import json
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner

from app.__main__ import cli
from cases.book import Book
from config.load import Site
from domain.errors import ConfigError
from rules.engine import Engine
from rules.files import load_rules
from storage.case_store import CaseStore
from tests.app.rules_history.week import FIRST_MS, make, week

PLAN = """\
version: 1
plan: tree-1
title: {zh: 古银杏方案, en: The ginkgo's plan}
subjects: [tree-1]
approved_by: the bureau
source: a pulling test
confidence: high
limits:
  tree-tilt:
    levels:
      warn: {raise: {above: 0.35}, clear: {below: 0.25}, for: 20m}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The week, judged and kept as `serve` would have done."""
    folder = tmp_path_factory.mktemp("site") / "week"
    (folder / "plans").mkdir(parents=True)
    (folder / "plans" / "tree-1.yaml").write_text(PLAN, encoding="utf-8")
    made = make(folder)
    store, book = CaseStore(f"sqlite:///{made.settings.data_dir / 'cases.db'}"), Book(made)
    engine = Engine(load_rules(made.rule_files, made), made, saved={}, listening_since_ms=FIRST_MS)
    for reading in week(made):
        if findings := engine.observe(reading):
            with store.transaction() as tx:
                book.record(tx, findings, reading.received_ms)
    with store.transaction() as tx:
        tx.save_rule_states(engine.take_dirty())
    store.close()
    return made


def run(site: Site, *words: str) -> str:
    """`longcheng rules explain …`, as people see it."""
    result = CliRunner().invoke(cli, ["rules", "explain", *words, "--site", str(site.folder)])
    if result.exception is not None:
        raise result.exception
    return result.stdout


def told(site: Site, *words: str) -> dict[str, Any]:
    """The same for programs."""
    said: dict[str, Any] = json.loads(run(site, *words, "--json").splitlines()[-1])
    return said


def row(said: dict[str, Any], rule_id: str) -> dict[str, Any]:
    """What is said of one rule."""
    (found,) = [one for one in said["rules"] if one["rule_id"] == rule_id]
    return dict(found)


def test_who_set_which_limit_and_where(site: Site) -> None:
    """The tree's own plan wins for the one severity it names; for the others the rule's limits stay."""
    tilt = row(told(site, "tree-1"), "tree-tilt")
    limits = [(one["severity"], one["step"], one["raise"], one["wins"], one["where"]) for one in tilt["limits"]]
    assert limits == [
        ("critical", "default", "above 1.5", True, "week.yaml:28 tree-tilt"),
        ("warn", "subject", "above 0.35", True, "tree-1.yaml:11 tree-1"),
        ("warn", "default", "above 0.5", False, "week.yaml:27 tree-tilt"),
        ("notice", "default", "above 0.25", True, "week.yaml:26 tree-tilt"),
    ]
    assert [one["source"] for one in tilt["limits"]][1:3] == ["a pulling test", "a trial"]
    assert (tilt["state"], tilt["since"]) == ("firing", "2026-11-25T21:30:17.674000+08:00")


def test_people_read_it_in_their_language(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The site's, or the one that is asked for."""
    monkeypatch.setenv("COLUMNS", "200")
    chinese, english = run(site, "tree-1"), run(site, "tree-1", "--language", "en")
    for words in (
        "古树倾角变化 · tree-tilt · 告警中 自",
        "≥ 0.35° · < 0.25° 时解除 · 20 分钟 · 本对象：tree-1.yaml:11",
        "规则 ≥ 0.5° · < 0.35° 时解除 · 30 分钟：本对象优先（week.yaml:27）",
        "须人工确认后解除",
        "古银杏 (tree-1)",
    ):
        assert words in chinese
    for words in (
        "Tree lean changing · tree-tilt · firing since",
        "· the subject itself: tree-1.yaml:11",
        ": the subject itself comes first (week.yaml:27)",
        "ends only by a person's word",
        "source of the subject itself: a pulling test (how sure: high)",
    ):
        assert words in english
    assert "the the" not in english


@pytest.mark.parametrize("what", ["tree-1", "tree-tilt/tree-1", "charger-hot/cs-1/2"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_fits_a_narrow_window(site: Site, what: str, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eighty columns; no word, name or place of a file is broken in two, and no limit takes a handful of lines."""
    monkeypatch.setenv("COLUMNS", "300")
    wide = run(site, what, "--language", language)
    monkeypatch.setenv("COLUMNS", "80")
    narrow = run(site, what, "--language", language)
    assert max(cell_len(line) for line in narrow.splitlines()) <= 80
    assert {word for word in wide.split() if word.isascii()} <= set(narrow.split())
    assert len(narrow.splitlines()) < 2.5 * len(wide.splitlines())


def test_a_port_has_its_own_rules(site: Site) -> None:
    """What is about the whole station, or about others, is not about a port."""
    said = told(site, "cs-1/2")
    assert [one["rule_id"] for one in said["rules"]] == ["charger-hot"]
    assert row(said, "charger-hot")["state"] is None


def test_the_story_of_an_alarm(site: Site) -> None:
    """By number, and by rule and subject: the values that led to each state, and what was written down."""
    said = told(site, "charger-hot/cs-1/2")
    alarm = said["alarm"]
    assert (alarm["value"], alarm["limit"], alarm["limit_source"]) == (58.0, 55.0, "week.yaml:11 charger-hot")
    assert said["version_then"] == said["version_now"] == alarm["rule_version"]
    steps = [(step["at"][5:19], step["before"], step["after"], step["value"]) for step in said["story"]]
    assert steps == [
        ("11-27T20:00:29", None, "pending", 58.0),
        ("11-27T20:02:29", "pending", "firing", 58.0),
        ("11-27T20:12:29", "firing", None, 19.0),
    ]
    assert [one["change"] for one in said["story"][1]["told"]] == ["raised"]
    assert said["log"]
    assert told(site, str(alarm["id"])) == said


def test_the_story_says_when_it_got_worse(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each severity is a step; people are told what the rule's text says, and which version of it that was."""
    monkeypatch.setenv("COLUMNS", "220")
    said = told(site, "tree-tilt/tree-1")
    severities = [one["severity"] for step in said["story"] for one in step["told"]]
    assert [one for place, one in enumerate(severities) if one not in severities[:place]] == [
        "notice",
        "warn",
        "critical",
    ]
    shown = run(site, "tree-tilt/tree-1", "--language", "en")
    assert ", the same as then" in shown
    assert "gathering → firing" in shown


def test_a_rule_changed_since_is_told(site: Site, tmp_path: Path) -> None:
    """The story is then that of now, which is said."""
    rules = site.rule_files[0]
    changed = tmp_path / "week.yaml"
    changed.write_text(rules.read_text(encoding="utf-8").replace("above: 55", "above: 57"), encoding="utf-8")
    settings = site.folder / "site.yaml"
    before = settings.read_text(encoding="utf-8")
    settings.write_text(before.replace(str(rules), str(changed)), encoding="utf-8")
    try:
        said = told(site, "charger-hot/cs-1/2")
        assert said["version_then"] != said["version_now"]
        assert said["rule"]["limits"][0]["raise"] == "above 57"
        assert "现在的规则" in run(site, "charger-hot/cs-1/2")
    finally:
        settings.write_text(before, encoding="utf-8")


@pytest.mark.parametrize(
    ("what", "problem"),
    [
        ("tree-3", "'tree-3' is no device, port or camera of the site, no alarm's number and no RULE/SUBJECT"),
        ("cs-1/4", "there is no 'cs-1/4': cs-1 has 3 ports"),
        ("999", "there is no alarm 999"),
    ],
)
def test_whom_nobody_knows(site: Site, what: str, problem: str) -> None:
    """Named, with what is near."""
    with pytest.raises(ConfigError, match=problem):
        run(site, what)


def test_nothing_is_changed(site: Site) -> None:
    """Not the case store, nor a file beside it that was not there."""
    cases = site.settings.data_dir / "cases.db"
    before = cases.read_bytes()
    run(site, "tree-1")
    run(site, "tree-tilt/tree-1")
    assert cases.read_bytes() == before
