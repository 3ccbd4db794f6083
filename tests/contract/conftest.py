"""An empty store of each kind, for the suites that every store must pass."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.schema import Series
from storage.series.embedded import EmbeddedSeries
from storage.series.influx import InfluxSeries
from storage.series.influx3 import Influx3Series
from storage.series.store import SeriesStore
from tests.fakes.influx import FakeInflux
from tests.fakes.influx3 import FakeInflux3
from tests.fakes.victoria import SeenAtOnce, Victoria, victoria

STORES = [
    "embedded",
    "influx_fake",
    "influx3_fake",
    pytest.param("victoria", marks=pytest.mark.server),
    pytest.param("influx_real", marks=pytest.mark.influx),
]


@pytest.fixture(scope="session")
def victoria_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victoria]:
    """One server for all tests: measurements are new in each."""
    with victoria(tmp_path_factory.mktemp("victoria"), "-dedup.minScrapeInterval=1ms") as server:
        yield server


@pytest.fixture(params=STORES)
def kind(request: pytest.FixtureRequest) -> str:
    """Which store it is: `embedded`, `influx_fake`, …; for the few things that not every server can do."""
    return str(request.param)


@pytest.fixture
def store(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[SeriesStore]:
    """An empty store. In a real server measurements are new, but the bucket need not be."""
    opened: SeriesStore
    match kind:
        case "embedded":
            opened = EmbeddedSeries(tmp_path / "series.db")
            yield opened
            opened.close()
        case "influx_fake":
            with FakeInflux() as fake:
                opened = InfluxSeries(fake.settings())
                yield opened
                opened.close()
        case "influx3_fake":
            with FakeInflux3() as fake3:
                opened = Influx3Series(fake3.settings())
                yield opened
                opened.close()
        case "victoria":
            opened = SeenAtOnce(request.getfixturevalue("victoria_server"))
            yield opened
            opened.close()
        case _:
            names = ("INFLUX_URL", "INFLUX_TOKEN", "INFLUX_ORG", "INFLUX_BUCKET")
            if missing := [name for name in names if not os.environ.get(name)]:
                pytest.fail(f"{', '.join(missing)} not set; -m influx needs a real InfluxDB 2")
            opened = InfluxSeries(Series.model_validate({name.lower(): os.environ[name] for name in names}))
            yield opened
            opened.close()


@pytest.fixture
def m() -> str:
    """A measurement that nobody has written before."""
    return f"tree_{uuid.uuid4().hex}"
