"""What waits for a person, as the pages of the review need it."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from domain.ladder import Ladder
from domain.review import Done, Queue, Said, Waiting


class ReviewDesk(Protocol):
    """Any thread may ask; every method may raise StoreUnavailable."""

    def waiting(self, queue: Queue) -> Sequence[Waiting]:
        """All that waits in a queue, the most urgent first."""
        ...

    def one(self, queue: Queue, key: str) -> Waiting | None:
        """One thing of a queue, whether it still waits or how it was decided; None if there is none of this key."""
        ...

    def alike(self, about: Waiting, *, limit: int) -> Sequence[Ladder]:
        """Earlier episodes of the same matter at the same shop in the last 30 days, the newest first."""
        ...

    def done(self, about: Waiting) -> Done:
        """Who said of a case that it is done, and what; nothing of what is no case."""
        ...

    def said_since(self, since_ms: int) -> Sequence[Said]:
        """Answers that people gave since then, as the log has them; alarms that were looked at are not among them."""
        ...

    def claim(self, queue: Queue, keys: Sequence[str], *, seat: str, who: str) -> Mapping[str, str]:
        """Keep these for a seat for a while, and no others any longer; returns those that others have, and who.

        A claim keeps nobody from deciding: it keeps two people from looking at the same picture.
        """
        ...

    def held(self, queue: Queue, *, seat: str) -> Mapping[str, str]:
        """What other seats have in hand now, by key, and who."""
        ...
