"""Makes the pictures of the shop's page in docs/images: `.venv/bin/python -m scripts.shop_screenshots [FOLDER]`.

An invented shop before the demo's street; without a folder only the two that the docs show, with one every state.
"""

import asyncio
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from aiohttp.test_utils import TestServer
from msgspec import structs

from config.texts import LANGUAGES
from console.server import make_app
from domain.clock import ManualClock
from domain.ladder import LadderStep, ReplyKind
from domain.picture import PictureFacts, SeenThing
from domain.register import Camera, Polygon, Zone, ZoneRole
from tests.console.shop.street import AFTERNOON_MS, Street, street_site
from tests.fakes.chromium import chromium
from tests.fakes.invented_site import invented_site
from vision.archive import zones_key
from vision.picture import size_of
from vision.zone_copy import zone_copy

IMAGES = Path(__file__).parent.parent / "docs" / "images"
PICTURES = Path(__file__).parent.parent / "app" / "demo" / "pictures"
_FRONT: Polygon = ((0.10, 0.60), (0.56, 0.60), (0.56, 0.76), (0.10, 0.95))
_NEXT_DOOR: Polygon = ((0.57, 0.60), (0.72, 0.58), (0.72, 0.70), (0.57, 0.75))
_BIKES = ((0.19, 0.66, 0.27, 0.83), (0.26, 0.65, 0.35, 0.80))
_PHONE_PX = 390
State = Callable[[Street], object]
STATES: dict[str, State] = {
    "asked": lambda _street: None,
    "asked-again": lambda street: street.publish(step=LadderStep.NOTICE_2),
    "looking": lambda street: street.said(ReplyKind.CORRECTED, 3).seen(4),
    "still-there": lambda street: street.said(ReplyKind.CORRECTED, 5).seen(3),
    "contested": lambda street: street.said(ReplyKind.CONTEST, 3).publish(contested_ms=street.ago(3)),
    "corrected": lambda street: street.publish(
        step=LadderStep.SELF_CORRECTED, ended_ms=street.ago(2), cleared=street.look(2, bikes=0)
    ),
    "case": lambda street: street.becomes_a_case(),
    "right": lambda street: street.publish(step=LadderStep.REJECTED, ended_ms=street.ago(2)),
}
SHOWN = (("shop-page", "asked", "zh-CN"), ("shop-page-en", "corrected", "en"))


async def main(folder: Path | None) -> None:
    """One after the other; what the browser complains of is printed."""
    every = [(f"{state}-{language}", state, language) for state in STATES for language in LANGUAGES]
    for name, state, language in every if folder else SHOWN:
        await _shoot(STATES[state], (folder or IMAGES) / f"{name}.png", language)


async def _shoot(state: State, image: Path, language: str) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        street = Street(street_site(invented_site(Path(scratch))), Path(scratch))
        state(street)
        _picture(street)
        console = TestServer(make_app(street.desk, street.site, ManualClock(AFTERNOON_MS)))
        async with console as server, chromium(Path(scratch) / "profile") as tab:
            await tab.open(str(server.make_url(f"{street.path}?lang={language}")), width=_PHONE_PX)
            await tab.screenshot(image)
            print(image.name, tab.complaints or "no complaints")


def _picture(street: Street) -> None:
    """The demo's street in place of the drawn one: with bicycles, and without them before and after."""
    camera = street.site.cameras["cam-001"]
    zones = (_zone("front-3", "shop-003", _FRONT), _zone("front-4", "shop-004", _NEXT_DOOR))
    camera = structs.replace(camera, zones=zones)
    empty = {look.picture for look in (street.ladder.context, street.ladder.cleared) if look}
    for name, path in street.desk.all_shops.pictures.items():
        path.write_bytes(_cut(camera, "street-clear" if name in empty else "street-bikes"))


def _zone(zone: str, shop_id: str, polygon: Polygon) -> Zone:
    return Zone(camera_id="cam-001", zone=zone, role=ZoneRole.FRONTAGE, polygon=polygon, shop_id=shop_id)


def _cut(camera: Camera, name: str) -> bytes:
    data = (PICTURES / f"{name}.jpg").read_bytes()
    width, height = size_of(data)
    seen = tuple(SeenThing(zone="front-3", label="bicycle", score=0.6, box=box, stay_s=900) for box in _BIKES)
    facts = PictureFacts(
        name=name,
        camera_id=camera.camera_id,
        look_id=name,
        taken_ms=AFTERNOON_MS,
        zones_key=zones_key(camera),
        seen=seen if name == "street-bikes" else (),
        size_px=(width, height),
    )
    cut = zone_copy(data, facts, camera, "front-3")
    assert cut is not None
    return cut


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
