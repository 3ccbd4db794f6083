"""Many notices at once, as a city in trouble makes them, and the outbox that has to bear them."""

import random
from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from cases.notices.channels import Channel
from cases.notices.digest import Digest
from cases.notices.grouping import Terms
from cases.notices.outbox import Outbox
from cases.notices.sending import Manner
from config.load import Site
from domain.clock import ManualClock
from domain.notice import Notice
from storage.case_store import CaseStore
from tests.cases.notices.letter import letter

DESK = "duty-desk"


def a_notice(
    key: str,
    *,
    channel: str,
    to: str = DESK,
    at_ms: int = 0,
    severity: str = "notice",
    matter: str = "09010",
    subject: str = "C1/door-1",
) -> Notice:
    """One of many."""
    body: dict[str, str | float | int | bool | None] = {
        "text_zh": f"消息 {key}",
        "text_en": f"Notice {key}",
        "matter": matter,
        "severity": severity,
    }
    return replace(
        letter(key, channel=channel, not_before_ms=at_ms),
        address=to,
        recipient=to,
        body=body,
        subject=subject,
        created_ms=at_ms,
    )


def put_all(store: CaseStore, notices: Iterable[Notice]) -> None:
    """Into the outbox, in one transaction."""
    with store.transaction() as tx:
        for one in notices:
            assert tx.add_notice(one)


def outbox_of(
    site: Site,
    store: CaseStore,
    channels: Mapping[str, Channel],
    clock: ManualClock,
    *,
    rates: str = "",
    wait_s: float = 30,
    interval_s: float = 300,
    grouped: Sequence[str] = (),
) -> Outbox:
    """An outbox all of whose channels, or those `grouped`, are read by people."""
    return Outbox(
        store,
        channels,
        clock,
        random.Random(7),
        max_attempts=1000,
        manners={name: Manner(rates, grouped=True) for name in grouped or channels},
        terms=Terms(
            wait_ms=round(wait_s * 1000),
            interval_ms=round(interval_s * 1000),
            site=site.settings.site,
            write=Digest(site).write,
        ),
    )
