"""A store with steps to tell, and senders for it."""

import random
from collections.abc import Sequence

import aiohttp
import msgspec
from msgspec.structs import replace

from cases.platform.pace import Pace
from cases.platform.post import Post
from cases.platform.sender import Sender
from config.platform import Platform as Settings
from domain.case import LogEntry
from domain.clock import Clock
from domain.platform import PlatformEvent
from storage.case_store import CaseStore
from tests.cases.platform.receiver import SECRET
from tests.contract.case_store.samples import ALARM, CASE


def case_ids(n: int) -> list[str]:
    """Of so many cases."""
    return [f"20261122320400{number:04d}" for number in range(1, n + 1)]


def put_steps(store: CaseStore, cases: int, steps: int, *, at_ms: int = 0) -> list[str]:
    """So many cases with so many steps each, all at this time, round by round. Returns their ids."""
    ids = case_ids(cases)
    with store.transaction() as tx:
        alarm = tx.add_alarm(ALARM)
        for case_id in ids:
            tx.add_case(replace(CASE, id=case_id, alarm_id=alarm.id, ladder_id=None))
        for number in range(steps):
            for case_id in ids:
                what = "case_filed" if number == 0 else f"case_step_{number}"
                tx.append_log(
                    LogEntry(id=0, at_ms=at_ms, who="book", what=what, facts={}, alarm_id=alarm.id, case_id=case_id)
                )
    return ids


def settings_of(url: str, **others: object) -> Settings:
    """Quick to give up waiting; as fast as it goes."""
    return Settings.model_validate({"url": url, "secrets": [SECRET], "timeout": "500ms", "rate": "", **others})


def sender_of(
    store: CaseStore, session: aiohttp.ClientSession, clock: Clock, settings: Settings, *, seed: int = 7
) -> Sender:
    """A sender whose chance is always the same, and whose events say only what the receiver needs."""
    pace = Pace(settings, clock, random.Random(seed))
    return Sender(store, Post(session, settings, clock), write=brief, clock=clock, pace=pace, settings=settings)


def brief(event: PlatformEvent) -> bytes:
    """Its key and what it is."""
    return msgspec.json.encode({"key": event.key, "sequence": event.sequence, "what": event.what})


def in_order(taken: Sequence[int], steps: int) -> bool:
    """Each number once, one after the other."""
    return list(taken) == list(range(1, steps + 1))
