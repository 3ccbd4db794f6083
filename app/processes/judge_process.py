"""The rules reader in its own process, as `serve` sees it."""

import pickle
import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from app.lifecycle import Loop
from app.processes.children import Child
from app.processes.judge_words import Change, Heard, Order, Said
from app.processes.judging import DRAIN_S
from app.readers.rules_reader import RULES, cursor_name
from app.readers.rules_status import RulesStatus
from config.load import Site
from domain.clock import Clock
from ingest.decoded import Reply
from ingest.presence import Presence
from rules.rule import Rule
from storage.case_store import CaseStore
from storage.journal import Journal

_SILENT_S: Final = 20.0
"""One that says nothing for so long is not believed to judge anything."""
_GONE: Final = "the process that judges does not run"
_NOT_YET: Final = "the process that judges has not begun yet"
_LOOK_S: Final = 0.2

_decode: Final = msgspec.json.Decoder(Said).decode


class JudgeProcess:
    """Judges the journal's records in order. Any thread may ask how that goes. Fits `Judging` and `TakesOver`."""

    def __init__(
        self,
        *,
        site: Site,
        rules: Sequence[Rule],
        journal: Journal,
        store: CaseStore,
        clock: Clock,
        hearing: Callable[[], bool],
        reply: Callable[[Reply], None],
        chance: random.Random | None = None,
    ) -> None:
        """Starts nothing yet. `hearing` says whether messages can reach us; `reply` sends what a sender must know.

        From now on the journal keeps what is not judged, and gives no seq to what comes that was judged before: it must
        know that before anybody collects.
        """
        cursor = store.cursor(cursor_name(journal))
        journal.continue_after(cursor)
        journal.cursor(RULES)
        self.presence = Presence(site, store.presence())
        """Who was last heard of, as it was kept last."""
        self._judge = _Judge(
            Order(site=site, rules=rules, hearing=False, listening_since_ms=clock.now_ms(), cursor=cursor),
            hearing=hearing,
            reply=reply,
            presence=self.presence,
            chance=chance or random.SystemRandom(),
        )
        self._teller = Loop("judge-teller", self._judge.tell_changes)

    def start(self) -> None:
        """Begin, and return at once. Once only."""
        self._judge.start()
        self._teller.start()

    def release(self) -> None:
        """Let it begin to stop, and wait for nothing."""
        self._judge.release()

    def stop(self) -> None:
        """Have it judge what the journal has, within bounds, and end; what is left is judged at the next start."""
        self._judge.release()
        self._teller.stop()
        self._judge.end(DRAIN_S + 1.0)

    def take_over(self, rules: Sequence[Rule], site: Site) -> None:
        """Judge by these rules, and the limits of this site, from a step soon on. Any thread may say so; never blocks.

        What was judged is committed before, and what the rules remember is taken over: no message counts twice.
        """
        self._judge.wanted = (rules, site)

    @property
    def status(self) -> RulesStatus:
        """As last heard; the counts go on from one process to the next."""
        return self._judge.status

    @property
    def pid(self) -> int | None:
        """Of its process; None while there is none."""
        return self._judge.pid


class _Judge(Child):
    def __init__(
        self,
        order: Order,
        *,
        hearing: Callable[[], bool],
        reply: Callable[[Reply], None],
        presence: Presence,
        chance: random.Random,
    ) -> None:
        super().__init__("judge", b"", name="judge", chance=chance)
        self._hearing, self._reply, self._presence = hearing, reply, presence
        self._listening_since_ms = order.listening_since_ms
        self.wanted = self._told = (order.rules, order.site)
        self._told_hearing = order.hearing
        self._lock = threading.Lock()
        self._before = RulesStatus(cursor=order.cursor)
        self._last = RulesStatus(cursor=order.cursor, failing=True, failure=_NOT_YET)
        self._heard_s = time.monotonic()

    def order(self) -> bytes:
        """All that is wanted by now."""
        self._told, self._told_hearing = self.wanted, self._hearing()
        rules, site = self._told
        order = Order(
            site=site,
            rules=rules,
            hearing=self._told_hearing,
            listening_since_ms=self._listening_since_ms,
            cursor=self._last.cursor,
        )
        return pickle.dumps(order)

    def tell_changes(self) -> float:
        """What the process does not know yet. Returns how long to rest, in seconds."""
        self.tell(self._change)
        return _LOOK_S

    def _change(self) -> bytes | None:
        wanted, hearing = self.wanted, self._hearing()
        rules = wanted if wanted is not self._told else None
        if rules is None and hearing == self._told_hearing:
            return None
        self._told, self._told_hearing = wanted, hearing
        return pickle.dumps(Change(hearing=hearing, rules=rules))

    @property
    def status(self) -> RulesStatus:
        with self._lock:
            last, before, silent_s = self._last, self._before, time.monotonic() - self._heard_s
        gone = silent_s >= _SILENT_S
        return msgspec.structs.replace(
            last,
            failing=last.failing or gone,
            failure=_GONE if gone else last.failure,
            faults=_sum(before.faults, last.faults),
            read=last.read.after(before.read),
            restarts=self.restarts,
        )

    def hear(self, line: bytes) -> None:
        said = _decode(line)
        if isinstance(said, RulesStatus):
            with self._lock:
                self._last, self._heard_s = said, time.monotonic()
        elif isinstance(said, Heard):
            self._presence.take_up([*said.devices, *said.cameras])
        else:
            for reply in said.replies:
                self._reply(reply)

    def bury(self) -> None:
        """What it has done stays done; nothing is judged until the next one runs."""
        with self._lock:
            last, before = self._last, self._before
            self._before = RulesStatus(
                cursor=last.cursor, faults=_sum(before.faults, last.faults), read=last.read.after(before.read)
            )
            self._last = RulesStatus(cursor=last.cursor, failing=True, failure=_GONE)


def _sum(before: dict[str, int], since: dict[str, int]) -> dict[str, int]:
    return {name: before.get(name, 0) + since.get(name, 0) for name in {**before, **since}}
