"""Who is told in the street, and what they do: shops and street keepers."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from app.simulation.account import Account, Deed, Message
from app.simulation.agenda import Agenda
from app.simulation.chance import about, chance_of
from app.simulation.office import Office
from app.simulation.street import Standing
from app.simulation.trouble import Coming, Trouble, corrected_after_s, inclination_of
from app.simulation.watching import Watching
from cases.permits import Permits
from domain.ladder import ReplyKind
from domain.notice import Notice

_MINUTE_MS: Final = 60_000
_BACK_AT_ONCE: Final = 0.04
"""The share of what is corrected that stands there again a minute or two later."""
_CONTESTS: Final = 0.04
"""The share of first notices that a shop contests."""
_SAYS_SO: Final = 0.3
"""The share of corrections of which the shop says so on its page."""


class Shopkeepers:
    """They correct what they are told of, each as it is inclined; so do street keepers for places without a shop."""

    def __init__(
        self,
        agenda: Agenda,
        watching: Watching,
        *,
        troubles: Mapping[str, Trouble],
        shops: Mapping[str, str | None],
        permits: Permits,
        office: Office,
        account: Account,
        seed: int,
    ) -> None:
        """`troubles` by what stands there; `shops`: the shop of each subject, or None."""
        self._agenda = agenda
        self._watching = watching
        self._troubles = troubles
        self._shops = shops
        self._permits = permits
        self._office = office
        self._account = account
        self.contests: dict[str, int] = {}
        """By whose episode it is, as notices name it: the number of what the shop said."""
        self._seed = seed

    def told(self, notice: Notice, message: Message) -> None:
        """A reminder has arrived."""
        camera_id, _, zone = notice.subject.partition("/")
        whose = self._shops.get(notice.subject) or camera_id
        random = chance_of(self._seed, "told", notice.key)
        after_s = corrected_after_s(inclination_of(self._seed, whose), notice.step, random)
        by_shop = notice.recipient.startswith("sms:+86139")
        if by_shop and notice.step == "notice_1" and random.random() < _CONTESTS:
            self._agenda.at(message.at_ms + random.randrange(2, 12) * _MINUTE_MS, partial(self._contest, notice))
            return
        if after_s is None:
            return
        at_ms = message.at_ms + round(after_s * 1000)
        back, says_so = random.random() < _BACK_AT_ONCE, by_shop and random.random() < _SAYS_SO
        for thing in self.there(camera_id, zone, str(notice.body.get("matter"))):
            self._agenda.at(at_ms, partial(self._correct, thing, back=back))
        if says_so and notice.ladder_id is not None:
            ladder_id = notice.ladder_id
            self._agenda.at(at_ms + _MINUTE_MS, lambda now_ms: self._say_corrected(ladder_id, now_ms))

    def there(self, camera_id: str, zone: str, matter: str) -> Sequence[Standing]:
        """What stands in a zone of one matter."""
        street = self._watching.streets.get(camera_id)
        return [thing for thing in street.at(zone) if thing.stood.matter == matter] if street else []

    def decided(self, subject: str, matter: str, now_ms: int, *, upheld: bool) -> None:
        """What comes of a contest: it never was one; or the shop puts it right after all, or never does."""
        camera_id, _, zone = subject.partition("/")
        random = chance_of(self._seed, "decided", subject, now_ms)
        for thing in self.there(camera_id, zone, matter):
            if upheld:
                self._watching.goes(thing, now_ms, "never was one")
            elif random.random() < 0.7:
                at_ms = now_ms + round(about(random, 9, 0.6) * _MINUTE_MS)
                self._agenda.at(at_ms, partial(self._correct, thing, back=False))

    def _contest(self, notice: Notice, now_ms: int) -> None:
        """The shop says on its page that it is wrong."""
        number = self._office.say(ReplyKind.CONTEST, notice.ladder_id or 0, now_ms)
        if number is None:
            return
        _site, rule_id, camera_id, zone, began, *_rest = notice.key.split("/")
        self.contests[f"{rule_id}/{camera_id}/{zone}/{began}"] = number
        deed = Deed(what="contest", at_ms=now_ms, who="商户", rule_id=rule_id, subject=notice.subject, reason=began)
        self._account.deeds.append(deed)

    def _say_corrected(self, ladder_id: int, now_ms: int) -> None:
        if self._office.say(ReplyKind.CORRECTED, ladder_id, now_ms) is not None:
            self._account.deeds.append(Deed(what="says corrected", at_ms=now_ms, who="商户"))

    def comes(self, coming: Coming) -> None:
        """Something comes to stand in front of a shop, and may go without a word."""
        thing = self._watching.comes(coming.stood())
        if thing is None:
            return
        random = chance_of(self._seed, "leaves", coming.camera_id, coming.zone, coming.at_ms)
        permitted = self._permits.leave(coming.shop_id, coming.trouble.matter, coming.at_ms) is not None
        if permitted or random.random() < coming.trouble.leaves:  # nobody says a word, and in the evening it is in
            at_ms = coming.at_ms + round(about(random, coming.trouble.leaves_after_s, 0.6) * 1000)
            self._agenda.at(at_ms, lambda now_ms: self._leave(thing, now_ms))

    def _leave(self, thing: Standing, now_ms: int) -> None:
        self._watching.goes(thing, now_ms, "by itself")

    def _correct(self, thing: Standing, now_ms: int, *, back: bool) -> None:
        if self._watching.goes(thing, now_ms, "told") and back:
            again_ms = now_ms + 100_000
            self._agenda.at(again_ms, lambda at_ms: self.comes(self.again(thing, at_ms)))

    def again(self, thing: Standing, at_ms: int) -> Coming:
        """The same thing at the same place."""
        stood = thing.stood
        trouble = self._troubles[stood.label]
        return Coming(at_ms=at_ms, camera_id=stood.camera_id, zone=stood.zone, shop_id=stood.shop_id, trouble=trouble)
