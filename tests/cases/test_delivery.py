"""Ladders and whether people were told: nobody is pressed, or said to have been reminded, who was not reached."""

from pathlib import Path

from domain.finding import Change
from domain.ladder import LadderStep
from domain.notice import NoticeState
from tests.cases.city import Town, bikes, clock_ms, make_site

FILED = ["case_collected", "case_filed", "case_limit", "case_dispatched"]


def see(town: Town, at: str, *, zone: str = "door-1") -> list[str]:
    """The bikes are still there."""
    return town.record(bikes(Change.RENEWED, clock_ms(at), zone=zone))


def test_a_notice_that_waits_holds_the_ladder_up(town: Town) -> None:
    """The gateway is down until 12:00: no look asked, no step up; then people have their whole 15 minutes."""
    town.sending = False
    town.record(bikes(Change.RAISED, clock_ms("10:00")))
    for at in ("10:15", "10:31", "11:59"):
        assert see(town, at) == []
        assert town.tick(clock_ms(at)) == []

    town.store.mark_sent(town.notices()[0].id, clock_ms("12:00"))

    assert see(town, "12:14") == []
    assert town.store.ladders(open_only=True)[0].recheck_ms == clock_ms("12:15")
    assert town.tick(clock_ms("12:14")) == []
    assert town.tick(clock_ms("12:15")) == ["look_asked"]
    assert see(town, "12:16") == ["notice_2"]


def test_a_late_notice_is_found_by_the_clock_too(town: Town) -> None:
    """Without any look since: the tick puts the re-check off, and asks for a look when it is due."""
    town.sending = False
    town.record(bikes(Change.RAISED, clock_ms("10:00")))
    town.store.mark_sent(town.notices()[0].id, clock_ms("10:14"))

    assert town.tick(clock_ms("10:20")) == []
    assert town.tick(clock_ms("10:29")) == ["look_asked"]


def test_cleared_before_anyone_was_told(town: Town) -> None:
    """A clear look ends it, whatever waits; the waiting notice is taken back."""
    town.sending = False
    town.record(bikes(Change.RAISED, clock_ms("10:00")))

    assert town.record(bikes(Change.RESOLVED, clock_ms("11:00"))) == ["alarm_clear_seen", "self_corrected"]
    assert [notice.state for notice in town.notices()] == [NoticeState.WITHDRAWN]


def test_a_shop_that_cannot_be_reached_is_told_by_the_street_keeper(town: Town) -> None:
    """A notice of the same step, with its own text, and a re-check from then."""
    town.sending = False
    town.record(bikes(Change.RAISED, clock_ms("10:00")))
    town.lose()

    assert see(town, "10:05") == ["told_instead"]
    lost, instead = town.notices()
    assert (lost.recipient, instead.recipient) == ("shop:S1", "street-keeper:天宁街道")
    assert (lost.step, instead.step) == ("notice_1", "notice_1")
    assert "未能送达" in str(instead.body["text_zh"])
    assert town.log()[-1].facts["lost"] == "shop:S1"
    assert see(town, "10:25") == []
    town.store.mark_sent(instead.id, clock_ms("10:26"))
    assert see(town, "10:40") == []
    assert see(town, "10:41") == ["notice_2"]


def test_a_keeper_who_cannot_be_reached_is_followed_by_the_duty_desk(town: Town) -> None:
    """Where no contact is known the keeper was the first."""
    town.sending = False
    town.record(bikes(Change.RAISED, clock_ms("10:00"), zone="door-2"))
    town.lose()
    town.tick(clock_ms("10:15"))

    assert [notice.recipient for notice in town.notices()] == ["street-keeper:天宁街道", "duty-desk"]


def test_when_nobody_can_be_reached_the_ladder_goes_on_and_says_so(town: Town) -> None:
    """The keeper and then the desk are tried at each step; the case says that no reminder got through."""
    town.sending = False
    town.record(bikes(Change.RAISED, clock_ms("10:00")))
    news = []
    for at in ("10:15", "10:30", "10:45", "11:00", "11:15", "11:30"):
        town.lose()
        news += see(town, at)

    at_each_step = ["told_instead", "told_instead"]
    assert news == [*at_each_step, "notice_2", *at_each_step, "still_there", *FILED]
    tried = [notice.recipient for notice in town.notices() if notice.step == "notice_1"]
    assert tried == ["shop:S1", "street-keeper:天宁街道", "duty-desk"]
    case = town.notices()[-1]
    assert case.step == "case_shop_untold"
    assert "提醒消息均未送达" in str(case.body["text_zh"])
    assert "you have been reminded" not in " ".join(str(notice.body["text_en"]) for notice in town.notices())


def test_the_case_counts_the_reminders_that_went_out(town: Town) -> None:
    """The first was lost three times, the second got through: reminded once, and told as for the first time."""
    town.sending = False
    town.record(bikes(Change.RAISED, clock_ms("10:00")))
    for at in ("10:15", "10:30"):
        town.lose()
        see(town, at)
    town.lose()
    town.sending = True
    assert see(town, "10:45") == ["notice_2"]
    assert "此前已提醒" not in str(town.notices()[-1].body["text_zh"])
    see(town, "11:00")

    case = town.notices()[-1]
    assert case.step == "case_shop"
    assert "已提醒 1 次" in str(case.body["text_zh"])
    assert town.store.ladders(open_only=False)[0].step is LadderStep.CASE


def test_the_keeper_is_not_woken_either(tmp_path: Path) -> None:
    """A notice given up by night: the other one goes out in the morning."""
    town = Town(make_site(tmp_path / "site", quiet='"21:00-08:00"'), tmp_path)
    town.sending = False
    town.record(bikes(Change.RAISED, clock_ms("20:55")))
    town.lose()
    see(town, "21:05")

    assert town.notices()[-1].not_before_ms == clock_ms("23 08:00")
    assert town.store.ladders(open_only=True)[0].recheck_ms == clock_ms("23 08:15")
    town.store.close()
