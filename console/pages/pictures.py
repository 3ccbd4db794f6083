"""Where an evidence picture can be looked at."""

from pathlib import Path
from urllib.parse import quote

from msgspec import Struct

from console.desk.city import Desk
from console.words import Words
from domain.case import Case
from domain.finding import Evidence
from domain.ladder import Ladder


class Shot(Struct, frozen=True, kw_only=True):
    """One of the four pictures of a story: `context`, `onset`, `confirmed` or `cleared`."""

    what: str
    url: str | None
    """None where the picture was not kept, or no longer is."""
    at_ms: int
    caption: str
    alt: str
    name: str = ""
    """The picture's own, by which its original is asked for."""


class Pictures:
    """Addresses of the blurred copies, checked to be there: retention may have taken them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def url(self, evidence: Evidence | None) -> str | None:
        """The address, or None where no picture was kept."""
        if evidence is None or evidence.picture is None or shareable(self._desk, evidence.picture) is None:
            return None
        return address(evidence.picture)


def shots(story: Case | Ladder, name: str, words: Words, pictures: Pictures) -> tuple[Shot, ...]:
    """The pictures of a case or ladder in the order of time, each only once; `name` is whose place it is."""
    looks = {
        "context": story.context,
        "onset": story.onset,
        "confirmed": story.confirmed,
        "cleared": story.cleared,
    }
    out: list[Shot] = []
    shown: set[str] = set()
    for what, look in looks.items():
        if look is None or look.look_id in shown:
            continue
        shown.add(look.look_id)
        caption, alt = words.say(f"shot.{what}"), words.say(f"shot.{what}_alt", name=name)
        url, name_of_it = pictures.url(look), look.picture or ""
        out.append(Shot(what=what, url=url, at_ms=look.taken_ms, caption=caption, alt=alt, name=name_of_it))
    return tuple(out)


def address(name: str) -> str:
    """The path under which the blurred copy of a picture is served."""
    return f"/evidence/{quote(name)}.jpg"


def shareable(desk: Desk, name: str) -> Path | None:
    """The blurred copy of a picture. Names that could lead to an original, or out of the store, have none."""
    return desk.picture(name) if is_ours(name) else None


def is_ours(name: str) -> bool:
    """Whether a name can be a picture's. What a store may think of others is not even asked."""
    parts = name.split("/")
    odd = any(
        not part or part.startswith(".") or part.endswith(".original") or not part.isprintable() for part in parts
    )
    return not odd and "\\" not in name
