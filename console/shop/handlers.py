"""The page of an episode over HTTP: `/n/{token}`, its pictures, its shop's two forms, and those of whoever is asked."""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final, TypeVar

from aiohttp import web

from cases.shop_links import Holder
from config.load import Site
from console.desk.city import Desk
from console.shop.forms import PhotoTooLarge, contest_of, photo_of, reason_of
from console.shop.limits import Limits
from console.shop.pages import Asked, Doubt, Reason, ShopPages
from console.shop.state import Episode
from console.shop.visitors import address_of, is_from_elsewhere
from domain.clock import Clock
from domain.errors import OrderRefused, SourceError
from domain.ladder import ReplyKind

log = logging.getLogger(__name__)

PREFIX: Final = "/n/"
_TOKEN: Final = "{token:[A-Za-z0-9_-]{1,64}}"  # noqa: S105 - a pattern
_UPLOADS: Final = 8
"""Photos that are taken in at once: each is held in memory until it is whole."""
_UPLOAD_S: Final = 120.0
_PICTURE_AGE_S: Final = 3600
_YEAR_S: Final = 365 * 86400
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_SHOP: Final = frozenset({Holder.SHOP})
_ASKED: Final = frozenset({Holder.KEEPER, Holder.DESK})
_Form = TypeVar("_Form")
Opened = Callable[[web.Request, Episode, Asked], Awaitable[web.StreamResponse]]


class ShopConsole:
    """Answers shops and keepers. Whoever has a link may see and say what its holder may, and nothing else."""

    def __init__(self, desk: Desk, site: Site, clock: Clock) -> None:
        self._desk, self._clock = desk, clock
        self._terms = site.settings.shop_page
        self._pages = ShopPages(desk, site)
        self._limits = Limits(self._terms)
        self._uploads = 0

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Nothing where the settings give the page no address."""
        if not self._terms.url:
            return
        router.add_get(f"{PREFIX}shop.css", self._style)
        router.add_get(f"{PREFIX}icon.svg", self._icon)
        router.add_get(f"{PREFIX}{_TOKEN}", self._opened(self._page))
        router.add_get(f"{PREFIX}{_TOKEN}/picture/{{which:[a-z]+}}.jpg", self._opened(self._picture))
        router.add_post(f"{PREFIX}{_TOKEN}/corrected", self._opened(self._corrected, _SHOP))
        router.add_post(f"{PREFIX}{_TOKEN}/contest", self._opened(self._contest, _SHOP))
        router.add_post(f"{PREFIX}{_TOKEN}/confirm", self._opened(self._confirm, _ASKED))
        router.add_post(f"{PREFIX}{_TOKEN}/reject", self._opened(self._reject, _ASKED))

    def apologise(self, request: web.Request, status: int) -> web.Response:
        """What a shop reads when something is wrong: nothing that tells a guess from an old link."""
        kind = "failed" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "wrong"
        return self._html(self._pages.apology(kind, self._asked(request)), status)

    async def _style(self, _request: web.Request) -> web.Response:
        headers = {"Cache-Control": f"public, max-age={_YEAR_S}, immutable"}
        return web.Response(body=self._pages.style, content_type="text/css", charset="utf-8", headers=headers)

    async def _icon(self, _request: web.Request) -> web.Response:
        headers = {"Cache-Control": f"max-age={_YEAR_S}"}
        return web.Response(body=self._pages.icon, content_type="image/svg+xml", headers=headers)

    def _opened(
        self, handler: Opened, holders: frozenset[Holder] = _SHOP | _ASKED
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """The handler behind the limits, for links that are ours and of `holders`."""

        async def answer(request: web.Request) -> web.StreamResponse:
            asked, posts = self._asked(request), request.method == "POST"
            address = address_of(request, self._terms)
            if wait_s := self._limits.comes(address, asked.now_ms, posts=posts):
                return self._too_often(asked, wait_s)
            episode = await asyncio.to_thread(self._pages.episode, asked.token, asked.now_ms)
            if episode is None or episode.holder not in holders:
                wait_s = self._limits.guessed(address, asked.now_ms)
                return self._too_often(asked, wait_s) if wait_s else self.apologise(request, HTTPStatus.NOT_FOUND)
            if wait_s := self._limits.opens(f"{episode.holder}/{episode.ladder.id}", asked.now_ms, posts=posts):
                return self._too_often(asked, wait_s)
            return await handler(request, episode, asked)

        return answer

    async def _page(self, _request: web.Request, episode: Episode, asked: Asked) -> web.Response:
        return self._html(await asyncio.to_thread(self._pages.page, episode, asked), HTTPStatus.OK)

    async def _picture(self, request: web.Request, episode: Episode, _asked: Asked) -> web.Response:
        picture = await asyncio.to_thread(self._pages.picture, episode, request.match_info["which"])
        if picture is None:
            return self.apologise(request, HTTPStatus.NOT_FOUND)
        headers = {"Cache-Control": f"private, max-age={_PICTURE_AGE_S}"}
        return web.Response(body=picture, content_type="image/jpeg", headers=headers)

    async def _corrected(self, request: web.Request, episode: Episode, asked: Asked) -> web.StreamResponse:
        async def said() -> web.StreamResponse:
            photo = await self._taken_in(photo_of(request))
            return await self._say(episode, asked, ReplyKind.CORRECTED, "", photo)

        return await self._with_photo(request, episode, asked, said)

    async def _contest(self, request: web.Request, episode: Episode, asked: Asked) -> web.StreamResponse:
        async def said() -> web.StreamResponse:
            reason, words, photo = await self._taken_in(contest_of(request, Reason))
            if reason is None:
                return await self._again(episode, asked, "problem.reason", HTTPStatus.BAD_REQUEST)
            return await self._say(episode, asked, ReplyKind.CONTEST, self._pages.reason_words(reason, words), photo)

        return await self._with_photo(request, episode, asked, said)

    async def _with_photo(
        self, request: web.Request, episode: Episode, asked: Asked, said: Callable[[], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """What `said` answers, or why a form that may have a photo in it is not taken."""
        if is_from_elsewhere(request, self._terms):
            return self.apologise(request, HTTPStatus.FORBIDDEN)
        if self._uploads >= _UPLOADS:
            return await self._again(episode, asked, "busy_reply", HTTPStatus.SERVICE_UNAVAILABLE)
        try:
            return await said()
        except PhotoTooLarge:
            return await self._again(episode, asked, "problem.photo_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except (TimeoutError, web.HTTPBadRequest):
            return await self._again(episode, asked, "busy_reply", HTTPStatus.BAD_REQUEST)

    async def _taken_in(self, form: Awaitable[_Form]) -> _Form:
        """A form, as one of those that are taken in now."""
        self._uploads += 1
        try:
            async with asyncio.timeout(_UPLOAD_S):
                return await form
        finally:
            self._uploads -= 1

    async def _confirm(self, request: web.Request, episode: Episode, asked: Asked) -> web.StreamResponse:
        if is_from_elsewhere(request, self._terms):
            return self.apologise(request, HTTPStatus.FORBIDDEN)
        return await self._answer(episode, asked, so=True, why="")

    async def _reject(self, request: web.Request, episode: Episode, asked: Asked) -> web.StreamResponse:
        if is_from_elsewhere(request, self._terms):
            return self.apologise(request, HTTPStatus.FORBIDDEN)
        reason, words = await reason_of(request, Doubt)
        if reason is None:
            return await self._again(episode, asked, "problem.reason", HTTPStatus.BAD_REQUEST)
        return await self._answer(episode, asked, so=False, why=self._pages.reason_words(reason, words))

    async def _answer(self, episode: Episode, asked: Asked, *, so: bool, why: str) -> web.StreamResponse:
        """The first answer counts; whoever comes later reads what became of it."""
        ladder_id = episode.ladder.id
        try:
            await asyncio.to_thread(self._desk.shops.answers, ladder_id, episode.holder, so=so, why=why)
        except OrderRefused as wrong:
            log.info("shop page: the answer to ladder %d was not taken: %s", ladder_id, wrong)
            return await self._again(episode, asked, "problem.answered", HTTPStatus.CONFLICT)
        log.info("shop page: ladder %d: %s says that it is %s", ladder_id, episode.holder.name, "so" if so else "none")
        return self._back(asked)

    async def _say(
        self, episode: Episode, asked: Asked, kind: ReplyKind, words: str, photo: bytes | None
    ) -> web.StreamResponse:
        """Keep it, and lead back to the page: there a second press of the same button finds nothing left to press."""
        try:
            await asyncio.to_thread(self._desk.shops.says, episode.ladder.id, kind, words=words, photo=photo)
        except SourceError as wrong:
            log.info("shop page: a photo of ladder %d was not taken: %s", episode.ladder.id, wrong)
            return await self._again(episode, asked, "problem.photo", HTTPStatus.BAD_REQUEST)
        except OrderRefused as wrong:
            log.info("shop page: the word of ladder %d was not taken: %s", episode.ladder.id, wrong)
            now = await asyncio.to_thread(self._pages.episode, asked.token, asked.now_ms)
            if kind is ReplyKind.CONTEST and now and now.contest:  # pressed twice: the first one counts
                return self._back(asked)
            return await self._again(episode, asked, "problem.over", HTTPStatus.CONFLICT)
        log.info("shop page: ladder %d: %s", episode.ladder.id, kind)
        return self._back(asked)

    def _back(self, asked: Asked) -> web.Response:
        query = f"?lang={asked.language}" if asked.language != self._pages.language(None) else ""
        headers = {"Location": f"{asked.up}{asked.token}{query}"}
        return web.Response(status=HTTPStatus.SEE_OTHER, headers=headers)

    async def _again(self, episode: Episode, asked: Asked, problem: str, status: int) -> web.Response:
        """The page as it is now, and above it what was wrong."""
        now = await asyncio.to_thread(self._pages.episode, asked.token, asked.now_ms) or episode
        return self._html(await asyncio.to_thread(self._pages.page, now, asked, problem=problem), status)

    def _too_often(self, asked: Asked, wait_s: float) -> web.Response:
        minutes = max(math.ceil(wait_s / 60), 1)
        response = self._html(self._pages.apology("too_often", asked, minutes=minutes), HTTPStatus.TOO_MANY_REQUESTS)
        response.headers["Retry-After"] = str(math.ceil(wait_s))
        return response

    def _asked(self, request: web.Request) -> Asked:
        below = request.path.removeprefix(PREFIX).count("/")
        return Asked(
            token=request.match_info.get("token", ""),
            language=self._pages.language(request.query.get("lang")),
            now_ms=self._clock.now_ms(),
            up="../" * below or "./",
        )

    def _html(self, text: str, status: int) -> web.Response:
        return web.Response(text=text, status=status, content_type="text/html", headers={"X-Robots-Tag": "noindex"})
