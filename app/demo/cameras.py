"""The snapshot server: answers over HTTP for every camera of the demo city."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

from aiohttp import web

from app.demo.frames import Frames
from app.demo.scenes import CameraScene, Scene
from domain.clock import Clock

STOP_WITHIN_S = 1.0


class SnapshotServer:
    """`GET /snapshot/{camera_id}.jpg`, and beside it a port that takes connections and never says a word."""

    def __init__(self, scenes: Mapping[str, CameraScene], frames: Frames, clock: Clock) -> None:
        self._scenes = {camera.camera_id: camera.scene for camera in scenes.values()}
        self._frames = frames
        self._clock = clock
        self._painter = ThreadPoolExecutor(1, thread_name_prefix="demo-camera")
        self._runner: web.AppRunner | None = None
        self._hole: asyncio.Server | None = None
        self._held: set[asyncio.StreamWriter] = set()
        self._addresses: dict[str, str] = {}
        self.served = 0

    @property
    def url(self) -> str:
        """Base address of the cameras that answer; for `LONGCHENG_CAMERAS`."""
        return self._addresses["answering"]

    @property
    def silent_url(self) -> str:
        """Base address of those that stay silent; for `LONGCHENG_CAMERAS_SILENT`."""
        return self._addresses["silent"]

    async def start(self, host: str = "127.0.0.1", port: int = 0, silent_port: int = 0) -> None:
        """Listen; port 0 takes any free one. Raises OSError if a port is taken."""
        app = web.Application()
        app.router.add_get("/snapshot/{camera_id}.jpg", self._snapshot)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_WITHIN_S)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        self._addresses["answering"] = f"http://{host}:{self._runner.addresses[0][1]}"
        self._hole = await asyncio.start_server(self._say_nothing, host, silent_port)
        self._addresses["silent"] = f"http://{host}:{self._hole.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Stop listening and let go of everyone."""
        if self._hole is not None:
            self._hole.close()
            for writer in self._held:
                writer.close()
            await self._hole.wait_closed()
        if self._runner is not None:
            await self._runner.cleanup()
        self._painter.shutdown(cancel_futures=True)

    def scene(self, camera_id: str) -> Scene:
        """What the camera shows now. KeyError for a camera there is not."""
        return self._scenes[camera_id]

    def clear_up(self, camera_id: str) -> bool:
        """Someone took the bicycles away; False if there were none."""
        if self._scenes.get(camera_id) is not Scene.BIKES:
            return False
        self._scenes[camera_id] = Scene.CLEAR
        return True

    async def _snapshot(self, request: web.Request) -> web.Response:
        camera_id = request.match_info["camera_id"]
        scene = self._scenes.get(camera_id)
        if scene is None or scene in (Scene.DEAD, Scene.SILENT):
            return web.Response(status=HTTPStatus.NOT_FOUND, text=f"there is no camera {camera_id} here")
        picture = await asyncio.get_running_loop().run_in_executor(
            self._painter, self._frames.render, camera_id, scene, self._clock.now_ms()
        )
        self.served += 1
        return web.Response(body=picture, content_type="image/jpeg", headers={"Cache-Control": "no-store"})

    async def _say_nothing(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._held.add(writer)
        try:
            while await reader.read(4096):
                pass
        except ConnectionError:
            pass
        finally:
            self._held.discard(writer)
            writer.close()
