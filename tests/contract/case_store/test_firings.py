"""How often rules fired is counted in the store, by rule, day and place."""

from msgspec.structs import replace

from domain.case import CaseState, ClosedReason
from domain.finding import AlarmState, Severity
from domain.firing import Judged
from domain.ladder import LadderStep
from storage.case_store import CaseStore
from tests.contract.case_store.samples import ALARM, CASE, LADDER

DAY = 86_400_000
EIGHT_HOURS = 8 * 3_600_000
NOW = 20_000 * DAY + 5 * 3_600_000
"""05:00 UTC, 13:00 eight hours ahead."""


def raised(
    store: CaseStore, *ages_ms: int, rule_id: str = "hot", device_id: str = "cs-1", over: bool = True
) -> list[int]:
    """Alarms that were raised so long ago, the last of them open unless `over`. Returns their ids."""
    ids = []
    with store.transaction() as tx:
        for place, age_ms in enumerate(ages_ms):
            at_ms, ends = NOW - age_ms, over or place < len(ages_ms) - 1
            alarm = replace(
                ALARM,
                rule_id=rule_id,
                device_id=device_id,
                subject=device_id,
                shop_id=None,
                since_ms=at_ms,
                raised_ms=at_ms,
                seen_ms=at_ms,
                state=AlarmState.RESOLVED if ends else AlarmState.FIRING,
                resolved_ms=at_ms + 1000 if ends else None,
            )
            ids.append(tx.add_alarm(alarm).id)
    return ids


def test_by_rule_and_day(store: CaseStore) -> None:
    """Days are those of the clock that is asked for; what is older than the first of them is left out."""
    raised(store, 1000, 14 * 3_600_000, 3 * DAY, 40 * DAY)
    raised(store, 2000, rule_id="cold")
    found = {
        (one.rule_id, (NOW + EIGHT_HOURS - one.day_ms) // DAY): one
        for one in store.firings(NOW, days=30, offset_ms=EIGHT_HOURS)
    }
    assert {key: one.n for key, one in found.items()} == {("hot", 0): 1, ("hot", 1): 1, ("hot", 3): 1, ("cold", 0): 1}
    assert all((one.day_ms + EIGHT_HOURS) % DAY == 0 for one in found.values())
    assert sum(one.last_day for one in found.values() if one.rule_id == "hot") == 2
    assert sum(one.last_week for one in found.values() if one.rule_id == "hot") == 3
    assert [one.rule_id for one in store.firings(NOW, days=30, rule_id="cold")] == ["cold"]


def test_by_place(store: CaseStore) -> None:
    """For those who are held to some of the city."""
    raised(store, 1000, 2000)
    raised(store, 3000, device_id="cs-2", over=False)
    assert {(one.device_id, one.n) for one in store.firings(NOW, days=1, by_place=True)} == {("cs-1", 2), ("cs-2", 1)}
    (standing,) = store.standing(by_place=True)
    assert (standing.rule_id, standing.severity, standing.state, standing.n) == (
        "hot",
        Severity.NOTICE,
        AlarmState.FIRING,
        1,
    )
    assert (standing.device_id, store.standing()[0].device_id) == ("cs-2", "")


def test_over_whom(store: CaseStore) -> None:
    """The most often first, and when last."""
    raised(store, 3000, 9000)
    raised(store, 1000, device_id="cs-2")
    first, second = store.fired("hot", NOW - DAY, limit=5)
    assert (first.subject, first.n, first.last_ms) == ("cs-1", 2, NOW - 3000)
    assert (second.device_id, second.n) == ("cs-2", 1)
    assert store.fired("hot", NOW - DAY, limit=1) == [first]
    assert store.fired("cold", 0, limit=5) == []


def test_what_people_found(store: CaseStore) -> None:
    """A case by how it was closed, a find that came to none by a person's word; what nobody judged counts nothing."""
    hot, cold, third, fourth = raised(store, 9000, 8000, 7000, 6000)
    closed = {"closed_ms": NOW, "state": CaseState.CLOSED}
    with store.transaction() as tx:
        for number, (alarm_id, reason) in enumerate(((hot, ClosedReason.FIXED), (cold, ClosedReason.FALSE_POSITIVE))):
            tx.add_case(
                replace(
                    CASE,
                    id=f"20261122320400000{number}",
                    alarm_id=alarm_id,
                    ladder_id=None,
                    closed_reason=reason,
                    **closed,
                )
            )
        tx.add_ladder(replace(LADDER, alarm_id=third, step=LadderStep.REJECTED, confirmed_by="w", started_ms=NOW))
        tx.add_ladder(replace(LADDER, alarm_id=fourth, step=LadderStep.NOTICE_1, started_ms=NOW))
    assert store.judged(NOW - DAY) == [Judged(rule_id="hot", n=3, wrong=2)]
    assert store.judged(NOW + DAY) == []


def test_alarms_of_a_device_or_a_rule(store: CaseStore) -> None:
    """Newest first; of a stretch of time also those that began before it and had not ended."""
    ids = raised(store, 5 * DAY, 3 * DAY, 1000, over=False)
    raised(store, 4000, device_id="cs-2")
    assert [one.id for one in store.alarms_of(device_id="cs-1")] == ids[::-1]
    assert [one.id for one in store.alarms_of(rule_id="hot", before_id=ids[2], limit=1)] == [ids[1]]
    assert [one.id for one in store.alarms_of(device_id="cs-1", from_ms=NOW, to_ms=NOW + 1)] == [ids[2]]
    assert [one.id for one in store.alarms_of(device_id="cs-1", to_ms=NOW - 4 * DAY)] == [ids[0]]
    newest = store.newest_alarm("hot", "cs-1")
    assert newest is not None
    assert newest.id == ids[2]
    assert store.newest_alarm("hot", "cs-9") is None


def test_cases_of_a_device(store: CaseStore) -> None:
    """Open ones first."""
    (alarm_id,) = raised(store, 1000)
    with store.transaction() as tx:
        for number, closed_ms in ((1, 90), (2, None), (3, None)):
            state = CaseState.CLOSED if closed_ms else CaseState.PENDING_HANDLE
            case = replace(CASE, id=f"20261122320400000{number}", alarm_id=alarm_id, ladder_id=None, opened_ms=number)
            tx.add_case(replace(case, closed_ms=closed_ms, state=state, matter=f"0100{number}"))
    assert [case.id[-1] for case in store.cases_of("C1", limit=9)] == ["3", "2", "1"]
    assert len(store.cases_of("C1", limit=2)) == 2
    assert store.cases_of("C2", limit=2) == []


def test_states_of_some_subjects(store: CaseStore) -> None:
    """Of the rules that are named only."""
    with store.transaction() as tx:
        tx.save_rule_states(
            {("hot", "cs-1"): b"1", ("hot", "cs-1/2"): b"2", ("cold", "cs-1"): b"3", ("hot", "cs-2"): b"4"}
        )
    assert store.states_of(["hot"], ["cs-1", "cs-1/2"]) == {("hot", "cs-1"): b"1", ("hot", "cs-1/2"): b"2"}
