"""What matters in the end: not boxes but whether a zone was rightly said to be taken or clear."""

from collections.abc import Sequence

from msgspec import Struct

from domain.register import Zone, ZoneRole
from domain.sighting import Box
from vision.classes import FAMILIES
from vision.zones import masked, zones_of

Thing = tuple[str, Box]
"""Its class and where it is."""


class Question(Struct, frozen=True, kw_only=True):
    """What a rule asks of a zone: whether one of these classes is in one of these roles."""

    name: str
    classes: frozenset[str]
    roles: frozenset[ZoneRole]


class Verdicts(Struct, frozen=True, kw_only=True):
    """How a question was answered over all zones of all pictures."""

    name: str
    taken: int = 0
    """Rightly said to be taken."""
    false: int = 0
    """Said to be taken, and clear."""
    missed: int = 0
    """Said to be clear, and taken."""
    clear: int = 0
    """Rightly said to be clear."""

    @property
    def precision(self) -> float | None:
        """Of the zones said to be taken, the share that was."""
        return self.taken / (self.taken + self.false) if self.taken + self.false else None

    @property
    def recall(self) -> float | None:
        """Of the zones that were taken, the share said to be so."""
        return self.taken / (self.taken + self.missed) if self.taken + self.missed else None


def answered(
    question: Question, pictures: Sequence[tuple[tuple[Zone, ...], Sequence[Thing], Sequence[Thing]]]
) -> Verdicts | None:
    """The question put to each picture's zones, by what is there and by what was found; None if no zone has the role.

    One picture decides here. In service it takes several that agree, over minutes.
    """
    counts = {(there, said): 0 for there in (True, False) for said in (True, False)}
    for zones, truths, found in pictures:
        there, said = _taken(question, zones, truths), _taken(question, zones, found)
        for zone in zones:
            if zone.role in question.roles:
                counts[zone.zone in there, zone.zone in said] += 1
    if not sum(counts.values()):
        return None
    return Verdicts(
        name=question.name,
        taken=counts[True, True],
        false=counts[False, True],
        missed=counts[True, False],
        clear=counts[False, False],
    )


def _taken(question: Question, zones: tuple[Zone, ...], things: Sequence[Thing]) -> set[str]:
    return {
        zone.zone
        for label, box in things
        if label in question.classes and label in FAMILIES and not masked(box, zones)
        for zone, _ in zones_of(box, FAMILIES[label], zones)
    }
