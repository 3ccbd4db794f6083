"""The words of a ladder's steps: to the shop, to the street's keeper in its place, to the duty desk as the last."""

from typing import Final, NamedTuple

from cases.notices.letters import Letters
from cases.notices.routing import unlinked
from cases.opening import Closed
from cases.scene import scene_of
from cases.shop_links import Holder
from config.load import Site
from domain.case import Alarm
from domain.ladder import Ladder
from domain.notice import Notice

SHOP: Final = "shop"
_KEEPER: Final = "keeper"
_DESK: Final = "desk"


class Recipient(NamedTuple):
    """Who is told, and as what."""

    role: str
    address: str


class Reminders:
    """Writes them in both languages, and knows who is told, and who instead."""

    def __init__(self, site: Site, letters: Letters) -> None:
        self._site = site
        self._letters = letters
        self._desk = site.settings.notices.duty_desk

    def first(self, alarm: Alarm) -> Recipient:
        """The shop; where no contact is known, the street's keeper; where no street is known, the desk."""
        return self._answerable(alarm)[0]

    def keeper(self, alarm: Alarm) -> Recipient:
        """The street's keeper; where no street is known, the desk."""
        return next(one for one in self._answerable(alarm) if one.role != SHOP)

    def following(self, alarm: Alarm, lost: str) -> Recipient | None:
        """Who is told when the recipient `lost` can't be reached; None if nobody is left."""
        people = self._answerable(alarm)
        addresses = [one.address for one in people]
        # One who has left the registers since was the first of that time.
        at = addresses.index(lost) if lost in addresses else 0
        return people[at + 1] if at + 1 < len(people) else None

    def reminder(
        self,
        ladder: Ladder,
        alarm: Alarm,
        to: Recipient,
        *,
        now_ms: int,
        not_before_ms: int,
        sent: int,
        before: int,
        closed: Closed | None = None,
    ) -> Notice:
        """The word of the ladder's step; `closed` says why it goes to the keeper and not to the shop.

        `sent` reminders of this ladder went out, so many of this step were written `before`: only to whom something
        was said is it said again.
        """
        whom = SHOP if to.role == SHOP else f"{_KEEPER}_closed" if closed else _KEEPER
        text = f"{whom}_{'second' if sent else 'first'}"
        return self._word(
            text, ladder, alarm, to, now_ms=now_ms, not_before_ms=not_before_ms, before=before, closed=closed
        )

    def instead(
        self, ladder: Ladder, alarm: Alarm, to: Recipient, *, now_ms: int, not_before_ms: int, before: int
    ) -> Notice:
        """The same to the keeper, or to the desk, as the one before was not reached."""
        text = f"{to.role}_instead"
        return self._word(text, ladder, alarm, to, now_ms=now_ms, not_before_ms=not_before_ms, before=before)

    def why(self, language: str, closed: Closed) -> str:
        """Why a shop is closed, in words."""
        closure = closed.closure
        if closure is None:
            return self._site.texts.say(language, "notices.closed.hours", {"hours": closed.hours})
        facts = {"why": closure.why, "first": closure.first.isoformat(), "last": closure.last.isoformat()}
        return self._site.texts.say(language, "notices.closed.days", facts)

    def _word(
        self,
        text: str,
        ladder: Ladder,
        alarm: Alarm,
        to: Recipient,
        *,
        now_ms: int,
        not_before_ms: int,
        before: int,
        closed: Closed | None = None,
    ) -> Notice:
        step = ladder.step.value
        notice = self._letters.word(
            text,
            alarm,
            (alarm.rule_id, alarm.subject, ladder.started_ms, f"{step}-{before}" if before else step, to.role),
            to=to.address,
            step=step,
            deadline_ms=ladder.recheck_ms,
            now_ms=now_ms,
            not_before_ms=not_before_ms,
            ladder_id=ladder.id,
            said=(lambda language: {"why": self.why(language, closed)}) if closed else None,
        )
        # Whoever has the link may answer for the shop: nobody but the shop gets it.
        return unlinked(notice, Holder.SHOP) if to.role == SHOP else notice

    def _answerable(self, alarm: Alarm) -> list[Recipient]:
        scene = scene_of(alarm, self._site)
        people = []
        if scene.shop and scene.shop.contact:
            people.append(Recipient(SHOP, scene.shop.contact))
        if scene.location:
            people.append(Recipient(_KEEPER, f"street-keeper:{scene.location.sub_district}"))
        return [*people, Recipient(_DESK, self._desk)]
