"""Whatever happens in whatever order: what must never be, is not."""

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from domain.errors import OrderRefused
from domain.ladder import Ladder, LadderStep
from domain.notice import Notice, NoticeState
from tests.scenario.ladder.play import Play

ACTS = (
    "seen",
    "again",
    "again",
    "again",
    "clear",
    "unseen",
    "tick",
    "corrected 好了",
    "contest 错了",
    "confirm",
    "reject",
    "uphold",
    "dismiss",
    "lost",
    "permit 22 22",
    "permit ends",
    "silence 22 18:00",
    "outbox down",
    "outbox up",
)
SITES: tuple[dict[str, Any], ...] = (
    {},
    {"ladder": {"matters": {"09010": {"confirm": "person"}}}},
    {"ladder": {"notices": 1, "precision_finds": 1}},
    {"ladder": {"strikes": 2}},
    {"hours": {"S1": "12:00-18:00"}, "ladder": {"when_closed": "wait"}},
    {"permits": ["S1,09010,2026-11-22,2026-11-22,常城管〔2026〕1号"]},
)
WHY_OVER = {"self_corrected", "gone", "still_there", "strike", "confirm_no", "contest_upheld", "ladder_released"}
REMINDERS = {LadderStep.NOTICE_1.value, LadderStep.NOTICE_2.value}
NOT_TO_BE_TOLD = {LadderStep.CONFIRM, LadderStep.PERMITTED}


def check(play: Play, notices_needed: int) -> None:
    """All that holds at any moment."""
    store = play.town.store
    ladders = store.ladders(open_only=False)
    all_said = store.notices(limit=1000)
    running = [ladder.alarm_id for ladder in ladders if ladder.ended_ms is None]
    assert len(running) == len(set(running)), "two open ladders of one alarm"
    for ladder in ladders:
        said = [notice for notice in all_said if notice.ladder_id == ladder.id]
        lines = [line.what for line in store.log(ladder_id=ladder.id) if line.ladder_id == ladder.id]
        reminders = [notice for notice in said if notice.step in REMINDERS]
        _nobody_is_told_too_early(ladder, reminders)
        if ladder.ended_ms is not None:
            assert WHY_OVER & set(lines), f"{ladder.step}: over, and nothing says why: {lines}"
            assert all(notice.state is not NoticeState.PENDING for notice in reminders)
        if "still_there" in lines:
            tried = {notice.step for notice in reminders if notice.state in {NoticeState.SENT, NoticeState.DEAD}}
            assert len(tried) >= notices_needed, f"a case after {tried}"


def _nobody_is_told_too_early(ladder: Ladder, reminders: list[Notice]) -> None:
    held = ladder.step in NOT_TO_BE_TOLD or ladder.contested_ms is not None
    if held and ladder.ended_ms is None:
        assert all(notice.state is not NoticeState.PENDING for notice in reminders), f"{ladder.step}: would be told"


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    some.sampled_from(SITES),
    some.lists(some.tuples(some.sampled_from(ACTS), some.integers(1, 20)), min_size=3, max_size=12),
    some.booleans(),
)
def test_what_must_never_be(site: dict[str, Any], acts: list[tuple[str, int]], restarts: bool) -> None:
    """Nobody is told what waits for a person, is there by leave or contested; nothing is over without a line that says
    why; no case comes before its reminders."""
    with tempfile.TemporaryDirectory() as folder:
        play, minute = Play(site, Path(folder), restarts=restarts), 600
        try:
            for act, minutes in [("seen", 0), *acts]:
                minute += minutes
                # Often nobody waits for that, or it cannot be now.
                with suppress(OrderRefused, StopIteration, IndexError):
                    play.row(f"22 {minute // 60:02d}:{minute % 60:02d} {act}")
                check(play, site.get("ladder", {}).get("notices", 2))
        finally:
            play.town.store.close()
