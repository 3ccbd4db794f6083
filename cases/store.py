"""What the book and the outbox need of the store. `storage.case_store` fits by its shape."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from cases.store_cases import CasesTransaction
from cases.store_ladders import LaddersTransaction
from domain.case import Alarm, Case, LogEntry
from domain.finding import CasePolicy, Change
from domain.ladder import Ladder
from domain.notice import Body, Group, Notice
from domain.order import AlarmOrder
from domain.silence import Silence


class BookTransaction(CasesTransaction, LaddersTransaction, Protocol):
    """One transaction: all of it is kept, or nothing; what it wrote, its own reads see.

    `id`s of what is added are given by the store; the argument's are ignored.
    """

    def first_time(self, rule_id: str, subject: str, change: Change, at_ms: int) -> bool:
        """Remember that an alarm changed; False if just this change has been recorded before."""
        ...

    def open_alarm(self, rule_id: str, subject: str) -> Alarm | None:
        """The alarm of this identity that has not been resolved."""
        ...

    def open_alarms(self, matter: str, policy: CasePolicy, *, device_id: str, subject: str | None) -> int:
        """How many alarms of a matter and policy are not resolved, for a whole device or one subject of it."""
        ...

    def add_alarm(self, alarm: Alarm) -> Alarm:
        """Keep a new alarm; returns it with its id."""
        ...

    def save_alarm(self, alarm: Alarm) -> None:
        """Replace an alarm by its newer self."""
        ...

    def alarm(self, alarm_id: int) -> Alarm | None:
        """One alarm, open or not; None if there is none of this id."""
        ...

    def every_open_alarm(self) -> list[Alarm]:
        """All that have not been resolved, oldest first."""
        ...

    def alarms_silenced_by(self, silence_id: int) -> list[Alarm]:
        """Open alarms that this silence covers, oldest first."""
        ...

    def save_order(self, order: AlarmOrder) -> None:
        """Replace an order by its newer self."""
        ...

    def silences_held(self, now_ms: int) -> list[Silence]:
        """Those in force by the clock; the one that lasts longest first."""
        ...

    def silences_due(self, now_ms: int) -> list[Silence]:
        """Those whose beginning or end is due and has not been carried out, oldest first."""
        ...

    def save_silence(self, silence: Silence) -> None:
        """Replace a silence by its newer self."""
        ...

    def put_off_notices(self, alarm_id: int, until_ms: int) -> None:
        """What has not gone out yet about an alarm waits until then at least. Commands to machines do not."""
        ...

    def bring_forward_notices(self, alarm_id: int, now_ms: int) -> None:
        """What still waits to go out about an alarm may do so now."""
        ...

    def next_case_number(self, day: str) -> int:
        """The next running number of a day, from 1. One given is never given again."""
        ...

    def open_case(self, matter: str, *, device_id: str, subject: str | None) -> Case | None:
        """The oldest case of a matter that is not closed, for a whole device or for one subject of it."""
        ...

    def add_case(self, case: Case) -> None:
        """Keep a new case."""
        ...

    def save_case(self, case: Case) -> None:
        """Replace a case by its newer self."""
        ...

    def case(self, case_id: str) -> Case | None:
        """One case, open or not; None if there is none of this number."""
        ...

    def case_of_ladder(self, ladder_id: int) -> Case | None:
        """The case that a ladder led to, open or not."""
        ...

    def cases_falling_due(self, now_ms: int) -> list[Case]:
        """Cases at work whose deadline has passed and that are not marked as overdue yet, the oldest deadline first;
        not those that are put off."""
        ...

    def add_order(self, order: AlarmOrder) -> AlarmOrder:
        """Keep an order about an alarm until the rules carry it out; returns it with its id."""
        ...

    def append_log(self, entry: LogEntry) -> None:
        """Write a line of a story."""
        ...

    def add_notice(self, notice: Notice) -> bool:
        """Put a notice into the outbox; False, and nothing is done, if one with its key has been there before."""
        ...

    def was_told(self, alarm_id: int, step: str) -> bool:
        """Whether a notice of this step was written about an alarm, whatever became of it."""
        ...

    def reminders(self, ladder_id: int) -> list[Notice]:
        """What people were to be told on a ladder, in every state, oldest first; not the word about its case."""
        ...

    def withdraw_notices(self, ladder_id: int, *, channel: str | None = None) -> None:
        """Take back what has not gone out yet of a ladder's notices, on one channel or on all."""
        ...


class OutboxStore(Protocol):
    """The outbox's side of the store: synchronous, to be called from a thread. May raise StoreUnavailable."""

    def due_notices(
        self,
        now_ms: int,
        limit: int,
        *,
        channel: str | None = None,
        besides: Collection[str] = (),
        urgent: bool | None = None,
    ) -> list[Notice]:
        """Pending notices whose time has come and that go out alone, the critical and then the longest due first.

        Of one channel, or of all `besides` some; critical ones only, others only, or all.
        """
        ...

    def due_channels(self, now_ms: int) -> set[str]:
        """The channels on which anything waits whose time has come."""
        ...

    def groups(self, channel: str, now_ms: int, *, urgent: bool) -> list[Group]:
        """What is due on a channel and in no message yet, by address; the longest due first."""
        ...

    def of_group(self, channel: str, address: str, now_ms: int, limit: int, *, urgent: bool) -> list[Notice]:
        """The notices of a group, the longest due first."""
        ...

    def waiting_digests(self, channel: str) -> list[Group]:
        """Digests that have not got through, by the time from which they may be tried; the critical first."""
        ...

    def digest(self, key: str) -> list[Notice]:
        """All notices of a digest, whatever became of them."""
        ...

    def last_sent_ms(self, channel: str, address: str) -> int | None:
        """When something that was not critical last went to an address."""
        ...

    def still_pending(self, notice_id: int) -> bool:
        """Whether a notice has neither gone out nor been withdrawn or given up since it was read."""
        ...

    def attempts_since(self, channel: str, since_ms: int) -> list[int]:
        """When a limited provider was used, oldest first."""
        ...

    def route(self, found: Sequence[tuple[Notice, Sequence[tuple[str, str]]]]) -> None:
        """Each notice, with the body it has now, goes by the first of its (channel, address) pairs, copies of it by
        the others."""
        ...

    def ladder(self, ladder_id: int) -> Ladder | None:
        """One ladder; None if there is none of this id."""
        ...

    def attempt(self, channel: str, at_ms: int, forget_ms: int) -> None:
        """A limited provider is about to be used; what lies before `forget_ms` is forgotten."""
        ...

    def claim(self, key: str, ids: Sequence[int]) -> None:
        """These notices go out together from now on, but for those that no longer wait."""
        ...

    def put_off(self, notice_id: int, not_before_ms: int) -> None:
        """It was not tried, and is not to be before `not_before_ms`."""
        ...

    def put_off_digest(self, key: str, not_before_ms: int) -> None:
        """A digest was not tried, and is not to be before `not_before_ms`."""
        ...

    def take_apart(self, channel: str, *, urgent: bool) -> None:
        """Messages that were put together on a channel and never tried are no messages any more."""
        ...

    def drop_withdrawn(self, key: str) -> None:
        """What was withdrawn is no part of a message that was never tried."""
        ...

    def begin(self, ids: Sequence[int], bodies: Mapping[int, Body]) -> None:
        """These are about to be tried once more, those in `bodies` in these words."""
        ...

    def reword(self, bodies: Mapping[int, Body]) -> None:
        """The words of notices, by their ids, until they go out."""
        ...

    def mark_sent(self, notice_id: int, at_ms: int, receipt: str | None = None) -> None:
        """It went out; `receipt` is what the provider calls it."""
        ...

    def mark_failed(self, notice_id: int, error: str, not_before_ms: int) -> None:
        """It did not go out; to be tried again from `not_before_ms`."""
        ...

    def mark_dead(self, notice_id: int, error: str, at_ms: int) -> None:
        """It did not go out and is given up."""
        ...

    def mark_digest_sent(self, key: str, at_ms: int, receipt: str | None = None) -> None:
        """All of a digest went out."""
        ...

    def mark_digest_failed(self, key: str, error: str, not_before_ms: int) -> None:
        """None of a digest went out; to be tried again, together, from `not_before_ms`."""
        ...

    def mark_digest_dead(self, key: str, error: str, at_ms: int) -> None:
        """None of a digest went out, and all of it is given up."""
        ...
