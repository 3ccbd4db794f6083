"""The way from a finding to a corrected shopfront, or to a case. Decisions only; nothing is done here."""

from enum import StrEnum

from msgspec import Struct

from config.load import Site
from config.schema import Matter
from domain.case import Alarm, Ladder, LadderStep
from domain.finding import AlarmState


class Move(StrEnum):
    """What is to be done next."""

    WAIT = "wait"
    ASK = "ask"  # for an early look: the re-check is due and no healthy look has shown the place since
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


def next_move(ladder: Ladder, alarm: Alarm, now_ms: int, pace: Pace) -> Move:
    """What an open ladder has to do at `now_ms`.

    Only looks count: an alarm is resolved by healthy looks that are clear, and `seen_ms` is the newest healthy
    look that is not. Without a look there is no progress, however long it takes.
    """
    if alarm.state is AlarmState.RESOLVED:
        return Move.SELF_CORRECTED
    if now_ms < ladder.recheck_ms:
        return Move.WAIT
    if alarm.seen_ms >= ladder.recheck_ms:
        return Move.NOTICE_2 if ladder.step is LadderStep.NOTICE_1 else Move.CASE
    if ladder.asked_ms is None or now_ms - ladder.asked_ms >= pace.patience_ms:
        return Move.ASK
    return Move.WAIT


def case_at_once(earlier_episodes: int, pace: Pace) -> bool:
    """Whether an episode is one too many, given how many began in the window before it."""
    return earlier_episodes + 1 >= pace.strikes
