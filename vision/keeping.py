"""Which looks deserve that their picture is kept: those that a notice, a case or a closing may have to show."""

from collections.abc import Sequence

from msgspec import Struct, structs

from vision.memory import Place
from vision.places import standing

STAYS_S = (0, 60, 180, 300, 600, 900, 1200, 1800, 2700, 3600)
"""A picture when a thing has stood so long, and then one an hour: where the minimum stays of matters lie."""
HOUR_S = 3600
PICTURES_EACH = 2
"""At each of these, and when a place is found empty: a rule that wants two looks finds a picture on the second."""


class Kept(Struct, frozen=True, kw_only=True):
    """Whether to keep this look's picture, and what the next look has to know."""

    keep: bool
    places: tuple[Place, ...]
    clear_owed: int


def decide(places: Sequence[Place], clear_owed: int, *, compress: float) -> Kept:
    """After a healthy look. `compress` is how much faster than life stays count: 1 but in a simulated city."""
    marked = [_marked(place, compress) for place in places]
    owed_clear = PICTURES_EACH if any(place.missed == 1 for place in places) else clear_owed
    keep = owed_clear > 0 or any(place.owed for place in marked if standing(place))
    if not keep:
        return Kept(keep=False, places=tuple(marked), clear_owed=owed_clear)
    paid = (
        structs.replace(place, owed=place.owed - 1) if place.owed and standing(place) else place for place in marked
    )
    return Kept(keep=True, places=tuple(paid), clear_owed=max(owed_clear - 1, 0))


def _marked(place: Place, compress: float) -> Place:
    stay_s = place.stay_ms / 1000 * compress
    reached = sum(stay_s >= mark for mark in STAYS_S) + max(int(stay_s // HOUR_S) - 1, 0)
    if reached <= place.marks:
        return place
    return structs.replace(place, marks=reached, owed=PICTURES_EACH)
