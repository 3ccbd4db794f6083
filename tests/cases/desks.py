"""People at their desks: orders about the cases of a town, given at a time."""

from typing import Any

from msgspec.structs import replace

from cases.handling import Handling
from domain.case import Case, CaseState, ClosedReason, LogEntry
from domain.case_order import CaseAct, CaseOrder
from storage.case_store import CaseStore
from storage.case_transaction import Transaction
from tests.cases.city import Town, clock_ms


class Desk:
    """Gives orders to a town's case book, each in a transaction of its own."""

    def __init__(self, town: Town, who: str = "王工") -> None:
        self.town = town
        self.who = who
        self._handling = Handling(town.site)

    def order(self, act: CaseAct, case: Case | str, at_ms: int, **more: Any) -> Case:
        """The case afterwards. Raises OrderRefused."""
        with self.town.store.transaction() as tx:
            return self.in_hand(tx, act, case, at_ms, **more)

    def in_hand(self, tx: Transaction, act: CaseAct, case: Case | str, at_ms: int, **more: Any) -> Case:
        """The same in a transaction that goes on."""
        case_id = case if isinstance(case, str) else case.id
        words: dict[str, Any] = {"who": self.who, "why": "到场查看过"} | more
        return self._handling.carry_out(tx, CaseOrder(case_id=case_id, act=act, **words), at_ms)


def the_case(town: Town) -> Case:
    """The newest open case, or else the newest."""
    return town.store.cases(limit=1)[0]


def own_lines(store: CaseStore, case: Case) -> list[LogEntry]:
    """A case's own lines, without those of its alarm before it."""
    return [line for line in store.log(case_id=case.id) if line.case_id == case.id]


def replayed(lines: list[LogEntry]) -> dict[str, Any]:
    """What a case's lines alone say of it: each fact as the last line that names it has it."""
    found: dict[str, Any] = {"reworks": 0, "reopened": 0, "overdue_ms": None, "handler": None, "closed_ms": None}
    found |= {"closed_reason": None, "rating": None, "duplicate_of": None, "deferred_until_ms": None}
    for line in lines:
        facts = line.facts
        assert "was" not in facts or facts["was"] in {"", found.get("state")}, (line.what, facts, found)
        found |= {
            name: facts[name] for name in ("state", "unit", "due_ms", "reworks", "reopened", "rating") if name in facts
        }
        found["overdue_ms"] = found["overdue_ms"] or facts.get("overdue_ms")
        if "handler" in facts:
            found["handler"] = facts["handler"]
        match line.what:
            case "case_deferred":
                found["deferred_until_ms"] = facts["until_ms"]
            case "case_resumed":
                found["deferred_until_ms"] = None
            case "case_emergency":
                found |= {"handler": None, "deferred_until_ms": None}
            case "case_overdue":
                found["overdue_ms"] = found["overdue_ms"] or facts["due_ms"]
            case "case_refused" | "case_closed" | "case_force_closed" | "case_merged":
                found |= {"closed_ms": line.at_ms, "closed_reason": facts.get("reason"), "deferred_until_ms": None}
                found["duplicate_of"] = facts.get("into")
            case "case_reopened":
                found |= {"closed_ms": None, "closed_reason": None, "duplicate_of": None, "rating": None}
    return found


def as_replayed(case: Case) -> dict[str, Any]:
    """The same of the case as it is kept."""
    return {
        "state": case.state.value,
        "unit": case.unit,
        "due_ms": case.due_ms,
        "handler": case.handler,
        "reworks": case.reworks,
        "reopened": case.reopened,
        "rating": case.rating,
        "closed_ms": case.closed_ms,
        "closed_reason": case.closed_reason.value if case.closed_reason else None,
        "duplicate_of": case.duplicate_of,
        "deferred_until_ms": case.deferred_until_ms,
        "overdue_ms": case.overdue_ms,
    }


def put(desk: Desk, state: CaseState) -> Case:
    """The case in a state, however it came there."""
    closed = state.is_closed
    case = replace(
        first_case(desk),
        state=state,
        state_ms=clock_ms("23 10:00"),
        closed_ms=clock_ms("23 10:00") if closed else None,
        closed_reason=ClosedReason.FIXED if closed and state is not CaseState.NOT_ACCEPTED else None,
        deferred_until_ms=clock_ms("26 09:00") if state is CaseState.DEFERRED else None,
        duplicate_of=None,
    )
    with desk.town.store.transaction() as tx:
        tx.save_case(case)
    return first_case(desk)


def first_case(desk: Desk) -> Case:
    """The tree's."""
    return min(desk.town.store.cases(), key=lambda case: case.opened_ms - (case.device_id == "T1"))


def other_case(desk: Desk) -> Case:
    """Another of the same matter on the same road."""
    case = the_case(desk.town)
    with desk.town.store.transaction() as tx:
        tx.add_case(
            replace(
                case, id="202611223204000099", device_id="E1", subject="E1", state=CaseState.HANDLING, closed_ms=None
            )
        )
    found = desk.town.store.case("202611223204000099")
    assert found
    return found
