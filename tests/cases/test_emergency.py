"""Fire, and what can fall on people: at once to the duty desk, at any hour, and never behind anything else."""

from collections.abc import Iterator
from dataclasses import replace as replaced
from pathlib import Path

import pytest
from msgspec.structs import replace

from cases.deadlines import Deadlines
from cases.notices.escalation import Escalation
from domain.case import Case, CaseState, CaseStep
from domain.finding import AlarmState, Change, Severity
from domain.order import OrderKind
from tests.cases.city import Town, bikes, charger, clock_ms, leaning, make_site, tree

RAISED, RENEWED = Change.RAISED, Change.RENEWED
FILED = ["case_collected", "case_filed", "case_limit", "case_dispatched"]
FRIDAY_EVENING, HOUR_MS = clock_ms("20 21:30"), 3_600_000
TEAM, DESK = "天宁街道城管中队", "值班台"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town that sleeps from nine to eight, with a chief behind the desk."""
    site = make_site(tmp_path / "site", quiet='"21:00-08:00"')
    notices = site.settings.notices.model_copy(update={"escalation": ("duty-desk", "chief")})
    town = Town(replaced(site, settings=site.settings.model_copy(update={"notices": notices})), tmp_path)
    town.sending = False
    yield town
    town.store.close()


def only_case(town: Town) -> Case:
    """The one there is."""
    (case,) = town.store.cases()
    return case


def told(town: Town) -> list[tuple[str, str, bool, int]]:
    """Recipient, step, urgency and earliest time of each notice."""
    return [(one.recipient, one.step, one.urgent, one.not_before_ms) for one in town.notices()]


def escalated(town: Town, at_ms: int) -> list[str]:
    """Subjects of the alarms that nobody has answered by then, as far as somebody else is told."""
    known = {notice.key for notice in town.notices()}
    Escalation(town.site).tick(town.store, at_ms)
    return [notice.subject for notice in town.notices() if notice.key not in known]


def test_a_tree_that_may_fall_on_a_friday_evening_is_due_within_the_hour(town: Town) -> None:
    """Not on Monday: the desk has it, it is filed and dispatched at once, and nobody sleeps over it."""
    assert town.record(tree(RAISED, FRIDAY_EVENING)) == ["alarm_read", *FILED]

    case = only_case(town)
    assert (case.unit, case.due_ms - FRIDAY_EVENING) == (DESK, HOUR_MS)
    assert told(town) == [("duty-desk", "case_sensor", True, FRIDAY_EVENING)]
    deadlines = Deadlines(town.site)
    for step in (CaseStep.COLLECTED, CaseStep.FILED):
        assert deadlines.step_due_ms(step, FRIDAY_EVENING, case) == FRIDAY_EVENING
    assert deadlines.used(case, FRIDAY_EVENING + HOUR_MS // 2) == 0.5


def test_a_tree_that_leans_a_little_stays_with_its_team(town: Town) -> None:
    """One working day, and no word that goes past the others."""
    town.record(leaning(RAISED, FRIDAY_EVENING))

    case = only_case(town)
    assert (case.unit, case.due_ms) == (TEAM, clock_ms("23 18:00"))
    assert [notice.urgent for notice in town.notices()] == [False]


def test_a_case_that_becomes_worse_moves_over(town: Town) -> None:
    """From that moment on, with a line and an urgent word; even though the team had begun, and had put it off."""
    town.record(leaning(RAISED, FRIDAY_EVENING))
    begun = replace(only_case(town), state=CaseState.DEFERRED, handler="李工", deferred_until_ms=clock_ms("25 08:00"))
    with town.store.transaction() as tx:
        tx.save_case(begun)
    worse_ms = FRIDAY_EVENING + 5 * HOUR_MS
    town.news()

    assert town.record(tree(RENEWED, worse_ms)) == ["alarm_worse", "case_emergency", "case_worse"]

    case = only_case(town)
    assert (case.unit, case.due_ms) == (DESK, worse_ms + HOUR_MS)
    assert (case.state, case.handler, case.deferred_until_ms) == (CaseState.PENDING_HANDLE, None, None)
    assert case.time_limit == "1 emergency_hours"
    assert told(town)[-1] == ("duty-desk", "case_worse", True, worse_ms)
    assert town.notices()[-1].body["deadline_ms"] == case.due_ms
    (line,) = (line for line in town.store.log(case_id=case.id) if line.what == "case_emergency")
    assert "由值班台立即处置，时限 1 紧急工作时" in town.site.texts.say("zh-CN", "story.case_emergency", line.facts)
    assert escalated(town, worse_ms + 600_000) == ["T1"]


def test_a_deadline_is_never_put_off_by_it(town: Town) -> None:
    """Ten minutes before the team's time is up there are ten minutes left, not an hour."""
    town.record(leaning(RAISED, clock_ms("10:00")))
    due_ms = only_case(town).due_ms
    town.record(tree(RENEWED, due_ms - 600_000))

    assert (only_case(town).unit, only_case(town).due_ms) == (DESK, due_ms)
    assert only_case(town).time_limit == "1 working_days"


def test_another_alarm_of_the_tree_moves_its_case_over_too(town: Town) -> None:
    """It joins the team's case and brings it to the desk; the case that had been reported comes back."""
    town.record(leaning(RAISED, FRIDAY_EVENING))
    town.record(leaning(Change.RESOLVED, FRIDAY_EVENING + 1000))
    digging = replace(tree(RAISED, FRIDAY_EVENING + HOUR_MS), rule_id="tree-digging", latch=False)

    news = ["alarm_read", "case_joined", "case_emergency", "case_returned"]
    assert [line for line in town.record(digging) if line in news] == news
    case = only_case(town)
    assert (case.unit, case.due_ms, case.state) == (DESK, FRIDAY_EVENING + 2 * HOUR_MS, CaseState.RETURNED)
    assert told(town)[-1] == ("duty-desk", "case_joined", True, FRIDAY_EVENING + HOUR_MS)


def test_what_only_a_person_may_end_is_an_emergency_however_mild(town: Town) -> None:
    """It is told at once, further if nobody answers, and its case stays the desk's."""
    town.record(tree(RAISED, FRIDAY_EVENING, severity=Severity.WARN))

    case = only_case(town)
    assert (case.unit, case.due_ms) == (DESK, FRIDAY_EVENING + HOUR_MS)
    assert Deadlines(town.site).step_due_ms(CaseStep.FILED, FRIDAY_EVENING, case) == FRIDAY_EVENING
    assert told(town) == [("duty-desk", "case_sensor", True, FRIDAY_EVENING)]
    assert escalated(town, FRIDAY_EVENING + 600_000) == ["T1"]


@pytest.mark.parametrize("severity", [Severity.WARN, Severity.CRITICAL])
def test_smoke_that_comes_and_goes_is_a_case_at_once(severity: Severity, town: Town) -> None:
    """Latched or critical: nothing is held back until it is steady."""
    smoke = charger(Change.FLAPPING, FRIDAY_EVENING, rule_id="smoke", severity=severity, latch=True)

    assert town.record(smoke) == ["alarm_read", "alarm_flapping", *FILED]
    (alarm,) = town.store.alarms(open_only=True)
    assert (alarm.state, alarm.held) == (AlarmState.FLAPPING, False)
    assert [notice.urgent for notice in town.notices()] == [True]


def test_what_is_mild_and_comes_and_goes_still_waits(town: Town) -> None:
    """Until it is steady, or gone."""
    town.record(charger(Change.FLAPPING, FRIDAY_EVENING, severity=Severity.WARN))

    assert town.notices() == []
    assert town.store.alarms(open_only=True)[0].held


def test_every_critical_alarm_of_a_station_has_a_word_of_its_own(town: Town) -> None:
    """Two ports in the same message, one of them again: who answered the first has not answered the others."""
    first, second = (charger(RAISED, FRIDAY_EVENING, port=port) for port in (3, 4))
    town.record(first, second)
    town.record(replace(first, change=Change.RESOLVED, at_ms=FRIDAY_EVENING + 1000))
    town.record(replace(first, at_ms=FRIDAY_EVENING + 60_000))
    town.record(replace(first, change=Change.RESOLVED, at_ms=FRIDAY_EVENING + 61_000))
    town.record(replace(first, at_ms=FRIDAY_EVENING + 120_000))

    assert len(town.store.cases()) == 1
    assert [notice.step for notice in town.notices()] == ["case_sensor", *["case_joined"] * 3]
    assert len({notice.alarm_id for notice in town.notices()}) == 4
    (answered, other) = sorted(town.store.alarms(open_only=True), key=lambda alarm: alarm.subject)
    town.give(OrderKind.ACK, answered, FRIDAY_EVENING + 121_000)
    town.obey(FRIDAY_EVENING + 121_000)
    assert escalated(town, FRIDAY_EVENING + HOUR_MS) == [other.subject]


def test_one_that_turns_critical_in_a_case_that_is_so_already_is_told(town: Town) -> None:
    """The case gets no worse by it; but people know of one port only."""
    town.record(charger(RAISED, FRIDAY_EVENING), charger(RAISED, FRIDAY_EVENING, port=4, severity=Severity.WARN))
    town.record(charger(RENEWED, FRIDAY_EVENING + 1000, port=4))

    assert [(one.subject, one.step) for one in town.notices()] == [("E1/3", "case_sensor"), ("E1/4", "case_worse")]


def test_what_was_begun_before_the_word_is_no_answer_to_it(town: Town) -> None:
    """Somebody handles a residual current when it begins to smoke: that smoke is told further until it is taken on."""
    town.record(charger(RAISED, FRIDAY_EVENING))
    begun = replace(only_case(town), state=CaseState.HANDLING, state_ms=FRIDAY_EVENING + 60_000)
    with town.store.transaction() as tx:
        tx.save_case(begun)
    assert escalated(town, FRIDAY_EVENING + 700_000) == []

    town.record(charger(RAISED, FRIDAY_EVENING + HOUR_MS, rule_id="smoke", port=5, latch=True))
    assert escalated(town, FRIDAY_EVENING + HOUR_MS + 600_000) == ["E1/5"]


def test_what_was_reported_as_over_and_gets_worse_goes_back(town: Town) -> None:
    """A person said that it is done; the alarm says that it is not."""
    town.record(charger(RAISED, FRIDAY_EVENING))
    town.record(charger(RENEWED, FRIDAY_EVENING + 1000, severity=Severity.WARN))
    with town.store.transaction() as tx:
        tx.save_case(replace(only_case(town), state=CaseState.PENDING_VERIFY))
    news = town.record(charger(RENEWED, FRIDAY_EVENING + 2000))

    assert [line for line in news if line.startswith("case")] == ["case_joined", "case_returned"]
    assert only_case(town).state is CaseState.RETURNED
    assert told(town)[-1] == ("duty-desk", "case_joined", True, FRIDAY_EVENING + 2000)


def test_what_is_critical_climbs_no_ladder(town: Town) -> None:
    """A camera's matter that a site calls critical: a case at once, though the shop might correct it."""
    town.record(replace(bikes(RAISED, FRIDAY_EVENING), severity=Severity.CRITICAL))

    assert town.store.ladders(open_only=False) == []
    assert told(town) == [("duty-desk", "case_sensor", True, FRIDAY_EVENING)]


def test_only_a_silence_that_says_so_covers_it(town: Town) -> None:
    """One that covers everything else does not."""
    town.silence(FRIDAY_EVENING - 1000, FRIDAY_EVENING + HOUR_MS, device_id="*")
    town.tick(FRIDAY_EVENING - 1000)
    town.record(tree(RAISED, FRIDAY_EVENING))

    assert told(town) == [("duty-desk", "case_sensor", True, FRIDAY_EVENING)]
