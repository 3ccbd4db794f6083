"""Who gives limits to a subject, and who of them wins: subject → plan → model → default.

It is settled for each severity by itself: a plan that says only when a lean is critical leaves the other levels to the
model or the rule. What the winner leaves unsaid (clear, for, samples) is as the rule has it.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from config.limits import Confidence, Level, Side
from config.place import Place
from domain.finding import Severity


class Step(StrEnum):
    """Who gives a limit; the first wins."""

    SUBJECT = "subject"
    PLAN = "plan"
    MODEL = "model"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The limits that one place gives a subject."""

    step: Step
    by: str
    """What stands in no language for the place: the rule's id, with the subject for an override; a plan; a model."""
    levels: Mapping[Severity, Level]
    place: Place
    """Of the keys `raise` or `levels`."""
    leveled: bool
    source: str | None = None
    confidence: Confidence | None = None
    from_ms: float = -math.inf
    until_ms: float = math.inf

    def holds(self, at_ms: float | None) -> bool:
        """Whether it counts at this time; None: at no time in particular, so only what always counts."""
        if at_ms is None:
            return self.from_ms == -math.inf and self.until_ms == math.inf
        return self.from_ms <= at_ms < self.until_ms

    def place_of(self, severity: Severity) -> Place:
        """Where the limits of this severity stand."""
        return self.place.at("levels", severity.value) if self.leveled else self.place


def starts_ms(chain: Sequence[Given]) -> tuple[float, ...]:
    """The moments at which something in the chain begins or ends to count, and before all time."""
    edges = {edge for given in chain for edge in (given.from_ms, given.until_ms)}
    return (-math.inf, *sorted(edge for edge in edges if math.isfinite(edge)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One severity's limits, as they would hold if this place won; and whether it does."""

    severity: Severity
    step: Step
    raise_: Side
    clear: Side | None
    hold_s: float
    samples: int
    where: str
    """`trees.yaml:12 tree-tilt`: file, line of the raise limit, and who says it."""
    source: str | None
    confidence: Confidence | None
    place: Place
    wins: bool
    why: str
    """Why it wins or does not, in English."""

    @property
    def hold_ms(self) -> int:
        """How long the raise limit must hold."""
        return round(self.hold_s * 1000)


def candidates(
    chain: Sequence[Given], severities: Sequence[Severity], at_ms: float | None = None
) -> tuple[Candidate, ...]:
    """All that is given, by severity in the order of `severities`, and of each the first of the chain first."""
    return tuple(found for severity in severities for found in _of_one(chain, severity, at_ms))


def winners(
    chain: Sequence[Given], severities: Sequence[Severity], at_ms: float | None = None
) -> tuple[Candidate, ...]:
    """The limits that hold, in the order of `severities`."""
    return tuple(found for found in candidates(chain, severities, at_ms) if found.wins)


def _of_one(chain: Sequence[Given], severity: Severity, at_ms: float | None) -> Iterator[Candidate]:
    given = [each for each in chain if severity in each.levels]
    counting = [each for each in given if each.holds(at_ms)]
    rule = given[-1].levels[severity]
    for each in given:
        level, place = each.levels[severity], each.place_of(severity)
        hold_s = rule.hold if level.hold is None else level.hold
        yield Candidate(
            severity=severity,
            step=each.step,
            raise_=level.raise_,
            clear=level.clear or rule.clear,
            hold_s=hold_s or 0.0,
            samples=level.samples or rule.samples or 1,
            where=f"{place.told('raise')} {each.by}",
            source=each.source,
            confidence=each.confidence,
            place=place,
            wins=each is counting[0],
            why=_why(each, counting, at_ms),
        )


def _why(each: Given, counting: Sequence[Given], at_ms: float | None) -> str:
    first = counting[0]
    if not each.holds(at_ms):
        return "does not count at this time" if at_ms is not None else "counts only for a time"
    if each is not first:
        return f"the {first.step} comes before the {each.step}" if first.step != each.step else "a closer one wins"
    if each.step is Step.DEFAULT:
        return "nobody says otherwise"
    return "comes first: subject, plan, model, default"
