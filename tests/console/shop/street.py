"""Six shops before one camera, and what is held against one of them."""

from dataclasses import replace as replaced
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from cases.shop_links import ShopLinks
from config.load import Site
from config.shop_page import ShopPage
from domain.case import Alarm, Case, CaseState
from domain.clock import epoch_ms
from domain.finding import AlarmState, CasePolicy, Evidence, Severity
from domain.ladder import Ladder, LadderStep, ReplyKind, ShopReply
from domain.register import Camera, Shop, Zone, ZoneRole
from tests.fakes.desk import FakeDesk, quiet_desk
from tests.fakes.invented_city import street

AFTERNOON_MS = epoch_ms(datetime(2026, 8, 21, 14, 25, tzinfo=ZoneInfo("Asia/Shanghai")))
MINUTE_MS = 60_000
URL = "https://shops.example"
SECRET = "a secret of sixteen and more"
OWN = "shop-003"
NAMES = ("阿福便利店", "老陈五金店", "小满花店", "同兴早餐铺", "永和理发店", "四季水果店")


def street_site(site: Site, **terms: Any) -> Site:
    """The invented city, with six shops before `cam-001`, and a page for them."""
    page = ShopPage.model_validate({"url": URL, "secret": SECRET, **terms})
    shops = {f"shop-{n:03}": _named(site.shops[f"shop-{n:03}"], NAMES[n - 1]) for n in range(1, 7)}
    camera = _watched(site.cameras["cam-001"])
    return replaced(
        site,
        settings=site.settings.model_copy(update={"shop_page": page}),
        shops={**site.shops, **shops},
        cameras={**site.cameras, camera.camera_id: camera},
    )


def _named(shop: Shop, name: str) -> Shop:
    return replace(shop, name=name)


def _watched(camera: Camera) -> Camera:
    zones = tuple(
        Zone(
            camera_id=camera.camera_id,
            zone=f"front-{n}",
            role=ZoneRole.FRONTAGE,
            polygon=((n / 7, 0.5), ((n + 1) / 7, 0.5), ((n + 1) / 7, 0.9), (n / 7, 0.9)),
            shop_id=f"shop-{n:03}",
        )
        for n in range(1, 7)
    )
    return replace(camera, zones=zones, name="延陵西路 88 号杆")


class Street:
    """One episode of the third shop, and a desk that knows of it. Tests change what they are about."""

    def __init__(self, site: Site, folder: Path, now_ms: int = AFTERNOON_MS) -> None:
        self.site, self.now_ms, self.folder = site, now_ms, folder
        self.desk: FakeDesk = quiet_desk(site, now_ms)
        self.desk.all_shops.given_ms = now_ms
        self.links = ShopLinks.of(site)
        self.alarm = Alarm(
            id=71, rule_id="goods-outside", rule_version="3f9a1c0b7d2e", title_zh="店外堆物", title_en="Goods outside",
            subject="cam-001/front-3", kind="camera", device_id="cam-001", state=AlarmState.FIRING,
            severity=Severity.NOTICE, since_ms=self.ago(40), raised_ms=self.ago(25), seen_ms=self.ago(1),
            matter="09010", policy=CasePolicy.LADDER, zone="front-3", shop_id=OWN, evidence=self.look(25, bikes=3),
        )  # fmt: skip
        self.ladder = Ladder(
            id=12, alarm_id=71, subject="cam-001/front-3", matter="09010", camera_id="cam-001", shop_id=OWN,
            step=LadderStep.NOTICE_1, started_ms=self.ago(25), recheck_ms=self.ago(-35),
            context=self.look(60, bikes=0), onset=self.look(40, bikes=1), confirmed=self.look(25, bikes=3),
        )  # fmt: skip
        self.publish()

    def ago(self, minutes: float) -> int:
        """Epoch ms so many minutes before now."""
        return self.now_ms - round(minutes * MINUTE_MS)

    def look(self, minutes: float, *, bikes: int) -> Evidence:
        """A look with a drawn picture."""
        look_id = f"cam-001-{self.ago(minutes)}"
        name = f"cam-001/20260821/{look_id}"
        path = self.folder / f"{look_id}.jpg"
        path.write_bytes(street(bikes=bikes, seed=4))
        self.desk.all_shops.pictures[name] = path
        return Evidence(look_id=look_id, taken_ms=self.ago(minutes), picture=name, picture_sha256="0" * 64)

    def publish(self, **changes: Any) -> Self:
        """The ladder changed so, and everything put before the desk."""
        self.ladder = replace(self.ladder, **changes)
        self.desk.all_alarms = [self.alarm]
        self.desk.all_shops.all_ladders = [self.ladder]
        return self

    def seen(self, minutes: float) -> Self:
        """It was last seen there so many minutes ago."""
        self.alarm = replace(self.alarm, seen_ms=self.ago(minutes))
        return self.publish()

    def said(self, kind: ReplyKind, minutes: float, **decision: Any) -> Self:
        """The shop said so."""
        reply = ShopReply(
            id=1, ladder_id=12, shop_id=OWN, matter="09010", kind=kind, given_ms=self.ago(minutes), words="不是我店"
        )
        self.desk.all_shops.all_replies.append(replace(reply, **decision))
        return self

    def becomes_a_case(self, state: CaseState = CaseState.PENDING_HANDLE, **changes: Any) -> Self:
        """The ladder has led to a case."""
        self.publish(step=LadderStep.CASE, ended_ms=self.ago(5))
        case = Case(
            id="202608213204000007", alarm_id=71, ladder_id=12, matter="09010", title_zh="店外堆物", title_en="Goods",
            subject="cam-001/front-3", kind="camera", device_id="cam-001", shop_id=OWN, severity=Severity.NOTICE,
            state=state, unit="红梅街道城管中队", opened_ms=self.ago(5), due_ms=self.ago(-235), handler="王建国",
        )  # fmt: skip
        self.desk.all_shops.all_cases = [replace(case, **changes)]
        return self

    @property
    def token(self) -> str:
        """What stands at the end of the link."""
        return self.links.token(self.ladder, self.ladder.started_ms)

    @property
    def path(self) -> str:
        """The page's path."""
        return f"/n/{self.token}"
