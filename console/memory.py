"""What was worked out from a desk, kept for a while for all who ask the same."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, Final, TypeVar, cast

from msgspec import Struct

Answer = TypeVar("Answer")

_KEPT: Final = 48


class _Kept(Struct, kw_only=True):
    """The last answer to one question, and the one that is being made."""

    answer: Any = None
    revision: Hashable = None
    made_ms: int | None = None
    coming: Future[Any] | None = None


class Memory:
    """Answers by their questions, the least asked forgotten first. Any thread may ask; each answer is made once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()

    def recent(
        self,
        key: Hashable,
        revision: Hashable,
        now_ms: int,
        make: Callable[[], Answer],
        *,
        steady_s: float,
        longest_s: float,
    ) -> Answer:
        """What `make` returns, made again when the revision has changed.

        An answer stands for `steady_s` all the same, and for `longest_s` at most though nothing has changed.
        """
        with self._lock:
            kept = self._at(key)
            if kept.coming is None and _stands(kept, revision, now_ms, steady_s, longest_s):
                return cast("Answer", kept.answer)
            ours = kept.coming is None
            coming = kept.coming = kept.coming or Future()
        if ours:
            self._make(kept, coming, revision, now_ms, make)
        return cast("Answer", coming.result())

    def soon(
        self,
        key: Hashable,
        revision: Hashable,
        now_ms: int,
        make: Callable[[], Answer],
        *,
        patience_s: float,
        steady_s: float,
    ) -> Answer | None:
        """The same for what takes long: made in a thread of its own, while an older answer still stands.

        Without an older one, None after `patience_s`; who asks again while it is being made waits until it is.
        """
        with self._lock:
            kept = self._at(key)
            if kept.coming is not None:
                coming, patience = kept.coming, None
            elif _stands(kept, revision, now_ms, steady_s, float("inf")):
                return cast("Answer", kept.answer)
            else:
                coming, patience = Future(), patience_s
                kept.coming = coming
                args = (kept, coming, revision, now_ms, make)
                threading.Thread(target=self._make, args=args, name="figures", daemon=True).start()
            if kept.made_ms is not None:
                return cast("Answer", kept.answer)
        try:
            return cast("Answer", coming.result(patience))
        except TimeoutError:
            return None

    def last(self, key: Hashable) -> Any:
        """The last answer to a question; None if it was never asked."""
        with self._lock:
            kept = self._kept.get(key)
            return None if kept is None else kept.answer

    def _at(self, key: Hashable) -> _Kept:
        kept = self._kept.setdefault(key, _Kept())
        self._kept.move_to_end(key)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return kept

    def _make(
        self, kept: _Kept, coming: Future[Any], revision: Hashable, now_ms: int, make: Callable[[], object]
    ) -> None:
        try:
            answer = make()
        except Exception as wrong:  # noqa: BLE001 - passed on to all who wait
            with self._lock:
                kept.coming = None
            coming.set_exception(wrong)
            return
        with self._lock:
            kept.answer, kept.revision, kept.made_ms, kept.coming = answer, revision, now_ms, None
        coming.set_result(answer)


def _stands(kept: _Kept, revision: Hashable, now_ms: int, steady_s: float, longest_s: float) -> bool:
    if kept.made_ms is None or now_ms < kept.made_ms:
        return False
    age_s = (now_ms - kept.made_ms) / 1000
    return age_s < steady_s or (kept.revision == revision and age_s < longest_s)
