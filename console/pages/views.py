"""Cameras as a bar of their views, and the ones that cannot see."""

from msgspec import Struct

from console.city import UNKNOWN, CameraNow, City
from console.words import Words
from domain.errors import SourceFault
from domain.sighting import ViewHealth


class BarPart(Struct, frozen=True, kw_only=True):
    """One stretch of the bar; `start` and `length` count cameras."""

    view: str
    word: str
    start: int
    length: int


class FaultyCamera(Struct, frozen=True, kw_only=True):
    """A camera that cannot see."""

    id: str
    name: str
    where: str
    view: str
    fault: str
    measured: str
    """What was measured, in the reader's language; empty where the fault says it all."""
    healthy_ms: int | None


def bar(city: City, words: Words) -> list[BarPart]:
    """The healthy stretch first, then faults from frequent to rare, then what nobody knows."""
    counts = city.views
    rest = [view for view, _ in counts.most_common() if view not in {ViewHealth.HEALTHY, UNKNOWN}]
    out, start = [], 0
    for view in [ViewHealth.HEALTHY.value, *rest, UNKNOWN]:
        if length := counts[view]:
            out.append(BarPart(view=view, word=words.term("view", view), start=start, length=length))
            start += length
    return out


def faulty(city: City, words: Words) -> list[FaultyCamera]:
    """Cameras without a healthy view, the longest without one first."""
    return [_faulty(camera, words) for camera in city.cameras if camera.view != ViewHealth.HEALTHY]


def _faulty(now: CameraNow, words: Words) -> FaultyCamera:
    fault, measured = said_fault(now, words)
    location = now.camera.location
    return FaultyCamera(
        id=now.camera.camera_id,
        name=now.camera.name,
        where=f"{location.sub_district} · {location.road}",
        view=now.view,
        fault=fault,
        measured=measured,
        healthy_ms=now.healthy_ms,
    )


def said_fault(now: CameraNow, words: Words) -> tuple[str, str]:
    """What ails a view in words; and what was measured where the words do not say it all."""
    view = words.term("view", now.view)
    named = now.fault in set(SourceFault)
    if named and now.fault != now.view:
        view = words.say("cameras.fault", view=view, fault=words.term("fault", now.fault or ""))
    measured = "" if named else now.fault or ""
    return view, words.retold(measured) or measured
