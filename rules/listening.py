"""Who is heard of, and for whose silence that counts. All times are times of receipt."""

from typing import Any

from rules.derived import Derivations
from rules.round import Round
from rules.subjects import NEVER_MS, Source, Subject, Subjects
from rules.watch import DerivedWatch, ValueWatch, Watch

_SECOND_MS = 1000
_NEVER_DUE_MS = 1 << 62


class Listening:
    """Asks watches over silence. What they answer is told when the round is settled."""

    def __init__(self, subjects: Subjects, round_: Round, derivations: Derivations, *, since_ms: int) -> None:
        self.touched: dict[Subject, None] = {}
        """Of whom something was heard that is to be saved."""
        self._round = round_
        self._derivations = derivations
        self._since_ms = since_ms
        self._sources = [subject.source for subject in subjects if subject.source.silences]
        self._awake: list[Source] = []
        """Those of which a tick may want to know more at any time."""
        self._idle_until_ms = self._latest_ms = NEVER_MS
        """Before when nothing comes of the others; and the newest time that was told, by a tick or by what came."""
        self._feeds = {name: feed for name, feed in subjects.feeds.items() if feed.source.silences}

    def overheard(self, feed: str, received_ms: int) -> None:
        """A message came from a feed. Noted to the second: a feed says much, and its silence is never shorter."""
        subject = self._feeds.get(feed)
        if subject is not None and received_ms - subject.source.heard_ms >= _SECOND_MS:
            self.heard(subject, received_ms)

    def heard(self, subject: Subject, received_ms: int) -> None:
        """Note that something came, and end the silence."""
        self.touched[subject] = None
        source, heard = subject.source, subject.heard
        heard.received_ms = max(heard.received_ms, received_ms)
        if received_ms < self._latest_ms or received_ms - source.heard_ms >= source.allowed_ms:
            self.look_again()
        self._latest_ms = max(self._latest_ms, received_ms)
        if received_ms <= source.heard_ms:
            return
        if source.whole.heard.deaf_ms:
            self.touched[source.whole] = None
            self.look_again()
        if source.carried and source.has_returned(received_ms):
            self.touched |= dict.fromkeys((source.whole, *(carried.whole for carried in source.carried)))
            self.look_again()
        source.hear(received_ms)
        for watch in source.silences:
            if watch.state is not None:
                self.look_again()
                self._round.ask(watch, received_ms, watch.heard, received_ms)
                self._derivations.changed(source, received_ms)

    def gone(self, subject: Subject, at_ms: int) -> None:
        """The broker says that it is gone."""
        self.look_again()
        source = subject.source
        if at_ms < source.heard_ms:
            return
        heard_ms = at_ms if source.heard_ms == NEVER_MS else source.heard_ms
        for watch in source.silences:
            explained = watch.yields and watch.state is None and source.is_explained(at_ms, NEVER_MS)
            if explained or self._round.ask(watch, at_ms, watch.offline, at_ms, heard_ms):
                self._stale(source, at_ms)

    def tick(self, now_ms: int) -> None:
        """Time has passed, and nothing is left unheard that came."""
        sources, idle_until_ms = self._awake, self._idle_until_ms
        if not self._latest_ms <= now_ms < idle_until_ms:
            sources, idle_until_ms = self._sources, _NEVER_DUE_MS
            for source in sources:
                self._listen(source)
                if source.quiet_since_ms > now_ms:
                    source.rewind(now_ms)
        self._latest_ms = max(now_ms, self._latest_ms) if sources is self._awake else now_ms
        awake: list[Source] = []
        for source in sources:
            due_ms = self._due(source, now_ms)
            if due_ms <= now_ms:
                awake.append(source)
            else:
                idle_until_ms = min(idle_until_ms, due_ms)
        self._awake, self._idle_until_ms = awake, idle_until_ms

    def look_again(self) -> None:
        """Let the next tick look at everyone: what was found of them before may be so no more."""
        self._idle_until_ms = NEVER_MS

    def _due(self, source: Source, now_ms: int) -> int:
        """Ask what its silence leads to now; returns when to ask next, if nothing comes of it until then."""
        since_ms, excused_ms = source.quiet_since_ms, source.excused_ms
        if since_ms == NEVER_MS:
            return _NEVER_DUE_MS
        next_ms = _NEVER_DUE_MS
        for watch in source.silences:
            due_ms = since_ms + excused_ms + watch.allowed_ms
            if now_ms < due_ms:
                next_ms = min(next_ms, due_ms)
                continue
            if watch.yields and watch.state is None and source.is_explained(now_ms, due_ms):
                lasts = not self._stale(source, now_ms) and source.is_carried_by_silent
            elif self._round.ask(watch, now_ms, watch.tick, now_ms, since_ms, excused_ms):
                self._stale(source, now_ms)
                lasts = False
            else:
                lasts = watch.state is not None and _is_untold(watch)
            if not lasts:
                next_ms = now_ms
        return next_ms

    def deaf(self, from_ms: int, until_ms: int) -> None:
        """Nothing could be heard from then until then."""
        self.look_again()
        for source in self._sources:
            self._listen(source)
            if source.deafen(from_ms, until_ms):
                self.touched[source.whole] = None

    def _listen(self, source: Source) -> None:
        """Remember since when we listen to what was never heard: a restart must not begin its silence anew."""
        if source.quiet_since_ms == NEVER_MS and not source.counts_once_heard:
            source.whole.heard.since_ms = self._since_ms
            self.touched[source.whole] = None

    def _stale(self, source: Source, at_ms: int) -> bool:
        """What a silent device last said no longer speaks for now: its alarms are neither held nor ended.

        Returns whether said again, later, it could lead to more.
        """
        stale = False
        more = source.order is not None or bool(source.derived)
        watches: list[ValueWatch[Any] | DerivedWatch[Any]] = [*source.values, *source.derived]
        for watch in watches:
            if (before := watch.state) is not None or self._round.flaps(watch):
                stale |= self._round.unheard(watch, at_ms)
                more |= watch.state is not before or not _is_untold(watch)
        if stale or any(watch.standing for watch in source.silences):
            self._derivations.changed(source, at_ms)
            more = True
        return more


def _is_untold(watch: Watch[Any]) -> bool:
    """Whether nothing is remembered of what people were told, so that asked in vain it does nothing."""
    return watch.memory is None or watch.memory.told is None
