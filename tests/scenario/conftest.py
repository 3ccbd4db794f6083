"""What the stories share: a broker for each file of them, a store for each."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fakes.brokers import Mosquitto, mosquitto
from tests.fakes.victoria import Victoria, victoria
from tests.scenario.stage import Stage
from tests.scenario.stores import Store

Build = Callable[..., Stage]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """A real mosquitto."""
    with mosquitto(tmp_path_factory.mktemp("broker")) as running:
        yield running


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Victoria]:
    """A real VictoriaMetrics, started as the manual says."""
    with victoria(tmp_path, "-dedup.minScrapeInterval=1ms") as running:
        yield running


@pytest.fixture
def build(tmp_path: Path, broker: Mosquitto) -> Iterator[Build]:
    """Builds a stage; its devices leave in the end."""
    built: list[Stage] = []

    def make(store: Store | None = None, *, at: Mosquitto | None = None, **files: object) -> Stage:
        # A name of its own: the broker keeps the sessions of others.
        folder = tmp_path / f"{tmp_path.name}-{len(built)}"
        built.append(Stage(folder, at or broker, store, **files))
        return built[-1]

    yield make
    for stage in built:
        stage.close()
