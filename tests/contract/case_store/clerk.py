"""One of several processes that work the same cases: `python -m tests.contract.case_store.clerk URL NAME TIMES`.

It says `ready`, waits for a line, then raises, joins, acknowledges, closes and sends, and in the end says as JSON what
it has done. With TIMES 0 it says `middle` in the middle of a transaction, and stays there.
"""

import json
import sys
from collections import Counter
from typing import Final

from msgspec.structs import replace

from domain.case import CaseState, LogEntry
from domain.errors import StoreUnavailable
from domain.finding import AlarmState, Change
from storage.case_store import CaseStore
from storage.case_transaction import Transaction
from tests.contract.case_store.samples import ALARM, CASE, NOTICE

DAY: Final = "20261122"
RULE: Final = ALARM.rule_id
SUBJECTS: Final = 3
"""So few that all work on the same."""


class Clerk:
    """Works through its turns. `done` counts what was committed, by kind."""

    def __init__(self, store: CaseStore, name: str) -> None:
        self._store = store
        self._name = name
        self.done = Counter[str]()

    def turn(self, number: int) -> None:
        """One transaction, tried until the store takes it; now and then a notice goes out besides."""
        while True:
            try:
                with self._store.transaction() as tx:
                    kind = self._work(tx, number)
            except StoreUnavailable:
                self.done["tried again"] += 1
            else:
                break
        self.done[kind] += 1
        if number % 10 == 0:
            self._send()

    def _work(self, tx: Transaction, number: int) -> str:
        subject = f"C1/door-{number % SUBJECTS}"
        alarm = tx.open_alarm(RULE, subject)
        if alarm is None:
            return self._raise(tx, subject)
        case = tx.open_case(str(alarm.matter), device_id="C1", subject=subject)
        assert case is not None, f"an open alarm of {subject} without its case"
        match number % 5:
            case 0:
                tx.save_alarm(replace(alarm, state=AlarmState.RESOLVED, resolved_ms=number))
                tx.save_case(replace(case, state=CaseState.CLOSED, closed_ms=number))
                kind = "closed"
            case 1:
                tx.save_alarm(replace(alarm, acked_ms=(alarm.acked_ms or 0) + 1, acked_by=self._name))
                kind = "acked"
            case _:
                tx.save_alarm(replace(alarm, value=(alarm.value or 0) + 1))
                tx.save_case(replace(case, reworks=case.reworks + 1))
                kind = "joined"
        tx.append_log(self._line(kind, alarm.id, case.id))
        return kind

    def _raise(self, tx: Transaction, subject: str) -> str:
        number = tx.next_case_number(DAY)
        alarm = tx.add_alarm(replace(ALARM, subject=subject, value=0))
        case = replace(CASE, id=f"{DAY}{number:06}", subject=subject, alarm_id=alarm.id, ladder_id=None, reworks=0)
        tx.add_case(case)
        assert tx.first_time(RULE, subject, Change.RAISED, number)
        assert tx.add_notice(replace(NOTICE, key=f"{case.id}/filed", alarm_id=alarm.id, case_id=case.id))
        assert not tx.add_notice(replace(NOTICE, key=f"{case.id}/filed"))
        tx.advance("rules", number)
        tx.append_log(self._line("raised", alarm.id, case.id))
        return "raised"

    def _line(self, what: str, alarm_id: int, case_id: str) -> LogEntry:
        facts: dict[str, str | float | int | None] = {"by": self._name}
        return LogEntry(id=0, at_ms=1, who="clerk", what=what, facts=facts, alarm_id=alarm_id, case_id=case_id)

    def _send(self) -> None:
        try:
            for notice in self._store.due_notices(NOTICE.not_before_ms, 1):
                self._store.mark_sent(notice.id, 20)
                self.done["sent"] += 1
        except StoreUnavailable:
            self.done["tried again"] += 1

    def stay_in_the_middle(self) -> None:
        """Everything of a new case is written, and nothing committed."""
        with self._store.transaction() as tx:
            self._raise(tx, "C1/never")
            print("middle", flush=True)  # noqa: T201 - its parent waits for the word
            sys.stdin.readline()


def main() -> None:
    """By its three arguments."""
    url, name, times = sys.argv[1:]
    store = CaseStore(url)
    clerk = Clerk(store, name)
    print("ready", flush=True)  # noqa: T201 - its parent waits for the word
    sys.stdin.readline()
    if times == "0":
        clerk.stay_in_the_middle()
    for number in range(int(times)):
        clerk.turn(number)
    store.close()
    print(json.dumps(clerk.done), flush=True)  # noqa: T201 - that is what its parent asks for


if __name__ == "__main__":
    main()
