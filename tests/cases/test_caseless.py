"""Nothing critical is told to nobody: of what no case comes, the duty desk has a word of its own."""

from collections.abc import Iterator
from dataclasses import replace as replaced
from pathlib import Path

import pytest
from msgspec.structs import replace

from cases.notices.escalation import Escalation
from config.notices import Notices
from domain.finding import Change, Severity
from domain.order import OrderKind
from tests.cases.city import Town, charger, clock_ms, gateway, make_site

RAISED, RENEWED, OVER = Change.RAISED, Change.RENEWED, Change.RESOLVED
WARN, MINUTE_MS = Severity.WARN, 60_000
NIGHT = clock_ms("22:00")
NOTICES = Notices.model_validate(
    {"escalation": ["duty-desk", "chief"], "escalate_after": "10m", "phone_trees": {"feed": ["call:operator", "chief"]}}
)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town that sleeps, with a chief behind the desk, and somebody who is called when a whole feed is silent."""
    site = make_site(tmp_path / "site", quiet='"21:00-08:00"')
    town = Town(replaced(site, settings=site.settings.model_copy(update={"notices": NOTICES})), tmp_path)
    yield town
    town.store.close()


def told(town: Town) -> list[tuple[str, str, bool, int]]:
    """Recipient, step, urgency and earliest time of each notice, as minutes from ten at night."""
    return [(one.recipient, one.step, one.urgent, (one.not_before_ms - NIGHT) // MINUTE_MS) for one in town.notices()]


def escalate(town: Town, at_ms: int) -> None:
    """The clock of who has not answered."""
    Escalation(town.site).tick(town.store, at_ms)
    town.send(at_ms)


def test_a_silent_gateway_is_told_at_once_and_its_end_once(town: Town) -> None:
    """By night, urgently, with a line for each word; the end is not urgent, and told again it is told no more."""
    assert town.record(gateway(RAISED, NIGHT)) == ["alarm_raised", "alarm_told"]
    assert town.record(gateway(RENEWED, NIGHT + MINUTE_MS)) == []
    assert town.store.cases() == []

    assert town.record(gateway(OVER, NIGHT + 5 * MINUTE_MS)) == ["alarm_resolved", "alarm_over_told"]
    assert town.record(gateway(OVER, NIGHT + 5 * MINUTE_MS)) == []
    assert told(town) == [("duty-desk", "alarm_critical", True, 0), ("duty-desk", "alarm_over", False, 5)]
    word, over = town.notices()
    assert str(word.body["text_zh"]).startswith("【紧急】G1：网关失联超过半小时。自 11月22日 21:30 起。此告警不立案")
    assert f"longcheng rules ack {word.alarm_id} " in str(word.body["text_en"])
    assert "since 11-22 21:30, over at 11-22 22:05" in str(over.body["text_en"]).lower()
    assert (word.body["deadline_ms"], over.body["severity"]) == (None, "notice")


def test_the_next_time_is_told_anew(town: Town) -> None:
    """Another alarm of the same gateway has words of its own."""
    for start in (NIGHT, NIGHT + 60 * MINUTE_MS):
        town.record(gateway(RAISED, start))
        town.record(gateway(OVER, start + MINUTE_MS))

    assert [notice.step for notice in town.notices()] == ["alarm_critical", "alarm_over"] * 2


def test_it_goes_further_until_somebody_takes_it_on(town: Town) -> None:
    """Ten minutes later the chief, an hour after that both; then somebody answers, and it is quiet."""
    town.record(gateway(RAISED, NIGHT))
    for minute in (9, 10, 69, 70):
        escalate(town, NIGHT + minute * MINUTE_MS)

    assert [(who, step, minute) for who, step, _urgent, minute in told(town)] == [
        ("duty-desk", "alarm_critical", 0),
        ("chief", "escalated", 10),
        ("duty-desk", "repeated", 70),
        ("chief", "repeated", 70),
    ]
    (alarm,) = town.store.alarms(open_only=True)
    town.give(OrderKind.ACK, alarm, NIGHT + 71 * MINUTE_MS)
    town.obey(NIGHT + 71 * MINUTE_MS)
    escalate(town, NIGHT + 300 * MINUTE_MS)
    assert len(town.notices()) == 4


def test_the_first_of_a_phone_tree_is_called_and_the_story_says_so(town: Town) -> None:
    """Beside the desk, with the same words, at the same time."""
    silent = replace(gateway(RAISED, NIGHT), rule_id="feed-silent", subject="town", device_id="town", kind="feed")

    assert town.record(silent) == ["alarm_raised", "alarm_called", "alarm_told"]
    desk, called = town.notices()
    assert (called.recipient, called.urgent, called.body) == ("call:operator", True, desk.body)
    (line,) = (line for line in town.log() if line.what == "alarm_called")
    assert "call:operator" in town.site.texts.say("zh-CN", "story.alarm_called", line.facts)


def test_the_story_of_a_case_says_who_was_called_too(town: Town) -> None:
    """Once, though it is told again; it is the alarm's line, and none that the city's platform gets."""
    tree = NOTICES.model_copy(update={"phone_trees": Notices(phone_trees={"charger": ["call:warden"]}).phone_trees})
    site = replaced(town.site, settings=town.site.settings.model_copy(update={"notices": tree}))
    town.site, town.book = site, type(town.book)(site)
    smoke = charger(RAISED, NIGHT, rule_id="smoke", latch=True)

    assert town.record(smoke).count("alarm_called") == 1
    assert town.record(smoke) == []
    (line,) = (line for line in town.log() if line.what == "alarm_called")
    assert line.case_id is None


@pytest.mark.parametrize(
    ("severities", "words"),
    [
        ((WARN, Severity.CRITICAL), [1]),
        ((WARN, Severity.CRITICAL, WARN, Severity.CRITICAL), [1]),
        ((WARN, WARN), []),
        ((Severity.NOTICE, WARN, WARN), []),
    ],
)
def test_what_becomes_critical_is_told_when_it_does(
    town: Town, severities: tuple[Severity, ...], words: list[int]
) -> None:
    """Once for each severity, and what is mild never; its end is told only where the rest was."""
    for minute, severity in enumerate(severities):
        change = RENEWED if minute else RAISED
        town.record(gateway(change, NIGHT + minute * MINUTE_MS, severity=severity))
    town.record(gateway(OVER, NIGHT + 30 * MINUTE_MS))

    assert [minute for _who, step, _urgent, minute in told(town) if step == "alarm_critical"] == words
    assert sum(step == "alarm_over" for _who, step, *_ in told(town)) == len(words)


def test_what_only_a_person_may_end_is_told_however_mild(town: Town) -> None:
    """And goes further; a person's word ends it, and that is told."""
    town.record(gateway(RAISED, NIGHT, severity=WARN, latch=True))
    escalate(town, NIGHT + 10 * MINUTE_MS)
    assert [(who, urgent) for who, _step, urgent, _minute in told(town)] == [("duty-desk", True), ("chief", True)]

    assert "alarm_over_told" in town.record(gateway(OVER, NIGHT + 20 * MINUTE_MS), released_by="王工")


def test_a_case_s_rule_without_a_matter_is_told_too(town: Town) -> None:
    """There is nothing to file it under, but it is critical."""
    assert "alarm_told" in town.record(replace(charger(RAISED, NIGHT), matter=None))
    assert town.store.cases() == []


def test_a_silence_covers_it_only_if_it_says_so(town: Town) -> None:
    """Then it is told when that is over and it still stands; one that ended meanwhile is told to nobody."""
    town.silence(NIGHT, NIGHT + 60 * MINUTE_MS, kind="gateway")
    town.tick(NIGHT)
    town.record(gateway(RAISED, NIGHT + MINUTE_MS))
    assert len(town.notices()) == 1

    town.silence(NIGHT, NIGHT + 60 * MINUTE_MS, device_id="G2", even_critical=True)
    town.tick(NIGHT + 2 * MINUTE_MS)
    second = replace(gateway(RAISED, NIGHT + 3 * MINUTE_MS), subject="G2", device_id="G2")
    other = replace(second, rule_id="other")
    town.record(second, other)
    town.record(replace(other, change=OVER, at_ms=NIGHT + 4 * MINUTE_MS))
    assert len(town.notices()) == 1

    assert "alarm_told" in town.tick(NIGHT + 60 * MINUTE_MS)
    assert [(notice.subject, notice.step) for notice in town.notices()] == [
        ("G1", "alarm_critical"),
        ("G2", "alarm_critical"),
    ]


@pytest.mark.parametrize("finding", [gateway, charger])
def test_what_becomes_critical_under_a_silence_is_told_when_that_is_over(town: Town, finding: object) -> None:
    """With a case or without one: nobody is left with what was said before it got worse."""
    make = gateway if finding is gateway else charger
    town.record(make(RAISED, NIGHT, severity=WARN))
    town.silence(NIGHT, NIGHT + 60 * MINUTE_MS, device_id="*", even_critical=True)
    town.tick(NIGHT + MINUTE_MS)
    before = len(town.notices())
    town.record(make(RENEWED, NIGHT + 2 * MINUTE_MS))
    assert len(town.notices()) == before

    town.tick(NIGHT + 60 * MINUTE_MS)
    said = [(word.urgent, word.step) for word in town.notices()[before:] if word.step != "case_overdue"]
    assert said == [(True, "alarm_critical" if make is gateway else "case_worse")]


def test_what_stood_before_such_were_told_is_told_after_a_start(town: Town) -> None:
    """An alarm in the book of which nobody ever heard; and no start tells anything twice."""
    town.record(gateway(RAISED, NIGHT, severity=WARN))
    (alarm,) = town.store.alarms(open_only=True)
    with town.store.transaction() as tx:
        tx.save_alarm(replace(alarm, severity=Severity.CRITICAL))

    town.restart()
    assert town.tick(NIGHT + MINUTE_MS) == ["alarm_told"]
    town.restart()
    assert town.tick(NIGHT + 2 * MINUTE_MS) == []
    assert len(town.notices()) == 1
