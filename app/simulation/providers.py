"""Who takes notices: a provider of SMS and a bot, both of which fail now and then, and the cameras' own channel."""

from collections.abc import Callable, Sequence
from typing import Final

from app.simulation.account import Account, Message, Refused
from app.simulation.chance import chance_of
from domain.clock import Clock
from domain.errors import ChannelError
from domain.notice import Notice

_GONE: Final = 0.02
"""The share of telephone numbers that are no more."""
_BUSY: Final = 0.01
_ANSWER_LOST: Final = 0.003
_OUTAGE_MS: Final = 2 * 3_600_000
Members = Callable[[str], Sequence[Notice]]
"""The notices that a digest lists, by its key."""
Reached = Callable[[Notice, Message], None]


class Provider:
    """One way to people. Within an outage it takes nothing; numbers that are gone it never takes."""

    def __init__(
        self, name: str, clock: Clock, account: Account, members: Members, reached: Reached, *, seed: int, from_ms: int
    ) -> None:
        """`reached` is told of every notice that has got to its reader, once."""
        self._name = name
        self._clock = clock
        self._account = account
        self._members = members
        self._reached = reached
        self._seed = seed
        self._chance = chance_of(seed, "provider", name)
        self._keys: set[str] = set()
        self._outages_ms = [from_ms + (day * 24 + 15) * 3_600_000 for day in (5, 19)] if name == "sms" else []

    async def send(self, notice: Notice) -> str | None:
        """Hand it over. Raises ChannelError as a provider that is busy, that is gone, or whose answer is lost."""
        now_ms = self._clock.now_ms()
        if self._is_gone(notice.address):
            raise self._refused(notice, now_ms, final=True)
        out = any(from_ms <= now_ms < from_ms + _OUTAGE_MS for from_ms in self._outages_ms)
        if out or self._chance.random() < _BUSY:
            raise self._refused(notice, now_ms, final=False)
        lost = self._chance.random() < _ANSWER_LOST
        members = self._members(notice.key) if notice.step.startswith("digest") else (notice,)
        message = Message(
            key=notice.key,
            at_ms=now_ms,
            channel=self._name,
            address=notice.address,
            step=notice.step,
            subject=notice.subject,
            case_id=notice.case_id,
            members=tuple(member.key for member in members),
            urgent=notice.urgent,
            text=str(notice.body.get("text_zh") or ""),
            created_ms=notice.created_ms,
            accepted=not lost,
        )
        self._account.messages.append(message)
        if notice.key not in self._keys:
            self._keys.add(notice.key)
            for member in members:
                self._reached(member, message)
        if lost:
            raise ChannelError(f"{self._name}: the answer was lost", retry=True)
        return None

    def _is_gone(self, address: str) -> bool:
        shops = address.startswith("+86139")
        return shops and chance_of(self._seed, "number", address).random() < _GONE

    def _refused(self, notice: Notice, now_ms: int, *, final: bool) -> ChannelError:
        self._account.refused.append(Refused(key=notice.key, at_ms=now_ms, address=notice.address, final=final))
        return ChannelError(f"{self._name}: {'no such number' if final else 'busy'}", retry=not final)


class Cameras:
    """The channel `command`: what is ordered reaches the camera at once."""

    def __init__(self, clock: Clock, account: Account, ask: Callable[[str, int], None]) -> None:
        self._clock = clock
        self._account = account
        self._ask = ask

    async def send(self, notice: Notice) -> None:
        """Order a look."""
        now_ms = self._clock.now_ms()
        message = Message(
            key=notice.key,
            at_ms=now_ms,
            channel="command",
            address=notice.recipient,
            step=notice.step,
            subject=notice.subject,
            case_id=None,
            members=(notice.key,),
            urgent=False,
            text="",
            created_ms=notice.created_ms,
        )
        self._account.messages.append(message)
        self._ask(notice.recipient, now_ms)
