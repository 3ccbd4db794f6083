"""The city through the real decoder and the shipped rules: each incident is noticed, and nothing else."""

import dataclasses
from collections.abc import Sequence

import pytest

from app.demo.devices import Station, Tree
from app.demo.incidents import TIMETABLE, Incident, IncidentKind
from config.load import Site
from domain.finding import CasePolicy, Change, Finding
from domain.message import RawMessage
from ingest.decode import Decoder
from rules.engine import Engine
from rules.files import load_rules

START_MS = 1_785_816_000_000
BEAT_S = 5


@pytest.fixture(scope="module")
def blind(site: Site) -> Site:
    """The city without its cameras, which nobody looks through here."""
    return dataclasses.replace(site, cameras={})


def run(site: Site, timetable: Sequence[Incident], seconds: int) -> list[Finding]:
    engine = Engine(load_rules(site.rule_files, site), site, saved={}, listening_since_ms=START_MS)
    decoder = Decoder(site)
    devices = [
        Tree(device, "longcheng/v1", timetable, 1)
        if device.kind == "tree"
        else Station(device, "longcheng/v1", timetable, 1, START_MS)
        for device in site.devices.values()
    ]
    findings: list[Finding] = []
    for second in range(0, seconds, BEAT_S):
        now_ms = START_MS + second * 1000
        for device in devices:
            if device.troubles.away(second) or device.troubles.on(IncidentKind.MUTE, second):
                continue
            for message in device.beat(now_ms, second):
                raw = RawMessage(
                    topic=message.topic, payload=message.payload, qos=1, retain=False, dup=False, received_ms=now_ms
                )
                for observation in decoder.decode(raw).observations:
                    findings += engine.observe(observation)
        findings += engine.tick(now_ms)
    assert not engine.faults
    return findings


def test_a_calm_city_raises_nothing(blind: Site) -> None:
    """Half an hour of ordinary readings from all 43 devices is not worth one alarm."""
    assert run(blind, (), 1800) == []


def test_every_incident_is_noticed_within_a_hundred_seconds(blind: Site) -> None:
    """Four become cases at once; drought and silence are shown. Rubbish is no alarm."""
    raised = [finding for finding in run(blind, TIMETABLE, 100) if finding.change is Change.RAISED]
    cases = {finding.subject for finding in raised if finding.policy is CasePolicy.OPEN}
    assert cases == {"tree-001", "cs-007/3", "cs-012", "cs-019/6"}
    assert {finding.subject for finding in raised} == cases | {"tree-002", "cs-023", "cs-031"}
