"""The snapshot server over real HTTP."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from app.demo.cameras import SnapshotServer
from app.demo.frames import Frames
from app.demo.scenes import CameraScene, Scene
from domain.clock import ManualClock

SCENES = {scene.value: CameraScene(camera_id=scene.value, scene=scene, obeys=scene is Scene.BIKES) for scene in Scene}
PATIENCE_S = 60.0


@pytest.fixture
async def server(frames: Frames) -> AsyncIterator[SnapshotServer]:
    server = SnapshotServer(SCENES, frames, ManualClock(1_790_000_000_000))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE_S)) as session:
        yield session


@pytest.mark.parametrize("scene", [Scene.BIKES, Scene.CLEAR, Scene.ROAD, Scene.BLACK, Scene.FROZEN])
async def test_a_camera_answers_with_a_jpeg(server: SnapshotServer, http: aiohttp.ClientSession, scene: Scene) -> None:
    """As a camera's snapshot address does."""
    async with http.get(f"{server.url}/snapshot/{scene.value}.jpg") as response:
        assert response.status == 200
        assert response.content_type == "image/jpeg"
        assert (await response.read()).startswith(b"\xff\xd8\xff")
    assert server.served == 1


@pytest.mark.parametrize("camera_id", ["dead", "silent", "CZ-9999"])
async def test_who_is_not_there_is_not_found(
    server: SnapshotServer, http: aiohttp.ClientSession, camera_id: str
) -> None:
    """Unknown cameras and those that live elsewhere."""
    async with http.get(f"{server.url}/snapshot/{camera_id}.jpg") as response:
        assert response.status == 404


async def test_the_silent_port_takes_a_connection_and_says_nothing(server: SnapshotServer) -> None:
    """Not even after a request; only stopping the server ends it."""
    host, port = server.silent_url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /snapshot/silent.jpg HTTP/1.1\r\nHost: camera\r\n\r\n")
    await writer.drain()
    answer = asyncio.ensure_future(reader.read())
    done, _ = await asyncio.wait({answer}, timeout=0.2)
    assert not done
    await server.stop()
    assert await asyncio.wait_for(answer, PATIENCE_S) == b""
    writer.close()


async def test_clearing_up_changes_the_scene_once(server: SnapshotServer) -> None:
    """Only a camera that shows bicycles can be cleared up."""
    assert server.clear_up("bikes")
    assert server.scene("bikes") is Scene.CLEAR
    assert not server.clear_up("bikes")
    assert not server.clear_up("road")
    assert not server.clear_up("CZ-9999")


async def test_it_stops_while_visited(frames: Frames) -> None:
    """Open connections, a silent one among them, do not hold it up."""
    server = SnapshotServer(SCENES, frames, ManualClock(0))
    await server.start()
    host, port = server.silent_url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{server.url}/snapshot/clear.jpg") as response:
            await response.read()
        async with asyncio.timeout(PATIENCE_S):
            await server.stop()
    writer.close()
