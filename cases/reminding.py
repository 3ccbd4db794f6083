"""Whom a step of a ladder is told to and from when: quiet hours, closed shops, and who can't be reached."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from cases import story
from cases.calendar import quiet_until
from cases.ladder import Told
from cases.notices.letters import Letters
from cases.notices.reminders import SHOP, Recipient, Reminders
from cases.opening import Closed, closed_at
from cases.scene import scene_of
from cases.store import BookTransaction
from config.load import Site
from config.texts import LANGUAGES
from domain.case import Alarm
from domain.ladder import Ladder
from domain.notice import Notice, NoticeState
from domain.register import Shop

_MOST_TURNS: Final = 1000
"""So many closed days and quiet nights are skipped before it is said that a shop never opens while people are awake."""


class Plan(Struct, frozen=True, kw_only=True):
    """Who is told, from when on, and why not the shop at once."""

    to: Recipient
    not_before_ms: int
    closed: Closed | None = None


class Reminding:
    """Plans reminders, and writes them with the lines that tell of them."""

    def __init__(self, site: Site, letters: Letters) -> None:
        self._site = site
        self._reminders = Reminders(site, letters)

    def awake_ms(self, matter: str, at_ms: int) -> int:
        """`at_ms`, or when the quiet hours of a matter end that it lies in."""
        return quiet_until(at_ms, self._site.settings.ladder.way(matter).quiet_hours, self._site.timezone)

    def keeper(self, alarm: Alarm) -> str:
        """The address of the street's keeper; where no street is known, of the desk."""
        return self._reminders.keeper(alarm).address

    def plan(self, alarm: Alarm, now_ms: int) -> Plan:
        """Who is to be told of a matter now. Quiet hours pass first: only then it counts whether a shop is open."""
        matter = alarm.matter or ""
        awake_ms = self.awake_ms(matter, now_ms)
        first, shop = self._reminders.first(alarm), scene_of(alarm, self._site).shop
        closed = closed_at(shop, self._site, awake_ms) if shop and first.role == SHOP else None
        if shop is None or closed is None:
            return Plan(to=first, not_before_ms=awake_ms)
        if self._site.settings.ladder.way(matter).when_closed == "wait":
            opens_ms = self._opens_ms(shop, matter, awake_ms)
            if opens_ms is not None:
                return Plan(to=first, not_before_ms=opens_ms, closed=closed)
        return Plan(to=self._reminders.keeper(alarm), not_before_ms=awake_ms, closed=closed)

    def told(self, of_step: Sequence[Notice], alarm: Alarm) -> Told | None:
        """How far the newest of a step's notices has come. Nobody is told instead who was told in that step before."""
        if not of_step:
            return None
        newest = of_step[-1]
        following = self._reminders.following(alarm, newest.recipient)
        someone_else = following is not None and all(notice.recipient != following.address for notice in of_step)
        return Told(state=newest.state, sent_ms=newest.sent_ms, someone_else=someone_else)

    def remind(self, tx: BookTransaction, ladder: Ladder, alarm: Alarm, plan: Plan, now_ms: int) -> None:
        """Put the word of the ladder's step into the outbox."""
        so_far = tx.reminders(ladder.id)
        to_the_keeper = plan.closed is not None and plan.to.role != SHOP
        notice = self._reminders.reminder(
            ladder,
            alarm,
            plan.to,
            now_ms=now_ms,
            not_before_ms=plan.not_before_ms,
            sent=sum(notice.sent_ms is not None for notice in so_far),
            before=sum(notice.step == ladder.step.value for notice in so_far),
            closed=plan.closed if to_the_keeper else None,
        )
        if plan.closed is not None:
            what = "told_keeper_closed" if to_the_keeper else "waits_for_opening"
            chinese, english = (self._reminders.why(language, plan.closed) for language in LANGUAGES)
            self._log(tx, what, ladder, alarm, notice, why_zh=chinese, why_en=english)
        tx.add_notice(notice)
        self._log(tx, ladder.step.value, ladder, alarm, notice)

    def instead(
        self, tx: BookTransaction, ladder: Ladder, alarm: Alarm, of_step: Sequence[Notice], now_ms: int
    ) -> None:
        """The same to the next, as the last of `of_step` did not get through. LookupError if nobody is left."""
        lost = of_step[-1].recipient
        following = self._reminders.following(alarm, lost)
        if following is None:
            raise LookupError(f"nobody is left to tell of {alarm.subject!r} instead of {lost!r}")
        not_before_ms, before = self.awake_ms(ladder.matter, now_ms), len(of_step)
        notice = self._reminders.instead(
            ladder, alarm, following, now_ms=now_ms, not_before_ms=not_before_ms, before=before
        )
        tx.add_notice(notice)
        self._log(tx, "told_instead", ladder, alarm, notice, lost=lost)

    def _opens_ms(self, shop: Shop, matter: str, at_ms: int) -> int | None:
        """When the shop is open and people are awake; None if that never is."""
        for _ in range(_MOST_TURNS):
            closed = closed_at(shop, self._site, at_ms)
            if closed is None:
                return at_ms
            at_ms = self.awake_ms(matter, closed.until_ms)
        return None

    def _log(
        self, tx: BookTransaction, what: str, ladder: Ladder, alarm: Alarm, notice: Notice, **more: str | None
    ) -> None:
        line = story.line(
            "ladder",
            what,
            notice.created_ms,
            alarm,
            ladder=ladder,
            frontage=scene_of(alarm, self._site).frontage,
            recipient=notice.recipient,
            send_ms=notice.not_before_ms,
            recheck_ms=ladder.recheck_ms,
            lost=more.get("lost"),
            why_zh=more.get("why_zh"),
            why_en=more.get("why_en"),
        )
        tx.append_log(line)


def of_step(reminders: Sequence[Notice], ladder: Ladder) -> list[Notice]:
    """Those of the ladder's step that were not taken back."""
    step = ladder.step.value
    return [one for one in reminders if one.step == step and one.state is not NoticeState.WITHDRAWN]
