"""A month of the city: the world happens, the product sees and says what it would, and everything is written down."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from typing import Final

from app.simulation.account import Account, Look, Message, Said
from app.simulation.agenda import Agenda
from app.simulation.office import Office
from app.simulation.officers import Officers
from app.simulation.product import Product, in_one_thread
from app.simulation.providers import Cameras, Provider
from app.simulation.sensors import Sensors
from app.simulation.shopkeepers import Shopkeepers
from app.simulation.trouble import ALL, Coming, comings
from app.simulation.watching import Watching, faults_of
from cases.kpi.period import Period
from cases.permits import Permits
from config.load import Site
from domain.finding import Change, Finding
from domain.notice import Notice
from domain.reading import Reading
from domain.sighting import Sighting
from rules.kinds.presence import Presence

STEP_MS: Final = 20_000
"""What happens within it is judged together, as a reader does that looks every twenty seconds."""
_POLL_MS: Final = 60_000
_DAY_MS: Final = 86_400_000


class Month:
    """One run. The same site, period and seed give the same month."""

    def __init__(self, site: Site, period: Period, seed: int, *, restarts: bool = False) -> None:
        """`restarts`: every night the product begins again with nothing but what is in its store."""
        self.site, self.period, self.seed = site, period, seed
        self.account = Account()
        self._restarts = restarts
        self._agenda = Agenda()
        self._heard: list[tuple[Reading | Sighting, Look | Said]] = []
        self.watching = Watching(site, self._agenda, self.account, self._tell, seed)
        self._sensors = Sensors(self._agenda, self.account, self._tell)
        site.settings.data_dir.mkdir(parents=True, exist_ok=True)
        self.product = self._product()
        presence = {rule.id: rule.spec for rule in self.product.rules if isinstance(rule.spec, Presence)}
        self._rules_of_looks = frozenset(presence)
        self.watching.know(
            {trouble.label: _stay_s(presence, trouble.label) for trouble in ALL},
            {trouble.label: trouble.rule_id for trouble in ALL},
        )
        self._shops = {
            f"{camera.camera_id}/{zone.zone}": zone.shop_id for camera in site.cameras.values() for zone in camera.zones
        }
        office = Office(site, lambda: self.product.store)
        self._shopkeepers = Shopkeepers(
            self._agenda,
            self.watching,
            troubles={trouble.label: trouble for trouble in ALL},
            shops=self._shops,
            permits=Permits(site),
            office=office,
            account=self.account,
            seed=seed,
        )
        self._officers = Officers(
            self._agenda,
            self.watching,
            sensors=self._sensors,
            office=office,
            shopkeepers=self._shopkeepers,
            account=self.account,
            seed=seed,
        )
        self.steps = 0

    def _product(self) -> Product:
        from_ms = self.period.from_ms
        product = Product(self.site, from_ms, self.seed)
        product.channels |= {
            name: Provider(
                name, product.clock, self.account, self._members, self._reached, seed=self.seed, from_ms=from_ms
            )
            for name in self.site.settings.notices.gateways
        }
        product.channels["command"] = Cameras(product.clock, self.account, self.watching.asked)
        product.begin()
        return product

    async def run(self, progress: Callable[[date], None] = lambda _day: None) -> None:
        """All of it. `progress` is told of each day that begins."""
        with in_one_thread():
            await self._run(progress)

    async def _run(self, progress: Callable[[date], None]) -> None:
        period = self.period
        for coming in comings(self.site, period, self.seed):
            self._agenda.at(coming.at_ms, partial(self._come, coming))
        for camera_id, fault in faults_of(self.site, period.from_ms, period.to_ms, self.seed):
            if camera_id in self.watching.streets:
                self.watching.fails(camera_id, fault)
        self._sensors.plan(self.site, period.from_ms, period.to_ms, self.seed)
        now_ms, midnight_ms = period.from_ms, period.from_ms
        while (now_ms := self._next_ms(now_ms)) <= period.to_ms:
            if now_ms >= midnight_ms:
                if self._restarts and midnight_ms > period.from_ms:
                    self.product.restart()
                progress(datetime.fromtimestamp(midnight_ms / 1000, self.site.timezone).date())
                midnight_ms += _DAY_MS
            await self._step(now_ms)
        await self._step(period.to_ms)

    async def _step(self, now_ms: int) -> None:
        self.steps += 1
        self._agenda.happen(now_ms)
        heard, self._heard = self._heard, []
        for _observation, told in heard:
            told.judged_ms = now_ms
        obeyed = self.product.obeyed
        findings = await self.product.step(now_ms, [observation for observation, _told in heard])
        for finding in findings:
            self._note(finding)
        if self.product.obeyed > obeyed:
            knows = self.product.judge.engine.knows
            for subject, rules in self.watching.firing.items():
                rules &= {rule_id for rule_id in rules if knows(rule_id, subject)}

    def _next_ms(self, now_ms: int) -> int:
        """The next step at which anything is to be done."""
        wakes_ms = self.product.wakes_ms()
        due = [at_ms for at_ms in (self._agenda.next_ms,) if at_ms is not None]
        if wakes_ms is not None:
            due.append(max(wakes_ms, now_ms + _POLL_MS))
        at_ms = max(min(due, default=self.period.to_ms + STEP_MS), now_ms + 1)
        return at_ms + (self.period.from_ms - at_ms) % STEP_MS

    def _come(self, coming: Coming, _now_ms: int) -> None:
        self._shopkeepers.comes(coming)

    def _members(self, key: str) -> Sequence[Notice]:
        return self.product.store.digest(key)

    def _tell(self, observation: Reading | Sighting, told: Look | Said) -> None:
        self._heard.append((observation, told))

    def _note(self, finding: Finding) -> None:
        """Which alarms of looks stand: a camera looks more often while one is about to end."""
        if finding.rule_id not in self._rules_of_looks:
            return
        standing = self.watching.firing.setdefault(finding.subject, set())
        if finding.change is Change.RESOLVED:
            standing.discard(finding.rule_id)
        else:
            standing.add(finding.rule_id)

    def _reached(self, notice: Notice, message: Message) -> None:
        if notice.step == "contest":
            self._officers.asked(notice, message)
        elif notice.step == "confirm":
            self._officers.asked_first(notice, message)
        elif notice.case_id is not None:
            self._officers.told(notice, message)
        elif notice.step.startswith("notice_"):
            self._shopkeepers.told(notice, message)


def _stay_s(rules: dict[str, Presence], label: str) -> float:
    rule_id = next(trouble.rule_id for trouble in ALL if trouble.label == label)
    return rules[rule_id].stays_s[label]
