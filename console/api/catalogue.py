"""Every read and every write of the API: what answers them, and what the OpenAPI document is made from."""

from typing import Any, Final

from console.api import (
    accounts,
    alarms,
    camera,
    devices,
    events,
    figures,
    ladders,
    lists,
    mending,
    product,
    reads,
    review,
    rule_tests,
    rules,
    writes,
)
from console.api import (
    map as maps,
)
from console.api.reads import Read
from console.api.writes import Write

READS: Final[tuple[Read[Any], ...]] = (
    *reads.READS,
    *alarms.READS,
    *review.READS,
    *lists.READS,
    *devices.READS,
    *rules.READS,
    *rule_tests.READS,
    *ladders.READS,
    *camera.READS,
    *maps.READS,
    *events.READS,
    *mending.READS,
    *product.READS,
    *figures.READS,
    *accounts.READS,
)
WRITES: Final[tuple[Write[Any], ...]] = (
    *writes.WRITES,
    *review.WRITES,
    *rules.WRITES,
    *rule_tests.WRITES,
    *ladders.WRITES,
    *camera.WRITES,
    *mending.WRITES,
    *accounts.WRITES,
)
