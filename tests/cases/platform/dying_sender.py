"""A child process that tells the platform what is due, and dies by SIGKILL where `LONGCHENG_FAULT` says.

`python -m tests.cases.platform.dying_sender DATABASE URL`
"""

import asyncio
import sys

import aiohttp

from domain.clock import ManualClock
from storage.case_store import CaseStore
from tests.cases.platform.telling import sender_of, settings_of


async def main(database: str, url: str) -> None:
    """Everything, once."""
    store = CaseStore(database, platform=True)
    async with aiohttp.ClientSession() as session:
        await sender_of(store, session, ManualClock(60_000), settings_of(url, timeout="10s")).send_due()
    store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
