"""Answers the console's questions from the stores and the running parts."""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from pathlib import Path

from app.desk_alarms import AlarmList
from app.desk_cameras import CameraSights
from app.desk_casework import Casework
from app.desk_devices import Devices
from app.desk_duty import Duty
from app.desk_figures import CityFigures
from app.desk_originals import Originals
from app.desk_pages import CityPages
from app.desk_review import ReviewQueues
from app.desk_rules import Rulebook
from app.kept_figures import KeptFigures
from app.ladder_people import LadderPeople
from app.named import with_named
from app.people import People
from app.replay import replay, trial_of
from app.rules_in_force import RulesInForce
from app.shop_desk import ShopDesk
from app.shop_photos import ShopPhotos
from app.wellbeing.dropped_rows import DroppedRows
from app.wellbeing.health import Collecting, Judging, Vitals, Writing
from app.wellbeing.selfwatch import Selfwatch
from cases.kpi import SelfCorrection
from config.load import Site
from console.desk import Health, Replayed
from console.desk_casework import AtHand
from console.memory import Memory
from domain.case import Alarm, Case, CaseState, Counts, LogEntry
from domain.case_choice import CaseChoice, CaseSort
from domain.case_order import CaseOrder
from domain.clock import Clock
from domain.ground import Ground
from domain.ladder import Ladder
from domain.message import DeadLetter, RejectReason
from domain.notice import Notice
from domain.order import AlarmOrder, OrderKind
from domain.page import Page
from domain.platform import PlatformStatus
from domain.point import Aggregate
from domain.presence import CameraPresence, DevicePresence
from domain.reading import Value
from domain.silence import Silence
from domain.standing import StandingCase
from storage.case_store import CaseStore
from storage.deadletters import DeadLetters
from storage.evidence_store import EvidenceStore
from storage.journal import Journal
from storage.series.store import SeriesStore


class CityDesk(Originals, CityPages, Duty, CityFigures):
    """Fits `console.desk.Desk`. Any thread may ask. `replay`, `purge` and what people order change something."""

    def __init__(
        self,
        *,
        site: Site,
        store: CaseStore,
        reader: Judging,
        writer: Writing,
        journal: Journal,
        deadletters: DeadLetters,
        series: SeriesStore,
        evidence: EvidenceStore,
        collector: Collecting,
        clock: Clock,
        selfwatch: Selfwatch | None = None,
        dropped: DroppedRows | None = None,
        rules_problem: Callable[[], str | None] = lambda: None,
        in_force: RulesInForce | None = None,
        platform: Callable[[], PlatformStatus] | None = None,
        sights: CameraSights | None = None,
    ) -> None:
        """`selfwatch` tells what is wrong for long enough to be told, `dropped` what the series store let fall.

        `rules_problem` says what is wrong with the files of the rules as they are now, `platform` how it goes with the
        city's platform, if there is one.
        """
        super().__init__(evidence, store, ShopPhotos(site.settings.data_dir), clock)
        self._site = site
        self._store = store
        self._reader = reader
        self._writer = writer
        self._journal = journal
        self._deadletters = deadletters
        self._series = series
        self._collector = collector
        self._selfwatch = selfwatch
        self._people = People(store, site, clock)
        self.judge = LadderPeople(store, site, clock)
        self.sights = sights or CameraSights(site, clock)
        self._casework = Casework(store, site, clock)
        self.alarm_list = AlarmList(store, clock)
        self.review = ReviewQueues(store, site, clock)
        self._shops = ShopDesk(site=site, store=store, evidence=evidence, clock=clock)
        in_force = in_force or RulesInForce((), site, clock)
        self.watched = Devices(store=store, series=series, in_force=in_force.now, clock=clock)
        faults = lambda: reader.status.faults  # noqa: E731
        self.rulebook = Rulebook(store=store, in_force=in_force, clock=clock, problem=rules_problem, faults=faults)
        self._vitals = Vitals(
            folder=site.settings.data_dir,
            journal=journal,
            reader=reader,
            writer=writer,
            collector=collector,
            selfwatch=selfwatch,
            dropped=dropped,
            rules_problem=rules_problem,
            platform=platform,
        )
        self.memory = Memory()
        self._on_duty(site=site, deadletters=deadletters, journal=journal, store=store, clock=clock)
        self._kept = KeptFigures(store, clock)

    def revision(self) -> Hashable:
        """Changes with every step of the book, every message read, and when something of ours stops working."""
        collector, rules = self._collector.status, self._reader.status
        return (
            self._store.revision(),
            rules.cursor,
            self._writer.status.reachable,
            rules.failing,
            collector.connected,
            collector.paused,
            self._selfwatch.troubles if self._selfwatch else (),
        )

    def health(self) -> Health:
        """How every part of the product is."""
        return self._vitals.health()

    def counts(self, on: Ground | None = None) -> Counts:
        """Of the store."""
        return self._kept.counts(on)

    def self_correction(self, on: Ground | None = None) -> SelfCorrection:
        """Over the newest episodes."""
        return self._kept.self_correction(on)

    def standing_cases(self) -> Sequence[StandingCase]:
        """Every open case."""
        return self._kept.standing_cases()

    def devices(self) -> Sequence[DevicePresence]:
        """Every registered device."""
        return self._reader.presence.devices()

    def cameras(self) -> Sequence[CameraPresence]:
        """Every registered camera."""
        return self._reader.presence.cameras()

    def alarms(self, *, open_only: bool, limit: int) -> Sequence[Alarm]:
        """Newest first."""
        return self._store.alarms(open_only=open_only, limit=limit)

    def alarm(self, alarm_id: int) -> Alarm | None:
        """One alarm."""
        return self._store.alarm(alarm_id)

    def order(self, kind: OrderKind, alarm_id: int, *, who: str, why: str, until_ms: int | None = None) -> AlarmOrder:
        """Into the case store, for the rules' next step."""
        return self._people.order(kind, alarm_id, who=who, why=why, until_ms=until_ms)

    def silences(self, *, open_only: bool, limit: int) -> Sequence[Silence]:
        """Newest first."""
        return self._people.silences(open_only=open_only, limit=limit)

    def silence(self, silence: Silence) -> Silence:
        """Into the case store."""
        return self._people.silence(silence)

    def end_silence(self, silence_id: int, *, who: str) -> Silence:
        """In the case store."""
        return self._people.end_silence(silence_id, who=who)

    def cases(self, *, limit: int) -> Sequence[Case]:
        """Open ones first, then newest first."""
        return self._store.cases(limit=limit)

    def case(self, case_id: str) -> Case | None:
        """One case."""
        return self._store.case(case_id)

    def cases_chosen(self, choice: CaseChoice, *, limit: int) -> tuple[Sequence[Case], int]:
        """Open ones first, then newest first."""
        return self._store.cases_chosen(with_named(choice, self._site), self._clock.now_ms(), limit=limit)

    def cases_page(
        self, choice: CaseChoice, *, sort: CaseSort = CaseSort.OPEN, cursor: str | None = None, limit: int
    ) -> Page[Case]:
        """From the case store."""
        named, now_ms = with_named(choice, self._site), self._clock.now_ms()
        return self._store.cases_page(named, now_ms, sort=sort, cursor=cursor, limit=limit)

    def cases_by_state(self, choice: CaseChoice) -> Mapping[CaseState, int]:
        """Counted in the case store."""
        return self._store.cases_by_state(with_named(choice, self._site), self._clock.now_ms())

    def handle(self, order: CaseOrder) -> Case:
        """In the case store."""
        return self._people.handle(order)

    def at_hand(self, case: Case) -> AtHand:
        """In the case store."""
        return self._casework.at_hand(case)

    def cases_opened(
        self, from_ms: int, to_ms: int, *, limit: int, open_only: bool | None = None, matters: Collection[str] = ()
    ) -> Sequence[Case]:
        """Newest first."""
        return self._store.cases_opened(from_ms, to_ms, limit=limit, open_only=open_only, matters=matters)

    def ladders(self, *, open_only: bool, limit: int) -> Sequence[Ladder]:
        """Newest first."""
        return self._store.ladders(open_only=open_only, limit=limit)

    def log(self, *, case_id: str | None = None, alarm_id: int | None = None) -> Sequence[LogEntry]:
        """A case's whole story, or an alarm's."""
        return self._store.log(case_id=case_id, alarm_id=alarm_id)

    def notices(self, *, limit: int, case_id: str | None = None) -> Sequence[Notice]:
        """Newest first."""
        return self._store.notices(limit=limit, case_id=case_id)

    def delivered(self, keys: Sequence[str], at_ms: int) -> int:
        """Notices have arrived."""
        return self._store.deliver(keys, at_ms)

    def deadletters(
        self,
        *,
        limit: int,
        before_id: int | None = None,
        reason: RejectReason | None = None,
        topic_contains: str | None = None,
    ) -> Sequence[DeadLetter]:
        """Newest first."""
        return self._deadletters.list(limit=limit, before_id=before_id, reason=reason, topic_contains=topic_contains)

    def deadletter(self, letter_id: int) -> DeadLetter | None:
        """One dead letter."""
        return self._deadletters.get(letter_id)

    def deadletter_count(self, *, reason: RejectReason | None = None, topic_contains: str | None = None) -> int:
        """How many there are."""
        return self._deadletters.count(reason=reason, topic_contains=topic_contains)

    def replay(self, *, ids: Sequence[int] | None = None, reason: RejectReason | None = None) -> Replayed:
        """Into the journal again, unless they would be refused again."""
        return replay(
            self._deadletters.ids(reason=reason, among=ids),
            deadletters=self._deadletters,
            journal=self._journal,
            trial=trial_of(self._site),
        )

    def purge(self, *, ids: Sequence[int] | None = None, reason: RejectReason | None = None) -> int:
        """For good."""
        if ids is not None:
            return self._deadletters.remove(self._deadletters.ids(reason=reason, among=ids))
        return sum(self._deadletters.purge(reason=reason).values())

    def deadletter_counts(self) -> Mapping[RejectReason, int]:
        """By reason."""
        return self._deadletters.counts_by_reason()

    def deadletters_discarded(self) -> Mapping[RejectReason, int]:
        """By reason."""
        return self._deadletters.discarded()

    def picture(self, name: str) -> Path | None:
        """The blurred copy only."""
        return self._evidence.shareable(name)

    @property
    def shops(self) -> ShopDesk:
        """On the same stores."""
        return self._shops

    def latest(self, kind: str, device_id: str, port: int | None) -> Mapping[str, tuple[int, Value]]:
        """From the series store."""
        return self._series.latest(kind, _tags(device_id, port))

    def series(
        self,
        kind: str,
        device_id: str,
        port: int | None,
        metric: str,
        *,
        start_ms: int,
        stop_ms: int,
        every_ms: int | None,
        aggregate: Aggregate,
    ) -> Sequence[tuple[int, Value | None]]:
        """From the series store."""
        tags = _tags(device_id, port)
        if every_ms is None:
            return self._series.range(kind, metric, tags, start_ms, stop_ms)
        return self._series.windows(kind, metric, tags, start_ms, stop_ms, every_ms=every_ms, aggregate=aggregate)


def _tags(device_id: str, port: int | None) -> Mapping[str, str]:
    return {"device_id": device_id} if port is None else {"device_id": device_id, "port": str(port)}
