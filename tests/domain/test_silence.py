"""Which silences are told where: those that may cover something there."""

import pytest
from msgspec.structs import replace

from domain.ground import Ground
from domain.silence import Silence

HERE = Ground(
    sub_districts=frozenset({"清源"}),
    shops=frozenset({"s-1"}),
    devices=frozenset({"tree-1", "cs-1", "cam-1"}),
    elsewhere=frozenset({"s-2"}),
)
SILENCE = Silence(id=1, who="王工", why="festival", from_ms=1, until_ms=9, given_ms=1)


@pytest.mark.parametrize(
    ("named", "reaches"),
    [
        ({"rule_id": "soil-dry"}, True),
        ({"kind": "tree"}, True),
        ({"rule_id": "system-journal-*"}, False),
        ({"kind": "service"}, False),
        ({"sub_district": "清源"}, True),
        ({"sub_district": "清*"}, True),
        ({"sub_district": "新华"}, False),
        ({"device_id": "tree-1"}, True),
        ({"device_id": "tree-2"}, False),
        ({"device_id": "tree-*"}, True),
        ({"device_id": "tree-1", "sub_district": "新华"}, False),
        ({"rule_id": "soil-dry", "device_id": "tree-2"}, False),
        ({"subject": "tree-1"}, True),
        ({"subject": "cs-1/3"}, True),
        ({"subject": "cs-11/3"}, False),
        ({"subject": "cs-[1-4]/3"}, True),
        ({"subject": "cs-1/*"}, True),
        ({"subject": "cs-2/*"}, False),
        ({"subject": "cam-1/front*"}, True),
        ({"subject": "*"}, True),
        ({"subject": "service/*"}, False),
    ],
)
def test_where_a_silence_reaches(named: dict[str, str], reaches: bool) -> None:
    """A place that it names must be there; where it names none, it holds everywhere."""
    assert replace(SILENCE, **named).reaches(HERE) is reaches
