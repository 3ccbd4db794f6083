"""What a worker knows about one camera between two looks. Any worker can carry on from it."""

import msgspec
from msgspec import Struct

from domain.sighting import Box, ViewHealth
from vision.album import Album
from vision.leftover import Backgrounds
from vision.look_time import LookTime
from vision.view_memory import ViewMemory


class Detection(Struct, frozen=True, kw_only=True, gc=False):
    """One thing a detector found."""

    label: str
    score: float
    box: Box


class Place(Struct, frozen=True, kw_only=True):
    """One thing that stands, or lately stood, at one place: known by place, class and looks, never by a number."""

    label: str
    home: Box
    """Where it was first seen, as if the view had not swayed; it follows a thing that is nudged."""
    box: Box
    """Where it was last seen, as if the view had not swayed."""
    score: float
    patch: bytes
    """The appearance of `home` with the thing in it."""
    ground: bytes = b""
    """… and of the ground around it."""
    stay_ms: int
    seen_ms: int
    """When it was last seen, in the camera's own time."""
    looks: int
    found: int = 0
    """Looks in which the detector itself found it."""
    missed: int = 0
    """Looks in a row that could see the place, and did not see the thing."""
    held: int = 0
    """Looks since the detector last found it in which the place had not changed."""
    hidden: int = 0
    """Looks in a row that could not tell whether it is there: something stood before it, or the place looked neither
    as with the thing nor as without it."""
    odd: int = 0
    """Looks in a row in which a thing of its class stood there and looked like another one."""
    odd_ms: int = 0
    """How long that other one has been there."""
    marks: int = 0
    """How many of the stays that deserve a picture it has reached."""
    owed: int = 0
    """Pictures still to be kept of it."""
    onset: str | None = None
    """Name of the first picture that was kept of it."""
    context: str | None = None
    """Name of the kept picture of this view before it came."""


class CameraMemory(Struct, frozen=True, kw_only=True):
    """Everything about one camera that outlives a look."""

    zones_key: str = ""
    """Names the zones that the last look was sorted into."""
    redrawn: bool = False
    """Whether they are new, and no look yet has been good enough to lay them on."""
    looks: int = 0
    healthy: int = 0
    """How many of them were healthy, as far as that matters."""
    left_in: tuple[str, ...] = ()
    """Zones in which a thing of no class stood when last it could be told."""
    doubtful: tuple[str, ...] = ()
    """Those of them that it stood in when the view became another one …"""
    doubtful_ms: int = 0
    """… and when that was, in the camera's own time."""
    view: ViewHealth | None = None
    """What the last look's picture was good for."""
    seen: ViewMemory = ViewMemory()
    backgrounds: Backgrounds = Backgrounds()
    inferred: bytes = b""
    """The thumb of the last picture that the detector saw."""
    detections: tuple[Detection, ...] = ()
    """What it found there, and where it would lie if the view had not swayed."""
    reused: int = 0
    """Looks in a row that counted these detections again."""
    time: LookTime = LookTime()
    places: tuple[Place, ...] = ()
    clear_owed: int = 0
    """Pictures of the cleared view still to be kept."""
    album: Album = Album()


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(CameraMemory)


def to_bytes(memory: CameraMemory) -> bytes:
    """The memory as it is stored."""
    return _encoder.encode(memory)


def from_bytes(data: bytes | None) -> CameraMemory:
    """A stored memory. None, or one that another version wrote and this one cannot read, is an empty one."""
    if data is None:
        return CameraMemory()
    try:
        return _decoder.decode(data)
    except msgspec.DecodeError:
        return CameraMemory()
