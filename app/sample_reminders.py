"""What shops, keepers and the desk are told on a ladder, as this site would write it of an invented one."""

from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from cases.notices.letters import Letters
from cases.notices.questions import Questions
from cases.notices.reminders import Recipient, Reminders
from cases.notices.routing import linked
from cases.opening import Closed
from cases.shop_links import ShopLinks
from config.load import Site
from domain.case import Alarm
from domain.clock import utc
from domain.ladder import Ladder, LadderStep, NoticeRight, ReplyKind, ShopReply
from domain.notice import Notice
from domain.register import Closure

_MEASURED: Final[dict[str, str | int]] = {
    "share": "72.0",
    "low": "52",
    "high": "86",
    "n": 25,
    "wrong": 7,
    "least": "80",
}


class LadderSamples:
    """By what each is about, in the order in which things happen."""

    def __init__(self, site: Site, now_ms: int) -> None:
        letters = Letters(site)
        self._site = site
        self._now_ms = now_ms
        self._links = ShopLinks.invented(site)
        self._reminders = Reminders(site, letters)
        self._questions = Questions(site, letters)

    def reminders(self, first: Ladder, alarm: Alarm) -> dict[str, Notice]:
        """The steps' own words: to the shop, to the keeper of one without a contact, to who stands in."""
        second = replace(first, step=LadderStep.NOTICE_2)
        shop, keeper = self._reminders.first(alarm), self._reminders.keeper(alarm)
        found = {
            "shop, first": self._word(first, alarm, shop),
            "shop, second": self._word(second, alarm, shop, sent=1),
            "keeper, first": self._word(first, replace(alarm, shop_id=None), keeper),
            "keeper, second": self._word(second, replace(alarm, shop_id=None), keeper, sent=1),
            "keeper, as the shop is closed": self._word(first, alarm, keeper, closed=self._closed(alarm)),
            "keeper, closed still": self._word(second, alarm, keeper, sent=1, closed=self._closed(alarm)),
        }
        lost = shop.address
        for name in ("keeper, instead of the shop", "desk, instead of the keeper"):
            if following := self._reminders.following(alarm, lost):
                at_ms = self._now_ms
                found[name] = self._reminders.instead(
                    first, alarm, following, now_ms=at_ms, not_before_ms=at_ms, before=1
                )
                lost = following.address
        return found

    def questions(self, ladder: Ladder, alarm: Alarm, case_id: str) -> dict[str, Notice]:
        """What people have to decide, and what the shop is told of it."""
        now_ms, keeper = self._now_ms, self._reminders.keeper(alarm).address
        contest = ShopReply(
            id=1,
            ladder_id=ladder.id,
            shop_id=alarm.shop_id,
            matter=ladder.matter,
            kind=ReplyKind.CONTEST,
            given_ms=now_ms,
            words=self._said("words"),
            decided_ms=now_ms,
            why=self._said("why"),
        )
        ask, answer = self._questions.confirm, self._questions.decided
        found = {
            "is it so": ask(ladder, alarm, keeper, now_ms, now_ms, again=False),
            "is it so, asked again": ask(ladder, alarm, keeper, now_ms, now_ms, again=True),
            "is it so, to the desk": ask(
                ladder, alarm, self._site.settings.notices.duty_desk, now_ms, now_ms, again=True
            ),
            "contest": self._questions.contest(contest, ladder, alarm, now_ms, case_id=None),
            "contest of a case": self._questions.contest(contest, ladder, alarm, now_ms, case_id=case_id),
        }
        for text in ("upheld", "rejected", "rejected_case", "rejected_over"):
            decided = replace(contest, upheld=text == "upheld")
            if told := answer(f"contest_{text}", decided, ladder, alarm, now_ms):
                found[f"contest {text.replace('_', ', ')}"] = told
        right = NoticeRight(matter=ladder.matter, lost_ms=now_ms)
        found["right lost"] = self._questions.right_lost(right, _MEASURED, now_ms)
        return {name: linked(one, ladder, self._links.link) for name, one in found.items()}

    def _word(
        self, ladder: Ladder, alarm: Alarm, to: Recipient, *, sent: int = 0, closed: Closed | None = None
    ) -> Notice:
        at_ms = self._now_ms
        notice = self._reminders.reminder(
            ladder, alarm, to, now_ms=at_ms, not_before_ms=at_ms, sent=sent, before=0, closed=closed
        )
        return linked(notice, ladder, self._links.link)

    def _closed(self, alarm: Alarm) -> Closed:
        today = utc(self._now_ms).astimezone(self._site.timezone).date()
        last = today + timedelta(days=7)
        closure = Closure(shop_id=alarm.shop_id or "", first=today, last=last, why=self._said("closed"))
        return Closed(until_ms=self._now_ms, closure=closure)

    def _said(self, name: str) -> str:
        return self._site.texts.say(self._site.settings.language, f"messages.sample.{name}")
