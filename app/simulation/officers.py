"""The bureau's people: the duty desk, crews, and who verifies."""

from functools import partial
from typing import Final

from app.simulation.account import Account, Deed, Message
from app.simulation.agenda import Agenda
from app.simulation.chance import chance_of
from app.simulation.office import Office
from app.simulation.sensors import Sensors, Story
from app.simulation.shopkeepers import Shopkeepers
from app.simulation.street import Standing
from app.simulation.watching import Watching
from domain.case_order import CaseAct
from domain.notice import Notice

_MINUTE_MS: Final = 60_000
_LATE: Final = 0.08
"""The share of cases that are handled after their deadline."""
_HALF_DONE: Final = 0.05
"""The share of handled cases in which it is there again before anybody has verified it."""
_TRIES: Final = 12
_NONE: Final = 0.15
"""The share of what a person is asked about that is none."""
_UNREAD: Final = 0.2
"""The share of such questions that nobody answers; they are asked again."""
_RIGHT: Final = 0.4
"""The share of contests that are upheld."""


class Officers:
    """They learn of cases by the duty desk's group, go there, and have them closed once it is seen to be over."""

    def __init__(
        self,
        agenda: Agenda,
        watching: Watching,
        *,
        sensors: Sensors,
        office: Office,
        shopkeepers: Shopkeepers,
        account: Account,
        seed: int,
    ) -> None:
        self._agenda = agenda
        self._watching = watching
        self._sensors = sensors
        self._office = office
        self._shopkeepers = shopkeepers
        self._account = account
        self._seed = seed
        self._known: set[str] = set()

    def asked(self, notice: Notice, message: Message) -> None:
        """The desk is asked whether a shop's contest is right."""
        _site, rule_id, camera_id, zone, began, *_rest = notice.key.split("/")
        number = self._shopkeepers.contests.get(f"{rule_id}/{camera_id}/{zone}/{began}")
        random = chance_of(self._seed, "contest", notice.key)
        if number is not None:
            at_ms = message.at_ms + round(random.uniform(5, 60) * _MINUTE_MS)
            upheld, matter = random.random() < _RIGHT, str(notice.body.get("matter"))
            deed = Deed(
                what="upheld" if upheld else "dismissed",
                at_ms=at_ms,
                who="值班员",
                rule_id=rule_id,
                subject=notice.subject,
                reason=began,
            )
            self._agenda.at(at_ms, lambda now_ms: self._decide(number, deed, matter, now_ms))

    def asked_first(self, notice: Notice, message: Message) -> None:
        """A street keeper is asked whether it is so, before anybody is told; asked again, the desk too."""
        _site, rule_id, _camera_id, _zone, began, *_rest = notice.key.split("/")
        random = chance_of(self._seed, "confirm", notice.key)
        if notice.ladder_id is None or random.random() < _UNREAD:
            return
        at_ms = message.at_ms + round(random.uniform(1, 20) * _MINUTE_MS)
        deed = Deed(
            what="rejected" if random.random() < _NONE else "confirmed",
            at_ms=at_ms,
            who="值班员" if notice.recipient == "duty-desk" else "街道巡查员",
            rule_id=rule_id,
            subject=notice.subject,
            reason=began,
        )
        ladder_id, matter = notice.ladder_id, str(notice.body.get("matter"))
        self._agenda.at(at_ms, lambda now_ms: self._judge(ladder_id, deed, matter, now_ms))

    def _judge(self, ladder_id: int, deed: Deed, matter: str, now_ms: int) -> None:
        is_so = deed.what == "confirmed"
        if self._office.judge(ladder_id, deed.who, now_ms, is_so=is_so):
            self._account.deeds.append(deed)
            if not is_so:
                self._shopkeepers.decided(deed.subject or "", matter, now_ms, upheld=True)

    def _decide(self, number: int, deed: Deed, matter: str, now_ms: int) -> None:
        upheld = deed.what == "upheld"
        if self._office.decide(number, deed.who, now_ms, upheld=upheld):
            self._account.deeds.append(deed)
            self._shopkeepers.decided(deed.subject or "", matter, now_ms, upheld=upheld)

    def told(self, notice: Notice, message: Message) -> None:
        """A word about a case has arrived: at the desk, or at the chief's if the desk said nothing to it."""
        random = chance_of(self._seed, "officer", notice.key)
        if message.urgent and notice.alarm_id is not None and (notice.recipient == "chief" or random.random() < 0.75):
            at_ms = message.at_ms + round(random.uniform(1, 8) * _MINUTE_MS)
            alarm_id, who = notice.alarm_id, "值班长" if notice.recipient == "chief" else "值班员"
            self._agenda.at(at_ms, lambda now_ms: self._take_on(alarm_id, who, now_ms))
        case_id = notice.case_id
        if case_id is None or case_id in self._known:
            return
        self._known.add(case_id)
        case = self._office.case(case_id)
        if random.random() < _LATE:
            handled_ms = case.due_ms + round(random.uniform(5, 300) * _MINUTE_MS)
        else:
            margin_ms = min(case.due_ms - case.opened_ms, 2 * 3_600_000)
            handled_ms = case.due_ms - round(random.uniform(0.45, 0.8) * margin_ms)
        handled_ms = max(handled_ms, message.at_ms + 3 * _MINUTE_MS)
        self._agenda.at(handled_ms, lambda now_ms: self._handle(case_id, now_ms, tries=0))

    def _take_on(self, alarm_id: int, who: str, now_ms: int) -> None:
        if self._office.acknowledge(alarm_id, who, now_ms):
            self._account.deeds.append(Deed(what="ack", at_ms=now_ms, who=who, subject=str(alarm_id)))

    def _handle(self, case_id: str, now_ms: int, *, tries: int) -> None:
        """The crew is there: what stands there goes, what leaks is mended, what has smoked is looked at."""
        case, random = self._office.case(case_id), chance_of(self._seed, "crew", case_id, tries)
        self._order(CaseAct.TAKE, case_id, "处置队", now_ms)
        device_id, _, zone = case.subject.partition("/")
        if device_id not in self._watching.streets:
            self._mend(device_id, now_ms)
        for thing in self._shopkeepers.there(device_id, zone, case.matter):
            self._watching.goes(thing, now_ms, "crew")
            if random.random() < _HALF_DONE:
                self._agenda.at(now_ms + 4 * _MINUTE_MS, partial(self._comes_again, thing))
        self._order(CaseAct.REPORT, case_id, "处置队", now_ms)
        verify_ms = now_ms + round(random.uniform(4, 12) * _MINUTE_MS)
        self._agenda.at(verify_ms, lambda at_ms: self._verify(case_id, at_ms, tries=tries))

    def _verify(self, case_id: str, now_ms: int, *, tries: int) -> None:
        """Close it if it is seen to be over, else the crew goes again. A blind camera is waited for."""
        if self._order(CaseAct.VERIFY, case_id, "核查员", now_ms):
            self._order(CaseAct.CLOSE, case_id, "核查员", now_ms)
            return
        street = self._watching.streets.get(self._office.case(case_id).device_id)
        if street is not None and street.fault_at(now_ms):  # nobody can see whether it is done
            self._agenda.at(now_ms + 60 * _MINUTE_MS, lambda at_ms: self._verify(case_id, at_ms, tries=tries))
            return
        self._order(CaseAct.RETURN, case_id, "核查员", now_ms)
        if tries < _TRIES:
            again_ms = now_ms + (20 if tries < _TRIES // 2 else 180) * _MINUTE_MS
            self._agenda.at(again_ms, lambda at_ms: self._handle(case_id, at_ms, tries=tries + 1))

    def _comes_again(self, thing: Standing, now_ms: int) -> None:
        self._shopkeepers.comes(self._shopkeepers.again(thing, now_ms))

    def _mend(self, device_id: str, now_ms: int) -> None:
        for story in [one for one in self._sensors.stories.values() if one.device.device_id == device_id]:
            self._sensors.ends(story, now_ms)
            if story.latched:
                release_ms = now_ms + 2 * _MINUTE_MS  # once it has been read to be over
                self._agenda.at(release_ms, partial(self._release, story))

    def _release(self, story: Story, now_ms: int) -> None:
        if self._office.release(story.rule_id, story.subject, "值班员", now_ms):
            deed = Deed(what="release", at_ms=now_ms, who="值班员", rule_id=story.rule_id, subject=story.subject)
            self._account.deeds.append(deed)

    def _order(self, act: CaseAct, case_id: str, who: str, now_ms: int) -> bool:
        done = self._office.order(act, case_id, who, now_ms)
        if done:
            self._account.deeds.append(Deed(what=act.value, at_ms=now_ms, who=who, case_id=case_id))
        return done
