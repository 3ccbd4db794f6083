"""What officers do at the product's desk: they read cases, order about them, take alarms on and end what is latched."""

from collections.abc import Callable

from cases.handling import Handling
from cases.replies import Replies
from cases.verdicts import Verdicts
from config.load import Site
from domain.case import Case
from domain.case_order import CaseAct, CaseOrder
from domain.errors import OrderRefused
from domain.finding import AlarmState
from domain.ladder import ReplyKind
from domain.order import AlarmOrder, OrderKind
from storage.case_store import CaseStore

_WHY = {CaseAct.REPORT: "已到场处置", CaseAct.RETURN: "现场仍未改正"}


class Office:
    """The desk. `store` is asked for anew each time: the product may have begun again since."""

    def __init__(self, site: Site, store: Callable[[], CaseStore]) -> None:
        self._store = store
        self._handling = Handling(site)
        self._replies = Replies(site)
        self._verdicts = Verdicts(site)

    def case(self, case_id: str) -> Case:
        """A case as it is."""
        found = self._store().case(case_id)
        if found is None:
            raise LookupError(f"there is no case {case_id!r}")
        return found

    def order(self, act: CaseAct, case_id: str, who: str, now_ms: int) -> bool:
        """Order something about a case. False if the product refuses it, and nothing was done."""
        order = CaseOrder(case_id=case_id, act=act, who=who, why=_WHY.get(act, ""))
        try:
            with self._store().transaction() as tx:
                self._handling.carry_out(tx, order, now_ms)
        except OrderRefused:
            return False
        return True

    def say(self, kind: ReplyKind, ladder_id: int, now_ms: int) -> int | None:
        """What a shop says on its page about a notice; returns its number, None if the product does not take it."""
        words = "这是允许停放的位置" if kind is ReplyKind.CONTEST else ""
        try:
            with self._store().transaction() as tx:
                return self._replies.say(tx, ladder_id, kind, words=words, now_ms=now_ms).id
        except OrderRefused:
            return None

    def decide(self, contest_id: int, who: str, now_ms: int, *, upheld: bool) -> bool:
        """Whether a shop is right. False if that is decided already."""
        why = "位置确属允许停放" if upheld else "照片清楚，确已占道"
        try:
            with self._store().transaction() as tx:
                self._verdicts.decide(tx, contest_id, upheld=upheld, who=who, why=why, now_ms=now_ms)
        except OrderRefused:
            return False
        return True

    def judge(self, ladder_id: int, who: str, now_ms: int, *, is_so: bool) -> bool:
        """Whether what a camera saw is so, before anybody is told. False if that is said already, or over."""
        try:
            with self._store().transaction() as tx:
                if is_so:
                    self._verdicts.confirm(tx, ladder_id, who=who, now_ms=now_ms)
                else:
                    self._verdicts.reject(tx, ladder_id, who=who, why="临时停靠，驾驶人在车上", now_ms=now_ms)
        except OrderRefused:
            return False
        return True

    def acknowledge(self, alarm_id: int, who: str, now_ms: int) -> bool:
        """Take an alarm on. False if it is over."""
        alarm = self._store().alarm(alarm_id)
        if alarm is None or alarm.state is AlarmState.RESOLVED or alarm.acked_ms is not None:
            return False
        self._about_alarm(OrderKind.ACK, alarm_id, who, "已派人到场", now_ms)
        return True

    def release(self, rule_id: str, subject: str, who: str, now_ms: int) -> bool:
        """End a latched alarm. False if there is none."""
        with self._store().transaction() as tx:
            alarm = tx.open_alarm(rule_id, subject)
        if alarm is None:
            return False
        self._about_alarm(OrderKind.RELEASE, alarm.id, who, "现场已排除", now_ms)
        return True

    def _about_alarm(self, kind: OrderKind, alarm_id: int, who: str, why: str, now_ms: int) -> None:
        with self._store().transaction() as tx:
            tx.add_order(AlarmOrder(id=0, kind=kind, alarm_id=alarm_id, who=who, why=why, given_ms=now_ms))
