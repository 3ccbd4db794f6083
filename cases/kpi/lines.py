"""Which lines of the log figures are counted from."""

from typing import Final

REPORTED: Final = frozenset({"case_reported", "case_reported_seen", "case_reported_read"})
"""Lines that say a unit's work, or its end, was reported (处置反馈)."""
SENT_BACK: Final = frozenset({"case_returned"})
"""Lines that say a case went back to its unit: the check found it not done, or it came again (返工)."""
STRIKE: Final = "strike"
DEFERRED: Final = frozenset({"case_deferred"})
"""Lines that say a case was put off with leave (缓办)."""
UPHELD: Final = "contest_upheld"
TOLD_OF: Final = frozenset({*REPORTED, *SENT_BACK, *DEFERRED, STRIKE, UPHELD})
"""All lines that figures need; the log holds many more."""
