"""Alarms of sensors, and the cases they open at once."""

from msgspec.structs import replace

from cases.store import BookTransaction, OutboxStore
from domain.case import CaseStep
from domain.finding import AlarmState, CasePolicy, Change, Severity
from domain.ladder import LadderStep
from domain.notice import NoticeState
from tests.cases.city import Town, bikes, charger, clock_ms, leaning, tree

FILED = ["case_collected", "case_filed", "case_limit", "case_dispatched"]


def test_the_store_fits_the_book(town: Town) -> None:
    """By shape, for the type checker: storage imports nothing of ours."""
    outbox: OutboxStore = town.store
    with town.store.transaction() as transaction:
        tx: BookTransaction = transaction

        assert tx.open_alarm("no-such-rule", "C1") is None
    assert outbox.due_notices(0, 1) == []


def test_a_charger_in_trouble_is_a_case_of_the_duty_desk(town: Town) -> None:
    """Fire and lives: no sub-district team in between, half an hour to handle it."""
    assert town.record(charger(Change.RAISED, clock_ms("10:00"))) == ["alarm_read", *FILED]

    (case,) = town.store.cases()
    assert (case.unit, case.severity, case.kind) == ("值班台", Severity.CRITICAL, "charger")
    assert case.due_ms == clock_ms("10:30")
    (notice,) = town.notices()
    assert (notice.recipient, notice.case_id, notice.not_before_ms) == ("duty-desk", case.id, clock_ms("10:00"))


def test_a_tree_that_leans_a_little_is_a_case_of_its_sub_districts_team(town: Town) -> None:
    """What is no emergency goes to where it stands."""
    town.record(leaning(Change.RAISED, clock_ms("10:00")))

    (case,) = town.store.cases()
    assert case.unit == "天宁街道城管中队"


def test_numbers_run_through_the_day_and_begin_again_at_midnight(town: Town) -> None:
    """The day is the site's: 00:30 in Shanghai is still yesterday in UTC."""
    town.record(tree(Change.RAISED, clock_ms("22 23:50")))
    town.record(charger(Change.RAISED, clock_ms("22 23:59")))
    town.record(bikes(Change.RAISED, clock_ms("23 00:00")))
    town.record(bikes(Change.RENEWED, clock_ms("23 00:15")))
    town.record(bikes(Change.RENEWED, clock_ms("23 00:30")))

    ids = [case.id for case in reversed(town.store.cases())]
    assert ids == ["202611223204000001", "202611223204000002", "202611233204000001"]


def test_further_alarms_of_a_device_join_its_case(town: Town) -> None:
    """Another port, another rule: one case; the desk hears once more of each that is critical."""
    town.record(charger(Change.RAISED, clock_ms("10:00"), severity=Severity.WARN))
    assert town.record(charger(Change.RAISED, clock_ms("10:01"), port=4)) == ["alarm_read", "case_joined"]
    town.record(charger(Change.RAISED, clock_ms("10:02"), port=5))
    town.record(charger(Change.RAISED, clock_ms("10:03"), rule_id="smoke", metric="smoke", value=1.0, limit=None))

    (case,) = town.store.cases()
    assert case.severity is Severity.CRITICAL
    assert [notice.step for notice in town.notices()] == ["case_sensor", *["case_joined"] * 3]
    assert [line.what for line in town.store.log(case_id=case.id)].count("case_joined") == 3


def test_a_case_is_reported_when_its_last_alarm_is_over(town: Town) -> None:
    """Until then, and for one that is merely silent, it stays with its unit."""
    first, second = (charger(Change.RAISED, clock_ms("10:00"), port=port) for port in (3, 4))
    town.record(first, second)
    over = [replace(one, change=Change.RESOLVED, at_ms=clock_ms("10:10")) for one in (first, second)]
    town.record(replace(second, change=Change.STALE, at_ms=clock_ms("10:05")))

    assert town.record(over[0]) == ["alarm_resolved", "case_partly_over"]
    assert town.store.cases()[0].step is CaseStep.DISPATCHED
    assert town.record(over[1]) == ["alarm_resolved", "case_reported_read"]
    assert town.store.cases()[0].step is CaseStep.REPORTED


def test_trouble_that_comes_back_returns_the_case(town: Town) -> None:
    """Reported, not yet verified, and there again: the same case, back to its unit, and the desk is told."""
    town.record(charger(Change.RAISED, clock_ms("10:00"), severity=Severity.WARN))
    town.record(charger(Change.RESOLVED, clock_ms("10:10"), severity=Severity.WARN))

    news = town.record(charger(Change.RAISED, clock_ms("10:20"), severity=Severity.WARN))

    assert news == ["alarm_read", "case_joined", "case_returned"]
    assert town.store.cases()[0].step is CaseStep.DISPATCHED
    assert town.notices()[-1].step == "case_joined"


def test_a_grave_value_that_comes_late_is_a_case_all_the_same(town: Town) -> None:
    """It is older than what the alarm was last seen by, and counts once: the same batch told again is no news."""
    mild = replace(charger(Change.RAISED, clock_ms("10:00"), severity=Severity.NOTICE), policy=CasePolicy.NONE)
    late = charger(Change.RENEWED, clock_ms("09:59"))
    eased = replace(mild, change=Change.RENEWED, at_ms=clock_ms("10:05"))
    town.record(mild)
    assert town.store.cases() == []

    town.record(late)
    (case,) = town.store.cases()
    (alarm,) = town.store.alarms(open_only=True)
    assert (case.severity, alarm.severity, alarm.seen_ms) == (Severity.CRITICAL, Severity.CRITICAL, clock_ms("10:00"))

    town.record(eased)
    assert town.record(mild, late, eased) == []
    (alarm,) = town.store.alarms(open_only=True)
    assert (alarm.severity, alarm.policy) == (Severity.NOTICE, CasePolicy.OPEN)


def test_a_latched_alarm_ends_by_a_persons_word_only(town: Town) -> None:
    """Readings back to normal are written down; the alarm waits for a person, whose name stays with it."""
    town.record(tree(Change.RAISED, clock_ms("10:00")))

    assert town.record(tree(Change.RESOLVED, clock_ms("10:10"))) == ["alarm_held"]
    (alarm,) = town.store.alarms(open_only=True)
    assert alarm.state is AlarmState.FIRING
    news = town.record(tree(Change.RESOLVED, clock_ms("10:20")), released_by="王工")
    assert news == ["alarm_released", "case_reported_read"]
    assert town.log()[-2].who == "王工"


def test_a_persons_word_ends_an_alarm_against_a_shop_too(town: Town) -> None:
    """Without any look: neither self-corrected nor a case; what waits to go out is taken back."""
    town.sending = False
    town.record(bikes(Change.RAISED, clock_ms("10:00")))

    news = town.record(bikes(Change.RESOLVED, clock_ms("10:05"), look=False), released_by="王工")

    assert news == ["alarm_released", "ladder_released"]
    (ladder,) = town.store.ladders(open_only=False)
    assert (ladder.step, ladder.ended_ms, ladder.cleared) == (LadderStep.NOTICE_1, clock_ms("10:05"), None)
    assert town.store.alarms(open_only=True) == []
    assert town.store.cases() == []
    assert [notice.state for notice in town.notices()] == [NoticeState.WITHDRAWN]
    assert town.log()[-1].who == "王工"


def test_silence_makes_stale_and_a_reading_brings_back(town: Town) -> None:
    """Stale is no end; older news than what is known changes nothing."""
    town.record(charger(Change.RAISED, clock_ms("10:00")))
    town.record(charger(Change.STALE, clock_ms("10:05")))
    assert town.record(charger(Change.STALE, clock_ms("10:06"))) == []
    assert town.record(charger(Change.RENEWED, clock_ms("09:59"))) == []
    assert town.store.alarms(open_only=True)[0].state is AlarmState.STALE

    assert town.record(charger(Change.RENEWED, clock_ms("10:07"), value=41.0)) == ["alarm_back"]
    (alarm,) = town.store.alarms(open_only=True)
    assert (alarm.state, alarm.seen_ms, alarm.value) == (AlarmState.FIRING, clock_ms("10:07"), 41.0)


def test_an_end_is_believed_whatever_the_devices_clock_says(town: Town) -> None:
    """A reading whose device is minutes behind still ends the silence it comes after."""
    town.record(charger(Change.RAISED, clock_ms("10:00")))

    town.record(charger(Change.RESOLVED, clock_ms("09:58")))

    assert town.store.alarms(open_only=True) == []


def test_an_alarm_that_is_only_shown_opens_nothing(town: Town) -> None:
    """Policy none: an alarm, a line, no case, no notice."""
    finding = replace(charger(Change.RAISED, clock_ms("10:00"), severity=Severity.WARN), policy=CasePolicy.NONE)

    assert town.record(finding) == ["alarm_read"]
    assert town.store.cases() == []
    assert town.store.notices() == []


def test_a_change_of_what_is_not_open_is_nothing(town: Town) -> None:
    """Stale or resolved without an alarm: no trace."""
    changes = (Change.STALE, Change.RESOLVED)

    assert town.record(*(charger(change, clock_ms("10:00")) for change in changes)) == []
    assert town.store.alarms(open_only=False) == []


def test_what_still_holds_is_raised_if_the_book_does_not_know_of_it(town: Town) -> None:
    """A smoke that goes on after its alarm was ended by a person is an alarm again, not a renewal of nothing."""
    town.record(charger(Change.RAISED, clock_ms("10:00")))
    town.record(charger(Change.RESOLVED, clock_ms("10:01")), released_by="王工")

    town.record(charger(Change.RENEWED, clock_ms("10:02")))

    assert [alarm.raised_ms for alarm in town.store.alarms(open_only=True)] == [clock_ms("10:02")]


def test_a_look_without_a_picture_takes_no_picture_away(town: Town) -> None:
    """Most looks keep no picture; the alarm goes on showing the newest one there is."""
    town.record(bikes(Change.RAISED, clock_ms("10:00")))
    blind = bikes(Change.RENEWED, clock_ms("10:01"))
    assert blind.evidence is not None
    town.record(replace(blind, evidence=replace(blind.evidence, picture=None)))

    (alarm,) = town.store.alarms(open_only=True)
    assert alarm.evidence is not None
    assert alarm.evidence.picture == f"C1/20261122/look-{clock_ms('10:00')}"
    assert alarm.seen_ms == clock_ms("10:01")


def test_a_place_that_left_the_register_still_has_its_case(town: Town) -> None:
    """An alarm of a device, a matter and a metric nobody knows any more goes to the duty desk under their ids."""
    finding = charger(Change.RAISED, clock_ms("10:00"))
    town.record(replace(finding, device_id="E9", subject="E9", matter="10999", metric="gone"))

    (case,) = town.store.cases()
    assert (case.unit, case.matter) == ("值班台", "10999")
    assert "E9" in str(town.notices()[0].body["text_zh"])
