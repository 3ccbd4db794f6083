"""From what people were told of a moment to what they would have been told, had its worst value come first."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from domain.finding import Change, Finding
from rules.gate import view_of
from rules.remembered import View
from rules.watch import Watch


def bridged(
    watch: Watch[Any], was: View, findings: Sequence[Finding], ended: Finding | None, at_ms: int
) -> Sequence[Finding]:
    """What is still to be said, of a watch that was asked once more about a moment.

    `was` is what people knew after it was asked before, `findings` what they would be told now by those who knew
    nothing of that, `ended` the end of the alarm that they knew of, if they did.
    """
    now = view_of(watch)
    last = findings[-1] if findings else None
    if now is View.CLOSED:
        end = last if last is not None and last.change is Change.RESOLVED else ended
        return () if was is View.CLOSED or end is None else (replace(end, change=Change.RESOLVED),)
    if now is View.FLAPPING:
        if was is View.FLAPPING:
            return () if last is None or last.change is Change.FLAPPING else (last,)
        memory = watch.memory
        flapping = None if memory is None or memory.told is None else memory.told.flapping
        return () if flapping is None else (replace(flapping, change=Change.FLAPPING, at_ms=at_ms),)
    if was is View.OPEN and last is None:
        return ()
    told = last if last is not None and last.change is not Change.STALE else watch.retold(Change.RAISED, at_ms)
    return () if told is None else (replace(told, change=Change.RAISED if was is View.CLOSED else Change.RENEWED),)
