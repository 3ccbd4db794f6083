"""The figures of cases by the unit that has them."""

from collections import defaultdict
from collections.abc import Mapping

from cases.kpi.facts import Facts, facts_of
from cases.kpi.period import Period
from cases.kpi.sheet import Sheet, sheet_of
from config.load import Site
from domain.case import Case, LogEntry
from domain.history import History


def by_unit(history: History, site: Site, period: Period, as_of_ms: int) -> Mapping[str, Sheet]:
    """A sheet for each unit that has a case of the period, counted like the city's. A case is its last unit's.

    What shops put right themselves is nobody's case, so it is in none of them.
    """
    cases: dict[str, list[Case]] = defaultdict(list)
    unit_of: dict[str | None, str] = {}
    for case in history.cases:
        cases[case.unit].append(case)
        unit_of[case.id] = case.unit
    lines: dict[str, list[LogEntry]] = defaultdict(list)
    for line in history.lines:
        if (unit := unit_of.get(line.case_id)) is not None:
            lines[unit].append(line)
    counted: dict[str, Facts] = {
        unit: facts_of(History(cases=own, lines=lines[unit]), site, as_of_ms).within(period)
        for unit, own in cases.items()
    }
    return {
        unit: sheet_of(facts) for unit, facts in sorted(counted.items()) if facts.opened or facts.closed or facts.due
    }
