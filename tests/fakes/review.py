"""What waits for a person, in memory. A test fills the lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from console.review_claims import Claims
from domain.ladder import Ladder
from domain.review import Done, Queue, Said, Waiting


@dataclass(kw_only=True)
class FakeReview:
    """Fits console.desk.review.ReviewDesk. Claims hold as at one moment."""

    all_waiting: list[Waiting] = field(default_factory=list)
    """Decided ones, too."""
    all_alike: list[Ladder] = field(default_factory=list)
    all_said: list[Said] = field(default_factory=list)
    all_done: dict[str, Done] = field(default_factory=dict)
    """By the numbers of cases."""
    claims: Claims = field(default_factory=Claims)
    now_ms: int = 0

    def waiting(self, queue: Queue) -> Sequence[Waiting]:
        """The most urgent first."""
        found = [one for one in self.all_waiting if one.queue is queue and one.decided is None]
        return sorted(found, key=lambda one: (one.urgency_ms, one.key))

    def one(self, queue: Queue, key: str) -> Waiting | None:
        """By its key."""
        return next((one for one in self.all_waiting if (one.queue, one.key) == (queue, key)), None)

    def alike(self, about: Waiting, *, limit: int) -> Sequence[Ladder]:
        """Those of its shop."""
        return [one for one in self.all_alike if one.shop_id == about.shop_id][:limit]

    def done(self, about: Waiting) -> Done:
        """As set."""
        return self.all_done.get(about.key, Done())

    def said_since(self, since_ms: int) -> Sequence[Said]:
        """From the list."""
        return [one for one in self.all_said if one.at_ms >= since_ms]

    def claim(self, queue: Queue, keys: Sequence[str], *, seat: str, who: str) -> Mapping[str, str]:
        """For a while."""
        return self.claims.claim(queue, keys, seat=seat, who=who, now_ms=self.now_ms)

    def held(self, queue: Queue, *, seat: str) -> Mapping[str, str]:
        """By other seats."""
        return self.claims.held(queue, seat=seat, now_ms=self.now_ms)
