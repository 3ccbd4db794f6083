"""Rules change while `serve` runs: a mistake stops nothing and is told, what is mended counts. People end alarms."""

import json
from pathlib import Path
from typing import Any

import pytest

from domain.clock import SystemClock
from tests.scenario.conftest import Build
from tests.scenario.product import Product
from tests.scenario.readings import reading, station
from tests.scenario.stage import Stage

pytestmark = pytest.mark.server

RULE = "leak"
FILE = """\
version: 1
catalogue: gb47678.5-2026
rules:
  - id: leak
    title: {{zh: 漏电, en: Leak}}
    kind: threshold
    for_each: {{kind: charger}}
    metric: residual_ma
    raise: {{above: {above}}}
    clear: {{below: 10}}
    severity: critical
    latch: true
    case: {{matter: "01054", policy: open}}
"""
SYSTEM_RULE = "system-rules-settings"
BY = ("--who", "王工", "--why", "已断电检修")


def write_rules(stage: Stage, above: object) -> None:
    """One rule with this limit; the site has no other."""
    (stage.folder / "leaks.yaml").write_text(FILE.format(above=above), encoding="utf-8")


def only_our_rules(site: Path) -> None:
    """The site judges by the file beside it."""
    settings = json.loads(site.read_text(encoding="utf-8"))
    site.write_text(json.dumps(settings | {"rules": ["leaks.yaml"]}), encoding="utf-8")


def leak(stage: Stage, port: int, milliampere: float) -> None:
    """A station says what leaks at a port, now."""
    now_ms = SystemClock().now_ms()
    stage.send(reading(station(0), port, {"residual_ma": milliampere}, ts=now_ms, at_ms=now_ms))


def alarm(product: Product, port: int) -> dict[str, Any]:
    """The first alarm about a port, as soon as there is one."""

    def found(one: Product) -> dict[str, Any] | None:
        return next((item for item in one.alarms(RULE) if item["port"] == port), None)

    found_one: dict[str, Any] = product.until(found, f"there is an alarm about port {port}")
    return found_one


@pytest.mark.timeout(400)
def test_a_mistake_is_told_and_stops_nothing_and_what_is_mended_counts_at_once(build: Build) -> None:
    """All in one run of `serve`."""
    stage = build()
    write_rules(stage, above=30)
    only_our_rules(stage.folder / "site.yaml")
    with stage.running() as product:
        leak(stage, 1, 25.0)
        leak(stage, 2, 35.0)
        assert alarm(product, 2)["limit"] == 30

        write_rules(stage, above="much")
        product.until(lambda one: one.alarms(SYSTEM_RULE), "the mistake is an alarm of its own")
        assert product.alarms(SYSTEM_RULE)[0]["state"] == "firing"
        assert "leaks.yaml line 9" in product.get("")[1]
        leak(stage, 3, 35.0)
        assert alarm(product, 3)["limit"] == 30

        write_rules(stage, above=20)
        product.hang_up()
        product.until(lambda one: one.alarms(SYSTEM_RULE)[0]["state"] == "resolved", "the mistake is over")
        product.until(lambda one: "judging by 1 rules" in one.log(), "the judge has taken it over")
        leak(stage, 4, 25.0)
        assert alarm(product, 4)["limit"] == 20
        assert [item["port"] for item in product.alarms(RULE)] == [4, 3, 2]
        assert product.log().count("are not used") == 1
        stage.settle(product)


@pytest.mark.timeout(400)
def test_people_end_what_only_they_may_end_while_it_runs(build: Build) -> None:
    """From a terminal beside it; one whose rule has left the files too, which says that it waits for that."""
    stage = build()
    write_rules(stage, above=30)
    only_our_rules(stage.folder / "site.yaml")
    with stage.running() as product:
        leak(stage, 1, 35.0)
        leak(stage, 2, 35.0)
        first, second = alarm(product, 1), alarm(product, 2)
        assert first["latch"]
        leak(stage, 1, 4.0)
        stage.settle(product)

        done = stage.command("rules", "release", str(first["id"]), *BY)
        assert f"alarm {first['id']} is over" in done.stdout, done.stderr
        assert alarm(product, 1)["state"] == "resolved"

        text = FILE.format(above=30).replace("id: leak", "id: another")
        (stage.folder / "leaks.yaml").write_text(text, encoding="utf-8")
        product.hang_up()
        product.until(lambda one: alarm(one, 2)["orphaned"], "the alarm says that its rule is gone")
        product.until(lambda one: "no rule leak speaks of cs-00/2 any more" in one.log(), "the log says so, too")
        assert "is over" in stage.command("rules", "release", str(second["id"]), *BY).stdout
        assert alarm(product, 2)["state"] == "resolved"
