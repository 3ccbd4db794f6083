"""Letters that ask a person to decide, and those that tell what was decided."""

from collections.abc import Mapping
from typing import Final

from cases.notices.letters import Letters
from cases.notices.routing import unlinked
from cases.scene import matter_of, scene_of
from cases.shop_links import Holder
from config.load import Site
from config.notices import PEOPLE
from config.texts import LANGUAGES
from domain.case import Alarm
from domain.ladder import Ladder, NoticeRight, ShopReply
from domain.notice import Notice, NoticeState

_LONGEST: Final = 200
"""Characters of what people said that stand in a letter; all of it stands beside the contest."""


class Questions:
    """Written in both languages; whatever a person has to decide says how."""

    def __init__(self, site: Site, letters: Letters) -> None:
        self._site = site
        self._letters = letters
        self._desk = site.settings.notices.duty_desk

    def confirm(self, ladder: Ladder, alarm: Alarm, to: str, now_ms: int, not_before_ms: int, *, again: bool) -> Notice:
        """Somebody is asked whether it is so. Withdrawn when it is answered, or over."""
        at_desk = to == self._desk
        notice = self._letters.word(
            f"confirm{'_desk' if at_desk else ''}{'_again' if again else ''}",
            alarm,
            (
                alarm.rule_id,
                alarm.subject,
                ladder.started_ms,
                f"confirm-{now_ms}",
                "desk" if at_desk else "keeper",
            ),
            to=to,
            step="confirm",
            deadline_ms=ladder.recheck_ms,
            now_ms=now_ms,
            not_before_ms=not_before_ms,
            ladder_id=ladder.id,
            episode=ladder.id,
        )
        # Whoever has the link may answer for who was asked: each has one of their own.
        return unlinked(notice, Holder.DESK if at_desk else Holder.KEEPER)

    def contest(
        self, reply: ShopReply, ladder: Ladder, alarm: Alarm, now_ms: int, *, case_id: str | None, asked: int = 0
    ) -> Notice:
        """The duty desk is asked whether a shop is right; `asked` says how often it was before."""
        text = "contest" if case_id is None else "contest_case"
        return self._letters.word(
            text,
            alarm,
            (alarm.rule_id, alarm.subject, ladder.started_ms, f"contest-{asked}", "desk"),
            to=self._desk,
            step="contest",
            deadline_ms=ladder.recheck_ms,
            now_ms=now_ms,
            contest_id=reply.id,
            case_id=case_id or "",
            words=_short(reply.words),
        )

    def decided(self, text: str, reply: ShopReply, ladder: Ladder, alarm: Alarm, not_before_ms: int) -> Notice | None:
        """The shop is told what was decided on its contest, and why; None if no contact is known. `text` is a key
        `notices.<text>`."""
        shop = scene_of(alarm, self._site).shop
        if shop is None or shop.contact is None:
            return None
        return self._letters.word(
            text,
            alarm,
            (alarm.rule_id, alarm.subject, ladder.started_ms, "decided", "shop"),
            to=shop.contact,
            step=text,
            deadline_ms=ladder.recheck_ms,
            now_ms=reply.decided_ms or not_before_ms,
            not_before_ms=not_before_ms,
            why=_short(reply.why or ""),
        )

    def right_lost(self, right: NoticeRight, facts: Mapping[str, str | int], now_ms: int) -> Notice:
        """The duty desk learns that finds of a matter need a person from now on."""
        matter = matter_of(right.matter, self._site)
        texts = [
            self._site.texts.say(
                language,
                "notices.right_lost",
                {**facts, "matter": name, "code": right.matter, "city": city},
            ).strip()
            for language, name, city in zip(
                LANGUAGES,
                (matter.zh, matter.en),
                (self._site.settings.name.zh, self._site.settings.name.en),
                strict=True,
            )
        ]
        return Notice(
            id=0,
            key=self._letters.key("right", right.matter, now_ms),
            channel=PEOPLE,
            recipient=self._desk,
            step="right_lost",
            subject=right.matter,
            body={"text_zh": texts[0], "text_en": texts[1], "matter": right.matter, "severity": "notice"},
            state=NoticeState.PENDING,
            created_ms=now_ms,
            not_before_ms=now_ms,
        )


def _short(words: str) -> str:
    one_line = " ".join(words.split())
    return one_line if len(one_line) <= _LONGEST else f"{one_line[: _LONGEST - 1]}…"
