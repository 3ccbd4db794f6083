"""Schedules that ask for holidays which nobody has entered."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from config.lint import Doubt, workday_doubts
from config.load import Site
from rules.rule import Rule
from rules.schedule import ScheduleSpec


def of_site(rules: Sequence[Rule], site: Site, today: date) -> Iterator[Doubt]:
    """The years that the table of holidays lacks, if a rule hangs on it."""
    asking = [rule.id for rule in rules if _asks(getattr(rule.spec, "schedule", None))]
    if asking:
        for lacking in workday_doubts(site, today):
            yield replace(lacking, problem=f"{lacking.problem}: {', '.join(asking)} would speak on the wrong days")


def _asks(schedule: str | ScheduleSpec | None) -> bool:
    return isinstance(schedule, ScheduleSpec) and schedule.asks_for_workdays
