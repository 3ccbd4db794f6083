"""A person mends a message that could not be used: it comes in once, and what it was stays beside what it became."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.desk.letters import LettersAtHand
from app.wellbeing.letters_told import LettersTold
from config.load import Site
from domain.errors import OrderRefused
from domain.event import MENDED, SET_ASIDE, EventChoice, EventKind
from domain.mended import Settled
from domain.message import Record, Reject, RejectReason
from storage.series.embedded import EmbeddedSeries
from tests.app.line import NOON_MS, STATION, Line, message, residual, starter

BROKEN = b'{"ts": 1795320000000, "port": 3, "metrics": {"residual_ma": "4,0"}}'
WHOLE = b'{"ts": 1795320000000, "port": 3, "metrics": {"residual_ma": 4.0}}'
WHY = "the installer reads a comma as a point"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return starter(tmp_path)


@pytest.fixture
def at_hand(line: Line) -> LettersAtHand:
    return LettersAtHand(
        site=line.site, deadletters=line.deadletters, journal=line.journal, store=line.store, clock=line.clock
    )


def refused(line: Line, payload: bytes = BROKEN, topic: str = STATION) -> int:
    """The rules reader has set a message aside; its letter."""
    line.journal.append([message(payload, topic=topic)])
    line.reader().step()
    return line.deadletters.list()[0].id


def test_a_check_says_what_would_come_of_it(line: Line, at_hand: LettersAtHand) -> None:
    """By what it would be read, into what; and nothing is done."""
    letter = refused(line)
    whole = at_hand.whole(letter)
    assert whole is not None
    assert (whole.now.is_read, whole.may_replay) == (False, False)
    tried = at_hand.check(letter, STATION, WHOLE)
    assert (tried.is_read, tried.made[0].name, tried.made[0].values) == (True, "cs-001/3", {"residual_ma": "4.0"})
    assert tried.reader.startswith("telemetry (")
    assert at_hand.check(letter, "nowhere/at/all", WHOLE).reader == ""
    assert (line.deadletters.count(), line.journal.head()) == (1, 1)


def test_a_mended_message_is_stored_once_and_says_that_it_was_mended(line: Line, at_hand: LettersAtHand) -> None:
    """The letter is gone, the original kept with who and why; its place in the journal tells."""
    letter = refused(line)
    done = at_hand.mend(letter, STATION, WHOLE, who="李姐", why=WHY)
    assert (done.payload, done.new_payload, done.received_ms, done.seq) == (BROKEN, WHOLE, NOON_MS, 2)
    assert line.deadletters.count() == 0
    assert line.deadletters.mended_at(done.seq, NOON_MS) == done
    assert list(at_hand.mended(limit=10)) == [done]
    assert line.deadletters.settled() == {Settled.MENDED: 1}
    series = EmbeddedSeries(line.folder / "series.db")
    line.writer(series).step()
    assert series.latest("charger", {"device_id": "cs-001", "port": "3"})["residual_ma"] == (NOON_MS, 4.0)
    series.close()
    with pytest.raises(OrderRefused, match="no dead letter"):
        at_hand.mend(letter, STATION, WHOLE, who="李姐", why=WHY)


def test_two_who_mend_it_at_once_put_it_through_once(line: Line, at_hand: LettersAtHand) -> None:
    """Whoever comes second is told that there is no such letter."""
    letter = refused(line)
    together = threading.Barrier(4)

    def mend(value: int) -> str:
        together.wait(timeout=30)
        try:
            at_hand.mend(letter, STATION, WHOLE.replace(b"4.0", b"%d.0" % value), who="李姐", why=WHY)
        except OrderRefused as told:
            return str(told)
        return "mended"

    with ThreadPoolExecutor(4) as people:
        said = sorted(people.map(mend, range(4)))
    assert said == ["mended", *[f"there is no dead letter {letter}"] * 3]
    assert line.journal.head() == 2
    assert len(at_hand.mended(limit=10)) == 1


def test_what_happened_is_told_with_everything_else(line: Line, at_hand: LettersAtHand) -> None:
    """One line for what was set aside since, not one each; and one for what was mended, with who and why."""
    told = LettersTold(line.deadletters, line.store, line.clock)
    told.step()
    for n in range(3):
        refused(line, BROKEN.replace(b"4,0", str(n).encode() + b",0"))
    letter = refused(line, b"?")
    told.step()
    told.step()
    at_hand.mend(letter, STATION, WHOLE, who="李姐", why=WHY)
    found = line.store.happened(EventChoice(kinds=(EventKind.PRODUCT,)), limit=10).events
    mended, *set_aside = [event.line for event in found]
    assert (mended.what, mended.who, mended.facts["why"]) == (MENDED, "李姐", WHY)
    assert {line.what for line in set_aside} == {SET_ASIDE}
    assert {line.facts["letter_reason"]: line.facts["n"] for line in set_aside} == {"type": 3, "decode": 1}


def test_a_storm_of_letters_is_a_line_now_and_then(line: Line) -> None:
    """The next of a reason wait ten minutes for theirs; then they are counted together."""
    told = LettersTold(line.deadletters, line.store, line.clock)
    told.step()
    record = Record(seq=0, message=residual(4.0))
    for n in range(5):
        line.deadletters.add(
            Record(seq=n + 1, message=record.message), [Reject(reason=RejectReason.DECODE, detail="no")], decoder="d"
        )
        told.step()
    assert line.store.newest_line() == 1
    line.clock.advance(seconds=601)
    told.step()
    (newest, first) = line.store.happened(EventChoice(), limit=10).events
    assert (newest.line.facts["n"], first.line.facts["n"]) == (4, 1)


@pytest.mark.parametrize(
    ("topic", "payload", "who", "why", "said"),
    [
        (STATION, BROKEN, "李姐", WHY, "nothing of it was changed"),
        (STATION, b"[]", "李姐", WHY, "nothing of it could be used even so"),
        ("a/+/b", WHOLE, "李姐", WHY, "no \\+ or #"),
        (STATION, WHOLE, " ", WHY, "say who"),
        (STATION, WHOLE, "李姐", "", "say who"),
        (STATION, b" " * (1 << 20) + WHOLE, "李姐", WHY, "at most"),
    ],
)
def test_what_cannot_be_mended_stays_as_it_was(
    line: Line, at_hand: LettersAtHand, topic: str, payload: bytes, who: str, why: str, said: str
) -> None:
    """And the reason says why."""
    letter = refused(line)
    with pytest.raises(OrderRefused, match=said):
        at_hand.mend(letter, topic, payload, who=who, why=why)
    assert (line.deadletters.count(), line.journal.head()) == (1, 1)
    assert list(at_hand.mended(limit=10)) == []


def test_what_a_damaged_journal_held_is_no_message(line: Line, at_hand: LettersAtHand) -> None:
    """Nobody knows what it was; nothing is made of it."""
    damaged = Reject(reason=RejectReason.DAMAGED, detail="checksum")
    line.deadletters.add(Record(seq=1, message=message(BROKEN)), [damaged], decoder="d")
    with pytest.raises(OrderRefused, match="no message any more"):
        at_hand.mend(line.deadletters.list()[0].id, STATION, WHOLE, who="李姐", why=WHY)
