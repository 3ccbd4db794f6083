"""Whether the limits that a chain gives can be, each by itself and with those that it stands before."""

from collections.abc import Sequence
from itertools import pairwise

from config.limits import Side
from domain.finding import Severity
from rules.chain import Candidate, Given, Step, candidates, starts_ms, winners
from rules.limits import Figure, check_sides


def check_chain(
    chain: Sequence[Given], severities: Sequence[Severity], figure: Figure, *, of: str, leveled: bool
) -> None:
    """Raise ConfigError, with file and line, if they cannot be. `of`: the rule's id; `leveled`: it has levels."""
    for given in chain:
        _check_names(given, severities, of=of, leveled=leveled)
    for one in candidates(chain, severities):
        check_sides(one.place, one.raise_, one.clear, figure)
    for at_ms in starts_ms(chain):
        check_levels(winners(chain, severities, at_ms))


def _check_names(given: Given, severities: Sequence[Severity], *, of: str, leveled: bool) -> None:
    """A level that the rule does not have would never be asked for; a bare `raise` would not say which is meant."""
    known = ", ".join(severity.value for severity in reversed(severities))
    if leveled and not given.leveled:
        raise given.place.wrong(f"raise is given, but the rule {of!r} has the levels {known}: name them", "raise")
    for severity in given.levels:
        if severity not in severities:
            problem = f"there is no level {severity.value!r} in the rule {of!r}; it has {known}"
            raise given.place.wrong(problem, "levels", severity.value)


def check_levels(levels: Sequence[Candidate]) -> None:
    """Raise ConfigError if of two severities, the most severe first, the worse one is not the harder to reach.

    The limits may come from several places: the error is at the one that comes first in the chain.
    """
    for worse, milder in pairwise(levels):
        _check_pair(worse, milder)


def _check_pair(worse: Candidate, milder: Candidate) -> None:
    steps = tuple(Step)
    place = worse.place if steps.index(worse.step) <= steps.index(milder.step) else milder.place
    if worse.raise_.key == "equals":
        raise place.wrong("a switch has one limit: give severity, and no levels", "raise", "equals")
    said = f"{worse.severity} is raised {worse.raise_.text}, {milder.severity} {milder.raise_.text} ({milder.where})"
    if worse.raise_.key != milder.raise_.key:
        raise place.wrong(f"{said}: all levels must be on one side", "raise")
    gap = worse.raise_.beyond(milder.raise_)
    longer = worse.hold_s > milder.hold_s or worse.samples > milder.samples
    if gap < 0 or (gap == 0 and not longer):
        raise place.wrong(f"{said}: the worse level must be harder to reach", "raise")
    if _end(worse).beyond(_end(milder)) < 0:
        problem = f"{worse.severity} ends only {_ended(worse)}, {milder.severity} {_ended(milder)} already"
        raise place.wrong(f"{problem}: the worse level must end first", "clear")


def _end(level: Candidate) -> Side:
    """Where the level ends, as a limit of the side that is raised."""
    return level.raise_ if level.clear is None else level.clear.mirrored


def _ended(level: Candidate) -> str:
    return (level.clear or level.raise_.mirrored).text
