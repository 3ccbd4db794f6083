"""`longcheng rules list`: what a site's rules watch, from which limit on, and where the numbers come from."""

import logging
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.commands.rules_view import about_rules
from config.limits import Side
from config.load import Site
from domain.finding import Severity
from rules.kinds.baseline import Baseline
from rules.kinds.compound import Compound
from rules.kinds.count import Count
from rules.kinds.presence import Presence
from rules.kinds.rate import Rate
from rules.kinds.silent import Silent
from rules.kinds.stuck import Stuck
from rules.kinds.threshold import Threshold
from rules.kinds.trend import Trend
from rules.kinds.view import View
from rules.limited import LimitedKind
from rules.rule import Kind, Rule

_STYLES = {Severity.NOTICE: "", Severity.WARN: "yellow", Severity.CRITICAL: "bold red"}
_WIDE = 110
"""From so many columns on there is room for sources."""
_NARROW = ("rule", "watches", "severity", "raised", "sure")
_GAP = 2
_UNITS = (("d", 86400.0), ("h", 3600.0), ("min", 60.0))


def listed(rules: Sequence[Rule], site: Site) -> list[dict[str, Any]]:
    """Each rule, and of one with several severities each of them: how many it watches, its limit and its source."""
    with about_rules(logging.ERROR):  # whom a rule cannot speak for is seen in the number
        return [_row(rule, site, level) for rule in rules for level in _levels(rule.spec)]


def table_of(rows: Sequence[dict[str, Any]], out: Console) -> Table:
    """The same for people, a line for each severity; in a narrow window without kinds and sources."""
    wide = out.width >= _WIDE
    heads = ("rule", "kind", "watches", "severity", "raised", "source") if wide else _NARROW
    lines = [_cells(row, again=row["rule"] == before["rule"]) for before, row in pairwise([{"rule": ""}, *rows])]
    widths = {head: max([len(head), *(len(line[head]) for line in lines)]) for head in heads}
    # What is left goes to limits, which must be read in full, and to sources, of which a beginning is enough.
    left = out.width - sum(widths[head] + _GAP for head in heads if head not in {"raised", "source"}) - _GAP
    widths["raised"] = min(widths["raised"], left * 3 // 5 if wide else left)
    widths["source"] = left - widths["raised"] - _GAP
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    for head in heads:
        fold = head == "raised"
        table.add_column(head, width=widths[head], no_wrap=not fold, overflow="fold" if fold else "ellipsis")
    for line in lines:
        table.add_row(*(line[head] for head in heads))
    return table


def _cells(row: dict[str, Any], *, again: bool) -> dict[str, Text]:
    """By head; `again`: the rule stands in the line above."""
    sure = row["confidence"] or "–"
    words = {
        "rule": "" if again else row["rule"],
        "kind": "" if again else row["kind"],
        "watches": "" if again else f"{row['subjects']} {row['of']}",
        "severity": row["severity"],
        "raised": ", ".join(filter(None, (row["limit"], row["hold"]))),
        "sure": "" if again else sure,
        "source": "" if again else f"{sure}: {row['source'] or '–'}",
    }
    styles = {"severity": _STYLES[Severity(row["severity"])], "source": "dim"}
    return {head: Text(text, styles.get(head, "")) for head, text in words.items()}


def _row(rule: Rule, site: Site, level: "_Level") -> dict[str, Any]:
    spec = rule.spec
    return {
        "rule": rule.id,
        "kind": spec.kind,
        "of": _whom(spec),
        "subjects": len(spec.watches(rule, site)),
        "severity": level.severity.value,
        "limit": level.limit,
        "hold": _held(level),
        "hold_s": level.hold_s,
        "samples": level.samples,
        "source": spec.source,
        "confidence": spec.confidence,
        "case": None if spec.case is None else spec.case.matter,
        "file": str(rule.path),
        "line": rule.line("id"),
    }


class _Level(NamedTuple):
    """A severity of a rule and what it takes."""

    severity: Severity
    limit: str
    """In words."""
    hold_s: float
    samples: int = 1


def _whom(spec: Kind) -> str:
    """What a rule watches so many of."""
    if isinstance(spec, Presence):
        return "zone"
    part = getattr(spec.for_each, "part", "device")
    return "port" if part == "port" else spec.for_each.kind


def _levels(spec: Kind) -> Iterator[_Level]:
    if not isinstance(spec, LimitedKind):
        yield _Level(spec.severity, _in_words(spec), getattr(spec, "hold", 0.0))
        return
    for severity in spec.severities:
        level = spec.own_level(severity)
        until = f" until {_side(level.clear, reached=False)}" if level.clear else ""
        limit = f"{_figure(spec)} {_side(level.raise_, reached=True)}{until}"
        yield _Level(severity, limit, level.hold or 0.0, level.samples or 1)


def _figure(spec: LimitedKind) -> str:
    """What is compared with the limits, in short."""
    after = ""
    match spec:
        case Rate():
            after = f" per {spec.per}"
        case Trend():
            after = " per day"
        case Count():
            after = f" {_side(spec.event, reached=True)} in {_time(spec.over)}, times"
        case Stuck():
            after = " the same for"
        case Baseline():
            after = f" from {spec.against}"
        case Threshold() if spec.relative_to:
            after = f" from {spec.relative_to}"
    return spec.metric + after


def _side(side: Side, *, reached: bool) -> str:
    """`≥ 1.5`: a raise limit holds when it is reached, a clear limit only when it is passed."""
    number = side.text.removeprefix(side.key).strip()
    if side.key == "equals":
        return f"= {number}"
    sign = {"above": ">", "below": "<"}[side.key] if not reached else {"above": "≥", "below": "≤"}[side.key]
    return f"{sign} {number}"


def _in_words(spec: Kind) -> str:
    """What raises a rule that has no limits for a metric."""
    if isinstance(spec, Silent):
        least = f", at least {_time(spec.at_least)}" if spec.at_least else ""
        return f"{spec.after_intervals:g} intervals without a word{least}"
    if isinstance(spec, Presence):
        stays = sorted({_time(stay_s) for stay_s in spec.stays_s.values()})
        return f"{spec.confirm.k} of {spec.confirm.n} looks, {' or '.join(stays)}, in {', '.join(spec.zone_roles)}"
    if isinstance(spec, View):
        return f"{spec.confirm.k} of {spec.confirm.n} looks {', '.join(spec.views)}"
    if isinstance(spec, Compound):
        groups = [f"{group} of {', '.join(patterns)}" for group, patterns in spec.groups() if patterns]
        return "; ".join([*groups, *([" ".join(spec.when.split())] if spec.when else [])])
    return ""


def _held(level: _Level) -> str:
    parts = [_time(level.hold_s)] if level.hold_s else []
    return ", ".join([*parts, *([f"{level.samples} in a row"] if level.samples > 1 else [])])


def _time(seconds: float) -> str:
    for unit, size in _UNITS:
        if seconds >= size and (seconds / size).is_integer():
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"
