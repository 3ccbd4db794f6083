"""The shipped rules over a city's traffic: how fast, how large, and how fast history goes through them."""

import gc
import os
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import TypeVar

from msgspec import Struct

from app.bench import rules_peers
from app.bench.rules_city import DAY_MS, HOUR_MS, city, looks, readings
from app.bench.rules_figures import KindFigures, RulePeerFigures, RulesFigures
from app.bench.rules_size import sizes
from app.rules_history.run import replay
from app.rules_history.stretch import Stretch
from config.load import Site
from domain.finding import Change
from domain.reading import Reading
from domain.sighting import Sighting
from rules.engine import Engine
from rules.files import load_rules
from rules.rule import Rule
from rules.watch import DerivedWatch, LookWatch, ValueWatch
from storage.case_store import CaseStore
from storage.series.embedded import EmbeddedSeries
from storage.series.points import PointsOf

FIRST_MS = 1_790_006_400_000
"""Midnight in Asia/Shanghai."""
_BATCH = 5000

T = TypeVar("T")
Progress = Callable[[str, int, int], None]
"""Told the phase, how much is done, and of how much."""


class Asked(Struct, frozen=True, kw_only=True):
    """What to measure."""

    trees: int = 339
    stations: int = 400
    ports: int = 10
    cameras: int = 671
    minutes: float = 10.0
    """Of traffic, all of it made before it is judged."""
    replay_days: float = 0.5
    peers: bool = True


class _Engine(Struct, frozen=True, kw_only=True):
    """What the measuring process found."""

    evaluations: int
    readings: int
    cpu_s: float
    build_s: float
    subjects: int
    watches: int
    rules: int
    alarms: int
    peak_rss_mb: float
    state_commit_ms: float


def bench_rules(asked: Asked, tell: Progress, folder: Path | None = None) -> RulesFigures:
    """Everything, one after the other, each in a process of its own. `folder`: whose disk the commits are on."""
    load_average = os.getloadavg()[0]
    parts = 4
    tell("rules", 0, parts)
    found = _alone(_judged, asked, folder)
    tell("rules", 1, parts)
    days = _alone(_replayed, asked, folder)
    tell("rules", 2, parts)
    by_kind, peers = _alone(_by_kind, asked, folder), _alone(_peers, asked, folder) if asked.peers else []
    tell("rules", 3, parts)
    kinds = _alone(_sizes, asked, folder)
    counts = {"tree": asked.trees, "charger": asked.stations, "port": asked.stations * asked.ports}
    counts["camera"] = asked.cameras
    tell("rules", parts, parts)
    return RulesFigures(
        evals_per_s=round(found.evaluations / found.cpu_s),
        readings_per_s=round(found.readings / found.cpu_s),
        subjects=found.subjects,
        peak_rss_mb=found.peak_rss_mb,
        state_commit_ms=found.state_commit_ms,
        replay_days_per_minute=days,
        subject_bytes_median=_weighted_median(kinds, counts),
        subject_bytes_by_kind=kinds,
        evaluations=found.evaluations,
        readings=found.readings,
        watches=found.watches,
        rules=found.rules,
        alarms=found.alarms,
        cpu_s=round(found.cpu_s, 2),
        build_s=found.build_s,
        by_kind=by_kind,
        peers=peers,
        peers_missing=[missing for name in rules_peers.NAMES if (missing := rules_peers.missing(name))],
        cores=os.cpu_count() or 1,
        load_average=load_average,
    )


def _alone(measure: Callable[[Asked, Path | None], T], asked: Asked, folder: Path | None) -> T:
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as process:
        return process.submit(measure, asked, folder).result()


def _site(asked: Asked) -> Site:
    return city(trees=asked.trees, stations=asked.stations, ports=asked.ports, cameras=asked.cameras)


def _traffic(site: Site, asked: Asked) -> list[Reading | Sighting]:
    until_ms = FIRST_MS + round(asked.minutes * 60_000)
    found: list[Reading | Sighting] = [*readings(site, FIRST_MS, until_ms), *looks(site, FIRST_MS, until_ms)]
    return sorted(found, key=lambda one: one.received_ms)


def _judged(asked: Asked, folder: Path | None) -> _Engine:
    site = _site(asked)
    rules, traffic = load_rules(site.rule_files, site), _traffic(site, asked)
    began_s = time.process_time()
    engine = Engine(rules, site, saved={}, listening_since_ms=FIRST_MS)
    build_s = time.process_time() - began_s
    listeners = _Listeners(rules, site)
    half = len(traffic) // 2
    _observe(engine, traffic[:half])  # what is remembered fills
    engine.take_dirty()
    cpu_s, alarms = _observe(engine, traffic[half:])
    return _Engine(
        evaluations=sum(map(listeners.evaluations, traffic[half:])),
        readings=len(traffic) - half,
        cpu_s=cpu_s,
        build_s=round(build_s, 2),
        subjects=len(listeners.subjects),
        watches=listeners.watches,
        rules=len(rules),
        alarms=alarms,
        peak_rss_mb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        state_commit_ms=_commit_ms(engine, traffic[half:], folder),
    )


def _observe(engine: Engine, traffic: Sequence[Reading | Sighting]) -> tuple[float, int]:
    """Processor seconds, and alarms raised. Once a second of the traffic the engine ticks, as in `serve`."""
    alarms, due_ms = 0, traffic[0].received_ms
    began_s = time.process_time()
    for one in traffic:
        if one.received_ms >= due_ms:
            due_ms = one.received_ms + 1000
            alarms += sum(finding.change is Change.RAISED for finding in engine.tick(one.received_ms))
        for finding in engine.observe(one):
            alarms += finding.change is Change.RAISED
    return time.process_time() - began_s, alarms


class _Listeners:
    """How many watches hear each thing."""

    def __init__(self, rules: Sequence[Rule], site: Site) -> None:
        self._values: Counter[tuple[str, int | None, str]] = Counter()
        self._looks: Counter[str] = Counter()
        self._derived: dict[tuple[str, int | None], list[frozenset[str]]] = {}
        self.subjects: set[tuple[str, int | None]] = set()
        self.watches = 0
        for rule in rules:
            for watch in rule.spec.watches(rule, site):
                self.watches += 1
                if watch.device_id in site.devices or watch.device_id in site.cameras:
                    self.subjects.add((watch.device_id, watch.port))
                if isinstance(watch, ValueWatch):
                    self._values[watch.device_id, watch.port, watch.metric] += 1
                elif isinstance(watch, LookWatch):
                    self._looks[watch.device_id] += 1
                elif isinstance(watch, DerivedWatch) and watch.metrics:
                    self._derived.setdefault((watch.device_id, watch.port), []).append(frozenset(watch.metrics))

    def evaluations(self, one: Reading | Sighting) -> int:
        """See RulesFigures."""
        if isinstance(one, Sighting):
            return self._looks[one.camera_id]
        derived = self._derived.get((one.device_id, one.port), ())
        return sum(self._values[one.device_id, one.port, metric] for metric in one.metrics) + sum(
            not metrics.isdisjoint(one.metrics) for metrics in derived
        )


def _commit_ms(engine: Engine, traffic: Sequence[Reading | Sighting], folder: Path | None) -> float:
    """Of a second's traffic each, played once more but later."""
    seconds: dict[int, list[Reading | Sighting]] = {}
    for one in traffic:
        seconds.setdefault(one.received_ms // 1000, []).append(one)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        store = CaseStore(f"sqlite:///{scratch}/cases.db")
        taken_ms = []
        for some in islice(seconds.values(), 30):
            for one in some:
                engine.observe(one)
            began_s = time.perf_counter()
            with store.transaction() as tx:
                tx.save_rule_states(engine.take_dirty())
            taken_ms.append((time.perf_counter() - began_s) * 1000)
        store.close()
    return round(median(taken_ms), 2)


def _by_kind(asked: Asked, _folder: Path | None) -> dict[str, KindFigures]:
    """Each kind's rules alone, over a tenth of the city."""
    site = city(
        trees=asked.trees, stations=max(1, asked.stations // 10), ports=asked.ports, cameras=asked.cameras // 10
    )
    rules, traffic = load_rules(site.rule_files, site), _traffic(site, asked)
    found = {}
    for kind in sorted({rule.spec.kind for rule in rules}):
        some = tuple(rule for rule in rules if rule.spec.kind == kind)
        listeners = _Listeners(some, site)
        evaluations = sum(map(listeners.evaluations, traffic))
        if evaluations:
            engine = Engine(some, site, saved={}, listening_since_ms=FIRST_MS)
            cpu_s, _ = _observe(engine, traffic)
            found[kind] = KindFigures(rules=len(some), evals_per_s=round(evaluations / cpu_s))
    return found


def _peers(asked: Asked, _folder: Path | None) -> list[RulePeerFigures]:
    """Over as much of the traffic as takes the slowest some seconds."""
    site = _site(asked)
    rules, traffic = load_rules(site.rule_files, site), _traffic(site, asked)[:20_000]
    return [
        rules_peers.measure(name, rules, site, traffic) for name in rules_peers.NAMES if not rules_peers.missing(name)
    ]


def _sizes(asked: Asked, _folder: Path | None) -> dict[str, int]:
    """Medians by kind of subject, after two weeks of trees and half a day of chargers and cameras."""
    site = city(trees=8, stations=2, ports=asked.ports, cameras=8)
    rules = load_rules(site.rule_files, site)
    engine = Engine(rules, site, saved={}, listening_since_ms=FIRST_MS)
    half_day_ms = FIRST_MS + 14 * DAY_MS - 12 * HOUR_MS
    long = [one for one in readings(site, FIRST_MS, half_day_ms) if one.kind == "tree"]
    recent: list[Reading | Sighting] = [
        *readings(site, half_day_ms, FIRST_MS + 14 * DAY_MS),
        *looks(site, FIRST_MS + 14 * DAY_MS - 2 * HOUR_MS, FIRST_MS + 14 * DAY_MS),
    ]
    _observe(engine, [*long, *sorted(recent, key=lambda one: one.received_ms)])
    engine.take_dirty()
    gc.collect()
    return sizes(engine)


def _weighted_median(values: dict[str, int], counts: dict[str, int]) -> int:
    """The median over a city that has so many of each."""
    return round(median([size for kind, size in values.items() for _ in range(counts[kind])]))


def _replayed(asked: Asked, folder: Path | None) -> float:
    """Days of history a minute: 339 trees and 400 ports, whatever else the city has."""
    site = city(trees=339, stations=40, ports=10, cameras=0)
    rules = load_rules(site.rule_files, site)
    until_ms = FIRST_MS + round(asked.replay_days * DAY_MS)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        store = EmbeddedSeries(Path(scratch) / "series.db", keep_raw_s=1e10)
        points_of, said = PointsOf(site), readings(site, FIRST_MS, until_ms)
        while batch := [point for reading in islice(said, _BATCH) for point in points_of(reading)]:
            store.write(batch)
        began_s = time.perf_counter()
        replay(store, site, [rules], Stretch(from_ms=FIRST_MS, to_ms=until_ms, lead_ms=0), jobs=os.cpu_count() or 1)
        seconds = time.perf_counter() - began_s
        store.close()
    return round(asked.replay_days / seconds * 60, 1)
