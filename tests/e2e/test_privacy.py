"""No picture in which a person can be known leaves the product, by whatever way."""

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from tests.e2e.watched_street import Street, listening, originals, running, with_van, without_van, write_site
from tests.fakes.brokers import Mosquitto, mosquitto
from tests.fakes.cameras import FakeCameras
from tests.vision.evidence_scenes import detail
from vision.detectors import SHIPPED
from vision.detectors.openvino import OpenVino
from vision.picture import decode

pytestmark = [pytest.mark.server, pytest.mark.timeout(900)]

FOUR = ("context", "onset", "confirmed", "cleared")
_FRAGMENT = 45


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """A real mosquitto."""
    folder = tmp_path / "broker"
    folder.mkdir()
    with mosquitto(folder) as one:
        yield one


@pytest.fixture
async def cameras() -> AsyncIterator[FakeCameras]:
    """A road with people, and no van yet."""
    async with FakeCameras(without_van()) as fakes:
        yield fakes


async def set_aside(data: Path) -> bool:
    """Whether the view without the van is at hand."""
    return any((data / "evidence").rglob("aside/*.record"))


async def all_told(street: Street, quoted: Sequence[bytes]) -> bool:
    """Whether each of these pictures was told of over the webhook."""
    return all(any(name in body for body in street.over_webhook) for name in quoted)


def fragments(pictures: Sequence[bytes]) -> list[bytes]:
    """Parts of each picture that no other file has, as they are and as base64 has them, however it is cut."""
    out = []
    for picture in pictures:
        for share in (0.3, 0.5, 0.8):
            part = picture[int(share * len(picture)) :][:_FRAGMENT]
            out += [part, *(base64.b64encode(part[shift : shift + 36]) for shift in range(3))]
    return out


def has_any(said: bytes, parts: Sequence[bytes]) -> bool:
    """Whether any of the parts is in it."""
    return any(part in said for part in parts)


async def test_only_blurred_copies_leave(broker: Mosquitto, cameras: FakeCameras, tmp_path: Path) -> None:
    """A van comes, is told of twice, becomes a case and drives away: in all that went over the broker, to the webhook,
    into the notices and over every address of the console there is no part of an original; the four copies are there,
    with nobody's head in them, and no trick with an address gives more."""
    street, data = Street(), tmp_path / "data"
    async with listening(street, broker) as webhook:
        site = write_site(
            tmp_path / "site", camera=cameras.url("good/C1"), broker=broker.url, webhook=webhook, data=data
        )
        async with running(street, site):
            await street.until(lambda: set_aside(data))
            cameras.show("C1", with_van())
            await street.case("context", "onset", "confirmed")
            cameras.show("C1", without_van())
            case = await street.case(*FOUR)
            pictures = {what: case[what]["picture"] for what in FOUR}
            quoted = [pictures[what].removeprefix("/evidence/").removesuffix(".jpg").encode() for what in FOUR[:3]]
            await street.until(lambda: all_told(street, quoted))
            found = await everything_over_http(street, case["id"], list(pictures.values()))
            tricks = await tricks_over_http(street, pictures["confirmed"])

    secret = fragments(originals(data))
    assert len(secret) >= 4 * 12
    for said in (*street.over_mqtt, *street.over_webhook, *found.values()):
        assert not has_any(said, secret)
    for path, said in tricks.items():
        assert not has_any(said, secret), path
        assert b"\xff\xd8\xff" not in said, path
    for address in pictures.values():
        assert_nobody_is_known(found[address], data, address)


def assert_nobody_is_known(copy: bytes, data: Path, address: str) -> None:
    """Whoever is surely seen in the original has no head in the copy."""
    name = address.removeprefix("/evidence/").removesuffix(".jpg")
    original = decode((data / "evidence" / f"{name}.original.jpg").read_bytes())
    shown = decode(copy)[: original.shape[0]]
    people = [thing for thing in OpenVino(SHIPPED, 1).detect(original) if thing.label == "person" and thing.score > 0.5]
    assert len(people) >= 3
    for person in people:
        x1, y1, x2, y2 = person.box
        head = (x1, y1, x2, y1 + 0.2 * (y2 - y1))
        assert detail(shown, head) < 0.25 * detail(original, head)


async def everything_over_http(street: Street, case_id: str, pictures: Sequence[str]) -> dict[str, bytes]:
    """The answers to every address of the console that only reads."""
    paths = (await street.ask("api/v1/openapi.json"))["paths"]
    readable = [path for path, verbs in paths.items() if "get" in verbs and "live" not in path]
    asked = {path.replace("{case_id}", case_id).replace("{id}", case_id) for path in readable if "{name}" not in path}
    asked |= {"/", f"/cases/{case_id}", "/metrics", "/healthz", "/ready", *pictures}
    async with aiohttp.ClientSession() as session:
        answers = {}
        for path in sorted(asked):
            async with session.get(f"{street.address.rstrip('/')}{path}") as answer:
                answers[path] = await answer.read()
    return answers


async def tricks_over_http(street: Street, picture: str) -> dict[str, bytes]:
    """What addresses give that are meant to lead to an original, sent as they stand here."""
    base = picture.removesuffix(".jpg")
    camera, day, look = base.removeprefix("/evidence/").split("/")
    tried = [
        f"{base}.original.jpg",
        f"{base}.Original.jpg",
        f"{base}%2eoriginal.jpg",
        f"{base}.original%2ejpg",
        f"{base}.original.jpg.jpg",
        f"{base}.original.jpg%00.jpg",
        f"{base}.record",
        f"{base}.record.jpg",
        f"/evidence/{camera}/aside/{look}.original.jpg",
        f"/evidence/{camera}/{day}/./{look}.original.jpg",
        f"/evidence/{camera}/../{camera}/{day}/{look}.original.jpg",
        f"/evidence/%2e%2e/evidence/{camera}/{day}/{look}.original.jpg",
        f"/evidence/..%2fevidence%2f{camera}%2f{day}%2f{look}.original.jpg",
        f"/evidence/%252e%252e/{camera}/{day}/{look}.original.jpg",
        f"/evidence/{camera}%5c{day}%5c{look}.original.jpg",
        "/evidence/ledger.jsonl",
        "/evidence/holds.json",
        "/static/../evidence/ledger.jsonl",
        "/static/%2e%2e/%2e%2e/%2e%2e/cases.db",
    ]
    host = URL(street.address)
    return {path: await raw_get(host, path) for path in tried}


async def raw_get(host: URL, path: str) -> bytes:
    """The whole answer to a request line that no client has made tidy."""
    reader, writer = await asyncio.open_connection(host.host, host.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host.host}:{host.port}\r\nConnection: close\r\n\r\n".encode())
    await writer.drain()
    async with asyncio.timeout(60):
        said = await reader.read(-1)
    writer.close()
    await writer.wait_closed()
    assert not said.startswith(b"HTTP/1.1 200"), path
    return said
