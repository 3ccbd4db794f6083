"""A notice for the outbox's tests."""

from domain.notice import Notice, NoticeState
from storage.case_store import CaseStore


def letter(key: str = "town/1/notice_1/shop", *, channel: str = "webhook", not_before_ms: int = 0) -> Notice:
    """A pending notice."""
    return Notice(
        id=0,
        key=key,
        channel=channel,
        recipient="shop:S1",
        step="notice_1",
        subject="C1/door-1",
        body={"text_zh": "您好。", "deadline_ms": 1},
        state=NoticeState.PENDING,
        created_ms=0,
        not_before_ms=not_before_ms,
    )


def put(store: CaseStore, *letters: Notice) -> None:
    """Into the outbox."""
    with store.transaction() as tx:
        for one in letters:
            tx.add_notice(one)
