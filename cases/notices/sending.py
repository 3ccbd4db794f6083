"""One message on its way out: within the provider's budget, marked as it went, tried again later if it did not."""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from cases.notices.budget import Budget
from cases.notices.channels import Channel
from cases.store import OutboxStore
from domain.clock import Clock
from domain.errors import ChannelError
from domain.fault import reach
from domain.notice import Body, Notice

log = logging.getLogger(__name__)

_LONGEST_WAIT_S = 300.0
_LONGEST_URGENT_WAIT_S = 30.0
"""Of what is critical: a gateway that is back is not to be found out minutes later."""
# A gateway that breaks on a Friday evening, or loses its password, is mended within a day; later than that a
# reminder says nothing true any more.
_OLDEST_MS = 24 * 3_600_000
# And what lay there through a night or a power cut was not tried often enough by its age alone.
_FEWEST_TRIES = 10


class Manner(NamedTuple):
    """How a channel wants to be used."""

    rates: str = ""
    """As in the settings, `18:60`; empty: no limit."""
    grouped: bool = False
    """Whether a person reads it, so that many notices go as one message."""


ALONE: Final = Manner()


class Sending:
    """Sends notices and digests, and marks what became of them.

    A crash between sending and marking sends the same message again, with the same key. What can't be delivered is
    given up after a day; what is critical, never. Every use of a provider with a limit is written down before it is
    made, so that a restart does not begin a new count.
    """

    def __init__(
        self,
        store: OutboxStore,
        channels: Mapping[str, Channel],
        manners: Mapping[str, Manner],
        clock: Clock,
        chance: random.Random,
        *,
        max_attempts: int,
        not_before: Callable[[Notice, int], int],
        as_told: Callable[[Notice, int], Notice],
    ) -> None:
        self._store = store
        self._channels = channels
        self._manners = manners
        self._clock = clock
        self._chance = chance
        self._max_attempts = max_attempts
        self._not_before = not_before
        self._as_told = as_told
        self._budgets: dict[str, Budget] = {}
        self.sent = 0
        self.failed = 0
        self.dead = 0

    def manner(self, channel: str) -> Manner:
        """How a channel wants to be used; without a word about it each notice goes alone and at once."""
        return self._manners.get(channel, ALONE)

    async def room(self, channel: str, *, urgent: bool) -> int | None:
        """How many more messages the provider takes now; None: any number."""
        return (await self._budget(channel)).room(self._clock.now_ms(), urgent=urgent)

    async def may_go(self, notice: Notice) -> bool:
        """Whether nothing has overtaken a notice since it was read, and nobody sleeps whom it would wake."""
        return await self.is_awake(notice) and await asyncio.to_thread(self._store.still_pending, notice.id)

    async def is_awake(self, notice: Notice) -> bool:
        """Whether nobody sleeps whom it would wake; else it is put off."""
        now_ms = self._clock.now_ms()
        later_ms = self._not_before(notice, now_ms)
        if later_ms > now_ms:
            await asyncio.to_thread(self._store.put_off, notice.id, later_ms)
        return later_ms <= now_ms

    async def all_awake(self, key: str, members: Sequence[Notice]) -> bool:
        """Whether nobody sleeps whom one of a digest's notices would wake; else all of it is put off."""
        now_ms = self._clock.now_ms()
        later_ms = max(self._not_before(notice, now_ms) for notice in members)
        if later_ms > now_ms:
            await asyncio.to_thread(self._store.put_off_digest, key, later_ms)
        return later_ms <= now_ms

    async def alone(self, notice: Notice) -> bool:
        """Send a notice. False, and nothing was done, if the provider takes no more now."""
        if not await self._take(notice):
            return False
        told, before = await self._begin([notice])
        problem, receipt = await self._try(told[0])
        if problem is None:
            await asyncio.to_thread(self._store.mark_sent, notice.id, self._clock.now_ms(), receipt)
            reach("marked")
            self.sent += 1
        elif self._is_the_end(notice, problem):
            await asyncio.to_thread(self._store.mark_dead, notice.id, str(problem), self._clock.now_ms())
            self.dead += 1
        else:
            again_ms = self._again_ms(notice, [notice])
            await asyncio.to_thread(self._store.mark_failed, notice.id, str(problem), again_ms)
            await self._take_back(problem, before)
        return True

    async def together(
        self, key: str, members: Sequence[Notice], write: Callable[[str, Sequence[Notice]], Notice]
    ) -> bool:
        """Send a digest, whose key its members already bear. False if the provider takes no more now."""
        if not await self._take(members[0]):
            return False
        told, before = await self._begin(members)
        digest = _as_tried(write(key, told), members)
        problem, receipt = await self._try(digest)
        if problem is None:
            await asyncio.to_thread(self._store.mark_digest_sent, digest.key, self._clock.now_ms(), receipt)
            reach("marked")
            self.sent += len(members)
        elif self._is_the_end(digest, problem):
            await asyncio.to_thread(self._store.mark_digest_dead, digest.key, str(problem), self._clock.now_ms())
            self.dead += len(members)
        else:
            again_ms = self._again_ms(digest, members)
            await asyncio.to_thread(self._store.mark_digest_failed, digest.key, str(problem), again_ms)
            await self._take_back(problem, before)
        return True

    async def _begin(self, notices: Sequence[Notice]) -> tuple[list[Notice], dict[int, Body]]:
        """The notices in the words in which they go out, which are written down before anybody gets them; and the
        bodies that were changed, as they were."""
        now_ms = self._clock.now_ms()
        told = [self._as_told(notice, now_ms) for notice in notices]
        before = {was.id: was.body for was, now in zip(notices, told, strict=True) if was.body != now.body}
        bodies = {now.id: now.body for now in told if now.id in before}
        await asyncio.to_thread(self._store.begin, [notice.id for notice in notices], bodies)
        return told, before

    async def _take_back(self, problem: ChannelError, before: Mapping[int, Body]) -> None:
        """What surely nobody got may say another time when it goes at last."""
        if problem.untaken and before:
            await asyncio.to_thread(self._store.reword, before)

    async def _budget(self, channel: str) -> Budget:
        if channel not in self._budgets:
            rates = self.manner(channel).rates
            since_ms = self._clock.now_ms() - Budget(rates).longest_ms
            past = await asyncio.to_thread(self._store.attempts_since, channel, since_ms) if rates else []
            self._budgets.setdefault(channel, Budget(rates, past))
        return self._budgets[channel]

    async def _take(self, notice: Notice) -> bool:
        budget, now_ms = await self._budget(notice.channel), self._clock.now_ms()
        if not budget.take(now_ms, urgent=notice.urgent):
            return False
        if budget.longest_ms:
            await asyncio.to_thread(self._store.attempt, notice.channel, now_ms, now_ms - budget.longest_ms)
        return True

    async def _try(self, notice: Notice) -> tuple[ChannelError | None, str | None]:
        channel = self._channels.get(notice.channel)
        if channel is None:
            return ChannelError(f"there is no channel {notice.channel!r} here", retry=True), None
        try:
            reach("sending")
            receipt = await channel.send(notice)
        except ChannelError as problem:
            return problem, None
        except Exception as problem:
            log.exception("channel %s broke on notice %s", notice.channel, notice.key)
            return ChannelError(f"{type(problem).__name__}: {problem}", retry=True), None
        reach("sent")
        return None, receipt

    def _is_the_end(self, notice: Notice, problem: ChannelError) -> bool:
        """Counts and logs a failure, and says whether it was the last."""
        self.failed += 1
        tries, now_ms = notice.attempts + 1, self._clock.now_ms()
        hopeless = not problem.retry or self._too_often(notice, tries, now_ms)
        if hopeless and not notice.urgent:
            log.error("notice %s given up after %d tries: %s", notice.key, tries, problem)
            return True
        level = logging.ERROR if hopeless else logging.WARNING if notice.attempts == 0 else logging.DEBUG
        log.log(level, "notice %s did not go, try %d: %s", notice.key, tries, problem)
        return False

    def _again_ms(self, notice: Notice, members: Sequence[Notice]) -> int:
        longest_s = _LONGEST_URGENT_WAIT_S if notice.urgent else _LONGEST_WAIT_S
        wait_s = self._chance.uniform(0, min(2.0 ** min(notice.attempts, 30), longest_s))
        again_ms = self._clock.now_ms() + round(wait_s * 1000)
        return max(self._not_before(member, again_ms) for member in members)

    def _too_often(self, notice: Notice, tries: int, now_ms: int) -> bool:
        old = now_ms - notice.created_ms >= _OLDEST_MS and tries >= _FEWEST_TRIES
        return old or tries >= self._max_attempts


def _as_tried(digest: Notice, members: Sequence[Notice]) -> Notice:
    """The digest with how often it was tried: as often as the one of its notices that was tried most often."""
    return replace(digest, attempts=max(notice.attempts for notice in members))
