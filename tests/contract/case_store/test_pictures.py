"""Which pictures the case store refers to, on both databases."""

from msgspec.structs import replace

from domain.case import LogEntry
from domain.picture import PictureState, PictureUse
from storage.case_store import CaseStore
from tests.contract.case_store.samples import ALARM, CASE, LOOK, fill


def test_a_picture_is_used_by_whatever_shows_it(store: CaseStore) -> None:
    """An open alarm, its ladder and its case; and a line of their story that names one."""
    fill(store)
    with store.transaction() as tx:
        tx.append_log(
            LogEntry(id=0, at_ms=9, who="book", what="x", facts={"onset_picture": "C1/d/old"}, case_id=CASE.id)
        )
        tx.append_log(LogEntry(id=0, at_ms=9, who="book", what="x", facts={"depicture": "no"}, case_id=CASE.id))

    uses = store.picture_uses()

    opened = PictureUse(PictureState.OPEN, 30, CASE.id)
    assert uses == {str(LOOK.picture): {PictureUse(PictureState.OPEN, 0), opened}, "C1/d/old": {opened}}


def test_what_is_over_says_since_when(store: CaseStore) -> None:
    """A case that was closed, an alarm that went by itself; another kind of alarm shows none."""
    with store.transaction() as tx:
        tx.add_alarm(replace(ALARM, resolved_ms=7))
        tx.add_alarm(replace(ALARM, subject="T1", kind="tree", evidence=replace(LOOK, picture="T1/d/x")))

    assert store.picture_uses() == {str(LOOK.picture): {PictureUse(PictureState.SELF_CORRECTED, 7)}}


def test_hashes_are_those_of_looks(store: CaseStore) -> None:
    """As they were told when the pictures were taken."""
    fill(store)

    assert store.picture_hashes() == {LOOK.picture: LOOK.picture_sha256}
