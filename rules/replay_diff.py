"""What another version of the rules would have made of the same history."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from msgspec import Struct

from rules.memory import Key
from rules.replay import AlarmSpan

_DAY_MS = 86_400_000


class Pair(Struct, frozen=True):
    """The same alarm under both versions: one rule, one subject, at overlapping times."""

    old: AlarmSpan
    new: AlarmSpan

    @property
    def raised_later_ms(self) -> int:
        """By how much the new version raises it later; negative: earlier."""
        return self.new.raised_ms - self.old.raised_ms

    @property
    def resolved_later_ms(self) -> int | None:
        """The same of its end; None where one of them, and not the other, still stood when the replay ended."""
        old_ms, new_ms = self.old.resolved_ms, self.new.resolved_ms
        if old_ms is None or new_ms is None:
            return 0 if old_ms == new_ms else None
        return new_ms - old_ms

    @property
    def is_moved(self) -> bool:
        """Whether it was raised, or ended, at another time."""
        return self.raised_later_ms != 0 or self.resolved_later_ms != 0

    @property
    def is_regraded(self) -> bool:
        """Whether it came to another severity."""
        return self.old.severity is not self.new.severity


class Diff(Struct, frozen=True, kw_only=True):
    """Alarms of two versions, told apart. Each alarm stands in one of the first three; `regraded` is beside them."""

    new: tuple[AlarmSpan, ...]
    gone: tuple[AlarmSpan, ...]
    pairs: tuple[Pair, ...]

    @property
    def moved(self) -> tuple[Pair, ...]:
        """Those that are raised or end at other times."""
        return tuple(pair for pair in self.pairs if pair.is_moved)

    @property
    def regraded(self) -> tuple[Pair, ...]:
        """Those that come to another severity."""
        return tuple(pair for pair in self.pairs if pair.is_regraded)

    @property
    def same(self) -> int:
        """How many did not change."""
        return sum(not pair.is_moved and not pair.is_regraded for pair in self.pairs)


def diff(old: Sequence[AlarmSpan], new: Sequence[AlarmSpan]) -> Diff:
    """Pair what overlaps; an alarm that became two is one that moved and one that is new."""
    before, after = _by_key(old), _by_key(new)
    pairs: list[Pair] = []
    for key in before.keys() & after.keys():
        pairs += _pairs(before[key], after[key])
    paired_old, paired_new = {id(pair.old) for pair in pairs}, {id(pair.new) for pair in pairs}
    return Diff(
        new=_in_order([span for span in new if id(span) not in paired_new]),
        gone=_in_order([span for span in old if id(span) not in paired_old]),
        pairs=tuple(sorted(pairs, key=lambda pair: _moment(pair.new))),
    )


def per_day(spans: Sequence[AlarmSpan], zone_offset_ms: int = 0) -> dict[int, Counter[str]]:
    """How many alarms of each rule were raised, by when the day began in epoch ms, `zone_offset_ms` east of UTC."""
    days: dict[int, Counter[str]] = defaultdict(Counter)
    for span in spans:
        local_ms = span.raised_ms + zone_offset_ms
        days[local_ms - local_ms % _DAY_MS - zone_offset_ms][span.rule_id] += 1
    return dict(sorted(days.items()))


def _pairs(old: Sequence[AlarmSpan], new: Sequence[AlarmSpan]) -> list[Pair]:
    """Both oldest first, each without overlaps in itself."""
    pairs: list[Pair] = []
    rest = list(new)
    for span in old:
        found = next((other for other in rest if _overlap(span, other)), None)
        if found is not None:
            rest.remove(found)
            pairs.append(Pair(span, found))
    return pairs


def _overlap(one: AlarmSpan, other: AlarmSpan) -> bool:
    """Whether there is a moment of both, from when their conditions began to hold."""
    ends_after = other.resolved_ms is None or one.since_ms <= other.resolved_ms
    return ends_after and (one.resolved_ms is None or other.since_ms <= one.resolved_ms)


def _by_key(spans: Sequence[AlarmSpan]) -> dict[Key, list[AlarmSpan]]:
    found: dict[Key, list[AlarmSpan]] = defaultdict(list)
    for span in spans:
        found[span.key].append(span)
    return found


def _in_order(spans: Sequence[AlarmSpan]) -> tuple[AlarmSpan, ...]:
    return tuple(sorted(spans, key=_moment))


def _moment(span: AlarmSpan) -> tuple[int, Key]:
    return span.raised_ms, span.key
