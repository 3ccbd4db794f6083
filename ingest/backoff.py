"""How long to wait before the next attempt at the broker."""

import random
from typing import Final

_FIRST_S: Final = 0.5
_CAP_S: Final = 30.0
_REFUSED_CAP_S: Final = 60.0
_STEPS: Final = 10


class Backoff:
    """Full jitter under a doubling, capped ceiling. A login that is refused waits longest: it needs a person."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._failures = 0

    def succeeded(self) -> None:
        """The connection held; the next failure is a first one."""
        self._failures = 0

    def failed_s(self, *, refused: bool) -> float:
        """Seconds to wait after one more failure."""
        if refused:
            return self._chance.uniform(_REFUSED_CAP_S / 2, _REFUSED_CAP_S)
        ceiling_s = min(_CAP_S, _FIRST_S * 2.0**self._failures)
        self._failures = min(self._failures + 1, _STEPS)
        return self._chance.uniform(0, ceiling_s)
