"""What people found is counted once while nothing happens, and anew when there is more to count, or less."""

from pathlib import Path

from msgspec.structs import replace

from app.desk.rules import Rulebook
from app.rules_in_force import RulesInForce
from config.load import load_site
from domain.case import CaseState, ClosedReason
from domain.clock import ManualClock
from domain.firing import DAY_MS, Judged
from storage.case_store import CaseStore
from tests.contract.case_store.samples import ALARM, CASE

NOW_MS = 1_790_000_000_000


def close_one(store: CaseStore, number: int, at_ms: int) -> None:
    """A case that was none."""
    with store.transaction() as tx:
        alarm = tx.add_alarm(replace(ALARM, rule_id="hot", subject=f"cs-1/{number}"))
        case = replace(CASE, id=f"2026112232040000{number}", alarm_id=alarm.id, ladder_id=None, matter=f"0100{number}")
        tx.add_case(replace(case, closed_ms=at_ms, state=CaseState.CLOSED, closed_reason=ClosedReason.FALSE_POSITIVE))


def test_what_people_found_is_never_old(tmp_path: Path) -> None:
    """A new word counts at once; one from before the span counts no more on the next day."""
    clock, site = ManualClock(NOW_MS), load_site("demo")
    store = CaseStore(f"sqlite:///{tmp_path / 'cases.db'}")
    try:
        book = Rulebook(store=store, in_force=RulesInForce((), site, clock), clock=clock)
        assert book.judged(days=7) == []
        close_one(store, 1, NOW_MS)
        assert book.judged(days=7) == book.judged(days=7) == [Judged(rule_id="hot", n=1, wrong=1)]
        clock.advance(seconds=3 * DAY_MS / 1000)
        close_one(store, 2, clock.now_ms())
        assert book.judged(days=7) == [Judged(rule_id="hot", n=2, wrong=2)]
        assert book.judged(days=1) == [Judged(rule_id="hot", n=1, wrong=1)]
        clock.advance(seconds=5 * DAY_MS / 1000)
        assert book.judged(days=7) == [Judged(rule_id="hot", n=1, wrong=1)]
    finally:
        store.close()
