"""The desk as somebody sees it who is held to sub-districts. The one place that decides what is theirs."""

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from cases.kpi import SelfCorrection
from console.desk.alarms import AlarmDesk
from console.desk.cameras import Sights
from console.desk.casework import AtHand
from console.desk.devices import DeviceDesk
from console.desk.health import Health
from console.desk.ladders import Judge
from console.desk.letters import Replayed
from console.desk.review import ReviewDesk
from console.desk.rules import RuleDesk
from console.desk.series import SeriesQuestion
from console.scope.cameras import ScopedSights
from console.scope.cases import EVERYTHING
from console.scope.devices import ScopedDevices, ScopedRules
from console.scope.duty import ScopedDuty
from console.scope.figures import ScopedFigures
from console.scope.ladders import ScopedJudge
from console.scope.review import ScopedAlarms, ScopedReview
from console.shop.desk import ShopDesk
from domain.case import Alarm, Case, Counts, LogEntry
from domain.case_order import CaseAct
from domain.choices import LadderChoice, NoticeChoice, SilenceChoice
from domain.errors import OrderRefused
from domain.ground import Ground
from domain.ladder import Ladder
from domain.message import DeadLetter, RejectReason
from domain.notice import Notice
from domain.order import AlarmOrder, OrderKind
from domain.presence import CameraPresence, DevicePresence
from domain.reading import Value
from domain.silence import Silence, is_pattern


class ScopedDesk(ScopedFigures, ScopedDuty):
    """Fits `console.desk.city.Desk`. What lies elsewhere, or nowhere, is not there; what is for the city is refused."""

    def _has_alarm(self, alarm: Alarm) -> bool:
        return self._at(alarm.device_id, alarm.shop_id)

    def _has_ladder(self, ladder: Ladder) -> bool:
        return self._at(ladder.camera_id, ladder.shop_id)

    def _has_silence(self, silence: Silence) -> bool:
        if silence.sub_district in self._mine:
            return True
        return silence.device_id is not None and self._at(silence.device_id)

    # What there is

    def revision(self) -> Hashable:
        """Changes when anything in the city does."""
        return self._desk.revision()

    def health(self) -> Health:
        """The product's own, without what names devices."""
        health = self._desk.health()
        return replace(health, read=replace(health.read, skews_s={}))

    def counts(self, on: Ground | None = None) -> Counts:  # noqa: ARG002 - theirs, whatever is asked
        """Of what lies there."""
        return self._desk.counts(self._ground)

    def self_correction(self, on: Ground | None = None) -> SelfCorrection:  # noqa: ARG002 - theirs, whatever is asked
        """Over the episodes of their shops."""
        return self._desk.self_correction(self._ground)

    def devices(self) -> Sequence[DevicePresence]:
        """Theirs."""
        return [one for one in self._desk.devices() if self._at(one.device_id)]

    def cameras(self) -> Sequence[CameraPresence]:
        """Theirs."""
        return [one for one in self._desk.cameras() if self._at(one.camera_id)]

    def alarms(self, *, open_only: bool, limit: int) -> Sequence[Alarm]:
        """Theirs."""
        return self._some(lambda n: self._desk.alarms(open_only=open_only, limit=n), self._has_alarm, limit)

    def alarm(self, alarm_id: int) -> Alarm | None:
        """One of theirs."""
        found = self._desk.alarm(alarm_id)
        return found if found is not None and self._has_alarm(found) else None

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
        """About one of theirs."""
        if self.alarm(alarm_id) is None:
            raise OrderRefused(f"there is no alarm {alarm_id}", "missing", "alarm_missing", n=alarm_id)
        return self._desk.order(kind, alarm_id, who=who, why=why, until_ms=until_ms, instead_of=instead_of)

    def silences(self, *, open_only: bool, limit: int) -> Sequence[Silence]:
        """Those that name one of their sub-districts, or a device in it."""
        return self.silences_page(SilenceChoice(open=open_only), limit=limit).items

    def silence(self, silence: Silence) -> Silence:
        """One that names one of their sub-districts, or a device in it, in full."""
        mine = ", ".join(sorted(self._mine))
        if not self._has_silence(silence):
            problem = f"it would reach beyond {mine}; name one of these, or a device in it"
            raise OrderRefused(problem, key="silence_beyond", streets=mine)
        whole = (silence.subject or "").partition("/")[0] or None
        for name in (silence.device_id, whole):
            if name is not None and not is_pattern(name) and not self._at(name):
                raise OrderRefused(f"there is no {name!r} in {mine}", key="silence_not_here", name=name, streets=mine)
        return self._desk.silence(silence)

    def end_silence(self, silence_id: int, *, who: str) -> Silence:
        """One of those that they see."""
        if silence_id not in {one.id for one in self.silences(open_only=False, limit=EVERYTHING)}:
            raise OrderRefused(f"there is no silence {silence_id}", "missing", "silence_missing", n=silence_id)
        return self._desk.end_silence(silence_id, who=who)

    @property
    def watched(self) -> DeviceDesk:
        """Theirs."""
        return ScopedDevices(self._desk.watched, self._at, self._has_alarm)

    @property
    def rulebook(self) -> RuleDesk:
        """The city's rules, and what they led to in their places."""
        return ScopedRules(self._desk.rulebook, self._at, self._has_alarm)

    @property
    def sights(self) -> Sights:
        """Of their cameras."""
        return ScopedSights(self._desk.sights, self._at)

    @property
    def judge(self) -> Judge:
        """On their streets."""
        return ScopedJudge(self._desk.judge, self._has_ladder)

    @property
    def review(self) -> ReviewDesk:
        """On their streets."""
        return ScopedReview(self._desk.review, self._at)

    @property
    def alarm_list(self) -> AlarmDesk:
        """Theirs."""
        return ScopedAlarms(self._desk.alarm_list, self._has_alarm, lambda number: self.alarm(number) is not None)

    def ladders(self, *, open_only: bool, limit: int) -> Sequence[Ladder]:
        """Theirs."""
        return self.ladders_page(LadderChoice(open=open_only), limit=limit).items

    def log(self, *, case_id: str | None = None, alarm_id: int | None = None) -> Sequence[LogEntry]:
        """The story of one of theirs; nothing of any other."""
        if case_id is not None and self.case(case_id) is None:
            return []
        if alarm_id is not None and self.alarm(alarm_id) is None:
            return []
        return self._desk.log(case_id=case_id, alarm_id=alarm_id)

    def notices(self, *, limit: int, case_id: str | None = None) -> Sequence[Notice]:
        """About their cases, ladders and alarms."""
        if case_id is not None:
            return self._desk.notices(limit=limit, case_id=case_id) if self.case(case_id) else []
        found: list[Notice] = []
        cursor: str | None = None
        while len(found) < limit:
            page = self.notices_page(NoticeChoice(), cursor=cursor, limit=limit - len(found))
            found, cursor = [*found, *page.items], page.next
            if cursor is None:
                break
        return found

    def picture(self, name: str) -> Path | None:
        """Of a camera of theirs: its id is the first part of the name."""
        return self._desk.picture(name) if self._at(name.partition("/")[0]) else None

    def at_hand(self, case: Case) -> AtHand:
        """Of one of theirs, beside others of theirs."""
        found = self._desk.at_hand(case)
        into = tuple(one for one in found.possible.into if self._has_case(one))
        acts = tuple(act for act in found.possible.acts if act is not CaseAct.MERGE or into)
        return AtHand(
            possible=replace(found.possible, into=into, acts=acts),
            alike=[one for one in found.alike if self._has_case(one)],
        )

    def original(self, name: str, *, who: str, why: str, address: str) -> bytes | None:
        """Of a camera of theirs, like its copy."""
        mine = self._at(name.partition("/")[0])
        return self._desk.original(name, who=who, why=why, address=address) if mine else None

    def shop_photo(self, reply_id: int, *, who: str, why: str, address: str) -> bytes | None:
        """Of an episode of theirs."""
        mine = self.judge.said(reply_id) is not None
        return self._desk.shop_photo(reply_id, who=who, why=why, address=address) if mine else None

    def latest(self, kind: str, device_id: str, port: int | None) -> Mapping[str, tuple[int, Value]]:
        """Of a device of theirs."""
        self._known(device_id)
        return self._desk.latest(kind, device_id, port)

    def series(self, question: SeriesQuestion) -> Sequence[tuple[int, Value | None]]:
        """Of a device of theirs."""
        self._known(question.device_id)
        return self._desk.series(question)

    @property
    def shops(self) -> ShopDesk:
        """The shops' own page has keys of its own."""
        return self._desk.shops

    # What belongs to no sub-district

    def deadletters(self, **_asked: object) -> Sequence[DeadLetter]:
        """None: nobody knows where a message comes from that could not be read."""
        return []

    def deadletter(self, letter_id: int) -> DeadLetter | None:  # noqa: ARG002 - the desk's signature
        """None."""
        return None

    def deadletter_count(self, **_asked: object) -> int:
        """None."""
        return 0

    def deadletter_counts(self) -> Mapping[RejectReason, int]:
        """None."""
        return {}

    def deadletters_discarded(self) -> Mapping[RejectReason, int]:
        """None."""
        return {}

    def delivered(self, keys: Sequence[str], at_ms: int) -> int:  # noqa: ARG002 - the desk's signature
        """Refused."""
        raise OrderRefused(_CITY, key="whole_city")

    def replay(self, *, ids: Sequence[int] | None = None, reason: RejectReason | None = None) -> Replayed:  # noqa: ARG002
        """Refused."""
        raise OrderRefused(_CITY, key="whole_city")

    def purge(self, *, ids: Sequence[int] | None = None, reason: RejectReason | None = None) -> int:  # noqa: ARG002
        """Refused."""
        raise OrderRefused(_CITY, key="whole_city")

    def _known(self, device_id: str) -> None:
        if not self._at(device_id):
            raise OrderRefused(f"there is no device {device_id!r}", "missing")


_CITY: Final = "this is for the whole city, and who asks is held to some of its sub-districts"
