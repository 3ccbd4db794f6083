"""Letters that ask a person to decide, and those that tell what was decided."""

from typing import Final

from cases.notices.letters import Letters
from config.load import Site
from domain.case import Alarm
from domain.ladder import Ladder, ShopReply
from domain.notice import Notice

_LONGEST: Final = 200
"""Characters of what a shop said that stand in a letter; all of it stands beside the contest."""


class Questions:
    """Written in both languages; whatever a person has to decide says how."""

    def __init__(self, site: Site, letters: Letters) -> None:
        self._letters = letters
        self._desk = site.settings.notices.duty_desk

    def contest(
        self, reply: ShopReply, ladder: Ladder, alarm: Alarm, now_ms: int, *, case_id: str | None, asked: int = 0
    ) -> Notice:
        """The duty desk is asked whether a shop is right; `asked` says how often it was before."""
        text = "contest" if case_id is None else "contest_case"
        return self._letters.word(
            text,
            alarm,
            (alarm.rule_id, alarm.subject, ladder.started_ms, f"contest-{asked}"),
            to=self._desk,
            step="contest",
            deadline_ms=ladder.recheck_ms,
            now_ms=now_ms,
            contest_id=reply.id,
            case_id=case_id or "",
            words=_short(reply.words),
        )


def _short(words: str) -> str:
    one_line = " ".join(words.split()) or "–"
    return one_line if len(one_line) <= _LONGEST else f"{one_line[: _LONGEST - 1]}…"
