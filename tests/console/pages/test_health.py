"""Health: is the system itself well?"""

import dataclasses
import re

import pytest
from msgspec.structs import replace

from config.load import Site
from config.schema import Backup as BackupSettings
from console.desk.health import Health
from console.desk.vitals import Backup, ModelInUse
from console.pages.spark import levels, rates, spark
from console.vital_signs import Level, Part, read
from domain.clock import ManualClock
from domain.finding import Severity
from domain.service import Trouble, TroubleKind
from tests.console.reader import Client, json_of, text_of
from tests.fakes.desk import WELL, FakeDesk, quiet_desk
from tests.fakes.duty import an_hour


def level_of(site: Site, clock: ManualClock, state: Health, part: Part) -> Level:
    """How a part is, where all else is well."""
    desk = quiet_desk(site, clock.now_ms())
    desk.state = state
    return read(desk, site, clock.now_ms(), whole=True).levels[part]


def test_a_quiet_city_is_well(site: Site, clock: ManualClock) -> None:
    """Every part, where a backup was ever taken."""
    desk = quiet_desk(site, clock.now_ms())
    desk.vital = replace(desk.vital, backup=Backup(taken_ms=clock.now_ms()))
    signs = read(desk, site, clock.now_ms(), whole=True)
    assert set(signs.levels.values()) == {Level.GOOD}
    assert signs.worst is Level.GOOD
    assert Part.PLATFORM not in signs.levels


@pytest.mark.parametrize(
    ("state", "part", "level"),
    [
        (replace(WELL, broker_connected=False), Part.BROKER, Level.CRITICAL),
        (replace(WELL, ingest_paused=True), Part.BROKER, Level.CRITICAL),
        (replace(WELL, journal=replace(WELL.journal, writable=False)), Part.JOURNAL, Level.CRITICAL),
        (replace(WELL, journal=replace(WELL.journal, size=WELL.journal.max_size)), Part.JOURNAL, Level.WARN),
        (replace(WELL, rules_failing=True), Part.RULES, Level.CRITICAL),
        (replace(WELL, rules_problem="rules.yaml:3: no such metric"), Part.RULES, Level.WARN),
        (replace(WELL, store_reachable=False), Part.SERIES, Level.WARN),
        (replace(WELL, store=replace(WELL.store, dropped=4)), Part.SERIES, Level.WARN),
    ],
)
def test_each_part_tells_its_own_trouble(
    site: Site, clock: ManualClock, state: Health, part: Part, level: Level
) -> None:
    """And no other's."""
    assert level_of(site, clock, state, part) is level


def test_a_notice_that_waits_too_long_is_told(site: Site, clock: ManualClock) -> None:
    """A few minutes may pass; then somebody should look."""
    desk = quiet_desk(site, clock.now_ms())
    desk.vital = replace(desk.vital, oldest_notice_ms=clock.now_ms() - 200_000)
    assert read(desk, site, clock.now_ms(), whole=True).levels[Part.NOTICES] is Level.GOOD
    desk.vital = replace(desk.vital, oldest_notice_ms=clock.now_ms() - 400_000)
    assert read(desk, site, clock.now_ms(), whole=True).levels[Part.NOTICES] is Level.WARN


async def test_one_sentence_says_it(client: Client, desk: FakeDesk, clock: ManualClock) -> None:
    """A trouble by its name, since when, and what to do."""
    since_ms = clock.now_ms() - 600_000
    desk.state = replace(
        WELL,
        store_reachable=False,
        troubles=(Trouble(kind=TroubleKind.STORE_AWAY, severity=Severity.WARN, since_ms=since_ms),),
    )
    page = await text_of(client, "/health?lang=en")
    assert "The readings store is away; readings wait in the journal, since 03:02, for 10 min." in page
    assert "What to do" in page
    desk.state = WELL
    assert "with something to look at: Notices, Cameras" in await text_of(client, "/health?lang=en")


async def test_words_stand_beside_every_colour(client: Client) -> None:
    """A person who sees no colours reads how each part is."""
    page = await text_of(client, "/health?lang=en")
    assert page.count('class="word"') == page.count("stage-state")


async def test_the_last_hour_is_a_line(client: Client, desk: FakeDesk, clock: ManualClock) -> None:
    """With its highest in words."""
    assert "<polyline" not in await text_of(client, "/health")
    desk.vital = replace(desk.vital, beats=an_hour(clock.now_ms()))
    page = await text_of(client, "/health?lang=en")
    assert page.count("<polyline") == 3
    assert "last hour, at most 119 messages/s" in page


def test_lines_are_of_rates_and_levels(clock: ManualClock) -> None:
    """A count that began anew is no storm of negatives."""
    beats = an_hour(clock.now_ms())
    assert rates(beats, "received")[:3] == [1.0, 3.0, 5.0]
    assert max(levels(beats, "lag_rules")) == 4.0
    restarted = (*beats, replace(beats[-1], at_ms=beats[-1].at_ms + 60_000, received=0))
    assert rates(restarted, "received")[-1] == 0.0
    assert spark([1.0]) is None


async def test_the_same_as_data(client: Client, desk: FakeDesk) -> None:
    """The same level, part by part."""
    desk.state = replace(WELL, store_reachable=False)
    told = await json_of(client, "/api/v1/health")
    assert told["level"] == "warn"
    assert {"part": "series", "level": "warn"} in told["stages"]
    assert told["series"]["reachable"] is False
    assert told["dead_letters"] == 3


def expecting(site: Site, every: str | None) -> Site:
    """The site with backups so often."""
    settings = site.settings.model_copy(update={"backup": BackupSettings.model_validate({"expected_every": every})})
    return dataclasses.replace(site, settings=settings)


@pytest.mark.parametrize(
    ("every", "age_s", "level"),
    [
        (None, None, Level.WARN),
        (None, 1_000_000, Level.GOOD),
        ("24h", None, Level.WARN),
        ("24h", 80_000, Level.GOOD),
        ("24h", 90_000, Level.WARN),
    ],
)
def test_a_backup_that_is_missing_is_told(
    site: Site, clock: ManualClock, every: str | None, age_s: int | None, level: Level
) -> None:
    """None at all, whatever is expected; or one that is older than it may be."""
    desk = quiet_desk(site, clock.now_ms())
    backup = None if age_s is None else Backup(taken_ms=clock.now_ms() - age_s * 1000)
    desk.vital = replace(desk.vital, backup=backup)
    signs = read(desk, expecting(site, every), clock.now_ms(), whole=True)
    assert signs.levels[Part.BACKUP] is level
    assert Part.BACKUP not in read(desk, site, clock.now_ms(), whole=False).levels


@pytest.mark.parametrize(("language", "said"), [("en", "What to do"), ("zh-CN", "怎么办")])
async def test_who_never_took_a_backup_is_told_how(
    client: Client, desk: FakeDesk, clock: ManualClock, language: str, said: str
) -> None:
    """With the command; once one is there, and none is due, there is nothing to do."""
    stage = await backup_stage(client, language)
    assert 'class="stage warn"' in stage
    assert said in stage
    assert "longcheng backup --to" in stage
    assert (await json_of(client, "/api/v1/health"))["backup_late"] is True
    desk.vital = replace(desk.vital, backup=Backup(taken_ms=clock.now_ms() - 60_000))
    desk.touch()
    stage = await backup_stage(client, language)
    assert 'class="stage good"' in stage
    assert said not in stage


async def backup_stage(client: Client, language: str) -> str:
    """What the page says of backups."""
    page = await text_of(client, f"/health?lang={language}")
    (stage,) = re.findall(r'<li class="stage \w+" data-key="stage-backup">.*?</li>', page, re.DOTALL)
    return str(stage)


async def test_the_newest_backup_and_the_models_in_use(client: Client, desk: FakeDesk, clock: ManualClock) -> None:
    """With hash and labels, and whether the settings name them; on the page, over the API, and for Prometheus."""
    page = await text_of(client, "/health?lang=en")
    assert "none was taken yet" in page
    assert 'data-key="stage-models"' not in page
    taken_ms, sha = clock.now_ms() - 3 * 86_400_000, "0123456789ab" + "c" * 52
    model = ModelInUse(
        watch="north", name="own.onnx", sha256=sha, labels=("bicycle", "goods"), since_ms=taken_ms, named=False
    )
    desk.vital = replace(
        desk.vital,
        backup=Backup(taken_ms=taken_ms, to="/backups/a.tar", size=5 << 20, without=("series",)),
        models=(model,),
    )
    page = await text_of(client, "/health?lang=en")
    for said in ("/backups/a.tar", "3 days ago (", "5.0 MiB", "not yet", "own.onnx", ">0123456789ab<", sha):
        assert said in page, said
    assert "knows 2 classes" in page
    assert "The settings name another model" in page
    told = await json_of(client, "/api/v1/health")
    assert (told["backup"]["to"], told["backup"]["without"], told["backup_late"]) == (
        "/backups/a.tar",
        ["series"],
        False,
    )
    assert told["models"][0]["labels"] == ["bicycle", "goods"]
    assert {"part": "models", "level": "warn"} in told["stages"]
    metrics = await text_of(client, "/metrics")
    (newest,) = re.findall(r"(?m)^longcheng_backup_timestamp_seconds (.+)$", metrics)
    assert float(newest) == taken_ms / 1000
    assert "longcheng_backup_expected_seconds" not in metrics
