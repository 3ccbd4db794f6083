"""The way from a finding to a corrected shopfront, or to a case. Decisions only; nothing is done here."""

from enum import StrEnum

from msgspec import Struct

from config.load import Site
from config.schema import Matter
from domain.case import Alarm
from domain.finding import AlarmState
from domain.ladder import Ladder, LadderStep
from domain.notice import NoticeState


class Move(StrEnum):
    """What is to be done next."""

    WAIT = "wait"
    ASK = "ask"  # for an early look: the re-check is due and no healthy look has shown the place since
    INSTEAD = "instead"  # the notice did not get through: someone else is to be told
    NOTICE_2 = "notice_2"
    CASE = "case"
    SELF_CORRECTED = "self_corrected"


class Pace(Struct, frozen=True, kw_only=True):
    """How fast ladders run here, in milliseconds; a demo's compression is in it already."""

    patience_ms: int
    """How long to wait for a healthy look before asking for one again."""
    strike_window_ms: int
    strikes: int

    @classmethod
    def of(cls, site: Site) -> "Pace":
        """A site's pace."""
        ladder = site.settings.ladder
        return cls(
            patience_ms=compressed_ms(ladder.recheck_patience, site),
            strike_window_ms=compressed_ms(ladder.strike_window, site),
            strikes=ladder.strikes,
        )


def compressed_ms(seconds: float, site: Site) -> int:
    """Seconds of a rule of the city as milliseconds of this site."""
    return round(seconds * 1000 / site.settings.compress)


def recheck_after_ms(matter: Matter, site: Site) -> int:
    """How long people have, from a notice to its re-check."""
    return compressed_ms(matter.recheck_after, site)


class Told(Struct, frozen=True, kw_only=True):
    """How far the newest notice of a ladder's step has come."""

    state: NoticeState
    sent_ms: int | None
    someone_else: bool
    """Whether another person can be told, should this one not be reached."""


def recheck_ms(ladder: Ladder, told: Told | None, after_ms: int) -> int:
    """When the re-check is due: as planned, but never less than `after_ms` from when people really were told."""
    if told is None or told.sent_ms is None:
        return ladder.recheck_ms
    return max(ladder.recheck_ms, told.sent_ms + after_ms)


def next_move(ladder: Ladder, alarm: Alarm, told: Told | None, now_ms: int, pace: Pace) -> Move:
    """What an open ladder has to do at `now_ms`.

    Only looks count: an alarm is resolved by healthy looks that are clear, and `seen_ms` is the newest healthy
    look that is not. Without a look there is no progress, however long it takes; nor is there any while the
    step's notice waits to go out, for nobody has been asked yet. `told` is None if the step has no notice.
    """
    if alarm.state is AlarmState.RESOLVED:
        return Move.SELF_CORRECTED
    if told is not None and told.state is NoticeState.PENDING:
        return Move.WAIT
    if told is not None and told.state is NoticeState.DEAD and told.someone_else:
        return Move.INSTEAD
    if now_ms < ladder.recheck_ms:
        return Move.WAIT
    if alarm.seen_ms >= ladder.recheck_ms and _can_be_shown(ladder, alarm):
        return Move.NOTICE_2 if ladder.step is LadderStep.NOTICE_1 else Move.CASE
    asked = ladder.asked_ms is not None and ladder.asked_ms >= ladder.recheck_ms  # what a shop asked for before is none
    asked_lately = asked and ladder.asked_ms is not None and now_ms - ladder.asked_ms < pace.patience_ms
    return Move.WAIT if asked_lately else Move.ASK


def _can_be_shown(ladder: Ladder, alarm: Alarm) -> bool:
    """Whether what the re-check found has a picture of its own. Not every look keeps one; one that was asked for does.

    An answer to that which still has none is a camera's or a disk's trouble, and nobody gains by waiting longer.
    """
    look = alarm.evidence
    if look is None or (look.picture is not None and look.taken_ms >= ladder.recheck_ms):
        return True
    return ladder.asked_ms is not None and alarm.seen_ms > ladder.asked_ms >= ladder.recheck_ms


def case_at_once(earlier_episodes: int, pace: Pace) -> bool:
    """Whether an episode is one too many, given how many began in the window before it."""
    return earlier_episodes + 1 >= pace.strikes
