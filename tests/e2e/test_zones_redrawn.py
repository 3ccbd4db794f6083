"""A zone that is redrawn in the console changes what the next look tells: `serve`, `watch`, broker and file."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.e2e.watched_street import Street, listening, running, with_van, write_site
from tests.fakes.brokers import Mosquitto, mosquitto
from tests.fakes.cameras import FakeCameras

pytestmark = [pytest.mark.server, pytest.mark.timeout(900)]
TOKEN = "a token of more than thirty characters, for tests"
ZONES = "api/v1/cameras/C1/zones"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """A real mosquitto."""
    folder = tmp_path / "broker"
    folder.mkdir()
    with mosquitto(folder) as one:
        yield one


@pytest.fixture
async def cameras() -> AsyncIterator[FakeCameras]:
    """A road with a van where none may stand."""
    async with FakeCameras(with_van()) as fakes:
        yield fakes


class Editor:
    """Somebody with a token at the API."""

    def __init__(self, street: Street, session: aiohttp.ClientSession) -> None:
        self._street = street
        self._session = session

    async def get(self, path: str) -> Any:
        """The JSON at a path."""
        async with self._session.get(f"{self._street.address}{path}") as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def save(self, zones: list[dict[str, Any]], tag: str) -> dict[str, Any]:
        """Zones, as they were seen under this tag."""
        body, match = {"who": "test", "zones": zones}, {"If-Match": f'"{tag}"'}
        async with self._session.put(f"{self._street.address}{ZONES}", json=body, headers=match) as answer:
            assert answer.status == 200, await answer.text()
            found: dict[str, Any] = await answer.json()
            return found

    async def look(self) -> dict[str, Any]:
        """The newest one."""
        items = (await self.get("api/v1/cameras/C1/looks?limit=1"))["items"]
        return items[0] if items else {"zones": [], "elsewhere": []}

    async def lane_holds_the_van(self) -> bool:
        """Whether the newest look says so."""
        return bool(labels(await self.look(), "lane"))

    async def the_van_is_nowhere(self) -> bool:
        """Whether it is told of no zone, but the field, in which nothing is."""
        look = await self.look()
        return labels(look, "lane") in ([], None) and labels(look, "field") == []

    async def the_rules_judge_by_them(self) -> bool:
        """Whether the zones are in force."""
        return bool((await self.get(ZONES))["in_force"])

    async def thumb(self) -> bytes:
        """The camera's last picture, made small."""
        picture = (await self.get("api/v1/cameras/C1"))["picture"]
        async with self._session.get(f"{self._street.address.rstrip('/')}{picture['thumb_url']}") as answer:
            assert answer.status == 200
            return await answer.read()


def labels(look: dict[str, Any], zone: str) -> list[str] | None:
    """What a look tells of a zone; None if it does not speak of it."""
    return next(([thing["label"] for thing in one["things"]] for one in look["zones"] if one["zone"] == zone), None)


def with_token(settings: Path) -> None:
    """The site's API lets in who has it."""
    said = settings.read_text(encoding="utf-8").replace("{port: 0}", f'{{port: 0, api_token: "{TOKEN}"}}')
    settings.write_text(said, encoding="utf-8")


async def test_a_redrawn_zone_is_told_of_by_the_next_looks(
    broker: Mosquitto, cameras: FakeCameras, tmp_path: Path
) -> None:
    """The van stands in the lane; the lane is drawn elsewhere, and the van is in none; drawn around it again, and it is
    back, by the same running processes. The camera's last picture is there, and everything is in force."""
    street = Street()
    async with listening(street, broker) as webhook:
        site = write_site(
            tmp_path / "site",
            camera=cameras.url("good/C1"),
            broker=broker.url,
            webhook=webhook,
            data=tmp_path / "data",
        )
        with_token(site / "site.yaml")
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with running(street, site), aiohttp.ClientSession(headers=headers) as session:
            editor = Editor(street, session)
            await street.until(editor.lane_holds_the_van)
            before = await editor.get(ZONES)

            field = {"zone": "field", "role": "no_parking", "polygon": [[0, 0.8], [0.2, 0.8], [0.2, 1], [0, 1]]}
            saved = await editor.save([field], before["tag"])
            assert {(one["what"], one["zone"]) for one in saved["changes"]} == {("added", "field"), ("removed", "lane")}
            assert saved["seen"] >= 1
            await street.until(editor.the_van_is_nowhere)
            assert {"car", "truck", "bus"} & {thing["label"] for thing in (await editor.look())["elsewhere"]}
            # `watch` and `serve` take them over each at its own pace
            await street.until(editor.the_rules_judge_by_them)

            lane = {**before["zones"][0], "anchor": None, "hours": None}
            back = await editor.save([{key: value for key, value in lane.items() if value}], saved["tag"])
            assert back["saved"], back
            assert (await editor.get(ZONES))["zones"] == before["zones"]
            await street.until(editor.lane_holds_the_van)

            assert (await editor.thumb()).startswith(b"\xff\xd8\xff")
