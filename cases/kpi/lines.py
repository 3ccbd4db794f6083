"""Which lines of the log figures are counted from."""

from typing import Final

REPORTED: Final = frozenset({"case_reported", "case_reported_seen", "case_reported_read"})
"""Lines that say a unit's work, or its end, was reported (处置反馈)."""
SENT_BACK: Final = frozenset({"case_returned", "case_rework"})
"""Lines that say a case went back to its unit: the check found it not done, or it came again (返工)."""
STRIKE: Final = "strike"
DEFERRED: Final = frozenset({"case_deferred"})
"""Lines that say a case was put off with leave (缓办)."""
RESUMED: Final = frozenset({"case_resumed"})
"""Lines that say it went on after that, with a deadline of its own."""
REOPENED: Final = frozenset({"case_reopened"})
"""Lines that say a closed case was opened again, and how it had been closed."""
UPHELD: Final = "contest_upheld"
TOLD_OF: Final = frozenset({*REPORTED, *SENT_BACK, *DEFERRED, *RESUMED, *REOPENED, STRIKE, UPHELD})
"""All lines that figures need; the log holds many more."""
