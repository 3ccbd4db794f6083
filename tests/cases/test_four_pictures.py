"""Context, onset, confirmed, cleared: on the way from the finding to the ladder, the case and the notice."""

from msgspec.structs import replace

from domain.case import CaseStep
from domain.finding import Change, Evidence, Finding
from domain.ladder import LadderStep
from domain.picture import picture_name
from tests.cases.city import Town, bikes, clock_ms

SEEN, AGAIN, CLEAR = Change.RAISED, Change.RENEWED, Change.RESOLVED


def earlier(at: str) -> Evidence:
    """A look before the finding's, as its picture's name tells it."""
    at_ms = clock_ms(at)
    look_id = f"C1-{at_ms}"
    return Evidence(look_id=look_id, taken_ms=at_ms, picture=picture_name("C1", look_id, at_ms))


ONSET, CONTEXT = earlier("09:49"), earlier("09:45")


def found(change: Change, at: str, *, picture: bool = True, onset: Evidence = ONSET) -> Finding:
    """Bicycles that came at 09:49; the place without them was seen at 09:45."""
    finding = bikes(change, clock_ms(at))
    assert finding.evidence is not None
    look = finding.evidence if change is CLEAR else replace(finding.evidence, onset=onset, context=CONTEXT)
    return replace(finding, evidence=look if picture else replace(look, picture=None, picture_sha256=None))


def test_a_corrected_ladder_has_all_four(town: Town) -> None:
    """Each with the time at which it was taken."""
    town.record(found(SEEN, "10:00"))
    town.record(found(CLEAR, "10:12"))

    (ladder,) = town.store.ladders(open_only=False)
    assert ladder.step is LadderStep.SELF_CORRECTED
    looks = (ladder.context, ladder.onset, ladder.confirmed, ladder.cleared)
    assert [look and look.taken_ms for look in looks] == [clock_ms(at) for at in ("09:45", "09:49", "10:00", "10:12")]


def test_a_case_has_them_too_and_loses_the_last_if_it_was_not_over(town: Town) -> None:
    """The cleared place is shown while the case waits for a person; a case that is returned shows none."""
    for change, at in ((SEEN, "10:00"), (AGAIN, "10:15"), (AGAIN, "10:30"), (CLEAR, "10:40")):
        town.record(found(change, at))
    (case,) = town.store.cases()
    assert case.step is CaseStep.REPORTED
    looks = (case.context, case.onset, case.confirmed, case.cleared)
    assert [look and look.taken_ms for look in looks] == [clock_ms(at) for at in ("09:45", "09:49", "10:30", "10:40")]


def test_what_came_first_stays_the_onset(town: Town) -> None:
    """Another bicycle may be the longest-standing one by now: the alarm began with the first."""
    town.record(found(SEEN, "10:00"))
    town.record(found(AGAIN, "10:05", onset=earlier("10:01")))
    (alarm,) = town.store.alarms(open_only=True)
    assert alarm.evidence is not None
    assert alarm.evidence.taken_ms == clock_ms("10:05")
    assert alarm.evidence.onset == ONSET


def test_notices_quote_the_pictures_and_their_times(town: Town) -> None:
    """The newest, the first and the one before: to the shop, and to the desk with the case."""
    for change, at in ((SEEN, "10:00"), (AGAIN, "10:15"), (AGAIN, "10:30")):
        town.record(found(change, at))
    first, second, case = town.notices()
    for notice, at in ((first, "10:00"), (second, "10:15"), (case, "10:30")):
        body = notice.body
        assert body["picture"] == f"C1/20261122/look-{clock_ms(at)}"
        assert (body["onset_picture"], body["onset_ms"]) == (ONSET.picture, ONSET.taken_ms)
        assert (body["context_picture"], body["context_ms"]) == (CONTEXT.picture, CONTEXT.taken_ms)


def test_a_re_check_is_shown_and_not_only_told(town: Town) -> None:
    """A look that kept no picture is not enough for the next step: one is asked for, and that one keeps it."""
    town.record(found(SEEN, "10:00"))
    assert town.record(found(AGAIN, "10:15", picture=False)) == ["look_asked"]
    assert town.record(found(AGAIN, "10:16")) == ["notice_2"]
    assert town.notices()[-1].body["picture"] == f"C1/20261122/look-{clock_ms('10:16')}"


def test_a_disk_that_keeps_no_pictures_holds_nothing_up(town: Town) -> None:
    """The look that was asked for has none either: the ladder goes on without."""
    town.record(found(SEEN, "10:00", picture=False))
    assert town.record(found(AGAIN, "10:15", picture=False)) == ["look_asked"]
    assert town.record(found(AGAIN, "10:16", picture=False)) == ["notice_2"]


def test_a_look_without_earlier_pictures_is_its_own_onset(town: Town) -> None:
    """As with a worker of before: the confirming look is the first there is, and nothing is shown as before it."""
    town.record(bikes(SEEN, clock_ms("10:00")))
    (ladder,) = town.store.ladders(open_only=True)
    assert ladder.onset == ladder.confirmed
    assert ladder.context is None
