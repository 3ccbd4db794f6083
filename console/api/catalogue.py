"""Every read and every write of the API: what answers them, and what the OpenAPI document is made from."""

from typing import Any, Final

from console.api import accounts, ladders, reads, writes
from console.api.reads import Read
from console.api.writes import Write

READS: Final[tuple[Read[Any], ...]] = (*reads.READS, *ladders.READS, *accounts.READS)
WRITES: Final[tuple[Write[Any], ...]] = (*writes.WRITES, *ladders.WRITES, *accounts.WRITES)
