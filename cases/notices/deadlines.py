"""The deadline a notice gives: a shop has the time its matter gives from when it is told, however late that is."""

from typing import Final

from msgspec.structs import replace

from cases.ladder import Pace
from cases.notices.letters import DEADLINE, Letters
from config.load import Site
from config.texts import LANGUAGES
from domain.notice import Notice

_SHORT: Final = ("zh", "en")


class Deadlines:
    """Fills them in when a notice goes out."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._letters = Letters(site)

    def as_told(self, notice: Notice, at_ms: int) -> Notice:
        """The notice in the words that are true when it goes out at `at_ms`: the deadline is never less than the
        matter's time away, as its ladder has it then. What was told before, or has no such deadline, stays as it is."""
        planned_ms, body = notice.body.get("deadline_ms"), dict(notice.body)
        unfilled = [body.pop(f"unfilled_{short}", None) for short in _SHORT]
        if not isinstance(planned_ms, int) or None in unfilled:
            return notice
        deadline_ms = max(planned_ms, at_ms + Pace.of(self._site, str(body.get("matter") or "")).after_ms)
        body["deadline_ms"] = deadline_ms
        for language, short, text in zip(LANGUAGES, _SHORT, unfilled, strict=True):
            body[f"text_{short}"] = str(text).replace(DEADLINE, self._letters.time(language, deadline_ms))
        return replace(notice, body=body)
