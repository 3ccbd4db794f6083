"""k of n looks, in and out of an alarm. What a look means is the caller's business."""

from msgspec import Struct
from pydantic import Field, model_validator

from config.schema import Strict
from domain.finding import AlarmState, Change


class KofN(Strict):
    """k of the last n looks."""

    k: int = Field(ge=1, description="so many looks")
    n: int = Field(ge=1, le=100, description="of the last so many healthy ones")

    @model_validator(mode="after")
    def _possible(self) -> "KofN":
        if self.k > self.n:
            raise ValueError(f"{self.k} of {self.n} looks can never be")
        return self


class Looks(Struct, frozen=True):
    """What recent looks showed, since the last change of the alarm."""

    state: AlarmState
    since_ms: int
    seen_ms: int
    """When it was last shown."""
    onsets: tuple[int | None, ...] = ()
    """For each look: since when it has shown the thing, in epoch ms; None: clear."""


class Window(Struct, frozen=True):
    """How many looks it takes to raise and to clear."""

    confirm: KofN
    clear: KofN
    max_gap_ms: int | None = None
    """What was shown longer ago than this no longer helps to confirm."""

    def shown(self, looks: Looks | None, onset_ms: int, at_ms: int) -> tuple[Looks, Change | None]:
        """A look that shows the thing, which has been there since `onset_ms`."""
        if looks is not None and looks.state is not AlarmState.PENDING:
            onsets = (*looks.onsets, onset_ms)[-self.clear.n :]
            firing = Looks(state=AlarmState.FIRING, since_ms=looks.since_ms, seen_ms=at_ms, onsets=onsets)
            return firing, Change.RENEWED
        onsets = (*self._remembered(looks, at_ms), onset_ms)[-self.confirm.n :]
        shown = [onset for onset in onsets if onset is not None]
        if len(shown) < self.confirm.k:
            return Looks(state=AlarmState.PENDING, since_ms=shown[0], seen_ms=at_ms, onsets=onsets), None
        return Looks(state=AlarmState.FIRING, since_ms=shown[0], seen_ms=at_ms), Change.RAISED

    def clear_look(self, looks: Looks | None, at_ms: int) -> tuple[Looks | None, Change | None]:
        """A look that proves the thing gone."""
        if looks is None:
            return None, None
        firing = looks.state is not AlarmState.PENDING
        before = looks.onsets if firing else self._remembered(looks, at_ms)
        onsets = (*before, None)[-(self.clear.n if firing else self.confirm.n) :]
        if firing and onsets.count(None) >= self.clear.k:
            return None, Change.RESOLVED
        shown = [onset for onset in onsets if onset is not None]
        if not firing and not shown:
            return None, None
        state = AlarmState.RECOVERING if firing else AlarmState.PENDING
        since_ms = looks.since_ms if firing else shown[0]
        return Looks(state=state, since_ms=since_ms, seen_ms=looks.seen_ms, onsets=onsets), None

    def _remembered(self, looks: Looks | None, at_ms: int) -> tuple[int | None, ...]:
        if looks is None or (self.max_gap_ms is not None and at_ms - looks.seen_ms > self.max_gap_ms):
            return ()
        return looks.onsets
