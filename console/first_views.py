"""Every page made once after a start, before anybody asks for it."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from console.access.caller import By, Caller
from console.pages.looking import View
from console.pages.rail import RAIL
from console.pages.render import Pages
from domain.permission import Permission

_BREATH_S: Final = 0.05
"""Between two of them, for who asks meanwhile."""
_OVER_S: Final = 3600.0


class FirstViews:
    """Counts what is counted once, puts the rules into words, reads templates: nobody's first page waits for it."""

    def __init__(self, pages: Pages, language: str) -> None:
        self._left: Iterator[Callable[[], object]] = _all(pages, language)

    def step(self) -> float:
        """The next one; returns how long to rest, in seconds. What fails now is told, and fails again when asked."""
        make = next(self._left, None)
        if make is None:
            return _OVER_S
        make()
        return _BREATH_S


def _all(pages: Pages, language: str) -> Iterator[Callable[[], object]]:
    caller = Caller(by=By.NOTHING, address="", permissions=frozenset(Permission))
    seat = pages.seat(caller)
    for stop in RAIL:
        yield partial(pages.page, View(language=language, name=stop.name), seat)
    for name in pages.templates():
        yield partial(pages.prepare, name)
