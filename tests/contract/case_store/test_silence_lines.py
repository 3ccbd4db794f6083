"""The lines about silences, for those who are held to some streets, on both databases."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from cases.silencing import ended_early, ordered
from domain.event import EventChoice
from domain.ground import Ground
from domain.silence import Silence
from storage.case_store import CaseStore

SILENCE = Silence(id=0, who="王工", why="festival", from_ms=1, until_ms=9, given_ms=1)
MINE = Ground(
    sub_districts=frozenset({"清源"}),
    shops=frozenset[str](),
    devices=frozenset({"tree-1"}),
    elsewhere=frozenset[str](),
)
NAMED: Sequence[dict[str, str]] = (
    {"device_id": "tree-1"},
    {"device_id": "tree-2"},
    {"sub_district": "清源"},
    {"sub_district": "新华"},
    {"rule_id": "soil-dry"},
)
HERE = [1, 3, 5]
"""Of these, by their ids."""


@pytest.fixture
def silenced(store: CaseStore) -> CaseStore:
    """Five silences; the first two were ended early."""
    with store.transaction() as tx:
        for named in NAMED:
            tx.append_log(ordered(tx.add_silence(replace(SILENCE, **named))))
        for silence_id in (1, 2):
            tx.append_log(ended_early(silence_id, "李工", 5))
    return store


def test_those_that_may_cover_something_there_are_told(silenced: CaseStore) -> None:
    """Begun and ended; who sees the whole city is told of all."""
    found = silenced.happened(EventChoice(), limit=50, ground=MINE).events
    assert [(one.line.what, one.line.facts["silence_id"]) for one in found] == [
        ("silence_ended", 1),
        *(("silence_ordered", silence_id) for silence_id in reversed(HERE)),
    ]
    assert len(silenced.happened(EventChoice(), limit=50).events) == len(NAMED) + 2


def test_pages_go_on_below_those_that_are_left_out(silenced: CaseStore) -> None:
    """However few a page shows, the next one begins below all that was looked at."""
    turned, before = list[int](), None
    while True:
        page = silenced.happened(EventChoice(), limit=1, before=before, ground=MINE)
        turned += [int(one.line.facts["silence_id"] or 0) for one in page.events]
        if page.older is None:
            break
        before = page.older
    assert turned == [1, *reversed(HERE)]


def test_a_reader_passes_those_that_are_left_out(silenced: CaseStore) -> None:
    """And is not told of them later."""
    turned, after = list[int](), 0
    while after < silenced.newest_line():
        found, after = silenced.happened_since(EventChoice(), after=after, limit=2, ground=MINE)
        turned += [int(one.line.facts["silence_id"] or 0) for one in found]
    assert turned == [*HERE, 1]
