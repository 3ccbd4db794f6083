"""A small town for the book's tests: its registers as files, its store in a file, its events as findings."""

from datetime import datetime
from pathlib import Path
from typing import Any

from cases.book import Book
from config.load import Site, load_site
from domain.case import Alarm, LogEntry
from domain.clock import epoch_ms
from domain.finding import CasePolicy, Change, Evidence, Finding, Severity
from domain.notice import Notice, NoticeState
from domain.order import AlarmOrder, OrderKind
from domain.silence import Silence
from storage.case_store import CaseStore

SITE = """\
site: town
name: {{zh: 龙城, en: Longcheng}}
division: "320400"
data_dir: {data}
mqtt: {{url: "mqtt://127.0.0.1:1"}}
ladder: {{quiet_hours: {quiet}}}
notices: {{webhook_url: "{webhook}"}}
{demo}
"""
PLACE = "天宁区,天宁街道,双桂街,119.95,31.78"
SHOPS = f"""\
shop_id,name,district,sub_district,road,lon_deg,lat_deg,contact
S1,阿福手机店,{PLACE},shop:S1
S2,隆兴文具店,{PLACE},
"""
CAMERAS = f"""\
camera_id,name,source,district,sub_district,road,lon_deg,lat_deg,interval_s
C1,双桂街1号,http://127.0.0.1:1/1.jpg,{PLACE},
"""
ZONES = """\
camera_id,zone,role,shop_id,polygon
C1,door-1,frontage,S1,"0.1,0.1 0.4,0.1 0.4,0.9"
C1,door-2,frontage,S2,"0.5,0.1 0.9,0.1 0.9,0.9"
C1,lane,pavement,,"0.1,0.1 0.9,0.1 0.9,0.9"
"""
DEVICES = f"""\
device_id,profile,name,district,sub_district,road,lon_deg,lat_deg,ports,baseline
E1,charging-station,双桂街充电站,{PLACE},12,
T1,heritage-tree,古银杏,{PLACE},0,tilt_deg=1.0
"""
SHOP_OF = {"door-1": "S1", "door-2": "S2", "lane": None}


def make_site(folder: Path, *, quiet: str = "null", compress: float | None = None, webhook: str = "") -> Site:
    """The town, read from files written into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    demo = f"demo: {{compress: {compress}}}" if compress else ""
    files = {
        "site.yaml": SITE.format(data=folder / "data", quiet=quiet, webhook=webhook, demo=demo),
        "shops.csv": SHOPS,
        "cameras.csv": CAMERAS,
        "zones.csv": ZONES,
        "devices.csv": DEVICES,
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return load_site(str(folder), {})


def clock_ms(text: str) -> int:
    """`"10:15"` on the town's clock, on 22 November 2026; `"23 08:00"` on another day of that month."""
    day, _, time = text.rpartition(" ")
    return epoch_ms(datetime.fromisoformat(f"2026-11-{day or '22'}T{time}:00+08:00"))


def bikes(change: Change, at_ms: int, *, zone: str = "door-1", look: bool = True) -> Finding:
    """Bicycles in front of a shop, as the rule for them reports it."""
    name = f"look-{at_ms}"
    evidence = Evidence(look_id=name, taken_ms=at_ms, picture=f"C1/20261122/{name}", picture_sha256="00")
    return Finding(
        rule_id="bike-misparked",
        rule_version="ab12cd34",
        title_zh="门前乱停非机动车",
        title_en="Bicycles parked out of place",
        subject=f"C1/{zone}",
        kind="camera",
        device_id="C1",
        change=change,
        severity=Severity.NOTICE,
        at_ms=at_ms,
        since_ms=at_ms - 600_000,
        matter="09010",
        policy=CasePolicy.LADDER,
        zone=zone,
        shop_id=SHOP_OF[zone],
        evidence=evidence if look else None,
    )


def charger(
    change: Change,
    at_ms: int,
    *,
    rule_id: str = "residual-current",
    metric: str = "residual_ma",
    value: float = 34.25,
    limit: float | None = 30.0,
    port: int = 3,
    severity: Severity = Severity.CRITICAL,
    latch: bool = False,
) -> Finding:
    """A charging station in trouble."""
    return Finding(
        rule_id=rule_id,
        rule_version="ef56ab78",
        title_zh="漏电流超限",
        title_en="Residual current too high",
        subject=f"E1/{port}",
        kind="charger",
        device_id="E1",
        change=change,
        severity=severity,
        at_ms=at_ms,
        since_ms=at_ms,
        matter="01054",
        policy=CasePolicy.OPEN,
        port=port,
        metric=metric,
        value=value,
        limit=limit,
        limit_source="T/GBC 48-2025",
        latch=latch,
    )


def tree(change: Change, at_ms: int, *, severity: Severity = Severity.CRITICAL, latch: bool = True) -> Finding:
    """A heritage tree that leans more than when its sensor was mounted: so much that it may fall, or `leaning`."""
    return Finding(
        rule_id="tree-tilt",
        rule_version="11223344",
        title_zh="古树倾斜",
        title_en="Heritage tree leans",
        subject="T1",
        kind="tree",
        device_id="T1",
        change=change,
        severity=severity,
        at_ms=at_ms,
        since_ms=at_ms,
        matter="04001",
        policy=CasePolicy.OPEN,
        metric="tilt_deg",
        value=1.8,
        limit=1.5,
        latch=latch,
    )


def leaning(change: Change, at_ms: int) -> Finding:
    """A heritage tree that leans a little more than it did: for its sub-district's team, in office hours."""
    return tree(change, at_ms, severity=Severity.WARN, latch=False)


def gateway(change: Change, at_ms: int, *, severity: Severity = Severity.CRITICAL, latch: bool = False) -> Finding:
    """A gateway that has been silent for long, or `severity` less: no case comes of it, and no register knows it."""
    return Finding(
        rule_id="gateway-silent-30m",
        rule_version="55667788",
        title_zh="网关失联超过半小时",
        title_en="Gateway silent for half an hour",
        subject="G1",
        kind="gateway",
        device_id="G1",
        change=change,
        severity=severity,
        at_ms=at_ms,
        since_ms=at_ms - 1_800_000,
        latch=latch,
    )


class Town:
    """The book over a store in a file, or at `url`. `restart` begins again with nothing but that.

    While `sending`, notices to people go out at the very moment they may.
    """

    def __init__(self, site: Site, folder: Path, url: str = "") -> None:
        self.site = site
        self._url = url or f"sqlite:///{folder / 'cases.db'}"
        self._told = 0
        self.sending = True
        self.store = CaseStore(self._url)
        self.book = Book(site)

    def restart(self) -> None:
        """As after a crash between two transactions."""
        self.store.close()
        self.store = CaseStore(self._url)
        self.book = Book(self.site)

    def record(self, *findings: Finding, released_by: str | None = None) -> list[str]:
        """One batch, at the time of its last finding. Returns the log lines it added."""
        self.send(findings[-1].at_ms)
        with self.store.transaction() as tx:
            self.book.record(tx, findings, findings[-1].at_ms, released_by=released_by)
        self.send(findings[-1].at_ms)
        return self.news()

    def tick(self, at_ms: int) -> list[str]:
        """A second goes by. Returns the log lines it added."""
        self.send(at_ms)
        with self.store.transaction() as tx:
            self.book.tick(tx, at_ms)
        self.send(at_ms)
        return self.news()

    def give(
        self, kind: OrderKind, alarm: Alarm, at_ms: int, *, until_ms: int | None = None, who: str = "王工"
    ) -> AlarmOrder:
        """Somebody orders something about an alarm; nothing has come of it yet."""
        order = AlarmOrder(
            id=0, kind=kind, alarm_id=alarm.id, who=who, why="已派人到场", given_ms=at_ms, until_ms=until_ms
        )
        with self.store.transaction() as tx:
            return tx.add_order(order)

    def obey(self, at_ms: int) -> list[str]:
        """What has been ordered is done. Returns the log lines it added."""
        with self.store.transaction() as tx:
            for order in tx.waiting_orders():
                self.book.carry_out(tx, order, [], at_ms)
        self.send(at_ms)
        return self.news()

    def silence(self, begins_ms: int, until_ms: int, **covers: Any) -> Silence:
        """李姐 wants to hear nothing of what it covers; that takes effect with the next tick."""
        asked = Silence(
            id=0, who="李姐", why="检修", from_ms=begins_ms, until_ms=until_ms, given_ms=begins_ms, **covers
        )
        with self.store.transaction() as tx:
            return tx.add_silence(asked)

    def end_silence(self, silence: Silence, at_ms: int) -> list[str]:
        """王工 ends it. Returns the log lines it added."""
        with self.store.transaction() as tx:
            assert tx.end_silence(silence.id, "王工", at_ms)
        return self.tick(at_ms)

    def send(self, now_ms: int) -> None:
        """Everything to people that was due until now has gone out when it was due."""
        if not self.sending:
            return
        for notice in self.store.due_notices(now_ms, 1000):
            if notice.channel != "command":
                self.store.mark_sent(notice.id, notice.not_before_ms)

    def lose(self) -> None:
        """Every waiting notice to people is given up."""
        for notice in self.notices():
            if notice.state is NoticeState.PENDING:
                self.store.mark_dead(notice.id, "no such number", notice.not_before_ms)

    def log(self) -> list[LogEntry]:
        """Every line of every alarm's story, in order."""
        lines = {
            line.id: line for alarm in self.store.alarms(open_only=False) for line in self.store.log(alarm_id=alarm.id)
        }
        return [lines[key] for key in sorted(lines)]

    def news(self) -> list[str]:
        """`what` of the lines since the last call."""
        lines = self.log()
        new = [line.what for line in lines[self._told :]]
        self._told = len(lines)
        return new

    def notices(self) -> list[Notice]:
        """Notices to people, oldest first."""
        return [notice for notice in reversed(self.store.notices()) if notice.channel != "command"]

    def commands(self) -> list[Notice]:
        """Notices to cameras, oldest first."""
        return [notice for notice in reversed(self.store.notices()) if notice.channel == "command"]
