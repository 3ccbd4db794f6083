"""Rules beside what they led to: how often they fired of late, what stands, and how often people found it so."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from console.desk.rules import RuleCard, RuleDesk, RulesInForce
from domain.finding import AlarmState, Severity
from domain.firing import Judged

DAYS: Final = 30
"""So many days are looked back on."""
JUDGED_DAYS: Final = 90
_FLAPPING: Final = AlarmState.FLAPPING


class Tallied(Struct, frozen=True, kw_only=True):
    """One rule and what it led to. `days` are counts by the day on which they were raised."""

    card: RuleCard
    standing: Mapping[Severity, int]
    flapping: int
    last_day: int
    last_week: int
    last_month: int
    days: Mapping[int, int]
    """By when the day began, epoch ms; days without any are left out."""
    judged: Judged | None
    faults: int

    @property
    def open(self) -> int:
        """How many alarms stand."""
        return sum(self.standing.values())

    @property
    def false_share(self) -> float | None:
        """Of what people judged, the share that was none, 0–1; None of nothing."""
        return self.judged.wrong / self.judged.n if self.judged and self.judged.n else None

    @property
    def noise(self) -> tuple[int, int, int, int]:
        """What sorts the noisiest first."""
        return (-self.last_week, -self.last_month, -self.open, -self.flapping)


def tallied(desk: RuleDesk, force: RulesInForce) -> list[Tallied]:
    """Every rule in force, in the order of the files. Blocking."""
    days: dict[str, Counter[int]] = defaultdict(Counter)
    last_day, last_week = Counter[str](), Counter[str]()
    for one in desk.firings(days=DAYS):
        days[one.rule_id][one.day_ms] += one.n
        last_day[one.rule_id] += one.last_day
        last_week[one.rule_id] += one.last_week
    standing: dict[str, Counter[Severity]] = defaultdict(Counter)
    flapping = Counter[str]()
    for each in desk.standing():
        standing[each.rule_id][each.severity] += each.n
        flapping[each.rule_id] += each.n if each.state is _FLAPPING else 0
    judged = {one.rule_id: one for one in desk.judged(days=JUDGED_DAYS)}
    return [
        Tallied(
            card=card,
            standing=standing[card.id],
            flapping=flapping[card.id],
            last_day=last_day[card.id],
            last_week=last_week[card.id],
            last_month=sum(days[card.id].values()),
            days=days[card.id],
            judged=judged.get(card.id),
            faults=force.faults.get(card.id, 0),
        )
        for card in force.rules
    ]
