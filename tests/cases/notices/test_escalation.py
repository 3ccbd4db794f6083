"""Who is told when nobody answers, when, and when not."""

from dataclasses import replace as replaced
from pathlib import Path

import pytest
from msgspec.structs import replace

from cases.notices.escalation import Escalation
from config.load import Site
from domain.case import Alarm, CaseState
from domain.finding import Change, Severity
from domain.order import OrderKind
from tests.cases.city import Town, charger, clock_ms, make_site

RAISED = charger(Change.RAISED, clock_ms("09:00"), rule_id="smoke", metric="smoke", value=1.0, limit=None)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """The town, with a chief behind the duty desk and a deputy behind the chief."""
    town = make_site(tmp_path / "site", webhook="http://127.0.0.1:1/")
    notices = town.settings.notices.model_copy(update={"escalation": ("duty-desk", "chief", "deputy")})
    return replaced(town, settings=town.settings.model_copy(update={"notices": notices}))


@pytest.fixture
def town(site: Site, tmp_path: Path) -> Town:
    """Its book."""
    return Town(site, tmp_path)


def told(town: Town, *times: str) -> list[tuple[str, str, str]]:
    """Who was told by which step at each of these times, all of it sent at once."""
    said = []
    for at in times:
        known = {notice.key for notice in town.notices()}
        Escalation(town.site).tick(town.store, clock_ms(at))
        town.send(clock_ms(at))
        said += [(at, one.step, one.recipient) for one in town.notices() if one.key not in known]
    return said


def the_alarm(town: Town) -> Alarm:
    """The only one that is open."""
    (alarm,) = town.store.alarms(open_only=True)
    return alarm


def test_one_after_the_other_and_then_all_again(town: Town) -> None:
    """Ten minutes after each word the next; when all were told, an hour after the last all of them, and again."""
    town.record(RAISED)
    times = ("09:09", "09:10", "09:11", "09:19", "09:20", "10:19", "10:20", "10:21", "11:20")

    assert told(town, *times) == [
        ("09:10", "escalated", "chief"),
        ("09:20", "escalated", "deputy"),
        *[(at, "repeated", one) for at in ("10:20", "11:20") for one in ("duty-desk", "chief", "deputy")],
    ]
    first, second = town.notices()[0], town.notices()[1]
    assert second.urgent
    assert second.case_id == first.case_id
    assert str(first.body["text_zh"]) in str(second.body["text_zh"])
    assert str(second.body["text_zh"]).startswith("【升级】10 分钟前已通知值班台，至今无人确认或处置。")
    begins = "[Repeated] Told 140 minutes ago: Duty desk, chief, deputy. Nobody has taken it on yet."
    assert str(town.notices()[-1].body["text_en"]).startswith(begins)
    lines = [(line.what, line.facts["recipient"]) for line in town.log() if line.what.startswith("alarm_esc")]
    assert lines == [("alarm_escalated", "chief"), ("alarm_escalated", "deputy")]


def test_after_a_long_stop_one_word_is_due(town: Town) -> None:
    """Not all that would have been said meanwhile."""
    town.record(RAISED)

    assert told(town, "20:00", "20:01") == [("20:00", "escalated", "chief")]


def test_what_does_not_get_out_is_escalated_too(town: Town) -> None:
    """The desk's way is broken: the time counts from when the word was written."""
    town.sending = False
    town.record(RAISED)

    assert told(town, "09:09", "09:10") == [("09:10", "escalated", "chief")]


@pytest.mark.parametrize("answer", ["acked", "silenced", "resolved", "worked on", "mild"])
def test_who_is_answered_is_told_no_further(answer: str, town: Town) -> None:
    """By a person, by the end of it, or by a case that somebody works on; and what is not critical never."""
    town.record(replace(RAISED, severity=Severity.WARN) if answer == "mild" else RAISED)
    if answer == "acked":
        town.give(OrderKind.ACK, the_alarm(town), clock_ms("09:05"))
        town.obey(clock_ms("09:05"))
    elif answer == "silenced":
        town.silence(clock_ms("09:05"), clock_ms("23:00"), rule_id="smoke", even_critical=True)
        town.tick(clock_ms("09:05"))
    elif answer == "resolved":
        town.record(replace(RAISED, change=Change.RESOLVED, at_ms=clock_ms("09:05")))
    elif answer == "worked on":
        (case,) = town.store.cases()
        with town.store.transaction() as tx:
            tx.save_case(replace(case, state=CaseState.HANDLING))

    assert told(town, "09:10", "09:20", "12:00") == []


def test_an_answer_that_has_expired_is_none(town: Town) -> None:
    """Taken on until 09:30 and still burning: then the next is told."""
    town.record(RAISED)
    town.give(OrderKind.ACK, the_alarm(town), clock_ms("09:05"), until_ms=clock_ms("09:30"))
    town.obey(clock_ms("09:05"))

    assert told(town, "09:20", "09:29", "09:30") == [("09:30", "escalated", "chief")]


def test_an_answer_that_comes_between_looking_and_writing_counts(town: Town) -> None:
    """Nobody is told of what was taken on in that moment."""
    town.record(RAISED)

    class Late:
        """A store in which somebody answers just then."""

        def __init__(self) -> None:
            self.transaction = town.store.transaction
            self.told_of = town.store.told_of

        def unanswered(self, now_ms: int) -> list[Alarm]:
            """As they were; and then somebody answers."""
            found = town.store.unanswered(now_ms)
            town.give(OrderKind.ACK, the_alarm(town), now_ms)
            town.obey(now_ms)
            return found

    assert Escalation(town.site).tick(Late(), clock_ms("09:10")) == 0
    assert len(town.notices()) == 1


def test_told_again_after_a_crash_is_told_once(town: Town) -> None:
    """The same moment looked at twice, by two processes or after a restart, adds nothing."""
    town.record(RAISED)
    for _ in range(3):
        Escalation(town.site).tick(town.store, clock_ms("09:10"))
        town.restart()

    assert [notice.recipient for notice in town.notices()] == ["duty-desk", "chief"]
