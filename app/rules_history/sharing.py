"""A replay shared out among processes by devices, where what one of them does says nothing of another."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from itertools import pairwise
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Final

from app.rules_history.hearing import Hearing
from app.rules_history.play import Progress, play
from app.rules_history.quick import QuickHistory
from app.rules_history.stretch import Stretch
from config.load import Site
from rules.overflow import OVERFLOW, AtMost
from rules.replay import AlarmSpan
from rules.rule import FEED, Rule
from rules.watch import SilenceWatch
from storage.series.embedded import EmbeddedSeries
from storage.series.hours import StoredHours

_POLL_S: Final = 0.2
_told: list[SimpleQueue[tuple[int, int, float]]] = []
"""In a process that works: where it tells how far it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is to be replayed."""

    site: Site
    versions: Sequence[tuple[Rule, ...]]
    stretch: Stretch


def share_out(store: EmbeddedSeries, work: Work, jobs: int, progress: Progress) -> list[tuple[AlarmSpan, ...]] | None:
    """The same alarms as by one process; None if several cannot do it.

    They cannot where everyone was silent at some time, which a rule about feeds would see; nor if more alarms came at
    once than a rule may raise: then each of them hangs on all others.
    """
    hours = store.hours()
    groups = _groups(work.site, jobs)
    begins_ms = _begins_ms(hours, work)
    if len(groups) < 2 or begins_ms is None or _may_feeds_be_silent(hours, work):
        return None
    versions = [tuple(rule for rule in rules if rule.spec.for_each.kind != FEED) for rules in work.versions]
    context = get_context("spawn")
    told: SimpleQueue[tuple[int, int, float]] = context.SimpleQueue()
    with ProcessPoolExecutor(len(groups), mp_context=context, initializer=_tell_by, initargs=(told,)) as pool:
        futures = [
            pool.submit(_part, number, store.path, replace(work, site=site, versions=versions), begins_ms)
            for number, site in enumerate(groups)
        ]
        _watch(futures, told, progress)
        parts = [future.result() for future in futures]
    merged = [sorted((span for part in parts for span in part[place]), key=_moment) for place in range(len(versions))]
    if any(map(_overflows, merged, versions)):
        return None
    from_ms = work.stretch.from_ms
    return [
        tuple(span for span in spans if span.resolved_ms is None or span.resolved_ms >= from_ms) for spans in merged
    ]


def _tell_by(queue: "SimpleQueue[tuple[int, int, float]]") -> None:
    _told.append(queue)


def _part(number: int, path: Path, work: Work, begins_ms: int) -> list[tuple[AlarmSpan, ...]]:
    """All alarms of some devices, also of the lead. Runs in a process of its own."""
    store = EmbeddedSeries(path, keep_raw_s=work.stretch.to_ms / 1000)
    try:
        hearing = Hearing(work.site, work.versions)
        pieces = QuickHistory(store, work.site, work.stretch, hearing).pieces()
        all_of_it = Stretch(from_ms=0, to_ms=work.stretch.to_ms, tick_ms=work.stretch.tick_ms)
        span_ms = work.stretch.to_ms - work.stretch.start_ms

        def tell(readings: int, share: float) -> None:
            done = (share * work.stretch.to_ms - work.stretch.start_ms) / span_ms
            for queue in _told:
                queue.put((number, readings, max(0.0, done)))

        return play(pieces, work.site, work.versions, all_of_it, progress=tell, noting=hearing, begins_ms=begins_ms)
    finally:
        store.close()


def _watch(
    futures: Sequence[Future[list[tuple[AlarmSpan, ...]]]],
    told: "SimpleQueue[tuple[int, int, float]]",
    progress: Progress,
) -> None:
    """Tell how far all are together until they are done."""
    readings: dict[int, int] = {}
    shares: dict[int, float] = dict.fromkeys(range(len(futures)), 0.0)
    done = False
    while not done:
        wait(futures, timeout=_POLL_S)
        done = all(future.done() for future in futures)
        while not told.empty():  # once more, too, when all are done
            number, readings[number], shares[number] = told.get()
        progress(sum(readings.values()), min(shares.values()))


def _groups(site: Site, jobs: int) -> list[Site]:
    """The site in parts that are about as busy; a gateway stays with what is heard through it."""
    together: dict[str, list[str]] = defaultdict(list)
    for device in site.devices.values():
        top = device
        while top.gateway is not None and top.gateway in site.devices:
            top = site.devices[top.gateway]
        together[top.device_id].append(device.device_id)
    busy = {
        first: sum(
            (1 + site.devices[name].ports) / site.profiles[site.devices[name].profile].interval for name in names
        )
        for first, names in together.items()
    }
    names_of: list[list[str]] = [[] for _ in range(jobs)]
    busy_of = [0.0] * jobs
    for first in sorted(together, key=lambda name: (-busy[name], name)):
        least = busy_of.index(min(busy_of))
        names_of[least] += together[first]
        busy_of[least] += busy[first]
    cameras = list(site.cameras)
    parts = []
    for number, names in enumerate(names_of):
        devices = {name: site.devices[name] for name in site.devices if name in set(names)}
        seen = {name: site.cameras[name] for name in cameras[number::jobs]}
        if devices or seen:
            parts.append(replace(site, devices=devices, cameras=seen))
    return parts


def _begins_ms(hours: StoredHours, work: Work) -> int | None:
    """When anything of the site was first stored, from the beginning of the lead on."""
    known = hours.tagged("device_id", work.site.devices.keys() | work.site.cameras.keys())
    known |= hours.tagged("camera_id", work.site.cameras)
    for hour_ms in hours.within(work.stretch.start_ms, work.stretch.to_ms):
        times_ms = [at_ms for series in hours.summaries(hour_ms, (), known) for at_ms in series.times_ms]
        if found := [at_ms for at_ms in times_ms if work.stretch.start_ms <= at_ms < work.stretch.to_ms]:
            return min(found)
    return None


def _may_feeds_be_silent(hours: StoredHours, work: Work) -> bool:
    """Whether all devices together were silent for as long as half of what a rule about feeds allows."""
    allowed_ms = [
        watch.allowed_ms
        for rules in work.versions
        for rule in rules
        if rule.spec.for_each.kind == FEED
        for watch in rule.spec.watches(rule, work.site)
        if isinstance(watch, SilenceWatch)
    ]
    if not allowed_ms:
        return False
    most_s = min(allowed_ms) / 2000 - 1
    series = hours.tagged("device_id", work.site.devices)
    before_s: int | None = None
    for hour_ms in hours.within(work.stretch.start_ms, work.stretch.to_ms):
        seconds = hours.seconds(hour_ms, series)
        told_s = seconds if before_s is None else [before_s, *seconds]
        if any(after - before > most_s for before, after in pairwise(told_s)):
            return True
        before_s = seconds[-1] if seconds else before_s
    return before_s is None or work.stretch.to_ms / 1000 - before_s > most_s


def _overflows(spans: Sequence[AlarmSpan], rules: Sequence[Rule]) -> bool:
    """Whether a rule raised more at once than it may, or any part of it thought so."""
    raised: dict[str, list[int]] = defaultdict(list)
    for span in spans:
        if span.subject == OVERFLOW:
            return True
        raised[span.rule_id].append(span.raised_ms)
    for rule in rules:
        most = rule.spec.at_most or AtMost()
        moments = sorted(raised.get(rule.id, ()))
        within_ms = most.within * 1000
        if any(bisect_right(moments, at_ms + within_ms) - place > most.raised for place, at_ms in enumerate(moments)):
            return True
    return False


def _moment(span: AlarmSpan) -> tuple[int, tuple[str, str]]:
    return span.raised_ms, span.key
