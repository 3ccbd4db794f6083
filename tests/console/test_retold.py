"""What the product words for engineers in English is told in the reader's language: every sentence of the code."""

import ast
import dataclasses
import importlib
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from types import ModuleType

import pytest
from aiohttp import web
from msgspec.structs import replace

from app.commands import rules_replay_run
from app.rules_history.points import NOT_STORED
from config.lint import doubts
from config.load import Site, load_site
from config.retold import retold
from domain.finding import Change, Finding, Severity
from domain.message import RawMessage
from domain.register import Zone, ZoneRole
from ingest.assembly import _NO_TIME
from ingest.decode import Decoder
from ingest.scrutiny import _FLOOD
from rules.chain import Step
from rules.files import load_rules
from rules.telling import told
from storage.births import KeptBirths


def _class(name: str) -> type:
    found = getattr(web, name)
    return found if isinstance(found, type) else object


ROOT = Path(__file__).parent.parent.parent
WORDED = {
    "ingest": {"Unfit", "refused", "Reject"},
    "app/readers/damaged.py": {"Reject"},
    "app/zone_editing.py": {"OrderRefused"},
    "app/replay_running.py": {"OrderRefused"},
    "config/zones_file.py": {"ValueError"},
    "config/polygons.py": {"ValueError"},
    "vision/view_health": {"Verdict"},
    "console": {"OrderRefused", *(name for name in dir(web) if issubclass(_class(name), web.HTTPError))},
}
"""Where sentences that reach a page are worded, and by what calls."""
_KEYED = 2
"""Arguments of a refusal before the key of its words: such a one is told by those."""
_SAID = {"detail", "reason", "text"}
OTHERS = {"the 7 of 7: 7", "7 is not 7", "7 nothing; not 7", "line 7: 7"}
"""All of whose words stand in their values; what they may say is told below."""
LATIN_WORDS = re.compile(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}")


def _modules() -> Iterator[tuple[ModuleType, ast.Module, set[str]]]:
    for name, calls in WORDED.items():
        path = ROOT / name
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            yield importlib.import_module(module.removesuffix(".__init__")), ast.parse(file.read_text("utf-8")), calls


def _worded(module: ModuleType, tree: ast.Module, calls: set[str]) -> Iterator[str]:
    """Each text that such a call is given in place, with something in the place of each value."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in calls:
            if any(one.arg == "key" for one in node.keywords) or len(node.args) > _KEYED:
                continue
            given = [*node.args[:1], *(one.value for one in node.keywords if one.arg in _SAID)]
            yield from (_sample(one, module) for one in given if isinstance(one, ast.JoinedStr | ast.Constant))


def _sample(node: ast.AST, module: ModuleType) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_sample(part, module) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        known = getattr(module, node.value.id, None) if isinstance(node.value, ast.Name) else None
        shown = known if isinstance(known, str) else _sample(node.value, module)
        return repr(shown) if node.conversion == ord("r") else shown
    if isinstance(node, ast.IfExp):
        return _sample(node.body, module)
    return "7"


def test_every_sentence_that_reaches_a_page_is_known(site: Site) -> None:
    """A new sentence of a decoder, or of what checks zones, has its Chinese before it is shown."""
    seen = 0
    for module, tree, calls in _modules():
        for text in _worded(module, tree, calls):
            if " " not in text.strip() or text in OTHERS:
                continue
            seen += 1
            assert retold(site.texts, "zh-CN", text), f"{module.__name__}: {text!r} is not in retold.yaml"
    assert seen > 50


@pytest.mark.parametrize("note", [*NOT_STORED, rules_replay_run._SEVERAL_FEEDS])
def test_notes_of_replays_are_known(site: Site, note: str) -> None:
    """What a replay cannot know stands under it in the reader's language, of replays of last month, too."""
    told = retold(site.texts, "zh-CN", note)
    assert told
    assert not LATIN_WORDS.search(told)


@pytest.mark.parametrize(
    "text",
    [
        _FLOOD,
        _NO_TIME,
        "'noon' is not a time of a clock in Asia/Shanghai like 2026-11-22 12:00:00",
        "at data.state stands nothing; not on, off",
        "charger-01 is registered as a charger, not as a tree",
        "records 3 to 9 of the journal could not be read back",
        "1787000000000 ms is 900 s behind",
        *(f"the {first} comes before the {step}" for first, step in combinations(Step, 2)),
        "the source says it is 900 s old; at most 180 s",
        "0.97 of the pixels equal their neighbours: drawn",
        "shifted by +0.031, -0.002 of the picture, turned or zoomed by 0.000",
        "too dark to tell: 0.31 of the view lost its fine detail",
        "unreachable: [Errno 111] Connection refused",
        "lost: connection lost: Unspecified error; is another client using the client id 'longcheng'?",
        "session taken over: another client uses the client id 'longcheng'",
        "subscription refused: not allowed to subscribe to longcheng/#",
        'zone "门前" crosses itself: the edge 0.1,0.2 – 0.3,0.4 meets the edge 1,0 – 0,1; list the corners in order',
        "zones.csv has been changed since you opened it:\n--- zones.csv\n+++ zones.csv",
    ],
)
def test_sentences_put_together_elsewhere_are_known(site: Site, text: str) -> None:
    """Those that no call in the code holds as a whole."""
    told = retold(site.texts, "zh-CN", text)
    assert told
    assert not LATIN_WORDS.search(told)


def test_doubts_about_zones_are_told_in_chinese(site: Site) -> None:
    """What the zone editor warns of before it saves."""
    square = ((0.1, 0.1), (0.4, 0.1), (0.4, 0.4))
    camera = replace(next(iter(site.cameras.values())), duty="07:00-09:00")
    zones = (
        Zone(camera_id=camera.camera_id, zone="门前", role=ZoneRole.FRONTAGE, polygon=square),
        Zone(camera_id=camera.camera_id, zone="夜间", role=ZoneRole.FIRE_LANE, polygon=square, hours="22:00-23:00"),
    )
    bay = Zone(camera_id=camera.camera_id, zone="车位", role=ZoneRole.BIKE_BAY, polygon=square)
    for drawn in (zones, (bay,), ()):
        one = {camera.camera_id: replace(camera, zones=drawn)}
        found = [doubt.problem for doubt in doubts(dataclasses.replace(site, cameras=one))]
        about = [problem for problem in found if camera.camera_id in problem]
        assert len(about) == max(1, len(drawn))
        for problem in about:
            told = retold(site.texts, "zh-CN", problem)
            assert told, problem
            assert not LATIN_WORDS.search(told)


def _message(topic: str, payload: bytes, *, retain: bool = False) -> RawMessage:
    return RawMessage(topic=topic, payload=payload, qos=1, retain=retain, dup=False, received_ms=1_787_000_000_000)


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("nobody/knows", b"{}"),
        ("longcheng/v1/charger/none/telemetry", b"{}"),
        ("longcheng/v1/manhole/m-1/telemetry", b"{}"),
        ("longcheng/v1/charger/charger-01/telemetry", b"{"),
        ("longcheng/v1/charger/charger-01/telemetry", b""),
        ("longcheng/v1/charger/charger-01/telemetry", b'{"a": 1 "b": 2}'),
        ("longcheng/v1/charger/charger-01/telemetry", b'{"a": "'),
        ("longcheng/v1/charger/charger-01/telemetry", b"\xff\xfe"),
        ("longcheng/v1/charger/charger-01/telemetry", b"[]"),
        ("longcheng/v1/charger/charger-01/telemetry", b"[[1, 2, 3]]"),
        ("longcheng/v1/charger/charger-01/telemetry", b'{"metrics": 3}'),
        ("longcheng/v1/charger/charger-01/telemetry", b'{"metrics": {"temp_c": "hot"}}'),
        ("longcheng/v1/charger/charger-01/telemetry", b'{"metrics": {"temp_c": 4000}}'),
        ("longcheng/v1/charger/charger-01/telemetry", b'{"metrics": {"smoke": 7}}'),
        ("longcheng/v1/charger/charger-01/telemetry", b'{"metrics": {"glow": 7}}'),
        ("longcheng/v1/charger/charger-01/telemetry", b'{"metrics": {"temp_c": 4}, "port": 99}'),
        ("longcheng/v1/charger/charger-01/telemetry", b'{"ts": "yesterday", "metrics": {"temp_c": 4}}'),
        ("longcheng/v1/charger/charger-01/status", b'{"state": "asleep"}'),
        ("longcheng/v1/charger/charger-01/status", b'{"state": 3}'),
        ("longcheng/v1/charger/charger-01/status", b"{}"),
        ("longcheng/v1/camera/cam-001/sighting", b'{"look_id": 3}'),
        ("longcheng/v1/camera/cam-001/sighting", b"{"),
        ("longcheng/v1/camera/cam-999/sighting", b"{}"),
    ],
)
def test_what_decoders_refuse_is_told_in_chinese(site: Site, tmp_path: Path, topic: str, payload: bytes) -> None:
    """Also where a library of ours worded a part of it; names, types and values stay as they came."""
    rejects = Decoder(site, KeptBirths(tmp_path / "births.db")).decode(_message(topic, payload), 1).rejects
    assert rejects
    for one in rejects:
        told = retold(site.texts, "zh-CN", one.detail)
        assert told, one.detail
        assert not LATIN_WORDS.search(told), told


def test_what_others_said_is_left_as_it_is(site: Site) -> None:
    """A store's own words, or a value that only looks like one of our sentences, are data."""
    assert retold(site.texts, "zh-CN", "field type conflict: input field temp is type float") is None
    assert retold(site.texts, "en", "the list is empty") is None


def test_values_are_told_as_they_came(site: Site) -> None:
    """Braces of a sender fill nothing, and the end of a sentence in a value does not end it."""
    said = retold(site.texts, "zh-CN", "{name} is outside 3 is not a number")
    assert said == "{name} is outside 3 不是数"


def test_long_and_hostile_texts_cost_nothing(site: Site) -> None:
    """Whoever sends a value of a megabyte, or one made of our own words, gets it shown as it is."""
    assert retold(site.texts, "zh-CN", "a" * 1_000_000) is None
    assert retold(site.texts, "zh-CN", " is not a number" * 200) is not None


def _sources() -> Iterator[tuple[str, str]]:
    demo = load_site("demo")
    for rule in load_rules(demo.rule_files, demo):
        yield rule.id, rule.spec.source or ""
    for plan in demo.plans.all:
        yield plan.id, plan.says.source
        yield from ((f"{plan.id} {name}", one.source) for name, one in plan.says.limits.items() if one.source)
    for name, profile in demo.profiles.items():
        yield from ((f"{name} {rule}", one.source) for rule, one in profile.limits.items() if one.source)


def test_sources_of_shipped_numbers_are_told_in_chinese(site: Site) -> None:
    """On the pages of rules and devices, and in every notice; a site's own words stand as they are."""
    known = list(_sources())
    assert len(known) > 50
    for where, source in known:
        told = retold(site.texts, "zh-CN", source)
        assert told, f"{where}: {source!r} is not in sources.yaml"
        assert "longcheng" not in told
        assert not LATIN_WORDS.search(told), told


@pytest.mark.parametrize(
    ("language", "said"), [("zh-CN", "依据：T/GBC 48-2025（烟雾报警）"), ("en", "from: T/GBC 48-2025 (smoke alarm)")]
)
def test_notices_tell_the_source_in_their_language(site: Site, language: str, said: str) -> None:
    """The text of an alarm goes out to phones, too."""
    demo = load_site("demo")
    rule = next(one for one in load_rules(demo.rule_files, demo) if one.id == "charger-smoke")
    device = next(one for one in demo.devices.values() if one.kind == "charger")
    finding = Finding(
        rule_id=rule.id,
        rule_version=rule.version,
        subject=device.device_id,
        device_id=device.device_id,
        kind="charger",
        severity=Severity.CRITICAL,
        change=Change.RAISED,
        at_ms=0,
        since_ms=0,
        title_zh=rule.spec.title.zh,
        title_en=rule.spec.title.en,
    )
    text = told(finding, rule, demo)
    assert said in (text.text_en if language == "en" else text.text_zh)
