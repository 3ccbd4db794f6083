"""Five thousand findings at once, through the real book and outbox: a few digests, and the smoke alarm first."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from msgspec.structs import replace

from app.channels import build_outbox
from cases.book import Book
from config.load import load_site
from domain.clock import ManualClock
from domain.finding import Change, Evidence, Finding
from domain.notice import NoticeState
from storage.case_store import CaseStore
from tests.cases.city import bikes, charger, clock_ms, make_site
from tests.cases.notices.gateway import open_gateway

STREETS, CAMERAS = 10, 5_000
TEN = clock_ms("10:00")
SMOKE = {"rule_id": "charger-smoke", "metric": "smoke", "value": 1.0, "limit": None}


def cameras(folder: Path) -> None:
    """As many as there are findings, in ten sub-districts, before places for which no shop answers."""
    head = "camera_id,name,source,district,sub_district,road,lon_deg,lat_deg,interval_s"
    row = "C{n},路口{n},http://127.0.0.1:1/1.jpg,天宁区,第{street}街道,双桂街,119.95,31.78,"
    rows = [row.format(n=n, street=n % STREETS) for n in range(1, CAMERAS + 1)]
    (folder / "cameras.csv").write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    zones = "camera_id,zone,role,shop_id,polygon\n"
    (folder / "zones.csv").write_text(zones, encoding="utf-8")


def read_by_people(settings: Path) -> None:
    """A person reads what the webhook gets, so it is grouped."""
    text = settings.read_text(encoding="utf-8")
    assert "notices: {" in text
    settings.write_text(text.replace("notices: {", "notices: {webhook_digests: true, "), encoding="utf-8")


def finding(number: int) -> Finding:
    """One of the storm."""
    look = Evidence(look_id=f"look-{number}", taken_ms=TEN, picture=f"C{number}/1/look", picture_sha256="00")
    raised = bikes(Change.RAISED, TEN, zone="lane")
    return replace(raised, subject=f"C{number}/lane", device_id=f"C{number}", evidence=look)


@pytest.mark.slow
async def test_people_get_a_few_digests_and_the_smoke_alarm_at_once(tmp_path: Path) -> None:
    """Ten keepers, one message each; the desk hears of the smoke before any of them, alone; each finding is in one."""
    async with open_gateway() as gateway, aiohttp.ClientSession() as session:
        make_site(tmp_path, webhook=gateway.url)
        read_by_people(tmp_path / "site.yaml")
        cameras(tmp_path)
        site, clock = load_site(str(tmp_path), {}), ManualClock(TEN)
        store = CaseStore(f"sqlite:///{tmp_path / 'cases.db'}")
        book = Book(site)
        smoke = charger(Change.RAISED, TEN, latch=True, **SMOKE)  # type: ignore[arg-type]
        storm = [finding(number) for number in range(1, CAMERAS + 1)]
        with store.transaction() as tx:
            book.record(tx, [*storm[:2500], smoke, *storm[2500:]], TEN)

        async def publish(_topic: str, _payload: bytes) -> None: ...

        outbox = build_outbox(site, store, publish, session, clock, pictures=lambda _name: None)
        while await outbox.send_due():
            pass
        assert [body["body"]["severity"] for body in bodies(gateway.bodies)] == ["critical"]
        clock.advance(seconds=31)
        for _ in range(20):
            while await outbox.send_due():
                pass
            clock.advance(seconds=301)

        first, *digests = bodies(gateway.bodies)
        assert first["recipient"] == "duty-desk"
        assert Counter(one["recipient"] for one in digests) == {
            f"street-keeper:第{street}街道": 1 for street in range(STREETS)
        }
        assert sum(one["body"]["n"] for one in digests) == CAMERAS
        notices = store.notices(limit=2 * CAMERAS)
        assert len(notices) == CAMERAS + 1
        assert {notice.state for notice in notices} == {NoticeState.SENT}
        assert [case.subject for case in store.cases()] == [smoke.subject]
        store.close()


def bodies(received: list[bytes]) -> list[dict[str, Any]]:
    """What came, in order."""
    return [json.loads(body) for body in received]
