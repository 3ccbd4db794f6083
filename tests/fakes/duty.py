"""Live, dead letters and health, over the lists of a desk in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from config.load import Site
from console.desk.letters import Made, Replayed, Trial, WholeLetter
from console.desk.vitals import Beat, Vitals
from domain.case import Alarm, Case, LogEntry
from domain.errors import OrderRefused
from domain.mended import Mended
from domain.message import DeadLetter, Reject, RejectReason
from domain.silence import Silence
from tests.fakes.events import FakeEvents

NOTHING_KNOWN = Vitals(version="1.0", reads_by="1.0+abcd", started_ms=0)


class FakeLetters:
    """Fits `console.desk.letters.LetterDesk`: what begins with `{` is read, as of the device in its topic."""

    def __init__(self, letters: list[DeadLetter], done: list[Mended]) -> None:
        self._letters, self._done = letters, done

    def whole(self, letter_id: int) -> WholeLetter | None:
        """Each letter is a message of its own."""
        letter = next((one for one in self._letters if one.id == letter_id), None)
        if letter is None:
            return None
        refused = Reject(reason=letter.reason, detail=letter.detail, part=letter.part)
        now = Trial(reader="", made=(), rejects=(refused,))
        ready = self.count_replay(ids=[letter_id]).replayed > 0
        return WholeLetter(letter=letter, others=(), now=now, may_replay=ready, mended=None)

    def count_replay(self, *, ids: Sequence[int] | None = None, reason: RejectReason | None = None) -> Replayed:
        """What is no text at all stays refused."""
        chosen = [one for one in self._letters if one.id in (ids or ()) or one.reason is reason]
        ready = sum(one.reason is not RejectReason.DECODE for one in chosen)
        return Replayed(
            messages=len(chosen), replayed=ready, letters=ready, still_refused=len(chosen) - ready, dry_run=True
        )

    def check(self, letter_id: int, topic: str, payload: bytes) -> Trial:
        """By its first sign."""
        if self.whole(letter_id) is None:
            raise OrderRefused(f"there is no dead letter {letter_id}", "missing")
        if not payload.startswith(b"{"):
            return Trial(reader="telemetry", made=(), rejects=(Reject(reason=RejectReason.DECODE, detail="no JSON"),))
        made = Made(what="reading", name=topic.split("/")[-2], at_ms=7, values={"tilt_deg": "1.8"})
        return Trial(reader="telemetry (tree)", made=(made,), rejects=())

    def mend(self, letter_id: int, topic: str, payload: bytes, *, who: str, why: str) -> Mended:
        """Off the list of letters, onto that of mended ones."""
        if not self.check(letter_id, topic, payload).is_read:
            raise OrderRefused("nothing of it could be used even so: decode: no JSON")
        letter = next(one for one in self._letters if one.id == letter_id)
        self._letters.remove(letter)
        mended = Mended(
            id=len(self._done) + 1,
            at_ms=letter.received_ms,
            who=who,
            why=why,
            letter_id=letter_id,
            reason=letter.reason,
            received_ms=letter.received_ms,
            topic=letter.topic,
            payload=letter.payload,
            new_topic=topic,
            new_payload=payload,
            seq=9000,
        )
        self._done.append(mended)
        return mended

    def mended(self, *, limit: int, before_id: int | None = None) -> Sequence[Mended]:
        """The newest."""
        return [one for one in self._done[::-1] if before_id is None or one.id < before_id][:limit]


@dataclass(kw_only=True)
class FakeDuty:
    """A part of `FakeDesk`."""

    site: Site | None = None
    """Says where things lie, for those who are held to sub-districts."""
    vital: Vitals = NOTHING_KNOWN
    mended_ones: list[Mended] = field(default_factory=list)
    lines: list[LogEntry] = field(default_factory=list)
    all_alarms: list[Alarm] = field(default_factory=list)
    all_cases: list[Case] = field(default_factory=list)
    all_silences: list[Silence] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)

    @property
    def events(self) -> FakeEvents:
        """Over the lines."""
        return FakeEvents(self.site, self.lines, self.all_alarms, self.all_cases, self.all_silences)

    @property
    def mending(self) -> FakeLetters:
        """Over the letters."""
        return FakeLetters(self.letters, self.mended_ones)

    def vitals(self) -> Vitals:
        """As set."""
        return self.vital


def an_hour(now_ms: int) -> tuple[Beat, ...]:
    """Beats every minute, ever a little busier."""
    return tuple(
        Beat(at_ms=now_ms - (60 - n) * 60_000, received=n * n * 60, stored=n * 50, lag_rules=n % 5, lag_series=n)
        for n in range(61)
    )
