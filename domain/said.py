"""What people may write into the book: how long, and with which signs."""

import unicodedata
from collections.abc import Mapping
from typing import Final

LONGEST_WHO: Final = 200
LONGEST_WORDS: Final = 1000
"""Characters; as many as the API takes."""
_LINE_SIGNS: Final = frozenset("\n\r\t")


def wrong_words(said: Mapping[str, str | None]) -> str | None:
    """Why words of a person can't be kept, by what they are; None if they can.

    Control characters are in nobody's words: a store may refuse them (U+0000), and a terminal obeys them.
    """
    for name, words in said.items():
        most = LONGEST_WORDS if name == "why" else LONGEST_WHO
        if words and len(words) > most:
            return f"{name} has {len(words)} characters; {most} are kept at most"
        if sign := next(filter(_is_control, words or ""), None):
            return f"{name} has the control character U+{ord(sign):04X}; leave it out"
    return None


def _is_control(sign: str) -> bool:
    return unicodedata.category(sign) in {"Cc", "Cs"} and sign not in _LINE_SIGNS
