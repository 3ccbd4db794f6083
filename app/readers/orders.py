"""People's orders about alarms, taken up by whoever judges."""

import logging
from collections.abc import Callable

from msgspec.structs import replace

from domain.clock import Clock
from domain.errors import StoreUnavailable
from domain.order import AlarmOrder, Outcome
from storage.case_store import CaseStore

log = logging.getLogger(__name__)


class Orders:
    """Carries them out in the order in which they were given, each in a transaction of its own, exactly once."""

    def __init__(
        self, store: CaseStore, clock: Clock, *, carry_out: Callable[[AlarmOrder], None], recover: Callable[[], None]
    ) -> None:
        """`carry_out` does so, or raises and has done nothing; then `recover` takes up what was committed last."""
        self._store = store
        self._clock = clock
        self._carry_out = carry_out
        self._recover = recover
        self._failed: int | None = None

    def step(self) -> None:
        """All that wait. One that fails twice is set aside: it must not keep all else from its turn."""
        if not self._store.has_orders():
            return
        with self._store.transaction() as tx:
            orders = tx.waiting_orders()
        for order in orders:
            try:
                self._carry_out(order)
            except StoreUnavailable:
                raise
            except Exception:
                if self._failed != order.id:
                    self._failed = order.id
                    raise
                log.exception("order %d of %s cannot be carried out; it is set aside", order.id, order.who)
                self._recover()
                with self._store.transaction() as tx:
                    tx.save_order(replace(order, done_ms=self._clock.now_ms(), outcome=Outcome.FAILED))
