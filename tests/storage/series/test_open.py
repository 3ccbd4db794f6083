"""Which store a site gets."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.schema import Series
from domain.errors import StoreRefused, StoreUnavailable
from domain.point import Point
from storage.series.embedded import EmbeddedSeries
from storage.series.influx import InfluxSeries
from storage.series.influx3 import Influx3Series
from storage.series.open import UnknownInflux, open_store
from storage.series.store import SeriesStore
from storage.series.victoria import VictoriaSeries
from tests.fakes.answering import Answering, Reply, Request
from tests.fakes.influx import FakeInflux
from tests.fakes.influx3 import FakeInflux3

NOWHERE = "http://127.0.0.1:1"
INFLUX = {"influx_url": NOWHERE, "influx_token": "t", "influx_org": "o", "influx_bucket": "b"}
POINT = Point(measurement="tree", tags=(("device_id", "t"),), fields={"a": 1.0}, at_ms=1_760_000_000_000)


@contextmanager
def opened(settings: Series, folder: Path) -> Iterator[SeriesStore]:
    """The store, closed afterwards."""
    store = open_store(settings, folder / "series.db")
    try:
        yield store
    finally:
        store.close()


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({}, EmbeddedSeries),
        ({"store": "embedded", "victoria_url": NOWHERE}, EmbeddedSeries),
        (INFLUX, UnknownInflux),
        ({**INFLUX, "store": "influx2"}, InfluxSeries),
        ({"store": "influx3", "influx_url": NOWHERE, "influx_bucket": "b"}, Influx3Series),
        ({"victoria_url": NOWHERE}, VictoriaSeries),
        ({**INFLUX, "store": "victoria", "victoria_url": NOWHERE}, VictoriaSeries),
    ],
)
def test_the_settings_say_which_store_it_is(tmp_path: Path, settings: dict[str, str], kind: type) -> None:
    """A url alone is enough; `store` says it where two are set. Nothing is connected to."""
    with opened(Series.model_validate(settings), tmp_path) as store:
        assert type(store) is kind


def test_an_influxdb_is_asked_for_its_version(tmp_path: Path) -> None:
    """The same settings write to a 2 and to a 3, each by its own rules."""
    with FakeInflux() as two, opened(two.settings(), tmp_path) as store:
        store.write([POINT])
        assert store.reachable()
        assert len(two.points) == 1
    with FakeInflux3() as three, opened(three.settings(store="auto", influx_org="any"), tmp_path) as store:
        store.write([POINT])
        assert store.latest("tree", {}) == {"a": (POINT.at_ms, 1.0)}
        assert "database" in store.maintain(POINT.at_ms)


class DownAtFirst(FakeInflux):
    """A server behind a gateway that cannot reach it yet."""

    down = True

    def reply(self, request: Request) -> Reply:
        """The gateway's answer, or the server's."""
        return Reply(status=503) if self.down else super().reply(request)


def test_a_server_that_is_down_at_first_is_asked_later(tmp_path: Path) -> None:
    """It stops no start: until it answers the store is unavailable, and then it works."""
    with DownAtFirst() as fake, opened(fake.settings(), tmp_path) as store:
        assert not store.reachable()
        with pytest.raises(StoreUnavailable, match="503"):
            store.write([POINT])
        fake.down = False
        store.write([POINT])
        assert store.reachable()
        assert store.latest("tree", {}) == {"a": (POINT.at_ms, 1.0)}


class Says(Answering):
    """Answers `/ping` and `/health` with what it is given."""

    def __init__(self, ping: Reply, health: Reply) -> None:
        super().__init__()
        self.given = {"/ping": ping, "/health": health}

    def reply(self, request: Request) -> Reply:
        """The answer to a request."""
        return self.given.get(request.path, Reply(status=404))


@pytest.mark.parametrize(
    ("ping", "health", "error", "said"),
    [
        (Reply(status=204, headers={"X-Influxdb-Version": "1.8.0"}), Reply(), StoreRefused, "victoria_url"),
        (Reply(body="<html>"), Reply(body="<html>"), StoreRefused, "set series.store to influx2 or influx3"),
        (Reply(status=401), Reply(status=401), StoreRefused, "/ping answered 401"),
        (Reply(status=502, body="bad gateway"), Reply(status=502), StoreUnavailable, "502"),
    ],
)
def test_what_does_not_say_a_known_version_is_written_nothing(
    tmp_path: Path, ping: Reply, health: Reply, error: type[Exception], said: str
) -> None:
    """Points are held, and the error says what to set; a gateway in trouble is only waited for."""
    with Says(ping, health) as server:
        settings = Series.model_validate(INFLUX | {"influx_url": server.url})
        with opened(settings, tmp_path) as store, pytest.raises(error, match=said):
            store.write([POINT])


def test_health_alone_tells_the_version(tmp_path: Path) -> None:
    """Where a proxy takes headers away."""
    with Says(Reply(status=204), Reply(body='{"status": "pass", "version": "v2.7.1"}')) as server:
        settings = Series.model_validate(INFLUX | {"influx_url": server.url})
        with opened(settings, tmp_path) as store:
            assert store.reachable()


def test_nobody_listening_is_not_reachable(tmp_path: Path) -> None:
    """For each kind of server."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        for wanted in (
            INFLUX | {"influx_url": url, "store": "influx2"},
            INFLUX | {"influx_url": url, "store": "influx3"},
            {"victoria_url": url},
        ):
            with opened(Series.model_validate(wanted), tmp_path) as store:
                assert not store.reachable()
                with pytest.raises(StoreUnavailable, match="does not answer"):
                    store.count()
