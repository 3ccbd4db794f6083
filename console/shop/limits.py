"""How often a link and an address may come: a table that cannot grow, and time that is told to it."""

from collections import OrderedDict
from ipaddress import IPv6Address, ip_address
from typing import Final

from config.shop_page import ShopPage

MOST: Final = 20_000
"""Links and addresses remembered at once, a few MB. Who was longest away is forgotten first."""
_NETWORK_BITS: Final = 64
"""What one subscriber has of IPv6."""


class Tap:
    """`10:60,100:3600`: at most so many in so many seconds, one after the other as time passes; empty: no limit."""

    def __init__(self, rates: str) -> None:
        pairs = (pair.split(":") for pair in rates.split(",") if pair)
        self._rates = tuple((int(most), int(seconds) * 1000) for most, seconds in pairs)
        self._left: OrderedDict[str, tuple[int, tuple[float, ...]]] = OrderedDict()

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._left)

    def take(self, who: str, now_ms: int) -> float:
        """Seconds until there is one for `who`; 0: there was, and it is taken."""
        left = self._at(who, now_ms)
        wait_ms = max((self._missing_ms(number, have) for number, have in enumerate(left)), default=0.0)
        self._left[who] = now_ms, left if wait_ms else tuple(have - 1 for have in left)
        self._left.move_to_end(who)
        while len(self._left) > MOST:
            self._left.popitem(last=False)
        return wait_ms / 1000

    def _at(self, who: str, now_ms: int) -> tuple[float, ...]:
        then_ms, left = self._left.get(who, (now_ms, tuple(float(most) for most, _period_ms in self._rates)))
        passed_ms = max(now_ms - then_ms, 0)  # a clock that was set back fills nothing, and takes nothing away
        return tuple(
            min(have + passed_ms * most / period_ms, float(most))
            for have, (most, period_ms) in zip(left, self._rates, strict=True)
        )

    def _missing_ms(self, number: int, have: float) -> float:
        most, period_ms = self._rates[number]
        return max(1 - have, 0.0) * period_ms / most


class Limits:
    """All that the page is held to. Every method returns the seconds to wait, 0 for none. One thread calls."""

    def __init__(self, terms: ShopPage) -> None:
        self._link_reads, self._link_posts = Tap(terms.link_reads), Tap(terms.link_posts)
        self._address_reads, self._address_posts = Tap(terms.address_reads), Tap(terms.address_posts)
        self._address_wrong = Tap(terms.address_wrong)

    def comes(self, address: str, now_ms: int, *, posts: bool) -> float:
        """Somebody asks, whatever for."""
        return (self._address_posts if posts else self._address_reads).take(address, now_ms)

    def guessed(self, address: str, now_ms: int) -> float:
        """It was no link of ours. Right links still open: an address may stand for a whole mobile network."""
        return self._address_wrong.take(address, now_ms)

    def opens(self, link: str, now_ms: int, *, posts: bool) -> float:
        """A link that is one."""
        return (self._link_posts if posts else self._link_reads).take(link, now_ms)


def network(address: str) -> str:
    """Whom an address stands for: of IPv6 the whole network of a subscriber. What is no address is one for all."""
    try:
        found = ip_address(address.strip().partition("%")[0])
    except ValueError:
        return "?"
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(IPv6Address(int(found) >> _NETWORK_BITS << _NETWORK_BITS))
