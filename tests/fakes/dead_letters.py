"""The dead letters of a desk in memory."""

from collections import Counter
from collections.abc import Mapping, Sequence

from console.desk.letters import Replayed
from domain.message import DeadLetter, RejectReason


class FakeLetters:
    """A part of `FakeDesk`."""

    letters: list[DeadLetter]

    def deadletters(
        self,
        *,
        limit: int,
        before_id: int | None = None,
        reason: RejectReason | None = None,
        topic_contains: str | None = None,
    ) -> Sequence[DeadLetter]:
        """The newest."""
        found = [
            letter
            for letter in self.letters
            if (before_id is None or letter.id < before_id)
            and reason in {None, letter.reason}
            and (topic_contains or "") in letter.topic
        ]
        return sorted(found, key=lambda letter: -letter.id)[:limit]

    def deadletter(self, letter_id: int) -> DeadLetter | None:
        """By its id."""
        return next((letter for letter in self.letters if letter.id == letter_id), None)

    def deadletter_count(self, *, reason: RejectReason | None = None, topic_contains: str | None = None) -> int:
        """Counted from the list."""
        return len(self.deadletters(limit=len(self.letters), reason=reason, topic_contains=topic_contains))

    def replay(self, *, ids: Sequence[int] | None = None, reason: RejectReason | None = None) -> Replayed:
        """Each letter is a message of its own; what is no text at all stays refused."""
        chosen = [letter for letter in self.letters if letter.id in (ids or ()) or letter.reason is reason]
        ready = [letter.id for letter in chosen if letter.reason is not RejectReason.DECODE]
        gone = self.purge(ids=ready)
        return Replayed(messages=len(chosen), replayed=gone, letters=gone, still_refused=len(chosen) - gone)

    def purge(self, *, ids: Sequence[int] | None = None, reason: RejectReason | None = None) -> int:
        """From the list."""
        before = len(self.letters)
        self.letters = [letter for letter in self.letters if letter.id not in (ids or ()) and letter.reason != reason]
        return before - len(self.letters)

    def deadletter_counts(self) -> Mapping[RejectReason, int]:
        """Counted from the list."""
        return Counter(letter.reason for letter in self.letters)

    def deadletters_discarded(self) -> Mapping[RejectReason, int]:
        """None ever were."""
        return {}
