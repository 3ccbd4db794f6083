"""What a sender told once and later refers to: Sparkplug's birth certificates."""

from collections.abc import Sequence
from typing import Protocol


class Births(Protocol):
    """Births by name, each valid from its place in the journal on. Two readers at different places may share it.

    A name is `group/node` or `group/node/device`. What stands in a birth is the decoder's own matter; so is a death.
    """

    def put(self, name: str, seq: int, birth: bytes) -> None:
        """Keep a birth, durably. The same again changes nothing."""
        ...

    def latest(self, name: str, seq: int) -> tuple[int, bytes] | None:
        """The newest birth at or before this place, with its own place; None if there is none."""
        ...

    def below(self, name: str, seq: int) -> Sequence[str]:
        """Names that begin with `{name}/` and have a birth at or before this place."""
        ...


class NoBirths:
    """Remembers nothing, for a look at a single message."""

    def put(self, name: str, seq: int, birth: bytes) -> None:
        """Forget it."""

    def latest(self, name: str, seq: int) -> tuple[int, bytes] | None:
        """None."""

    def below(self, name: str, seq: int) -> Sequence[str]:  # noqa: ARG002 - the Protocol's names
        """None."""
        return ()
