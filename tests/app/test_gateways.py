"""From a gateway's own words to one alarm for all that is behind it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from msgspec import structs

from config.load import SHARED, Site
from config.schema import Feed, Ingest, Matters
from config.source import load
from domain.finding import Finding
from domain.message import RawMessage
from domain.register import Device
from ingest.decode import Decoder
from ingest.presence import Presence
from rules.engine import Engine
from rules.files import load_rules
from storage.births import Births
from tests.fakes import sparkplug as said
from tests.ingest.site import NOW_MS, make_site


def _site() -> Site:
    """A node and two trees behind it, all by Sparkplug."""
    site = make_site()
    tree = site.devices["tree-1"]
    node = structs.replace(tree, device_id="node", kind="gateway", profile="gateway", address="plant/edge")
    trees = [_behind(tree, "tree-1"), _behind(tree, "tree-2")]
    return replace(
        site,
        settings=site.settings.model_copy(update={"ingest": Ingest(feeds={"plant": Feed(format="sparkplug")})}),
        devices={device.device_id: device for device in (*trees, node)},
        matters=load(SHARED / "matters.yaml", Matters).matters,
    )


def _behind(tree: Device, name: str) -> Device:
    return structs.replace(tree, device_id=name, address=f"plant/edge/{name}", gateway="node")


class _Line:
    def __init__(self, site: Site, births: Births) -> None:
        self.decoder = Decoder(site, births)
        self.presence = Presence(site)
        rules = load_rules([SHARED / "rules" / f"{name}.yaml" for name in ("trees", "network")], site)
        self.engine = Engine(rules, site, saved={}, listening_since_ms=NOW_MS)
        self.seq = 0

    def hear(self, word: str, payload: bytes, at_s: int) -> list[str]:
        """What the message leads to."""
        self.seq += 1
        message = RawMessage(
            topic=f"spBv1.0/plant/{word}",
            payload=payload,
            qos=0,
            retain=False,
            dup=False,
            received_ms=NOW_MS + at_s * 1000,
        )
        decoded = self.decoder.decode(message, self.seq)
        assert not decoded.rejects
        found: list[Finding] = []
        for observation in decoded.observations:
            self.presence.observe(observation)
            found += self.engine.observe(observation)
        return _told(found)

    def tick(self, at_s: int) -> list[str]:
        """What silence leads to."""
        return _told(self.engine.tick(NOW_MS + at_s * 1000))

    def states(self) -> list[str | None]:
        """Who is there, in the register's order."""
        return [device.state for device in self.presence.devices()]


def _told(found: Sequence[Finding]) -> list[str]:
    return [f"{step.change} {step.rule_id} {step.subject}" for step in found]


def test_the_death_of_a_node_is_one_alarm(tmp_path: Path) -> None:
    """Its devices are shown as gone, and are not alarmed about one by one; back again, all is well."""
    births = Births(tmp_path / "births.db", "journal")
    line = _Line(_site(), births)
    for at_s, again in ((0, []), (10_000, ["resolved gateway-silent node", "resolved gateway-silent-30m node"])):
        assert line.hear("NBIRTH/edge", said.birth([], 0, bd_seq=1), at_s) == again
        for tree in ("tree-1", "tree-2"):
            assert line.hear(f"DBIRTH/edge/{tree}", said.birth(["tilt_deg"], 1), at_s) == []
        assert line.states() == ["online"] * 3
        if again:
            break
        assert line.hear("NDEATH/edge", b"", 60) == ["raised gateway-silent node"]
        assert line.states() == ["offline"] * 3
        line.engine.overheard("plant", NOW_MS + 3_590_000)  # other nodes speak
        assert line.tick(3600) == ["raised gateway-silent-30m node"]
    births.close()


def test_a_device_that_speaks_proves_its_node(tmp_path: Path) -> None:
    """A node publishes for its devices: it needs no word of its own to be there."""
    births = Births(tmp_path / "births.db", "journal")
    line = _Line(_site(), births)
    line.hear("NBIRTH/edge", said.birth([], 0, bd_seq=1), 0)
    line.hear("DBIRTH/edge/tree-1", said.birth(["tilt_deg"], 1), 0)
    data = said.payload(said.metric(None, 1.5, alias=1))
    for at_s in range(0, 1000, 100):
        assert line.hear("DDATA/edge/tree-1", data, at_s) == []
        assert line.engine.overheard("plant", NOW_MS + at_s * 1000) == []
        assert line.tick(at_s) == []
    births.close()
