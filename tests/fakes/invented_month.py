"""An invented month of shopfronts and chargers, lived through by the real book; what happened is known beforehand."""

import heapq
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from cases.book import Book
from cases.kpi.period import Period
from config.load import Site, load_site
from domain.case import CaseState, ClosedReason, LogEntry
from domain.finding import CasePolicy, Change, Evidence, Finding, Severity
from storage.case_store import CaseStore

STEP_MS = 15 * 60_000
"""How often a shopfront is looked at; also how long this matter's re-check gives a shop."""
DAY_MS = 86_400_000
STREETS = {
    ("天宁区", "天宁街道"): ("双桂街", "延陵西路", "青果巷"),
    ("天宁区", "红梅街道"): ("罗汉路", "博爱路"),
    ("钟楼区", "南大街街道"): ("南大街", "双桂街"),
    ("钟楼区", "永红街道"): ("怀德中路", "清潭路"),
}
_NAMES = ("福兴", "永和", "小月", "阿明", "同庆", "新丰", "老陆", "春晖", "万家", "晓风")
_TRADES = ("面馆", "水果店", "五金店", "理发店", "文具店", "早餐店", "修车铺", "花店")


def make_city(folder: Path, *, shops_a_road: int, demo: bool = False) -> Site:
    """A city of four sub-districts, all of whose shops a camera watches. `demo`: it says that it is simulated."""
    folder.mkdir(parents=True, exist_ok=True)
    place, shops, cameras, zones, devices = 0, [], [], [], []
    for (district, sub_district), roads in STREETS.items():
        for road in roads:
            place += 1
            where = f"{district},{sub_district},{road},{119.9 + place / 100:.4f},{31.7 + place / 100:.4f}"
            cameras.append(f"C{place:02},{road} 1 号,http://127.0.0.1:1/1.jpg,{where},")
            devices.append(f"E{place:02},charging-station,{road}充电站,{where},12,")
            for n in range(shops_a_road):
                shop_id = f"S{place:02}{n:02}"
                name = f"{_NAMES[(place * 7 + n) % len(_NAMES)]}{_TRADES[(place * 3 + n * 5) % len(_TRADES)]}"
                shops.append(f"{shop_id},{name},{where},shop:{shop_id}")
                left = n / shops_a_road
                corners = f"{left:.3f},0.1 {left + 0.9 / shops_a_road:.3f},0.1 {left:.3f},0.9"
                zones.append(f'C{place:02},door-{n},frontage,{shop_id},"{corners}"')
    columns = "name,district,sub_district,road,lon_deg,lat_deg"
    of_camera = "camera_id,name,source,district,sub_district,road,lon_deg,lat_deg,interval_s\n"
    files = {
        "site.yaml": "site: month\nname: {zh: 龙城, en: Longcheng}\ndivision: '320400'\n"
        f"data_dir: {folder / 'data'}\nmqtt: {{url: 'mqtt://127.0.0.1:1'}}\nladder: {{quiet_hours: null}}\n"
        "figures: {road: {min_shops: 3}}\n" + ("demo: {compress: 1}\n" if demo else ""),
        "shops.csv": f"shop_id,{columns},contact\n" + "\n".join(shops),
        "cameras.csv": of_camera + "\n".join(cameras),
        "zones.csv": "camera_id,zone,role,shop_id,polygon\n" + "\n".join(zones),
        "devices.csv": f"device_id,profile,{columns},ports,baseline\n" + "\n".join(devices),
    }
    for name, text in files.items():
        (folder / name).write_text(text + "\n", encoding="utf-8")
    return load_site(str(folder), {})


@dataclass(frozen=True)
class Episode:
    """A shop's goods in front of it: seen at `at_ms`, and still there at `stays` looks after that."""

    at_ms: int
    camera_id: str
    zone: str
    shop_id: str
    stays: int


@dataclass
class Month:
    """What happens, and what the book makes of it."""

    site: Site
    store: CaseStore
    chance: random.Random
    episodes: list[Episode] = field(default_factory=list)
    closed: dict[str, int] = field(default_factory=dict)
    """By case: when a person closed it."""

    def invent(self, period: Period, *, each_shop: float) -> None:
        """So many episodes for each shop, by day; some shops and roads are worse than others."""
        for camera in self.site.cameras.values():
            willing = self.chance.uniform(0.72, 0.97)
            for zone in camera.zones:
                at_ms = period.from_ms
                often = each_shop * self.chance.choice((0.3, 0.6, 1.0, 2.1))
                while True:
                    gap = self.chance.expovariate(often / (period.to_ms - period.from_ms)) if often else period.to_ms
                    at_ms += max(2 * 3_600_000, round(gap))
                    opens = self._in_the_day(at_ms, period)
                    if opens >= period.to_ms - 2 * 3_600_000:
                        break
                    stays = self.chance.choice((0, 0, 0, 1)) if self.chance.random() < willing else 2
                    assert zone.shop_id
                    self.episodes.append(Episode(opens, camera.camera_id, zone.zone, zone.shop_id, stays))
                    at_ms = opens

    def live(self, period: Period, *, chargers: int) -> None:
        """Through the book, quarter of an hour by quarter; notices go out at once, people close cases."""
        book, due = Book(self.site), [*self._looks(), *self._chargers(period, chargers)]
        heapq.heapify(due)
        while due:
            at_ms = due[0][0]
            findings = []
            while due and due[0][0] == at_ms:
                findings.append(heapq.heappop(due)[2])
            with self.store.transaction() as tx:
                book.record(tx, findings, at_ms)
                book.tick(tx, at_ms)
            for notice in self.store.due_notices(at_ms, 1000):
                self.store.mark_sent(notice.id, at_ms)
        self._close()

    def _looks(self) -> Sequence[tuple[int, int, Finding]]:
        found = []
        for n, one in enumerate(self.episodes):
            for look in range(one.stays + 2):
                change = Change.RAISED if look == 0 else Change.RESOLVED if look == one.stays + 1 else Change.RENEWED
                at_ms = one.at_ms + look * STEP_MS
                found.append((at_ms, n * 10 + look, _seen(one, change, at_ms)))
        return found

    def _chargers(self, period: Period, n: int) -> Sequence[tuple[int, int, Finding]]:
        found, stations = [], sorted(self.site.devices)
        for number in range(n):
            at_ms = self._in_the_day(self.chance.randrange(period.from_ms, period.to_ms - DAY_MS), period)
            device_id = self.chance.choice(stations)
            for step, change in enumerate((Change.RAISED, Change.RESOLVED)):
                finding = _measured(device_id, number, change, at_ms + step * 2 * STEP_MS)
                found.append((finding.at_ms, 10_000_000 + number * 10 + step, finding))
        return found

    def _in_the_day(self, at_ms: int, period: Period) -> int:
        """The same moment or the next of opening hours, on a whole quarter."""
        into = (at_ms - period.from_ms) % DAY_MS
        opens = at_ms - into + min(max(into, 7 * 3_600_000), 20 * 3_600_000)
        return period.from_ms + (opens - period.from_ms) // STEP_MS * STEP_MS

    def _close(self) -> None:
        """A person closes most of the cases, some too late."""
        for case in self.store.cases(limit=100_000):
            chance = self.chance.random()
            if chance > 0.96:
                continue
            closed_ms = case.opened_ms + round((case.due_ms - case.opened_ms) * chance * 1.08)
            reason = ClosedReason.FIXED if chance < 0.9 else ClosedReason.NOT_REPRODUCED
            self.closed[case.id] = closed_ms
            with self.store.transaction() as tx:
                tx.save_case(replace(case, state=CaseState.CLOSED, closed_ms=closed_ms, closed_reason=reason))
                tx.append_log(
                    LogEntry(id=0, at_ms=closed_ms, who="王工", what="case_closed", facts={}, case_id=case.id)
                )


def _seen(one: Episode, change: Change, at_ms: int) -> Finding:
    name = f"{one.camera_id}-{one.zone}-{at_ms}"
    return Finding(
        rule_id="bike-misparked",
        rule_version="ab12cd34",
        title_zh="门前乱停非机动车",
        title_en="Bicycles parked out of place",
        subject=f"{one.camera_id}/{one.zone}",
        kind="camera",
        device_id=one.camera_id,
        change=change,
        severity=Severity.NOTICE,
        at_ms=at_ms,
        since_ms=one.at_ms,
        matter="09010",
        policy=CasePolicy.LADDER,
        zone=one.zone,
        shop_id=one.shop_id,
        evidence=Evidence(look_id=name, taken_ms=at_ms, picture=f"{one.camera_id}/{name}", picture_sha256="00"),
    )


def _measured(device_id: str, number: int, change: Change, at_ms: int) -> Finding:
    return Finding(
        rule_id="charger-hot",
        rule_version="ef56ab78",
        title_zh="充电口温度过高",
        title_en="A port is too hot",
        subject=f"{device_id}/{number % 12 + 1}",
        kind="charger",
        device_id=device_id,
        change=change,
        severity=Severity.WARN,
        at_ms=at_ms,
        since_ms=at_ms,
        matter="01054",
        policy=CasePolicy.OPEN,
        port=number % 12 + 1,
    )
