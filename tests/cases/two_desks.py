"""Two desks that act on the same case at the same moment, over one store that each has opened for itself.

The scenarios know nothing of the database: any store that `open_store` opens twice will do.
"""

import threading
from collections.abc import Callable

from cases.handling import Handling
from config.load import Site
from domain.case import Case
from domain.case_order import CaseAct, CaseOrder
from domain.errors import OrderRefused
from storage.case_store import CaseStore
from tests.cases.desks import own_lines

OpenStore = Callable[[], CaseStore]
DESKS = ("王工", "李姐")


def ordered_at_once(
    open_store: OpenStore, site: Site, case: Case, now_ms: int, *, version: int | None
) -> list[Case | OrderRefused]:
    """Both take it, as nearly at once as two threads can. What each is told, in the order of DESKS."""
    ready = threading.Barrier(len(DESKS))
    told: dict[str, Case | OrderRefused] = {}

    def take(who: str) -> None:
        store, handling = open_store(), Handling(site)
        order = CaseOrder(case_id=case.id, act=CaseAct.TAKE, who=who, version=version)
        ready.wait(30)
        try:
            with store.transaction() as tx:
                told[who] = handling.carry_out(tx, order, now_ms)
        except OrderRefused as refused:
            told[who] = refused
        finally:
            store.close()

    threads = [threading.Thread(target=take, args=(who,)) for who in DESKS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return [told[who] for who in DESKS]


def one_wins(open_store: OpenStore, site: Site, case: Case, now_ms: int) -> None:
    """With the version both saw: one has it, the other is told who was faster, and the story has one line."""
    told = ordered_at_once(open_store, site, case, now_ms, version=case.version)
    (won,) = [one for one in told if isinstance(one, Case)]
    (lost,) = [one for one in told if isinstance(one, OrderRefused)]
    assert lost.why == "conflict"
    assert f"changed meanwhile by {won.handler} at " in str(lost)
    store = open_store()
    assert store.case(case.id) == won
    assert [line.who for line in own_lines(store, case) if line.what == "case_taken"] == [won.handler]
    store.close()


def both_are_kept(open_store: OpenStore, site: Site, case: Case, now_ms: int) -> None:
    """Without a version: both are done, one after the other; the case is as the later one left it."""
    told = ordered_at_once(open_store, site, case, now_ms, version=None)
    versions = [one.version for one in told if isinstance(one, Case)]
    assert sorted(versions) == [case.version + 1, case.version + 2]
    store = open_store()
    after, lines = store.case(case.id), own_lines(store, case)
    taken = [line for line in lines if line.what == "case_taken"]
    assert after
    assert {line.who for line in taken} == set(DESKS)
    assert (after.handler, after.version) == (taken[-1].who, case.version + 2)
    assert [line.facts["was"] for line in taken] == ["pending_handle", "handling"]
    store.close()
