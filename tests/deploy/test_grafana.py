"""Each query of the dashboards: asked of what the product stores, in the words it stores it by."""

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.load import load_site
from domain.reading import Reading
from domain.sighting import Sighting, ViewHealth
from storage.series.points import points_of
from tests.deploy.shipped import DEPLOY, ROOT
from tests.fakes.flux import Flux, Key, Value

NOW_MS = 1_795_320_000_000
BOARDS = sorted((DEPLOY / "grafana" / "dashboards").glob("*.json"))
SOURCES = {
    one["uid"]: one
    for one in yaml.safe_load(
        (DEPLOY / "grafana" / "provisioning" / "datasources" / "longcheng.yml").read_text(encoding="utf-8")
    )["datasources"]
}


def targets(kind: str) -> list[Any]:
    """Every query of a kind of datasource, with its panel."""
    found = []
    for path in BOARDS:
        for panel in json.loads(path.read_text(encoding="utf-8"))["panels"]:
            found += [
                pytest.param(panel, target, id=f"{path.stem}-{panel['id']}-{target['refId']}")
                for target in panel["targets"]
                if target["datasource"]["type"] == kind
            ]
    return found


def stored() -> dict[Key, dict[int, Value]]:
    """A reading of every metric of every profile, and a look, as the product stores them."""
    site = load_site("starter", {})
    points: dict[Key, dict[int, Value]] = defaultdict(dict)
    kinds: dict[str, set[str]] = defaultdict(set)
    for profile in site.profiles.values():
        kinds[profile.kind] |= set(profile.metrics)
    seen: list[Reading | Sighting] = []
    for kind, names in kinds.items():
        device = next((one.device_id for one in site.devices.values() if one.kind == kind), f"{kind}-1")
        values: dict[str, Value] = {name: site.metrics[name].type == "bool" or 1.0 for name in names}
        at_ms = NOW_MS - 60_000
        seen.append(
            Reading(device_id=device, kind=kind, port=1, metrics=values, at_ms=at_ms, received_ms=at_ms, doubts=())
        )
    camera = next(iter(site.cameras))
    seen.append(
        Sighting(
            look_id="look-1",
            camera_id=camera,
            taken_ms=NOW_MS - 60_000,
            received_ms=NOW_MS - 60_000,
            view=ViewHealth.HEALTHY,
            zones=(),
        )
    )
    for observation in seen:
        for point in points_of(observation, site):
            for field, value in point.fields.items():
                points[point.measurement, tuple(point.tags), field][point.at_ms] = value
    return points


def asked(query: str) -> str:
    """The query as Grafana sends it: its variables filled in."""
    for name, text in (
        ("v.defaultBucket", '"readings"'),
        ("v.timeRangeStart", "2026-11-22T00:00:00.000Z"),
        ("v.timeRangeStop", "2026-11-23T00:00:00.000Z"),
        ("v.windowPeriod", "60000ms"),
    ):
        query = query.replace(name, text)
    assert "v." not in re.sub(r'"[^"]*"', "", query)
    return query


@pytest.mark.parametrize(("panel", "target"), targets("influxdb"))
def test_each_flux_query_has_an_answer(panel: dict[str, Any], target: dict[str, Any]) -> None:
    """Measurement, field and tags are those of the product; the aggregate fits the field's type."""
    tables = Flux({"readings": stored()}, lambda *_: None, NOW_MS).run(asked(target["query"]))
    assert [table for table in tables if table.rows], target["query"]
    shown = panel["fieldConfig"]["defaults"].get("displayName", "")
    for label in re.findall(r"__field\.labels\.(\w+)", shown):
        assert all(label in table.key for table in tables), f"{label} is no tag of {target['query']}"


def test_a_query_that_asks_for_what_is_not_stored_has_none() -> None:
    """The test above can fail."""
    query = asked(targets("influxdb")[0].values[1]["query"]).replace("temp_c", "temperature")
    assert not [t for t in Flux({"readings": stored()}, lambda *_: None, NOW_MS).run(query) if t.rows]


@pytest.mark.parametrize(("panel", "target"), targets("prometheus"))
def test_each_figure_of_the_product_is_one_of_its_own(panel: dict[str, Any], target: dict[str, Any]) -> None:
    """By the names that /metrics gives them; a counter's ends with _total."""
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "console" / "api").glob("*metrics*.py"))
    names = re.findall(r"longcheng_(\w+)", target["expr"])
    assert names
    for name in names:
        kind = "counters?" if name.endswith("_total") else "gauges?"
        assert re.search(rf'{kind}\(\s*"{name.removesuffix("_total")}"', source), name
        assert ("rate(" in target["expr"]) == name.endswith("_total")


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.stem)
def test_each_board_is_whole(path: Path) -> None:
    """Panels do not overlap, have ids of their own, and name datasources that are provisioned."""
    board = json.loads(path.read_text(encoding="utf-8"))
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert max(x for x, _ in cells) < 24
        assert not cells & taken
        taken |= cells
        for target in panel["targets"]:
            assert SOURCES[target["datasource"]["uid"]]["type"] == target["datasource"]["type"]
