"""What the demo has to say of something only once it is there: nobody knows how long that takes on this machine."""

from collections.abc import Callable


class Firsts:
    """Each is told once."""

    def __init__(self, *ask: Callable[[], str]) -> None:
        """Each of `ask` gives its line, empty for as long as there is nothing to say. May block."""
        self._ask = list(ask)

    def come(self) -> list[str]:
        """The lines of what has come since it was asked last."""
        asked = [(ask, ask()) for ask in self._ask]
        self._ask = [ask for ask, line in asked if not line]
        return [line for _, line in asked if line]
