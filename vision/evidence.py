"""The copy of a picture that may leave: people and plates hidden, and what was seen drawn on it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import tzinfo
from typing import Protocol

import cv2
from msgspec import Struct

from config.load import Site
from config.texts import Texts
from domain.clock import utc
from domain.register import Camera, ZoneRole
from domain.sighting import Box, SeenObject, Sighting
from vision import drawing
from vision.classes import PERSON, WITH_PLATES
from vision.memory import Detection
from vision.picture import Pixels, decode
from vision.view_health.same_view import MOVED_SHARE

QUALITY = 85
HEAD_SHARE = 0.30
"""Part of a person's box that is hidden from the top on …"""
HEAD_OF_WIDTH = 0.6
"""… but at least so much of its width: of one who rides, stoops, lies, or is cut by the picture's edge, the head is
more of the box …"""
HEAD_ABOVE = 0.10
HEAD_ASIDE = 0.25
"""… and so much more: above as a share of the height, on each side as a share of the width. Boxes are loose."""
FACE_ASIDE, FACE_ABOVE, FACE_BELOW = 0.35, 0.5, 0.2
PLATE_SHARE = 0.45
"""Part of a vehicle's box that is hidden from the bottom on."""
TILE = 0.6
"""Side of the parts, as a share of the picture, that are searched once more: in the road video the detector finds
10–19 people in a whole frame, and 13–36 when it also looks at the four corners."""
OCCUPIED: drawing.Colour = (60, 60, 220)
CLEAR: drawing.Colour = (90, 170, 60)

Detect = Callable[[Pixels], tuple[Detection, ...]]
Corner = tuple[float, float]


class Faces(Protocol):
    """What finds faces, where there is such a detector."""

    def find(self, pixels: Pixels) -> tuple[Box, ...]:
        """Every face, tightly from brow to chin."""
        ...


class Hider(Struct, frozen=True, kw_only=True):
    """What knows where people and plates are."""

    detect: Detect
    faces: Faces | None = None

    def parts(self, picture: Pixels) -> list[Box]:
        """All that must not be seen in a picture."""
        aspect = picture.shape[1] / picture.shape[0]
        found = (
            []
            if self.faces is None
            else [_placed(face, corner) for part, corner in searched(picture) for face in self.faces.find(part)]
        )
        return [*hidden_parts(sensitive(picture, self.detect), aspect), *(_grown(face) for face in found)]


class Words(Struct, frozen=True, kw_only=True):
    """In which language and time zone to write."""

    texts: Texts
    language: str
    timezone: tzinfo

    @classmethod
    def of(cls, site: Site) -> "Words":
        """As the site's settings say."""
        return cls(texts=site.texts, language=site.settings.language, timezone=site.timezone)

    def say(self, key: str, **facts: object) -> str:
        """A text of the area `evidence`."""
        return self.texts.say(self.language, f"evidence.{key}", facts)


def shareable_copy(data: bytes, sighting: Sighting, camera: Camera, hider: Hider, words: Words) -> bytes:
    """The JPEG that may be shown and sent: encoded anew from pixels, so that nothing else of the file is in it.

    `data` must be a picture that can be decoded. The camera's zones are drawn where they are: as they lay in the view.
    Masks are wider by what a view may move and count as healthy, since that is not told where it cannot be measured.
    """
    picture = decode(data)
    for box in hider.parts(picture):
        drawing.hide(picture, box)
    for zone in camera.zones:
        if zone.role is ZoneRole.MASK:
            drawing.blank(picture, zone.polygon, MOVED_SHARE)
    _annotate(picture, sighting, camera, words)
    _, encoded = cv2.imencode(
        ".jpg", drawing.with_caption(picture, _caption(sighting, camera, words)), [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    )
    return bytes(encoded)


def searched(picture: Pixels) -> Iterator[tuple[Pixels, Corner | None]]:
    """The picture whole, and in four parts that overlap, each with its upper left corner: what is small is found there.

    Without a corner it is the whole picture.
    """
    yield picture, None
    height, width = picture.shape[:2]
    for left in (0.0, 1 - TILE):
        for top in (0.0, 1 - TILE):
            x, y = round(left * width), round(top * height)
            yield picture[y : y + round(TILE * height), x : x + round(TILE * width)], (left, top)


def _placed(box: Box, corner: Corner | None) -> Box:
    """A box of a part, in the picture."""
    if corner is None:
        return box
    (left, top), (x1, y1, x2, y2) = corner, box
    return (left + x1 * TILE, top + y1 * TILE, left + x2 * TILE, top + y2 * TILE)


def sensitive(picture: Pixels, detect: Detect) -> list[Detection]:
    """People and vehicles anywhere in the picture, small ones too."""
    return [
        Detection(label=thing.label, score=thing.score, box=_placed(thing.box, corner))
        for part, corner in searched(picture)
        for thing in detect(part)
        if thing.label == PERSON or thing.label in WITH_PLATES
    ]


def hidden_parts(found: Sequence[Detection], aspect: float = 1.0) -> list[Box]:
    """What must not be seen: the heads of people, the lower parts of vehicles.

    `aspect` is the picture's width by its height.
    """
    parts: list[Box] = []
    for thing in found:
        x1, y1, x2, y2 = thing.box
        if thing.label == PERSON:
            aside, height = HEAD_ASIDE * (x2 - x1), y2 - y1
            head = min(max(HEAD_SHARE * height, HEAD_OF_WIDTH * aspect * (x2 - x1)), height)
            parts.append((x1 - aside, y1 - HEAD_ABOVE * height, x2 + aside, y1 + head))
        else:
            parts.append((x1, y2 - PLATE_SHARE * (y2 - y1), x2, y2))
    return parts


def _grown(face: Box) -> Box:
    """A face with hair and ears."""
    x1, y1, x2, y2 = face
    aside, above = FACE_ASIDE * (x2 - x1), FACE_ABOVE * (y2 - y1)
    return (x1 - aside, y1 - above, x2 + aside, y2 + FACE_BELOW * (y2 - y1))


def _annotate(picture: Pixels, sighting: Sighting, camera: Camera, words: Words) -> None:
    seen = {zone.zone: zone.objects for zone in sighting.zones}
    for zone in camera.zones:
        if zone.role is not ZoneRole.MASK:
            drawing.outline(picture, zone.polygon, OCCUPIED if seen.get(zone.zone) else CLEAR)
    things = {thing.box: thing for objects in seen.values() for thing in objects}
    labels = [(box, f"{words.say(f'class.{thing.label}')} {thing.score:.2f}") for box, thing in things.items()]
    drawing.frames(picture, labels, OCCUPIED)


def _caption(sighting: Sighting, camera: Camera, words: Words) -> list[str]:
    taken = utc(sighting.taken_ms).astimezone(words.timezone)
    where = words.say("place", road=camera.location.road, camera=camera.name)
    when = words.say("time", time=taken.strftime("%Y-%m-%d %H:%M:%S"))
    roles = {zone.zone: zone.role for zone in camera.zones}
    seen = [
        words.say(
            "seen",
            zone=words.say(f"role.{roles[zone.zone].value}"),
            things=_things(zone.objects, words),
            stay=_stay(max(thing.stay_s for thing in zone.objects), words),
        )
        for zone in sighting.zones
        if zone.objects
    ]
    return [f"{where}　{when}", *(seen or [words.say("clear")]), words.say("blurred")]


def _things(objects: Sequence[SeenObject], words: Words) -> str:
    counts: dict[str, int] = {}
    for thing in objects:
        counts[thing.label] = counts.get(thing.label, 0) + 1
    return words.say("and").join(
        words.say("thing", name=words.say(f"class.{label}"), count=count) for label, count in counts.items()
    )


def _stay(stay_s: float, words: Words) -> str:
    if stay_s < 60:
        return words.say("seconds", seconds=int(stay_s))
    minutes = int(stay_s // 60)
    return (
        words.say("minutes", minutes=minutes)
        if minutes < 60
        else words.say("hours", hours=minutes // 60, minutes=minutes % 60)
    )
