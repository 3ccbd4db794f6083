"""A desk in memory. `quiet_desk` knows a city where nothing is wrong, `busy_desk` one with a bit of everything."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from app.silenceable import refuse_unknown
from cases.kpi import SelfCorrection, self_correction
from config.load import Site
from console.desk.health import Health, JournalHealth
from console.desk.ladders import Judge
from console.memory import Memory
from domain.case import Alarm, Case, Counts, LogEntry, OpenAlarms
from domain.case_order import CaseOrder
from domain.errors import OrderRefused
from domain.ground import Ground
from domain.ladder import Ladder, LadderStep
from domain.message import DeadLetter
from domain.notice import Notice, NoticeState
from domain.order import AlarmOrder, OrderKind, refuse_taken
from domain.presence import CameraPresence, DevicePresence
from domain.reading import DeviceState, Value
from domain.sighting import ViewHealth
from domain.silence import Silence, wrong_silence
from tests.fakes.alarm_list import FakeAlarmList
from tests.fakes.cases import FakeCases
from tests.fakes.dead_letters import FakeLetters
from tests.fakes.duty import FakeDuty
from tests.fakes.figures import FakeFigures
from tests.fakes.invented_city import Invention
from tests.fakes.judge import FakeJudge
from tests.fakes.measured import FakeMeasured
from tests.fakes.originals import FakeOriginals
from tests.fakes.pages import FakePages
from tests.fakes.review import FakeReview
from tests.fakes.rulebook import FakeDevices, FakeRulebook, shipped
from tests.fakes.shops import FakeShops
from tests.fakes.sights import FakeSights

WELL = Health(
    broker_connected=True,
    ingest_paused=False,
    messages_received=182_340,
    readings_stored=1_204_118,
    journal=JournalHealth(head=182_340, size=96 << 20, max_size=2 << 30, writable=True, lag_rules=0, lag_series=12),
    store_reachable=True,
)


NONE_YET = SelfCorrection(corrected=0, told=0, confirmed=0)


@dataclass(kw_only=True)
class FakeDesk(FakeCases, FakeLetters, FakeOriginals, FakeMeasured, FakePages, FakeDuty, FakeFigures):
    """Fits console.desk.city.Desk. A test changes the lists and calls `touch`."""

    state: Health = WELL
    correction: SelfCorrection = NONE_YET
    all_devices: list[DevicePresence] = field(default_factory=list)
    all_cameras: list[CameraPresence] = field(default_factory=list)
    all_alarms: list[Alarm] = field(default_factory=list)
    orders: list[AlarmOrder] = field(default_factory=list)
    all_silences: list[Silence] = field(default_factory=list)
    all_cases: list[Case] = field(default_factory=list)
    case_orders: list[CaseOrder] = field(default_factory=list)
    all_ladders: list[Ladder] = field(default_factory=list)
    lines: list[LogEntry] = field(default_factory=list)
    all_notices: list[Notice] = field(default_factory=list)
    arrived: list[tuple[str, int]] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    pictures: dict[str, Path] = field(default_factory=dict)
    seen: list[tuple[str, str, str, str]] = field(default_factory=list)
    """Originals that somebody looked at: the name, who, why, from where."""
    ledger_full: bool = False
    photo: bytes = b"\xff\xd8 as the shop took it"
    values: dict[tuple[str, str, int | None], dict[str, tuple[int, Value]]] = field(default_factory=dict)
    sights: FakeSights = field(default_factory=FakeSights)
    touched: int = 0
    memory: Memory = field(default_factory=Memory)
    judged: Judge | None = None
    """Of a test in which something is decided."""

    @property
    def judge(self) -> Judge:
        """As set; else one before whom nothing waits."""
        return self.judged or FakeJudge(self.all_ladders)

    all_shops: FakeShops = field(default_factory=FakeShops)
    site: Site | None = None
    now_ms: int = 0
    all_rules: FakeRulebook = field(default_factory=FakeRulebook)
    device_states: dict[tuple[str, str], bytes] = field(default_factory=dict)

    @property
    def rulebook(self) -> FakeRulebook:
        """Over the alarms as they are now."""
        self.all_rules.all_alarms = self.all_alarms
        return self.all_rules

    @property
    def watched(self) -> FakeDevices:
        """Over the same lists."""
        self.rulebook.all_alarms = self.all_alarms
        return FakeDevices(
            site=self.site,
            now_ms=self.now_ms,
            all_alarms=self.all_alarms,
            all_cases=self.all_cases,
            lines=self.lines,
            values=self.values,
            states=self.device_states,
        )

    review: FakeReview = field(default_factory=FakeReview)

    def touch(self) -> None:
        """Something has changed."""
        self.touched += 1

    def revision(self) -> Hashable:
        """How often it was touched."""
        return self.touched

    def health(self) -> Health:
        """As set."""
        return self.state

    def counts(self, on: Ground | None = None) -> Counts:
        """Counted from the lists."""
        alarms = [one for one in self.all_alarms if on is None or on.holds(one.device_id, one.shop_id)]
        cases = [one for one in self.all_cases if on is None or on.holds(one.device_id, one.shop_id, one.sub_district)]
        ladders = [one for one in self.all_ladders if on is None or on.holds(one.camera_id, one.shop_id)]
        states = Counter(one.state for one in self.all_notices if on is None or self._is_about(one, on))
        corrected = sum(one.step is LadderStep.SELF_CORRECTED for one in ladders)
        return Counts(
            alarms_open=sum(alarm.resolved_ms is None for alarm in alarms),
            alarms_total=len(alarms),
            cases_open=sum(case.closed_ms is None for case in cases),
            cases_total=len(cases),
            cases_by_kind=dict(Counter(case.kind for case in cases)),
            ladders_open=sum(ladder.ended_ms is None for ladder in ladders),
            self_corrected=self.correction.corrected if on is None else corrected,
            notices_sent=states[NoticeState.SENT],
            notices_pending=states[NoticeState.PENDING],
            notices_dead=states[NoticeState.DEAD],
            standing=tuple(
                OpenAlarms(severity=one.severity, silenced_until_ms=one.silenced_until_ms, n=1)
                for one in alarms
                if one.resolved_ms is None
            ),
        )

    def _is_about(self, notice: Notice, on: Ground) -> bool:
        if case := self.case(notice.case_id or ""):
            return on.holds(case.device_id, case.shop_id, case.sub_district)
        if ladder := next((one for one in self.all_ladders if one.id == notice.ladder_id), None):
            return on.holds(ladder.camera_id, ladder.shop_id)
        alarm = self.alarm(notice.alarm_id or 0)
        return alarm is not None and on.holds(alarm.device_id, alarm.shop_id)

    def self_correction(self, on: Ground | None = None) -> SelfCorrection:
        """As set; on some ground, over the ladders there, all of which were told."""
        if on is None:
            return self.correction
        some = [ladder for ladder in self.all_ladders if on.holds(ladder.camera_id, ladder.shop_id)]
        return self_correction(some, [ladder.id for ladder in some], 0)

    def devices(self) -> Sequence[DevicePresence]:
        """All of them."""
        return self.all_devices

    def cameras(self) -> Sequence[CameraPresence]:
        """All of them."""
        return self.all_cameras

    def alarms(self, *, open_only: bool, limit: int) -> Sequence[Alarm]:
        """The newest."""
        found = [alarm for alarm in self.all_alarms if not open_only or alarm.resolved_ms is None]
        return sorted(found, key=lambda alarm: -alarm.id)[:limit]

    def alarm(self, alarm_id: int) -> Alarm | None:
        """By its id."""
        return next((alarm for alarm in self.all_alarms if alarm.id == alarm_id), None)

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
        """Kept in the list, and not carried out."""
        alarm = self.alarm(alarm_id)
        if alarm is None or alarm.resolved_ms is not None:
            raise OrderRefused(f"alarm {alarm_id} is not open", "over" if alarm else "missing")
        if kind is OrderKind.ACK:
            refuse_taken(alarm, self.orders, self.now_ms, who=who, instead_of=instead_of)
        order = AlarmOrder(
            id=len(self.orders) + 1, kind=kind, alarm_id=alarm_id, who=who, why=why, given_ms=7, until_ms=until_ms
        )
        self.orders.append(order)
        return order

    def silences(self, *, open_only: bool, limit: int) -> Sequence[Silence]:
        """The newest."""
        found = [silence for silence in self.all_silences if not open_only or silence.ended_ms is None]
        return found[::-1][:limit]

    def silence(self, silence: Silence) -> Silence:
        """Kept in the list."""
        if problem := wrong_silence(silence):
            raise OrderRefused(problem)
        assert self.site is not None
        refuse_unknown(silence, [one.id for one in shipped(self.site)], self.site, self.all_alarms)
        self.all_silences.append(replace(silence, id=len(self.all_silences) + 1))
        return self.all_silences[-1]

    def end_silence(self, silence_id: int, *, who: str) -> Silence:
        """In the list."""
        for place, silence in enumerate(self.all_silences):
            if silence.id == silence_id:
                if silence.ended_ms is not None:
                    raise OrderRefused(f"silence {silence_id} is over", "over")
                self.all_silences[place] = replace(silence, ended_ms=silence.from_ms, ended_by=who)
                return self.all_silences[place]
        raise OrderRefused(f"there is no silence {silence_id}", "missing")

    @property
    def alarm_list(self) -> FakeAlarmList:
        """Over the alarms, orders and notices."""
        return FakeAlarmList(self.all_alarms, self.orders, self.all_notices)

    def ladders(self, *, open_only: bool, limit: int) -> Sequence[Ladder]:
        """The latest started."""
        found = [ladder for ladder in self.all_ladders if not open_only or ladder.ended_ms is None]
        return sorted(found, key=lambda ladder: -ladder.started_ms)[:limit]

    def log(self, *, case_id: str | None = None, alarm_id: int | None = None) -> Sequence[LogEntry]:
        """A case's lines in order, or an alarm's."""
        about = (case_id, alarm_id)
        return [line for line in self.lines if about in {(line.case_id, None), (None, line.alarm_id)}]

    def notices(self, *, limit: int, case_id: str | None = None) -> Sequence[Notice]:
        """The newest."""
        return [notice for notice in self.all_notices if case_id in {None, notice.case_id}][:limit]

    def delivered(self, keys: Sequence[str], at_ms: int) -> int:
        """Those of its notices."""
        self.arrived += [(key, at_ms) for key in keys]
        return sum(notice.key in keys for notice in self.all_notices)

    @property
    def shops(self) -> FakeShops:
        """On lists of its own."""
        return self.all_shops


def quiet_desk(site: Site, now_ms: int) -> FakeDesk:
    """Every camera sees, every device was heard a moment ago, nothing is open."""
    seen_ms = now_ms - 5_000
    return FakeDesk(
        site=site,
        now_ms=now_ms,
        all_rules=FakeRulebook(site=site, now_ms=now_ms),
        all_cameras=[
            CameraPresence(camera_id=name, view=ViewHealth.HEALTHY, taken_ms=seen_ms, healthy_ms=seen_ms)
            for name in site.cameras
        ],
        all_devices=[
            DevicePresence(device_id=name, kind=device.kind, seen_ms=seen_ms, state=DeviceState.ONLINE)
            for name, device in site.devices.items()
        ],
    )


def busy_desk(site: Site, now_ms: int, pictures: Path) -> FakeDesk:
    """Alarms of every severity, cases, ladders, blind cameras, silent devices and dead letters."""
    desk, city = quiet_desk(site, now_ms), Invention(site, now_ms, pictures)
    desk.site = site
    desk.correction = SelfCorrection(corrected=312, told=355, confirmed=371)
    desk.all_alarms = city.alarms()
    desk.all_cases = city.cases()
    desk.all_ladders = city.ladders()
    desk.lines = city.lines()
    desk.all_notices = city.notices()
    desk.letters = city.letters()
    desk.pictures = city.pictures
    desk.values = {
        ("charger", "charger-01", 3): {"residual_ma": (now_ms - 4_000, 31.2), "relay_on": (now_ms - 4_000, True)}
    }
    faulty = city.faulty_cameras()
    desk.all_cameras = [faulty.get(camera.camera_id, camera) for camera in desk.all_cameras]
    silent = city.silent_devices()
    desk.all_devices = [silent.get(device.device_id, device) for device in desk.all_devices]
    return desk
