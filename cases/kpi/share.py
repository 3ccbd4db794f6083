"""Figures that say what they are made of."""

import math
from collections.abc import Collection

from msgspec import Struct


class Share(Struct, frozen=True):
    """So many of so many."""

    numerator: int
    denominator: int

    @property
    def value(self) -> float | None:
        """0–1; None of nothing: 0 of 0 is no 0 %."""
        return self.numerator / self.denominator if self.denominator else None


class Spread(Struct, frozen=True):
    """How long things took: half of them no longer than `median_ms`, nine in ten no longer than `p90_ms`."""

    n: int
    median_ms: int | None
    p90_ms: int | None

    @classmethod
    def of(cls, took_ms: Collection[int]) -> "Spread":
        """By the nearest rank, so that each figure is one that occurred; None without any."""
        if not took_ms:
            return cls(0, None, None)
        ordered = sorted(took_ms)
        median, p90 = (ordered[math.ceil(share * len(ordered)) - 1] for share in (0.5, 0.9))
        return cls(len(ordered), median, p90)
