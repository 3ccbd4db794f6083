"""How long cases stayed at each step, from the one before."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from cases.kpi.lines import REPORTED
from cases.kpi.share import Spread
from domain.case import Case
from domain.figures import CaseMoment

DISPATCHED: Final = frozenset({"case_dispatched", "case_assigned", "case_emergency"})
TAKEN: Final = frozenset({"case_taken"})
TOLD_OF_STEPS: Final = DISPATCHED | TAKEN | REPORTED
"""All lines that the steps are told by."""
STEPS: Final = ("dispatch", "begin", "handle", "check", "whole")
"""Filed to dispatched; to begun by somebody; to reported as done; to closed; and from filed to closed."""


def step_times(cases: Iterable[Case], moments: Iterable[CaseMoment]) -> dict[str, Spread]:
    """Of each step, over those of these closed cases that went through it. Of a step that was gone through again, the
    first time counts; a step that nobody wrote down is left out, so each has its own n."""
    first: dict[str, dict[str, int]] = defaultdict(dict)
    for moment in moments:
        for name, whats in (("dispatched", DISPATCHED), ("taken", TAKEN), ("reported", REPORTED)):
            if moment.what in whats:
                first[moment.case_id].setdefault(name, moment.at_ms)
    took: dict[str, list[int]] = {name: [] for name in STEPS}
    for case in cases:
        for name, ms in _took(case, first.get(case.id, {})):
            took[name].append(ms)
    return {name: Spread.of(each) for name, each in took.items()}


def _took(case: Case, at: Mapping[str, int]) -> list[tuple[str, int]]:
    dispatched, taken, reported = (at.get(name) for name in ("dispatched", "taken", "reported"))
    begun = taken if taken is not None else dispatched
    spans = (
        ("dispatch", case.opened_ms, dispatched),
        ("begin", dispatched, taken),
        ("handle", begun, reported),
        ("check", reported, case.closed_ms),
        ("whole", case.opened_ms, case.closed_ms),
    )
    return [(name, end - start) for name, start, end in spans if start is not None and end is not None and end >= start]
