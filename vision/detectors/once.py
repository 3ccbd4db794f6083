"""What is made when it is first needed."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Once(Generic[Made]):
    """Something that takes time and memory to make: made when it is first asked for, by whichever thread asks."""

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make = make
        self._made: Made | None = None
        self._turn = Lock()

    def __call__(self) -> Made:
        """The one that there is from then on. Raises what making it raises; then the next who asks tries again."""
        with self._turn:
            if self._made is None:
                self._made = self._make()
            return self._made
