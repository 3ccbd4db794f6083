"""What people order, from any process: about alarms kept until the rules carry it out, about cases done at once."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from msgspec.structs import replace

from app.silenceable import refuse_unknown
from cases.handling import Handling
from cases.silencing import covers, ended_early, is_safety, ordered
from config.load import Site
from domain.case import Alarm, Case
from domain.case_order import CaseOrder
from domain.clock import Clock
from domain.errors import OrderRefused
from domain.order import AlarmOrder, OrderKind, refuse_taken, wrong_order
from domain.said import wrong_words
from domain.silence import Silence, wrong_silence
from storage.case_store import CaseStore

_EVERY_ALARM: Final = 1_000_000


class People:
    """Takes orders. Any thread may call; every method may raise StoreUnavailable."""

    def __init__(self, store: CaseStore, site: Site, clock: Clock, *, rule_ids: Callable[[], Iterable[str]]) -> None:
        """`rule_ids` names the rules that there are now."""
        self._store = store
        self._site = site
        self._clock = clock
        self._handling = Handling(site)
        self._rule_ids = rule_ids

    def handle(self, order: CaseOrder) -> Case:
        """What a person orders about a case is done, in one transaction. Raises OrderRefused."""
        with self._store.transaction() as tx:
            return self._handling.carry_out(tx, order, self._clock.now_ms())

    def order(
        self,
        kind: OrderKind,
        alarm_id: int,
        *,
        who: str,
        why: str,
        until_ms: int | None = None,
        instead_of: str | None = None,
    ) -> AlarmOrder:
        """An alarm is taken on, or over. Raises OrderRefused, also where somebody else has taken it on, unless this is
        `instead_of` them."""
        now_ms = self._clock.now_ms()
        order = AlarmOrder(id=0, kind=kind, alarm_id=alarm_id, who=who, why=why, given_ms=now_ms, until_ms=until_ms)
        if problem := wrong_order(order):
            raise OrderRefused(problem)
        alarm = self._store.alarm(alarm_id)
        if alarm is None:
            raise OrderRefused(f"there is no alarm {alarm_id}", "missing", "alarm_missing", n=alarm_id)
        if alarm.resolved_ms is not None:
            raise OrderRefused(f"alarm {alarm_id} is over", "over", "alarm_over", n=alarm_id)
        if kind is OrderKind.ACK:
            refuse_taken(alarm, self._store.orders_waiting(), now_ms, who=who, instead_of=instead_of)
        with self._store.transaction() as tx:
            return tx.add_order(order)

    def silence(self, silence: Silence) -> Silence:
        """Nobody is told of what it covers. Its id and when it was given are filled in.

        Raises OrderRefused, also where it names what there is not; patterns that fit nothing yet are taken.
        """
        given = replace(silence, given_ms=self._clock.now_ms())
        if problem := wrong_silence(given):
            raise OrderRefused(problem)
        standing = self._store.alarms(open_only=True, limit=_EVERY_ALARM)
        refuse_unknown(given, self._rule_ids(), self._site, standing)
        with self._store.transaction() as tx:
            kept = tx.add_silence(given)
            tx.append_log(ordered(kept))
            return kept

    def end_silence(self, silence_id: int, *, who: str) -> Silence:
        """What it covers is told again. Raises OrderRefused."""
        if not who.strip():
            raise OrderRefused("say who ends it", key="say_who")
        if problem := wrong_words({"who": who}):
            raise OrderRefused(problem)
        with self._store.transaction() as tx:
            ended = tx.end_silence(silence_id, who, self._clock.now_ms())
            if ended:
                tx.append_log(ended_early(silence_id, who, self._clock.now_ms()))
        silence = self._store.silence(silence_id)
        if silence is None:
            raise OrderRefused(f"there is no silence {silence_id}", "missing", "silence_missing", n=silence_id)
        if not ended:
            raise OrderRefused(f"silence {silence_id} is over", "over", "silence_over", n=silence_id)
        return silence

    def silences(self, *, open_only: bool, limit: int) -> Sequence[Silence]:
        """The newest first; the open ones are those planned and those in force."""
        return self._store.silences(self._clock.now_ms(), open_only=open_only, limit=limit)

    def covered(self, silence: Silence) -> tuple[list[Alarm], list[Alarm]]:
        """Of the open alarms those that it covers, and those that it would, if it said so of safety alarms."""
        alarms = self._store.alarms(open_only=True, limit=_EVERY_ALARM)
        every = [alarm for alarm in alarms if covers(replace(silence, even_critical=True), alarm, self._site)]
        spared = [alarm for alarm in every if is_safety(alarm) and not silence.even_critical]
        return [alarm for alarm in every if alarm not in spared], spared
