"""Which ladders, contests, silences and notices somebody wants to see. What is not named fits all."""

from enum import StrEnum

from msgspec import Struct

from domain.ground import Ground


class Waiting(StrEnum):
    """What a ladder waits for a person for."""

    CONFIRM = "confirm"  # whether it is so
    CONTEST = "contest"  # whether the shop is right that contests it


class LadderChoice(Struct, frozen=True, kw_only=True):
    """Ladders, newest first."""

    open: bool = True
    """Only running ones."""
    waiting: Waiting | None = None
    """Only those that wait for a person; they are open, whatever `open` says."""
    matter: str | None = None
    ground: Ground | None = None


class ContestChoice(Struct, frozen=True, kw_only=True):
    """What shops contest, newest first."""

    undecided: bool = True
    """Only what waits for a person."""
    ground: Ground | None = None


class SilenceChoice(Struct, frozen=True, kw_only=True):
    """Silences, newest first."""

    open: bool = True
    """Only those planned and those in force."""
    ground: Ground | None = None
    """Only those that name one of its sub-districts, or a device in them."""


class NoticeChoice(Struct, frozen=True, kw_only=True):
    """Notices, newest first. One lies where its case does, else where its ladder does, else where its alarm does."""

    case_id: str | None = None
    """Of one case, and of the ladder before it."""
    ground: Ground | None = None
