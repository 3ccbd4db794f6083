"""Dead letters: found, put through again, let go."""

from collections.abc import Mapping, Sequence

from app.replay import replay, trial_of
from config.load import Site
from console.desk.letters import Replayed
from domain.message import DeadLetter, RejectReason
from storage.deadletters import DeadLetters
from storage.journal import Journal


class CityLetters:
    """A part of `CityDesk`. Only `replay` and `purge` change something."""

    _site: Site
    _journal: Journal
    _deadletters: DeadLetters

    def deadletters(
        self,
        *,
        limit: int,
        before_id: int | None = None,
        reason: RejectReason | None = None,
        topic_contains: str | None = None,
    ) -> Sequence[DeadLetter]:
        """Newest first."""
        return self._deadletters.list(limit=limit, before_id=before_id, reason=reason, topic_contains=topic_contains)

    def deadletter(self, letter_id: int) -> DeadLetter | None:
        """One dead letter."""
        return self._deadletters.get(letter_id)

    def deadletter_count(self, *, reason: RejectReason | None = None, topic_contains: str | None = None) -> int:
        """How many there are."""
        return self._deadletters.count(reason=reason, topic_contains=topic_contains)

    def replay(self, *, ids: Sequence[int] | None = None, reason: RejectReason | None = None) -> Replayed:
        """Into the journal again, unless they would be refused again."""
        return replay(
            self._deadletters.ids(reason=reason, among=ids),
            deadletters=self._deadletters,
            journal=self._journal,
            trial=trial_of(self._site),
        )

    def purge(self, *, ids: Sequence[int] | None = None, reason: RejectReason | None = None) -> int:
        """For good."""
        if ids is not None:
            return self._deadletters.remove(self._deadletters.ids(reason=reason, among=ids))
        return sum(self._deadletters.purge(reason=reason).values())

    def deadletter_counts(self) -> Mapping[RejectReason, int]:
        """By reason."""
        return self._deadletters.counts_by_reason()

    def deadletters_discarded(self) -> Mapping[RejectReason, int]:
        """By reason."""
        return self._deadletters.discarded()
