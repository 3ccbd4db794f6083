"""Answers the console's questions from the stores and the running parts."""

from collections.abc import Hashable, Sequence
from functools import partial
from pathlib import Path

from app.desk.alarms import AlarmList
from app.desk.cameras import CameraSights
from app.desk.cases import CityCases
from app.desk.casework import Casework
from app.desk.dead_letters import CityLetters
from app.desk.devices import Devices
from app.desk.duty import Duty
from app.desk.figures import CityFigures
from app.desk.originals import Originals
from app.desk.pages import CityPages
from app.desk.parts import Parts
from app.desk.review import ReviewQueues
from app.desk.rules import Rulebook
from app.desk.series import CitySeries
from app.kept_figures import KeptFigures
from app.ladder_people import LadderPeople
from app.people import People
from app.rules_in_force import RulesInForce
from app.shop_desk import ShopDesk
from app.shop_photos import ShopPhotos
from cases.kpi import SelfCorrection
from console.desk.health import Health
from console.memory import Memory
from domain.case import Alarm, Counts, LogEntry
from domain.ground import Ground
from domain.ladder import Ladder
from domain.notice import Notice
from domain.order import AlarmOrder, OrderKind
from domain.presence import CameraPresence, DevicePresence
from domain.silence import Silence
from domain.standing import StandingCase


class CityDesk(Originals, CityPages, CityCases, CityLetters, CitySeries, Duty, CityFigures):
    """Fits `console.desk.city.Desk`. Any thread may ask. `replay`, `purge` and what people order change something."""

    def __init__(self, parts: Parts) -> None:
        site, store, clock = parts.site, parts.store, parts.clock
        super().__init__(parts.evidence, store, ShopPhotos(site.settings.data_dir), clock)
        self._site = site
        self._reader, self._writer, self._collector = parts.reader, parts.writer, parts.collector
        self._journal, self._deadletters, self._series = parts.journal, parts.deadletters, parts.series
        self._selfwatch, self._vitals = parts.selfwatch, parts.vitals()
        self.judge = LadderPeople(store, site, clock)
        self.sights = parts.sights or CameraSights(site, clock)
        self._casework = Casework(store, site, clock)
        self.alarm_list = AlarmList(store, clock)
        self.review = ReviewQueues(store, site, clock)
        self._shops = ShopDesk(site=site, store=store, evidence=parts.evidence, clock=clock)
        self._by_rules(parts, parts.in_force or RulesInForce((), site, clock))
        self.memory = Memory()
        self._on_duty(site=site, deadletters=parts.deadletters, journal=parts.journal, store=store, clock=clock)
        self._kept = KeptFigures(store, clock)

    def _by_rules(self, parts: Parts, in_force: RulesInForce) -> None:
        rule_ids = partial(_ids_of, in_force)
        self._people = People(parts.store, parts.site, parts.clock, rule_ids=rule_ids)
        self.watched = Devices(store=parts.store, series=parts.series, in_force=in_force.now, clock=parts.clock)
        self.rulebook = Rulebook(
            store=parts.store,
            in_force=in_force,
            clock=parts.clock,
            problem=parts.rules_problem,
            faults=lambda: parts.reader.status.faults,
        )

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
        """Into the case store, for the rules' next step."""
        return self._people.order(kind, alarm_id, who=who, why=why, until_ms=until_ms, instead_of=instead_of)

    def silences(self, *, open_only: bool, limit: int) -> Sequence[Silence]:
        """Newest first."""
        return self._people.silences(open_only=open_only, limit=limit)

    def silence(self, silence: Silence) -> Silence:
        """Into the case store."""
        return self._people.silence(silence)

    def end_silence(self, silence_id: int, *, who: str) -> Silence:
        """In the case store."""
        return self._people.end_silence(silence_id, who=who)

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

    def picture(self, name: str) -> Path | None:
        """The blurred copy only."""
        return self._evidence.shareable(name)

    @property
    def shops(self) -> ShopDesk:
        """On the same stores."""
        return self._shops


def _ids_of(in_force: RulesInForce) -> list[str]:
    return [rule.id for rule in in_force.now()[0]]
