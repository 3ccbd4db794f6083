"""How well it works: shares with what they are shares of, so that they can be compared honestly."""

from collections.abc import Collection, Iterable

from msgspec import Struct

from domain.ladder import Ladder, LadderStep


class SelfCorrection(Struct, frozen=True, kw_only=True):
    """Shops that put things right themselves after a notice. No official formula exists; both are shown, with n."""

    corrected: int
    """Told, and then seen clear before a case."""
    told: int
    """Episodes of which a notice went out and whose re-check was due: n of `rate`."""
    confirmed: int
    """All episodes, also those filed at once or never delivered: n of `strict_rate`."""

    @property
    def rate(self) -> float | None:
        """corrected ÷ told, 0–1; None without any."""
        return self.corrected / self.told if self.told else None

    @property
    def strict_rate(self) -> float | None:
        """corrected ÷ confirmed, 0–1; None without any."""
        return self.corrected / self.confirmed if self.confirmed else None


def self_correction(ladders: Iterable[Ladder], told: Collection[int], now_ms: int) -> SelfCorrection:
    """Over those of these episodes that are finds. `told` holds the ids of ladders of which a notice went out."""
    corrected = due = confirmed = 0
    for ladder in ladders:
        if not ladder.step.is_find:
            continue
        confirmed += 1
        if ladder.id in told and (ladder.ended_ms is not None or ladder.recheck_ms <= now_ms):
            due += 1
            corrected += ladder.step is LadderStep.SELF_CORRECTED
    return SelfCorrection(corrected=corrected, told=due, confirmed=confirmed)
