"""The way from a finding to a corrected shopfront, or to a case. Decisions only; nothing is done here."""

from enum import StrEnum
from typing import Final

from msgspec import Struct

from cases.scene import matter_of
from config.load import Site
from domain.case import Alarm
from domain.finding import AlarmState
from domain.ladder import Ladder, LadderStep
from domain.notice import NoticeState

_BEFORE_NOTICES: Final = frozenset({LadderStep.CONFIRM, LadderStep.PERMITTED})


class Move(StrEnum):
    """What is to be done next."""

    WAIT = "wait"
    ASK_PERSON = "ask_person"  # once more: nobody has said yet whether it is so
    BEGIN = "begin"  # leave is over, and a look shows that it still stands
    ASK = "ask"  # for an early look: the re-check is due and no healthy look has shown the place since
    INSTEAD = "instead"  # the notice did not get through: someone else is to be told
    NOTICE_2 = "notice_2"
    CASE = "case"
    SELF_CORRECTED = "self_corrected"
    GONE = "gone"  # before anybody was to be told


class Pace(Struct, frozen=True, kw_only=True):
    """How fast and how far a matter's ladders go here, in milliseconds; a demo's compression is in it already."""

    after_ms: int
    """From a notice to its re-check."""
    patience_ms: int
    """How long to wait for a healthy look before asking for one again."""
    confirm_ms: int
    """How long a person has to say whether it is so, before being asked again."""
    strike_window_ms: int
    strikes: int
    notices: int = 2

    @classmethod
    def of(cls, site: Site, matter: str) -> "Pace":
        """A matter's pace at a site."""
        way = site.settings.ladder.way(matter)
        after_s = matter_of(matter, site).recheck_after if way.recheck_after is None else way.recheck_after
        return cls(
            after_ms=compressed_ms(after_s, site),
            patience_ms=compressed_ms(way.recheck_patience, site),
            confirm_ms=compressed_ms(way.confirm_patience, site),
            strike_window_ms=compressed_ms(way.strike_window, site),
            strikes=way.strikes,
            notices=way.notices,
        )


def shortest_patience_ms(site: Site) -> int:
    """Of all matters: who asked for a look longer ago may have to ask again."""
    ladder = site.settings.ladder
    return min(compressed_ms(ladder.way(code).recheck_patience, site) for code in ("", *ladder.matters))


def compressed_ms(seconds: float, site: Site) -> int:
    """Seconds of a rule of the city as milliseconds of this site."""
    return round(seconds * 1000 / site.settings.compress)


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
    step's notice waits to go out, for nobody has been asked yet, and while a contest waits for a person. `told` is
    None if the step has no notice.
    """
    if alarm.state is AlarmState.RESOLVED:
        return Move.GONE if ladder.step in _BEFORE_NOTICES else Move.SELF_CORRECTED
    if ladder.contested_ms is not None:
        return Move.WAIT
    if told is not None and told.state is NoticeState.DEAD and told.someone_else:
        return Move.INSTEAD
    untold = told is not None and told.state is NoticeState.PENDING
    return Move.WAIT if untold or now_ms < ladder.recheck_ms else _due(ladder, alarm, now_ms, pace)


def _due(ladder: Ladder, alarm: Alarm, now_ms: int, pace: Pace) -> Move:
    if ladder.step is LadderStep.CONFIRM:
        return Move.ASK_PERSON
    if alarm.seen_ms < ladder.recheck_ms or not _can_be_shown(ladder, alarm):
        # What a shop asked for before its re-check was due is no answer to that.
        asked_ms = ladder.asked_ms if ladder.asked_ms is not None and ladder.asked_ms >= ladder.recheck_ms else None
        return Move.WAIT if asked_ms is not None and now_ms - asked_ms < pace.patience_ms else Move.ASK
    if ladder.step is LadderStep.PERMITTED:
        return Move.BEGIN
    return Move.NOTICE_2 if ladder.step is LadderStep.NOTICE_1 and pace.notices > 1 else Move.CASE


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
