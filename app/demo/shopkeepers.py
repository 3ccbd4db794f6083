"""The people who are told: a webhook receiver. Some of them act, and then their camera shows it; some of these also
say so on the page that their notice has a link to, and one contests there what was found. Keepers who are asked whether
it is so leave that to whoever sits at the console."""

import asyncio
import hashlib
import hmac
import random
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from http import HTTPStatus

import aiohttp
import msgspec
from aiohttp import web

from app.demo.scenes import CameraScene, Scene

ACT_WITHIN_S = (3.0, 8.0)
STOP_WITHIN_S = 1.0
SAY_SO = 0.5
"""The share of those that act and then press "corrected"."""
REMINDERS = frozenset({"notice_1", "notice_2"})
"""The steps of notices that ask somebody to act. Others ask a keeper or the desk for a word, or tell of an end."""


class Told(msgspec.Struct, frozen=True):
    """A notice as it arrives."""

    key: str
    recipient: str
    step: str
    subject: str
    body: dict[str, object] = {}


class Shopkeepers:
    """Receives notices at `url`. Acts once on each idempotency key, however often it is sent."""

    def __init__(
        self,
        scenes: Mapping[str, CameraScene],
        clear_up: Callable[[str], bool],
        *,
        seed: int,
        secret: str = "",
        act_within_s: tuple[float, float] = ACT_WITHIN_S,
        say_so: float = SAY_SO,
        photo: bytes = b"",
    ) -> None:
        """`photo`: a JPEG that the second shop that would obey sends with a contest instead; without one, none does."""
        self._obedient = {
            camera.camera_id for camera in scenes.values() if camera.scene is Scene.BIKES and camera.obeys
        }
        self._clear_up = clear_up
        self._chance = random.Random(seed)
        self._secret = secret.encode()
        self._act_within_s = act_within_s
        self._say_so = say_so
        self._photo = photo
        self._keys: set[str] = set()
        self._errands: dict[str, asyncio.TimerHandle] = {}
        self._sayings: set[asyncio.Task[None]] = set()
        self._runner: web.AppRunner | None = None
        self._url = ""
        self.first_link: str | None = None
        """To the page of the first shop that was told."""
        self.said = 0
        """How many said on their page that it is done."""
        self.contested = 0
        self.received = 0
        self.repeats = 0
        self.acted = 0

    @property
    def url(self) -> str:
        """Where notices go; for `LONGCHENG_WEBHOOK_URL`."""
        return self._url

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 takes any free one. Raises OSError if the port is taken."""
        app = web.Application()
        app.router.add_post("/notices", self._receive)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_WITHIN_S)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        self._url = f"http://{host}:{self._runner.addresses[0][1]}/notices"

    async def stop(self) -> None:
        """Stop listening; whoever was about to act no longer does."""
        for errand in self._errands.values():
            errand.cancel()
        self._errands.clear()
        for saying in self._sayings:
            saying.cancel()
        await asyncio.gather(*self._sayings, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()

    async def _receive(self, request: web.Request) -> web.Response:
        raw = await request.read()
        if self._secret and not self._signed(raw, request.headers.get("X-Longcheng-Signature", "")):
            return web.json_response({"error": "the signature is not ours"}, status=HTTPStatus.UNAUTHORIZED)
        try:
            told = msgspec.json.decode(raw, type=Told)
        except msgspec.DecodeError as wrong:
            return web.json_response({"error": str(wrong)}, status=HTTPStatus.BAD_REQUEST)
        if (header := request.headers.get("Idempotency-Key", told.key)) != told.key:
            problem = f"Idempotency-Key is {header!r}, the body's key {told.key!r}; they must be the same"
            return web.json_response({"error": problem}, status=HTTPStatus.BAD_REQUEST)
        repeat = told.key in self._keys
        if repeat:
            self.repeats += 1
        else:
            self._keys.add(told.key)
            self.received += 1
            self._consider(told)
        return web.json_response({"accepted": True, "repeat": repeat})

    def _signed(self, raw: bytes, signature: str) -> bool:
        own = hmac.new(self._secret, raw, hashlib.sha256).hexdigest()
        return hmac.compare_digest(f"sha256={own}", signature)

    def _consider(self, told: Told) -> None:
        """A matter in a zone of a camera whose bicycles' owner does as told: he goes and takes them away."""
        if told.step not in REMINDERS:
            return
        link = str(told.body.get("link") or "")
        is_first = self.first_link is None
        self.first_link = self.first_link or link or None
        camera_id, _, zone = told.subject.partition("/")
        if not zone or camera_id not in self._obedient or camera_id in self._errands:
            return
        if link and self._photo and not is_first and not self.contested:
            self.contested += 1
            self._send(self._contest(link), f"{camera_id} contests")
            return
        delay_s = self._chance.uniform(*self._act_within_s)
        self._errands[camera_id] = asyncio.get_running_loop().call_later(delay_s, self._act, camera_id, link)

    def _act(self, camera_id: str, link: str) -> None:
        if not self._clear_up(camera_id):
            return
        self.acted += 1
        if link and self._chance.random() < self._say_so:
            self._send(self._say(link), f"{camera_id} says so")

    def _send(self, word: Coroutine[None, None, None], name: str) -> None:
        saying = asyncio.get_running_loop().create_task(word, name=name)
        self._sayings.add(saying)
        saying.add_done_callback(self._sayings.discard)

    async def _contest(self, link: str) -> None:
        form = aiohttp.FormData({"reason": "done", "words": ""})
        form.add_field("photo", self._photo, filename="photo.jpg", content_type="image/jpeg")
        with suppress(aiohttp.ClientError):
            async with aiohttp.ClientSession() as session, session.post(f"{link}/contest", data=form):
                pass

    async def _say(self, link: str) -> None:
        with suppress(aiohttp.ClientError):  # the product may be restarting; few would try again
            async with aiohttp.ClientSession() as session, session.post(f"{link}/corrected", data={}) as answer:
                self.said += answer.status == HTTPStatus.OK
