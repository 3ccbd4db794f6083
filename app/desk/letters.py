"""One dead letter looked at, and mended by a person."""

import threading
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec.structs import replace as altered

from app.replay import replay, trial_of
from config.load import Site
from console.desk.letters import Made, Replayed, Trial, WholeLetter
from console.payload import readable
from domain.case import LogEntry
from domain.clock import Clock
from domain.errors import OrderRefused
from domain.event import MENDED
from domain.fault import reach
from domain.mended import Mended
from domain.message import DeadLetter, RawMessage, RejectReason
from domain.said import wrong_words
from ingest.decode import MAX_PAYLOAD, Observation
from ingest.reader_of import reader_of
from storage.case_store import CaseStore
from storage.deadletter_rows import Refusal, Refused
from storage.deadletters import DeadLetters
from storage.journal import Journal

_LONGEST_TOPIC: Final = 65_535
_PARTS: Final = {"kind", "device_id", "camera_id", "port", "at_ms", "taken_ms", "received_ms", "metrics", "doubts"}


class LettersAtHand:
    """Fits `console.desk.letters.LetterDesk`. Any thread may call."""

    def __init__(
        self, *, site: Site, deadletters: DeadLetters, journal: Journal, store: CaseStore | None, clock: Clock
    ) -> None:
        """`store` is told in its log what was mended; None: nobody is."""
        self._site = site
        self._deadletters = deadletters
        self._journal = journal
        self._store = store
        self._clock = clock
        self._mending = threading.Lock()

    def whole(self, letter_id: int) -> WholeLetter | None:
        """From the heap, and as it would be read now."""
        letter = self._deadletters.get(letter_id)
        found = next(iter(self._deadletters.messages([letter_id])), None)
        if letter is None or found is None:
            return None
        return WholeLetter(
            letter=letter,
            others=tuple(_letter(letter, one) for one in found.letters if one.id != letter_id),
            now=self._tried(found.message),
            may_replay=self.count_replay(ids=[letter_id]).replayed > 0,
            mended=self._deadletters.mended_at(letter.seq, letter.received_ms),
        )

    def count_replay(self, *, ids: Sequence[int] | None = None, reason: RejectReason | None = None) -> Replayed:
        """What `replay` would do."""
        return replay(
            self._deadletters.ids(reason=reason, among=ids),
            deadletters=self._deadletters,
            journal=self._journal,
            trial=trial_of(self._site),
            dry_run=True,
        )

    def check(self, letter_id: int, topic: str, payload: bytes) -> Trial:
        """As it would be read, were it the newest message."""
        return self._tried(self._changed(self._found(letter_id), topic, payload))

    def mend(self, letter_id: int, topic: str, payload: bytes, *, who: str, why: str) -> Mended:
        """Into the journal; then the letters go and the original is kept. Ends it between the two, the letters are
        still there: the same readings again have the same identity, and come in once."""
        if not who.strip() or not why.strip():
            raise OrderRefused("say who mends it, and why: what was wrong, and how you know what is right")
        if problem := wrong_words({"who": who, "why": why}):
            raise OrderRefused(problem)
        with self._mending:  # of two people at once the second finds no letter any more
            mended = self._put_through(letter_id, topic, payload, who=who, why=why)
        self._tell(mended)
        return mended

    def _put_through(self, letter_id: int, topic: str, payload: bytes, *, who: str, why: str) -> Mended:
        found = self._found(letter_id)
        message = self._changed(found, topic, payload)
        trial = self._tried(message)
        if not trial.is_read:
            said = "; ".join(f"{one.reason}: {one.detail}" for one in trial.rejects) or "it says nothing that is kept"
            raise OrderRefused(f"nothing of it could be used even so: {said}")
        seq = self._journal.append([message])
        reach("mended")
        letter = next(one for one in found.letters if one.id == letter_id)
        kept = Mended(
            id=0,
            at_ms=self._clock.now_ms(),
            who=who,
            why=why,
            letter_id=letter_id,
            reason=letter.reason,
            received_ms=message.received_ms,
            topic=found.message.topic,
            payload=found.message.payload,
            new_topic=topic,
            new_payload=payload,
            seq=seq,
        )
        return self._deadletters.mend(kept, [one.id for one in found.letters])

    def mended(self, *, limit: int, before_id: int | None = None) -> Sequence[Mended]:
        """Newest first."""
        return self._deadletters.mended(limit=limit, before_id=before_id)

    def _found(self, letter_id: int) -> Refused:
        found = next(iter(self._deadletters.messages([letter_id])), None)
        if found is None:
            raise OrderRefused(f"there is no dead letter {letter_id}", "missing", "letter_missing", n=letter_id)
        if any(one.reason is RejectReason.DAMAGED for one in found.letters):
            raise OrderRefused(f"dead letter {letter_id} is what a damaged journal held; it is no message any more")
        return found

    @staticmethod
    def _changed(found: Refused, topic: str, payload: bytes) -> RawMessage:
        if not topic or set(topic) & {"+", "#", "\0"} or len(topic.encode()) > _LONGEST_TOPIC:
            raise OrderRefused(f"the topic is {readable(topic)!r}; one has 1 to {_LONGEST_TOPIC} bytes, and no + or #")
        if len(payload) > MAX_PAYLOAD:
            raise OrderRefused(f"the payload has {len(payload)} bytes; at most {MAX_PAYLOAD} are read")
        if (topic, payload) == (found.message.topic, found.message.payload):
            raise OrderRefused("nothing of it was changed; as it came it is replayed, not mended")
        return altered(found.message, topic=topic, payload=payload)

    def _tried(self, message: RawMessage) -> Trial:
        decoded = trial_of(self._site)(message)
        made = tuple(_made(one) for one in decoded.observations)
        return Trial(reader=reader_of(self._site, message.topic), made=made, rejects=decoded.rejects)

    def _tell(self, mended: Mended) -> None:
        if self._store is None:
            return
        facts: dict[str, str | float | int | None] = {
            "person": mended.who,
            "why": mended.why,
            "letter": mended.letter_id,
            "topic": readable(mended.new_topic),
        }
        with self._store.transaction() as tx:
            tx.append_log(LogEntry(id=0, at_ms=mended.at_ms, who=mended.who, what=MENDED, facts=facts))


def _letter(letter: DeadLetter, one: Refusal) -> DeadLetter:
    return altered(letter, id=one.id, reason=one.reason, part=one.part, detail=one.detail, decoder=one.decoder)


def _made(observation: Observation) -> Made:
    facts: dict[str, Any] = msgspec.to_builtins(observation)
    values = facts.get("metrics") or {
        name: value for name, value in facts.items() if name not in _PARTS and value not in (None, False, [], {})
    }
    return Made(
        what=type(observation).__name__.lower(),
        name=str(getattr(observation, "subject", None) or facts.get("device_id") or facts.get("camera_id")),
        at_ms=facts.get("at_ms") or facts.get("taken_ms") or facts["received_ms"],
        values={name: readable(str(value)) for name, value in values.items()},
    )
