"""What a street keeper sees on Live of silences: those that hold in their streets."""

import json

from config.load import Site
from domain.case import LogEntry
from domain.event import SILENCE_ORDERED
from domain.silence import Silence
from tests.console.access.people import MINE, THEIRS
from tests.console.access.test_keepers import keeper, read
from tests.console.reader import Client
from tests.fakes.desk import FakeDesk

__all__ = ["keeper"]


async def test_a_keeper_sees_the_silences_of_their_streets(
    door: Client,
    site: Site,
    desk: FakeDesk,
    keeper: dict[str, str],
) -> None:
    """On the page and over the API: of a device of theirs, of their streets, of a rule; of no other street."""
    own = next(name for name, one in site.devices.items() if one.location.sub_district == MINE)
    named: list[dict[str, str]] = [{"device_id": own}, {"sub_district": THEIRS}, {"rule_id": "soil-dry"}]
    number = max(one.id for one in desk.lines)
    for place, covers in enumerate(named, 1):
        said = {"who": "王工", "why": f"works-{place}", "from_ms": 1, "until_ms": 2, "given_ms": 1}
        desk.all_silences.append(Silence(id=place, **covers, **said))  # type: ignore[arg-type]
        facts: dict[str, str | float | int | None] = {
            "silence_id": place,
            "covers": " · ".join(covers.values()),
            "person": "王工",
            "why": f"works-{place}",
            "begins_ms": 1,
            "until_ms": 2,
        }
        desk.lines.append(LogEntry(id=number + place, at_ms=1, who="王工", what=SILENCE_ORDERED, facts=facts))
    page = await read(door, "/events", keeper)
    assert [f"works-{place}" in page for place in (1, 2, 3)] == [True, False, True]
    items = json.loads(await read(door, "/api/v1/events", keeper))["items"]
    told = [one["id"] - number for one in items if one["what"] == SILENCE_ORDERED]
    assert sorted(told) == [1, 3]
