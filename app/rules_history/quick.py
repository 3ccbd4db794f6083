"""History out of an embedded store without what no rule can care about. What comes of it is the same.

Left out, hour by hour, are values that lie in the quiet interval of every watch that hears them while nothing is
remembered there; a device whose every value is left out is heard of just often enough that nobody calls it silent.
Whoever was silent for long, said that it was going, or carries others is read in full.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from app.rules_history.hearing import Hearing
from app.rules_history.points import Observations
from app.rules_history.stretch import HOUR_MS, Piece, Stretch, only_feed
from config.load import Site
from domain.reading import DeviceState, Status
from storage.series.embedded import EmbeddedSeries
from storage.series.hours import HourOfSeries
from storage.series.points import CAMERA

_ONLINE = "online"
_SECOND_MS = 1000


class QuickHistory:
    """Reads one stretch of an embedded store."""

    def __init__(self, store: EmbeddedSeries, site: Site, stretch: Stretch, hearing: Hearing) -> None:
        self._hours = store.hours()
        self._mine = self._hours.tagged("device_id", site.devices.keys() | site.cameras.keys())
        self._mine |= self._hours.tagged("camera_id", site.cameras)
        self._site = site
        self._stretch = stretch
        self._hearing = hearing
        self._observations = Observations(site)
        self._feed = only_feed(site)
        self._heard_ms: dict[str, int] = {}
        self._feed_ms = 0
        self._last: dict[int, Collection[str]] = {}

    def pieces(self) -> Iterator[Piece]:
        """Hour by hour. Before the next is asked for, `hearing` must have taken what is remembered after the last."""
        start_ms, stop_ms = self._stretch.start_ms, self._stretch.to_ms
        for hour_ms in self._hours.within(start_ms, stop_ms):
            whole = start_ms <= hour_ms and hour_ms + HOUR_MS <= stop_ms
            fields = {_ONLINE, *self._hearing.metrics} if whole else ()
            found = self._hours.summaries(hour_ms, fields, self._mine)
            yield self._piece(hour_ms, found, whole=whole)

    def _piece(self, hour_ms: int, found: Sequence[HourOfSeries], *, whole: bool) -> Piece:
        devices: dict[str, list[HourOfSeries]] = defaultdict(list)
        wanted: dict[int, Collection[str] | None] = {}
        for series in found:
            if series.measurement == CAMERA:
                wanted[series.series_id] = None
            elif (device_id := _device_of(series)) in self._site.devices:
                devices[device_id].append(series)
        beats: list[Status] = []
        self._last = {}
        for device_id, group in devices.items():
            if whole:
                beats += self._device(device_id, group, wanted)
            else:
                wanted |= dict.fromkeys(series.series_id for series in group)
        start_ms, stop_ms = self._stretch.start_ms, self._stretch.to_ms
        points = [point for point in self._hours.points(hour_ms, wanted) if whole or start_ms <= point.at_ms < stop_ms]
        points += self._hours.points(hour_ms, self._last, only_last=True)
        observations = self._observations.in_order(points)
        if beats:
            observations = sorted([*observations, *beats], key=lambda one: one.received_ms)
        heard = self._feed_heard(found, start_ms, stop_ms)
        times_ms = [at_ms for series in found for at_ms in series.times_ms if start_ms <= at_ms < stop_ms]
        return Piece(hour_ms + HOUR_MS, observations, heard, len(times_ms), min(times_ms, default=None))

    def _device(
        self, device_id: str, group: Sequence[HourOfSeries], wanted: dict[int, Collection[str] | None]
    ) -> list[Status]:
        """Say in `wanted` what must be read of it; returns that it was heard, as often as that must be known."""
        times_ms = sorted({at_ms for series in group for at_ms in series.times_ms})
        silence_ms = self._hearing.silence_ms(device_id)
        before_ms = self._heard_ms.get(device_id)
        self._heard_ms[device_id] = times_ms[-1]
        gone = any(series.ranges.get(_ONLINE, (True,))[0] == 0 for series in group)
        if gone or self._hearing.is_whole(device_id) or _has_gap(before_ms, times_ms, silence_ms):
            wanted |= dict.fromkeys(series.series_id for series in group)
            for series in group:
                self._hearing.heard_in_full(device_id, _port_of(series), series)
            return []
        stirred: set[str] = set()
        for port, series in sorted(((_port_of(series), series) for series in group), key=_ports_first):
            live, last = self._hearing.live(device_id, port, series, stirred)
            if live:
                wanted[series.series_id] = live
            if last:
                self._last[series.series_id] = last
        if silence_ms is None:
            return []
        kind = self._site.devices[device_id].kind
        return [
            Status(kind=kind, device_id=device_id, state=DeviceState.ONLINE, received_ms=at_ms)
            for at_ms in _often_enough(times_ms, silence_ms)
        ]

    def _feed_heard(self, found: Sequence[HourOfSeries], start_ms: int, stop_ms: int) -> list[tuple[int, str]]:
        """When anything came, to the second, as the engine notes it."""
        if self._feed is None:
            return []
        times_ms = sorted(
            {at_ms for series in found if _device_of(series) in self._site.devices for at_ms in series.times_ms}
        )
        heard = []
        place = bisect_left(times_ms, max(start_ms, self._feed_ms + _SECOND_MS))
        while place < len(times_ms) and times_ms[place] < stop_ms:
            self._feed_ms = times_ms[place]
            heard.append((self._feed_ms, self._feed))
            place = bisect_left(times_ms, self._feed_ms + _SECOND_MS, place)
        return heard


def _device_of(series: HourOfSeries) -> str:
    return "" if series.measurement == CAMERA else dict(series.tags).get("device_id", "")


def _port_of(series: HourOfSeries) -> int | None:
    port = dict(series.tags).get("port")
    return int(port) if port else None


def _ports_first(pair: tuple[int | None, HourOfSeries]) -> bool:
    return pair[0] is None


def _has_gap(before_ms: int | None, times_ms: Sequence[int], silence_ms: int | None) -> bool:
    """Whether it was heard so rarely that its silence may mean something; also if it is heard for the first time."""
    if silence_ms is None:
        return False
    if before_ms is None:
        return True
    gaps_ms = (after - before for before, after in pairwise([before_ms, *times_ms]))
    return any(2 * gap_ms >= silence_ms for gap_ms in gaps_ms)


def _often_enough(times_ms: Sequence[int], silence_ms: int) -> Iterator[int]:
    """Of times with gaps shorter than half a silence: as few as leave no silence, and the last one."""
    last_ms = times_ms[0]
    yield last_ms
    for at_ms in times_ms[1:-1]:
        if 2 * (at_ms - last_ms) >= silence_ms:
            last_ms = at_ms
            yield at_ms
    yield times_ms[-1]
