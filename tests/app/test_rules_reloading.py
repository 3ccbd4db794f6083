"""A running `serve` takes over rules, plans and limits; a mistake leaves the old ones in force and says where it is."""

import logging
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.rules_reloading import in_force
from config.load import SHARED
from domain.finding import AlarmState
from domain.message import RawMessage
from rules.files import load_rules
from tests.app.court import read, reloading
from tests.app.line import NOON_MS, Line, residual

RULES = "rules.yaml"
LEAK = """\
version: 1
catalogue: gb47678.5-2026
rules:
  - id: leak
    title: {{zh: 漏电, en: Leak}}
    kind: threshold
    for_each: {{kind: charger}}
    metric: residual_ma
    raise: {{above: {above}}}
    clear: {{below: {below}}}
    severity: warn
"""
PLAN = """\
version: 1
plan: quiet-station
title: {{zh: 改造后的充电站, en: The rebuilt station}}
subjects: [cs-001]
approved_by: 值班台
source: measured after the rebuilding
confidence: medium
limits:
  leak: {{raise: {{above: {above}}}, clear: {{below: 1}}}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The starter site with one rule, in a file of its own beside it."""
    folder = tmp_path / "site"
    shutil.copytree(SHARED / "sites" / "starter", folder)
    shutil.rmtree(folder / "plans", ignore_errors=True)
    text = (folder / "site.yaml").read_text(encoding="utf-8")
    (folder / "site.yaml").write_text(text.partition("\nrules:")[0] + f"\nrules: [{RULES}]\n", encoding="utf-8")
    write_rules(folder, above=30)
    return folder


def write_rules(folder: Path, *, above: object, below: object = 10) -> None:
    """One rule with these limits."""
    (folder / RULES).write_text(LEAK.format(above=above, below=below), encoding="utf-8")


async def test_changed_rules_and_plans_are_taken_over(folder: Path) -> None:
    """Each when its file changes; a folder of plans may come later."""
    async with reloading(folder) as (court, _):
        write_rules(folder, above=20)
        await court.until(lambda: len(court.taken) == 1)
        (folder / "plans").mkdir()
        (folder / "plans" / "quiet.yaml").write_text(PLAN.format(above=8), encoding="utf-8")
        await court.until(lambda: len(court.taken) == 2)
    first, second = court.taken
    assert [rule.version for rule in first[0]] == [rule.version for rule in load_rules((folder / RULES,), read(folder))]
    assert [len(site.plans.all) for _, site in (first, second)] == [0, 1]
    assert court.told == []


async def test_a_mistake_leaves_the_old_rules_and_says_where_it_is(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Once, in the log and to whoever looks after the product; mended, that it is over."""
    async with reloading(folder) as (court, reloader):
        write_rules(folder, above="much")
        await court.until(lambda: bool(court.told))
        assert court.taken == []
        assert "rules.yaml line 9" in (reloader.problem or "")
        reloader.ask()
        write_rules(folder, above=20)
        await court.until(lambda: bool(court.taken) and len(court.told) == 2)
    assert court.told[1] is None
    assert reloader.problem is None
    assert [record.levelno for record in caplog.records].count(logging.ERROR) == 1


@pytest.mark.parametrize("text", ["", "rules: [", "site: 7\n"])
async def test_a_site_that_cannot_be_read_changes_nothing(folder: Path, text: str) -> None:
    """Whatever file of it is broken."""
    async with reloading(folder) as (court, reloader):
        (folder / "site.yaml").write_text(text, encoding="utf-8")
        await court.until(lambda: bool(court.told))
        assert court.taken == []
        assert "site.yaml" in (reloader.problem or "")


async def test_it_can_be_asked_to_read_again(folder: Path) -> None:
    """Whatever the files say of their age."""
    async with reloading(folder, poll_s=3600) as (court, reloader):
        reloader.ask()
        await court.until(lambda: len(court.taken) == 1)


async def test_rule_files_may_come_from_another_folder(folder: Path) -> None:
    """It is watched from then on."""
    elsewhere = folder.parent / "elsewhere"
    elsewhere.mkdir()
    async with reloading(folder) as (court, _):
        text = (folder / "site.yaml").read_text(encoding="utf-8")
        shutil.copy(folder / RULES, elsewhere / RULES)
        (folder / "site.yaml").write_text(text.replace(RULES, f"../elsewhere/{RULES}"), encoding="utf-8")
        await court.until(lambda: len(court.taken) == 1)
        write_rules(elsewhere, above=22)
        await court.until(lambda: len(court.taken) == 2)
    assert court.taken[1][0][0].path == (elsewhere / RULES).resolve()


async def test_what_needs_a_restart_is_named_and_stays_as_it_was(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A new device is one; a tree measured anew where it stands is not."""
    caplog.set_level(logging.INFO, "app")
    async with reloading(folder) as (court, _):
        devices = (folder / "devices.csv").read_text(encoding="utf-8")
        new = "cs-002,charging-station,新站,天宁区,天宁街道,延陵西路,119.9586,31.7789,10,\n"
        changed = devices.replace("tilt_deg=1.8", "tilt_deg=2.5") + new
        (folder / "devices.csv").write_text(changed, encoding="utf-8")
        await court.until(lambda: len(court.taken) == 1)
    site = court.taken[0][1]
    assert sorted(site.devices) == ["cs-001", "tree-001"]
    assert site.devices["tree-001"].baseline == {"tilt_deg": 2.5}
    assert "as before until a restart: devices" in caplog.text


def test_only_limits_of_a_site_come_into_force(folder: Path) -> None:
    """What the decoders and the stores were started with stays."""
    started = read(folder)
    kinds = {
        name: profile.model_copy(update={"interval": 7.0, "limits": {"leak": {}}})
        for name, profile in started.profiles.items()
    }
    now = replace(started, profiles=kinds, shops={}, settings=started.settings.model_copy(update={"site": "other"}))
    site = in_force(started, now)
    assert (site.shops, site.settings) == (started.shops, started.settings)
    assert {name: profile.interval for name, profile in site.profiles.items()} == {
        name: profile.interval for name, profile in started.profiles.items()
    }
    assert all(profile.limits for profile in site.profiles.values())


# What it means to those who judge


def leaking(milliampere: float, second: int) -> RawMessage:
    """So much leaks, so many seconds after noon."""
    return residual(milliampere, NOON_MS + second * 1000)


@pytest.fixture
def own(folder: Path) -> Iterator[Line]:
    """A line whose site is this folder."""
    line = Line(read(folder))
    yield line
    line.close()


def states(line: Line) -> list[AlarmState]:
    """Of all alarms, the oldest first."""
    return [alarm.state for alarm in line.store.alarms(open_only=False)][::-1]


def test_new_limits_hold_from_the_next_message_on_and_what_stands_goes_on_standing(own: Line, folder: Path) -> None:
    """No message is judged twice, none is left out, and a restart afterwards is nothing new."""
    reader = own.reader()
    own.journal.append([leaking(35.0, 0)])
    reader.step()
    assert states(own) == [AlarmState.FIRING]

    write_rules(folder, above=60, below=50)
    reader.take_over(load_rules((folder / RULES,), own.site), own.site)
    own.journal.append([leaking(45.0, 10), leaking(55.0, 20), leaking(70.0, 30)])
    reader.step()

    assert states(own) == [AlarmState.RESOLVED, AlarmState.FIRING]
    assert reader.cursor == own.journal.head()
    assert own.store.alarms(open_only=True)[0].limit == 60
    assert "alarm_read" in [line.what for line in own.store.log(alarm_id=2)]


def test_what_was_judged_and_not_committed_is_kept(own: Line, folder: Path) -> None:
    """Half of a hold that was seen before goes on counting after."""
    held = LEAK.format(above=30, below=10) + "    samples: 3\n"
    (folder / RULES).write_text(held, encoding="utf-8")
    rules = load_rules((folder / RULES,), own.site)
    own.rules = rules
    reader = own.reader()
    own.journal.append([leaking(35.0, 0)])
    reader.step()
    own.journal.append([leaking(35.0, 10)])
    reader.step()
    assert states(own) == []

    reader.take_over(rules, own.site)
    own.journal.append([leaking(35.0, 20)])
    reader.step()
    assert states(own) == [AlarmState.FIRING]


def test_a_plan_that_comes_is_what_counts_for_its_station(own: Line, folder: Path) -> None:
    """From the next message on, with the plan as the origin of the limit."""
    reader = own.reader()
    own.journal.append([leaking(9.0, 0)])
    reader.step()
    assert states(own) == []

    (folder / "plans").mkdir()
    (folder / "plans" / "quiet.yaml").write_text(PLAN.format(above=8), encoding="utf-8")
    site = in_force(own.site, read(folder))
    reader.take_over(load_rules((folder / RULES,), site), site)
    own.journal.append([leaking(9.0, 10)])
    reader.step()

    (alarm,) = own.store.alarms(open_only=True)
    assert (alarm.limit, "quiet.yaml" in str(alarm.limit_source)) == (8, True)


def test_an_alarm_whose_rule_goes_is_left_to_a_person(own: Line, folder: Path) -> None:
    """It is no alarm of anybody's any more, until the rule is back."""
    reader = own.reader()
    own.journal.append([leaking(35.0, 0)])
    reader.step()
    rules = load_rules((folder / RULES,), own.site)

    reader.take_over((), own.site)
    reader.step()
    assert [alarm.orphaned for alarm in own.store.alarms(open_only=True)] == [True]

    reader.take_over(rules, own.site)
    reader.step()
    assert [alarm.orphaned for alarm in own.store.alarms(open_only=True)] == [False]
    assert [line.what for line in own.store.log(alarm_id=1)][-2:] == ["alarm_orphaned", "alarm_adopted"]

    own.journal.append([leaking(1.0, 20)])
    reader.step()
    assert states(own) == [AlarmState.RESOLVED]


def test_an_alarm_whose_rule_is_of_another_kind_now_ends_by_data(own: Line, folder: Path) -> None:
    """What the old kind remembered says nothing to the new one; the alarm is open all the same, and is taken up."""
    reader = own.reader()
    own.journal.append([leaking(35.0, 0)])
    reader.step()
    text = (folder / RULES).read_text(encoding="utf-8")
    rate = text.replace("kind: threshold", "kind: rate\n    over: 5m\n    per: 1m\n    max_gap: 10m")
    (folder / RULES).write_text(rate, encoding="utf-8")
    reader.take_over(load_rules((folder / RULES,), own.site), own.site)
    reader.step()
    assert [alarm.orphaned for alarm in own.store.alarms(open_only=True)] == [False]

    reader = own.reader()
    reader.take_over(load_rules((folder / RULES,), own.site), own.site)
    for second in range(20, 920, 60):
        own.journal.append([leaking(1.0, second)])
        reader.step()
    assert states(own) == [AlarmState.RESOLVED]
