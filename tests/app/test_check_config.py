"""What people get wrong when they connect devices of their own: each is told with its file and line."""

import shutil
from pathlib import Path

import pytest

from app.__main__ import check_config
from config.load import SHARED
from domain.errors import ConfigError

FEED = """
ingest:
  feeds:
    lora: {format: chirpstack}
    acme:
      format: mapping
      topics:
        - "acme/{address}/up"
        - "acme/{address}/more"
      envelope:
        time: ts
"""
PROFILE = """\
profiles:
  cover:
    kind: manhole
    interval: 5m
    zh: 井盖
    en: manhole cover
    metrics:
      - tilt_deg
    fields:
      level: water_cm
      deep: {metric: water_cm, scale: 0.1}
    checks:
      water_cm: {max_step: 5}
"""
METRICS = """\
metrics:
  water_cm: {type: float, unit: cm, min: 0, max: 500, zh: 水位, en: water}
"""
DEVICES = """\
device_id,profile,name,district,sub_district,road,lon_deg,lat_deg,ports,baseline,address,gateway
a,cover,a,d,s,r,119.9,31.7,0,,70b3d5,
b,cover,b,d,s,r,119.9,31.7,0,,70b3d6,a
c,cover,c,d,s,r,119.9,31.7,0,,70b3d7,b
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site with a feed, a profile, a metric and a register of its own, all of them right."""
    folder = tmp_path / "sites" / "mine"
    shutil.copytree(SHARED / "sites" / "starter", folder)
    shutil.copytree(SHARED / "rules", tmp_path / "rules")
    with (folder / "site.yaml").open("a", encoding="utf-8") as file:
        file.write(FEED)
    for name, text in (("profiles.yaml", PROFILE), ("metrics.yaml", METRICS), ("devices.csv", DEVICES)):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def told(site: Path) -> str:
    """What `check-config` says about it."""
    with pytest.raises(ConfigError) as wrong:
        check_config(str(site))
    return str(wrong.value)


def test_the_site_is_right(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Until something is spoilt."""
    check_config(str(site))
    assert "起步站点" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("file", "good", "bad", "at", "says"),
    [
        ("site.yaml", "acme/{address}/more", "acme/manhole/#/up", "acme/manhole", "has no {address}, and the envelope"),
        ("site.yaml", "/more", "/#/up", "#/up", "ingest.feeds.acme: the topic 'acme/{address}/#/up' is no filter"),
        ("site.yaml", "acme/{address}/more", "{address}/{address}", "{address}/{address}", "has {address} twice"),
        ("site.yaml", "acme/{address}/more", "longcheng/v1/{address}", "v1/{address}", "below our own root"),
        (
            "site.yaml",
            "{format: chirpstack}",
            "{format: chirpstack, topics: [a/b]}",
            "chirpstack",
            "end with the event",
        ),
        (
            "site.yaml",
            "{format: chirpstack}",
            "{format: mapping, topics: [a]}",
            "lora",
            "write envelope: {…}; may be {}",
        ),
        ("site.yaml", "{format: chirpstack}", "{format: tts, envelope: {}}", "lora", "only a mapping has an envelope"),
        ("site.yaml", "time: ts", "time: .ts", "envelope", "ingest.feeds.acme: envelope.time: '.ts' is no path"),
        ("profiles.yaml", "- tilt_deg", "- tilt", "- tilt", "profile 'cover' names the metric 'tilt' in metrics"),
        ("profiles.yaml", "level: water_cm", "level: water_mm", "level", "the metric 'water_mm' in fields"),
        ("profiles.yaml", "{metric: water_cm", "{metric: water_mm", "deep", "the metric 'water_mm' in fields"),
        ("profiles.yaml", "water_cm: {max", "water_mm: {max", "max_step", "the metric 'water_mm' in checks"),
        ("profiles.yaml", "scale: 0.1", "scale: ten", "deep", "cover.fields.deep.scale is 'ten'; it must be a number"),
        (
            "profiles.yaml",
            "level: water_cm",
            "level: 7",
            "level",
            "level is 7: write the name of a metric, or {metric:",
        ),
        (
            "profiles.yaml",
            "{metric: water_cm, scale",
            "{scale",
            "deep",
            "'profiles.cover.fields.deep.metric' is missing",
        ),
        ("profiles.yaml", "scale: 0.1", "factor: 0.1", "deep", "unknown key 'profiles.cover.fields.deep.factor'"),
        ("metrics.yaml", "min: 0", "min: 900", "water_cm", "metrics.water_cm: min is 900, which is more than max, 500"),
        (
            "devices.csv",
            "70b3d7",
            "70b3d5",
            "c,",
            "device 'c' has the address '70b3d5', which 'a' on line 2 has already",
        ),
        (
            "devices.csv",
            "70b3d6,a",
            "70b3d6,x",
            "b,",
            "device 'b' names the gateway 'x', which is no other device here",
        ),
        ("devices.csv", "70b3d5,", "70b3d5,c", "a,", "device 'a' is, by way of others, its own gateway"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(
    site: Path, file: str, good: str, bad: str, at: str, says: str
) -> None:
    """The line is the last one that has `at` in it; nothing is said beside it."""
    path = site / file
    text = path.read_text(encoding="utf-8")
    assert text.count(good) == 1
    path.write_text(text.replace(good, bad), encoding="utf-8")
    line = max(number for number, one in enumerate(path.read_text(encoding="utf-8").split("\n"), 1) if at in one)

    said = told(site)

    assert said.startswith(f"{path.resolve()} line {line}: ")
    assert says in said
    assert "more)" not in said
