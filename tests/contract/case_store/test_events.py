"""The log of the whole city: newest first, by its filters, and on from where somebody stopped reading."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.case import LogEntry
from domain.event import SET_ASIDE, Event, EventChoice, EventKind
from domain.finding import Change, Severity
from domain.ground import Ground
from domain.notice import NoticeState
from tests.cases.city import Town, bikes, charger, clock_ms, make_site

MORNING = clock_ms("09:00")
EVERYTHING = EventChoice()


@pytest.fixture
def town(url: str, tmp_path: Path) -> Iterator[Town]:
    """A shop that is told and corrects itself; an hour later a charger's case."""
    town = Town(make_site(tmp_path / "site"), tmp_path, url)
    town.record(bikes(Change.RAISED, MORNING))
    town.record(bikes(Change.RESOLVED, MORNING + 900_000))
    town.record(charger(Change.RAISED, MORNING + 3_600_000))
    yield town
    town.store.close()


def events(town: Town, choice: EventChoice = EVERYTHING, ground: Ground | None = None) -> list[Event]:
    return list(town.store.happened(choice, limit=1000, ground=ground).events)


def whats(found: list[Event]) -> list[str]:
    return [event.line.what for event in found]


def test_it_turns_pages_without_a_gap(town: Town) -> None:
    """Pages of two put together are the whole, newest first, and the last says that it is the last."""
    whole, turned, before = events(town), list[Event](), None
    while True:
        page = town.store.happened(EVERYTHING, limit=2, before=before)
        turned += page.events
        if page.older is None:
            break
        before = page.older
    assert turned == whole
    ids = [event.line.id for event in whole]
    assert ids == sorted(ids, reverse=True)
    assert {event.kind for event in whole} == {EventKind.ALARM, EventKind.CASE, EventKind.SHOP, EventKind.NOTICE}


def test_a_reader_takes_up_where_it_stopped(town: Town) -> None:
    """In order, without a gap and without a repeat; then there is nothing new."""
    first, reached = town.store.happened_since(EVERYTHING, after=0, limit=3)
    rest, end = town.store.happened_since(EVERYTHING, after=reached, limit=1000)
    assert [*first, *rest] == events(town)[::-1]
    assert town.store.happened_since(EVERYTHING, after=end, limit=1000) == ([], end)
    assert end == town.store.newest_line()


def test_what_a_reader_does_not_want_is_passed_all_the_same(town: Town) -> None:
    """Or it would be looked through again and again."""
    found, reached = town.store.happened_since(EventChoice(kinds=(EventKind.PRODUCT,)), after=0, limit=10)
    assert (found, reached) == ([], town.store.newest_line())


@pytest.mark.parametrize("kind", EventKind)
def test_the_kinds_share_everything_among_them(town: Town, kind: EventKind) -> None:
    """What is asked for by a kind is what bears it."""
    with town.store.transaction() as tx:
        tx.append_log(LogEntry(id=0, at_ms=MORNING, who="serve", what=SET_ASIDE, facts={"n": 3}))
    assert events(town, EventChoice(kinds=(kind,))) == [event for event in events(town) if event.kind is kind]


def test_by_severity_and_by_words(town: Town) -> None:
    """How bad it was is in the line itself; words are found in titles, subjects and numbers, whatever they contain."""
    worst = [event for event in events(town) if event.severity is Severity.CRITICAL]
    assert worst
    assert events(town, EventChoice(severity=Severity.CRITICAL)) == worst
    (case,) = town.store.cases()
    of_case = events(town, EventChoice(text=case.id))
    assert of_case
    assert {event.case_id for event in of_case} == {case.id}
    title = case.title_en.upper()[:6]
    assert "case_filed" in whats(events(town, EventChoice(text=title)))
    assert events(town, EventChoice(text='100%_"no')) == []


def test_until_a_moment(town: Town) -> None:
    """A jump to a day begins with the last thing that happened on it."""
    hour = MORNING + 3_600_000
    early = events(town, EventChoice(until_ms=hour))
    assert early
    assert early == [event for event in events(town) if event.line.at_ms < hour]
    assert events(town, EventChoice(until_ms=MORNING)) == []


def test_only_what_lies_in_some_places(town: Town) -> None:
    """A case lies where it says; else the shop decides, wherever its camera hangs."""
    whole = events(town)
    (case,) = town.store.cases()
    shop = next(event.shop_id for event in whole if event.shop_id)
    nothing = frozenset[str]()
    of_shop = Ground(sub_districts=nothing, devices=nothing, shops=frozenset({shop}), elsewhere=nothing)
    assert events(town, ground=of_shop) == [event for event in whole if event.shop_id == shop]
    camera = frozenset({event.device_id for event in whole if event.shop_id == shop and event.device_id})
    beside = Ground(sub_districts=nothing, devices=camera, shops=nothing, elsewhere=frozenset({shop}))
    assert events(town, ground=beside) == []
    by_case = Ground(
        sub_districts=frozenset({case.sub_district or ""}), devices=nothing, shops=nothing, elsewhere=nothing
    )
    assert {event.case_id for event in events(town, ground=by_case)} == {case.id}


def test_notices_that_went_out_or_were_lost_are_told_once(town: Town) -> None:
    """With who was to be told and why not; they stand beside the story of what they are about, not in it."""
    before = len(events(town, EventChoice(kinds=(EventKind.NOTICE,))))
    town.sending = False
    town.record(bikes(Change.RAISED, MORNING + 7_200_000, zone="door-2"))
    (waiting,) = [one for one in town.notices() if one.state is NoticeState.PENDING]
    town.store.mark_dead(waiting.id, "no such number", MORNING + 7_300_000)
    town.store.mark_dead(waiting.id, "again", MORNING + 7_400_000)
    told = events(town, EventChoice(kinds=(EventKind.NOTICE,)))
    lost = told[0]
    assert len(told) == before + 1
    assert (lost.line.what, lost.line.at_ms, lost.severity) == ("message_lost", MORNING + 7_300_000, Severity.WARN)
    assert lost.line.facts["error"] == "no such number"
    assert lost.line.facts["recipient"] == waiting.recipient
    assert "message_lost" not in [line.what for line in town.store.log(ladder_id=waiting.ladder_id)]
