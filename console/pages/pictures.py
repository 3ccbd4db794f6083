"""Where an evidence picture can be looked at."""

from pathlib import Path
from urllib.parse import quote

from console.desk import Desk
from domain.finding import Evidence


class Pictures:
    """Addresses of the blurred copies, checked to be there: retention may have taken them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def url(self, evidence: Evidence | None) -> str | None:
        """The address, or None where no picture was kept."""
        if evidence is None or evidence.picture is None or shareable(self._desk, evidence.picture) is None:
            return None
        return address(evidence.picture)


def address(name: str) -> str:
    """The path under which the blurred copy of a picture is served."""
    return f"/evidence/{quote(name)}.jpg"


def shareable(desk: Desk, name: str) -> Path | None:
    """The blurred copy of a picture. Names that could lead to an original, or out of the store, have none."""
    parts = name.split("/")
    if any(not part or part.startswith(".") or part.endswith(".original") or not part.isprintable() for part in parts):
        return None
    return None if "\\" in name else desk.picture(name)
