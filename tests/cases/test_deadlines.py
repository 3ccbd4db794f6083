"""Deadlines of cases: by matter, tier of the place, and calendar."""

import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from cases.deadlines import Deadlines
from domain.case import Case, CaseState, CaseStep
from domain.clock import epoch_ms
from domain.finding import Change
from domain.overdue import overdue
from domain.time_limit import Tier, TimeLimit, TimeUnit
from tests.cases.city import Town, bikes, charger, clock_ms, leaning, make_site, tree

RAISED = Change.RAISED
MINUTE_MS, HOUR_MS = 60_000, 3_600_000
OWN = """\
catalogue: gb47678.5-2026
matters:
  "04001":
    zh: 古树名木异常
    en: Heritage tree in trouble
    handle_within: {A: 2 紧急工作时, B: 4 工作时, C: 1 工作日}
    advice: {zh: 请查看, en: look}
    source: example
"""


def at(text: str) -> int:
    """`"2026-11-20 17:00"` on the town's clock."""
    return epoch_ms(datetime.fromisoformat(f"{text}+08:00"))


@pytest.fixture
def tiered(tmp_path: Path) -> Iterator[Town]:
    """A town with limits by tier, in whose one street they are those of A."""
    folder = tmp_path / "site"
    make_site(folder)
    (folder / "matters.yaml").write_text(OWN, encoding="utf-8")
    (folder / "tiers.csv").write_text("sub_district,road,tier\n天宁街道,双桂街,A\n", encoding="utf-8")
    town = Town(make_site(folder), tmp_path)
    yield town
    town.store.close()


def filed(town: Town) -> Case:
    """The newest case."""
    return town.store.cases()[0]


def said(town: Town, case: Case, language: str) -> str:
    """What the story tells of its limit."""
    (line,) = (line for line in town.store.log(case_id=case.id) if line.what == "case_limit")
    return town.site.texts.say(language, "story.case_limit", line.facts)


@pytest.mark.parametrize(
    ("filed_at", "due"),
    [
        ("2026-11-20 10:00", "2026-11-23 10:00"),  # Friday
        ("2026-11-21 10:00", "2026-11-23 18:00"),  # Saturday
        ("2026-09-30 17:00", "2026-10-08 17:00"),  # the evening before National Day
        ("2026-10-10 10:00", "2026-10-12 10:00"),  # a Saturday that is worked
        ("2025-12-31 12:00", "2026-01-04 12:00"),  # the year's end; 4 January, a Sunday, is worked
    ],
)
def test_a_case_is_due_by_the_calendar(town: Town, filed_at: str, due: str) -> None:
    """A tree that leans a little: one working day."""
    town.record(leaning(RAISED, at(filed_at)))
    case = filed(town)
    assert (case.opened_ms, case.due_ms) == (at(filed_at), at(due))


def test_the_story_says_the_limit_and_the_tier(town: Town) -> None:
    """Not just a time, but how it came about."""
    town.record(leaning(RAISED, at("2026-11-20 10:00")))
    assert said(town, filed(town), "zh-CN").startswith("处置时限：1 工作日，B 类区域，")
    assert said(town, filed(town), "en").startswith("To be handled within 1 working day, as a place of tier B: by ")
    (notice,) = town.notices()
    assert notice.body["deadline_ms"] == at("2026-11-23 10:00")


def test_the_tier_of_the_place_decides(tiered: Town, tmp_path: Path) -> None:
    """The same matter, sooner where the city says so; nights and weekends run where it is urgent."""
    tiered.record(leaning(RAISED, at("2026-11-21 22:00")))
    case = filed(tiered)
    assert case.due_ms == at("2026-11-22 00:00")
    assert "2 紧急工作时，A 类区域" in said(tiered, case, "zh-CN")

    folder = tmp_path / "site"
    for tier, due, words in (("B", "2026-11-23 12:00", "4 工作时"), ("C", "2026-11-23 18:00", "1 工作日")):
        (folder / "tiers.csv").write_text(f"sub_district,road,tier\n,双桂街,{tier}\n", encoding="utf-8")
        town = Town(make_site(folder), tmp_path / tier)
        town.record(leaning(RAISED, at("2026-11-21 22:00")))
        assert filed(town).due_ms == at(due)
        assert f"{words}，{tier} 类区域" in said(town, filed(town), "zh-CN")
        town.store.close()


def test_fire_waits_for_no_office(town: Town) -> None:
    """Half an hour, on the eve of a holiday too; and it is filed and dispatched the moment it comes."""
    came_ms = at("2026-09-30 23:50")
    town.record(charger(RAISED, came_ms))
    case = filed(town)
    assert case.due_ms == at("2026-10-01 00:20")
    deadlines = Deadlines(town.site)
    assert deadlines.step_due_ms(CaseStep.COLLECTED, came_ms, case) == came_ms
    assert deadlines.step_due_ms(CaseStep.FILED, came_ms, case) == came_ms
    assert deadlines.step_due_ms(CaseStep.HANDLING, came_ms + 1, case) == case.due_ms


def test_the_steps_within_the_bureau_have_limits_of_their_own(town: Town) -> None:
    """They run by night and on holidays too; what is closed has none."""
    came_ms = at("2026-10-01 03:00")
    town.record(leaning(RAISED, came_ms))
    case, deadlines = filed(town), Deadlines(town.site)
    due = {step: deadlines.step_due_ms(step, came_ms, case) for step in CaseStep}
    assert due == {
        CaseStep.COLLECTED: came_ms + 15 * MINUTE_MS,
        CaseStep.FILED: came_ms + 15 * MINUTE_MS,
        CaseStep.DISPATCHED: case.due_ms,
        CaseStep.HANDLING: case.due_ms,
        CaseStep.REPORTED: came_ms + 30 * MINUTE_MS,
        CaseStep.VERIFIED: None,
        CaseStep.CLOSED: None,
        CaseStep.RATED: None,
    }


def test_late_is_late_for_ever(town: Town) -> None:
    """At its deadline a case is in time, a moment later it is not, and closing it does not mend that."""
    town.record(leaning(RAISED, at("2026-11-20 10:00")))
    case = filed(town)
    assert not overdue(case, case.due_ms)
    assert overdue(case, case.due_ms + 1)
    in_time = replace(case, state=CaseState.CLOSED, closed_ms=case.due_ms)
    late = replace(in_time, overdue_ms=case.due_ms)
    assert not overdue(in_time, case.due_ms + 100 * HOUR_MS)
    assert overdue(late, case.due_ms + 100 * HOUR_MS)
    assert overdue(late, case.opened_ms)


def test_what_is_used_stands_still_by_night(town: Town) -> None:
    """A bar that creeps over the weekend would say that people are late who are not at work."""
    town.record(leaning(RAISED, at("2026-11-20 14:00")))  # due on Monday at noon
    case, deadlines = filed(town), Deadlines(town.site)
    used = {text: deadlines.used(case, at(text)) for text in ("2026-11-20 16:00", "2026-11-20 18:00")}
    assert used == {"2026-11-20 16:00": 0.25, "2026-11-20 18:00": 0.5}
    assert deadlines.used(case, at("2026-11-23 08:00")) == 0.5
    assert deadlines.used(case, case.due_ms) == 1
    assert deadlines.used(case, at("2026-11-23 18:00")) == 1.5
    closed = replace(case, closed_ms=at("2026-11-20 16:00"))
    assert deadlines.used(closed, at("2027-11-23 18:00")) == 0.25


def test_a_year_without_holidays_is_said_and_logged_once(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is guessed in silence: 1 January 2027 counts as any Friday, and the story says so."""
    with caplog.at_level(logging.WARNING, logger="cases.deadlines"):
        town.record(leaning(RAISED, at("2026-12-31 10:00")))
        town.record(bikes(RAISED, at("2026-12-31 16:00")))
        for at_ms in (at("2026-12-31 16:15"), at("2026-12-31 17:30")):
            town.record(bikes(Change.RENEWED, at_ms))
    bike, lean = town.store.cases()
    assert (lean.due_ms, bike.due_ms) == (at("2027-01-01 10:00"), at("2027-01-01 09:30"))
    assert "1 工作日（2027 年节假日和调休未录入，只按周末计算）" in said(town, lean, "zh-CN")
    assert "of 2027 are not entered: only weekends are counted off" in said(town, bike, "en")
    assert len(caplog.records) == 1
    assert "no holidays of 2027 are known" in caplog.text


def test_what_runs_on_needs_no_holidays(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    """Half an hour is half an hour in any year."""
    town.record(charger(RAISED, at("2030-12-31 23:50")))
    assert "未录入" not in said(town, filed(town), "zh-CN")
    assert caplog.records == []


def test_a_matter_that_has_left_the_catalogue_has_a_day(town: Town) -> None:
    """And a device that has left the registers the usual tier."""
    gone = replace(tree(RAISED, clock_ms("10:00")), matter="99999", device_id="T9", subject="T9")
    town.record(gone)
    case = filed(town)
    assert case.due_ms - case.opened_ms == 24 * HOUR_MS
    alarm = town.store.alarms(open_only=True)[0]
    deadline = Deadlines(town.site).of(alarm, case.opened_ms)
    assert (deadline.limit, deadline.tier) == (TimeLimit(24, TimeUnit.EMERGENCY_HOURS), Tier.B)
