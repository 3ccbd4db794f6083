"""Families of figures, as Prometheus knows them. Names are given without `longcheng_`, counters without `_total`."""

import math
from collections.abc import Iterable, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from domain.service import Requests

PREFIX: Final = "longcheng_"


def gauge(name: str, text: str, value: float) -> Metric:
    """One figure that rises and falls."""
    return GaugeMetricFamily(f"{PREFIX}{name}", text, value=float(value))


def counter(name: str, text: str, value: float) -> Metric:
    """One figure that only grows, but for a restart."""
    return CounterMetricFamily(f"{PREFIX}{name}", text, value=float(value))


def gauges(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    """One figure for each value of a label."""
    family = GaugeMetricFamily(f"{PREFIX}{name}", text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], float(value))
    return family


def counters(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    """One growing figure for each value of a label."""
    family = CounterMetricFamily(f"{PREFIX}{name}", text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], float(value))
    return family


def histogram(name: str, text: str, requests: Requests) -> Metric:
    """How long requests took."""
    buckets = [(f"{bound_s:g}", float(n)) for bound_s, n in requests.within]
    buckets.append(("+Inf", float(requests.count)))
    return HistogramMetricFamily(f"{PREFIX}{name}", text, buckets=buckets, sum_value=requests.took_s)


def seconds_left(left_s: float | None) -> float:
    """A time that may never come."""
    return math.inf if left_s is None else left_s


def exposition(families: Iterable[Metric]) -> bytes:
    """Prometheus' text format, version 0.0.4."""
    registry = CollectorRegistry()
    registry.register(_Once(families))
    return generate_latest(registry)


class _Once(Collector):
    """Families that are made for one answer."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families
