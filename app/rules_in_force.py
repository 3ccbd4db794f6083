"""By which rules is judged now, and since when: told by whoever takes them over, asked by whoever shows them."""

from collections.abc import Sequence
from typing import Protocol

from config.load import Site
from domain.clock import Clock
from rules.rule import Rule


class TakesOver(Protocol):
    """Who judges by the rules."""

    def take_over(self, rules: Sequence[Rule], site: Site) -> None:
        """Judge by these from the next step on."""
        ...


class RulesInForce:
    """Any thread may ask. Fits `TakesOver`: what is taken over is noted, and passed on."""

    def __init__(self, rules: Sequence[Rule], site: Site, clock: Clock, judge: TakesOver | None = None) -> None:
        """`judge` is told of what is taken over."""
        self._clock, self._judge = clock, judge
        self._now = (tuple(rules), site, clock.now_ms())

    def take_over(self, rules: Sequence[Rule], site: Site) -> None:
        """Judge by these from the next step on."""
        if self._judge is not None:
            self._judge.take_over(rules, site)
        self._now = (tuple(rules), site, self._clock.now_ms())

    def now(self) -> tuple[Sequence[Rule], Site]:
        """The rules, and the site with their limits."""
        rules, site, _since_ms = self._now
        return rules, site

    @property
    def since_ms(self) -> int:
        """When they were taken over."""
        return self._now[2]
