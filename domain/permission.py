"""Who may do what on the console: one table from roles to permissions."""

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What an account is for, from the least to the most."""

    WALL = "wall"  # a screen that everybody sees: it only reads
    KEEPER = "keeper"  # a street keeper, in the sub-districts that are theirs
    OPERATOR = "operator"  # the duty desk
    REVIEWER = "reviewer"  # decides what shops contest, and whether a case is done
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """One thing that somebody may do. They are the scopes of tokens, too."""

    READ = "read"  # pages, lists, blurred pictures
    METRICS = "metrics"  # figures of the service itself
    READ_ORIGINALS = "read_originals"  # pictures as they were taken
    ACK = "ack"
    RELEASE = "release"  # end an alarm by one's word
    SILENCE = "silence"
    CONFIRM = "confirm"  # say whether a find is one
    DECIDE_CONTEST = "decide_contest"
    ASSIGN_CASE = "assign_case"  # accept, dispatch, put off
    HANDLE_CASE = "handle_case"  # take, report, send back
    CLOSE_CASE = "close_case"  # verify, return, close, merge, open again, rate
    RECEIPTS = "receipts"  # say that notices have arrived
    DEADLETTERS = "deadletters"  # replay and purge
    SETTINGS = "settings"  # zones, rights to notices
    AUDIT = "audit"
    ACCOUNTS = "accounts"


_ON_THE_STREET: Final = frozenset({Permission.READ, Permission.ACK, Permission.CONFIRM, Permission.HANDLE_CASE})
_AT_THE_DESK: Final = _ON_THE_STREET | {
    Permission.METRICS,
    Permission.ASSIGN_CASE,
    Permission.RELEASE,
    Permission.SILENCE,
    Permission.DEADLETTERS,
}
_IN_REVIEW: Final = _ON_THE_STREET | {
    Permission.METRICS,
    Permission.READ_ORIGINALS,
    Permission.DECIDE_CONTEST,
    Permission.ASSIGN_CASE,
    Permission.CLOSE_CASE,
}
MAY: Final[dict[Role, frozenset[Permission]]] = {
    Role.WALL: frozenset({Permission.READ}),
    Role.KEEPER: _ON_THE_STREET,
    Role.OPERATOR: _AT_THE_DESK,
    Role.REVIEWER: _IN_REVIEW,
    Role.ADMINISTRATOR: frozenset(Permission),
}
"""What each role may. Nobody may anything that does not stand here."""
EVERYTHING_BUT_ACCOUNTS: Final = frozenset(Permission) - {Permission.ACCOUNTS, Permission.AUDIT}
"""What the token of the settings opens."""
EVERYBODY: Final = frozenset({Permission.READ, Permission.METRICS})
"""What a console that is open to read lets everybody."""
