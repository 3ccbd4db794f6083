"""The MetricsQL that we ask VictoriaMetrics, as text."""

import re
from collections.abc import Collection, Mapping

from domain.point import Aggregate

MEASUREMENT, TYPE = "measurement", "value_type"
"""Labels that say of each series what its name and its numbers do not."""
OF = "__of__"
"""The label that tells a series' newest value (`value`) from its time in s (`time`); no tag can have this name."""
_OVER = {
    Aggregate.MEAN: "sum(sum_over_time({0})) / sum(count_over_time({0}))",
    Aggregate.MIN: "min(min_over_time({0}))",
    Aggregate.MAX: "max(max_over_time({0}))",
    Aggregate.SUM: "sum(sum_over_time({0}))",
    Aggregate.COUNT: "sum(count_over_time({0}))",
    Aggregate.LAST: (
        f'union(label_set(last_over_time({{0}}), "{OF}", "value"), '
        f'label_set(tlast_over_time({{0}}) keep_metric_names, "{OF}", "time"))'
    ),
}


def quoted(text: str) -> str:
    """A string literal that holds exactly this text; it has no control characters."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def name(measurement: str, field: str) -> str:
    """What VictoriaMetrics calls the series of a field."""
    return f"{measurement}_{field}"


def selector(measurement: str, tags: Mapping[str, str], field: str | None = None) -> str:
    """The series of a measurement that carry these tags, and of one field of it."""
    wanted = {MEASUREMENT: measurement, **tags}
    if field is not None:
        wanted = {"__name__": name(measurement, field), **wanted}
    return "{" + ",".join(f"{_label(key)}={quoted(value)}" for key, value in wanted.items()) + "}"


def selector_of_all(measurements: Collection[str]) -> str:
    """All series that we wrote, or those of these measurements."""
    if not measurements:
        return f'{{{MEASUREMENT}!=""}}'
    return f"{{{MEASUREMENT}=~{quoted('|'.join(re.escape(one) for one in sorted(measurements)))}}}"


def over(aggregate: Aggregate, picked: str, window_ms: int, offset_ms: int = 0) -> str:
    """The figure of all values in the window that ends with the moment asked for, that moment included.

    With an offset the window is so much later. For `last` the series come apart, with values and times: see `OF`.
    """
    offset = f" offset -{offset_ms}ms" if offset_ms else ""
    return _OVER[aggregate].replace("{0}", f"{picked}[{window_ms}ms]{offset}")


def _label(text: str) -> str:
    return re.sub(r"^\d|[^A-Za-z0-9_]", lambda match: "\\" + match[0], text)
