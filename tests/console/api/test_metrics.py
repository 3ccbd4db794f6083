"""Figures for Prometheus."""

import re

from msgspec.structs import replace

from tests.console.reader import Client, text_of
from tests.fakes.desk import WELL, FakeDesk

_SAMPLE = re.compile(r'^longcheng_[a-z_]+(\{[a-z]+="(?:[^"\\\n]|\\.)*"\})? \d+$')


async def test_exposition_is_well_formed(client: Client, desk: FakeDesk) -> None:
    """Every line is a comment or a sample; every family is declared once, before its samples; labels are escaped."""
    desk.state = replace(WELL, rule_faults={'a "rule"\n': 2})
    async with client.get("/metrics") as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        lines = (await answer.text()).splitlines()
    declared = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(declared) == len(set(declared))
    for line in lines:
        if not line.startswith("# "):
            assert _SAMPLE.match(line), line
            assert re.split(r"[{ ]", line)[0] in declared
    assert 'longcheng_rule_faults_total{rule="a \\"rule\\"\\n"} 2' in lines


async def test_figures(client: Client) -> None:
    """What the first page shows, a monitor sees too."""
    text = await text_of(client, "/metrics")
    for sample in (
        'longcheng_alarms_open{severity="critical"} 2',
        'longcheng_cases_open{kind="charger"} 1',
        'longcheng_journal_lag_records{reader="series"} 12',
        'longcheng_cameras{view="healthy"} 17',
        'longcheng_dead_letters{reason="decode"} 1',
        'longcheng_dead_letters{reason="oversize"} 0',
        'longcheng_notices{state="dead"} 1',
        "longcheng_messages_received_total 182340",
        "longcheng_self_corrected_total 312",
    ):
        assert sample in text.splitlines()
