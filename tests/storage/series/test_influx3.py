"""What each answer of InfluxDB 3 means, and what its tables need."""

from collections.abc import Iterator
from itertools import chain, repeat

import pytest

from domain.errors import PointsRejected, StoreRefused, StoreUnavailable
from domain.point import Aggregate, Point
from domain.reading import Value
from storage.series.influx3 import Influx3Series
from tests.fakes.influx import Stumble
from tests.fakes.influx3 import FakeInflux3

T0 = 1_760_000_000_000


@pytest.fixture
def fake() -> Iterator[FakeInflux3]:
    """A fresh server."""
    with FakeInflux3() as server:
        yield server


@pytest.fixture
def influx(fake: FakeInflux3) -> Iterator[Influx3Series]:
    """A store with the right settings."""
    store = Influx3Series(fake.settings())
    yield store
    store.close()


def points(count: int, *, bad: frozenset[int] | set[int] = frozenset(), measurement: str = "tree") -> list[Point]:
    """Points of one device, a second apart; the bad ones have a type that the first does not."""
    return [
        Point(
            measurement=measurement,
            tags=(("device_id", "t"),),
            fields={"a": True if i in bad else 1.0},
            at_ms=T0 + i * 1000,
        )
        for i in range(count)
    ]


def once(fake: FakeInflux3, *answers: Stumble | None) -> None:
    """Let the fake give these answers, and then its own."""
    given: Iterator[Stumble | None] = chain(answers, repeat(None))
    fake.stumble = lambda: next(given)


def test_bad_lines_are_named_and_cost_one_more_request(fake: FakeInflux3, influx: Influx3Series) -> None:
    """400 with a list: all others are stored; the good ones are sent once more to be sure."""
    with pytest.raises(PointsRejected) as caught:
        influx.write(points(1000, bad={3, 77, 999}))
    assert [index for index, _ in caught.value.rejected] == [3, 77, 999]
    assert "invalid column type" in caught.value.rejected[0][1]
    assert fake.writes == [1000, 997]
    assert influx.count() == 997


def test_more_bad_lines_than_an_answer_names(fake: FakeInflux3, influx: Influx3Series) -> None:
    """It names a hundred at most: what is left is sent again until nothing is wrong with it."""
    bad = set(range(1, 500, 2))
    with pytest.raises(PointsRejected) as caught:
        influx.write(points(500, bad=bad))
    assert {index for index, _ in caught.value.rejected} == bad
    assert fake.writes == [500, 400, 300, 250]


def test_a_server_that_takes_all_or_nothing_is_understood_too(fake: FakeInflux3, influx: Influx3Series) -> None:
    """One line instead of a list: nothing is stored, so halves are sent until the culprit stands alone."""
    whole = (
        '{"error": "parsing failed for write_lp endpoint", '
        '"data": {"original_line": "", "line_number": 1, "error_message": "no such line"}}'
    )
    making = (None, None, None)  # no database, make it, make the table
    once(fake, *making, (400, {}, whole), None, (400, {}, whole), (400, {}, whole))
    with pytest.raises(PointsRejected) as caught:
        influx.write(points(4))
    assert caught.value.rejected == ((2, "no such line"),)
    assert influx.count() == 3


def test_a_limit_of_the_catalogue_holds_the_data(fake: FakeInflux3, influx: Influx3Series) -> None:
    """422 is no fault of a line: a person must make room, and then the same write goes through."""
    influx.write(points(1))
    fake.max_tables = 1
    with pytest.raises(StoreRefused, match="number of tables"):
        influx.write(points(3, measurement="charger"))
    fake.max_tables = 2
    influx.write(points(3, measurement="charger"))
    assert influx.count() == 4
    assert "port" in fake.tables["charger"].tags


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((401, {}, '{"error": "the request was not authenticated"}'), StoreRefused),
        ((403, {}, "forbidden"), StoreRefused),
        ((400, {}, "<html>a proxy</html>"), StoreRefused),
        ((400, {}, '{"error": "serde error: invalid precision", "data": null}'), StoreRefused),
        ((200, {}, "<html>a portal</html>"), StoreRefused),
        ((429, {"Retry-After": "3"}, ""), StoreUnavailable),
        ((500, {}, '{"error": "internal error"}'), StoreUnavailable),
        ((503, {}, ""), StoreUnavailable),
    ],
)
def test_what_is_not_about_lines_rejects_none(
    fake: FakeInflux3, influx: Influx3Series, answer: Stumble, error: type[Exception]
) -> None:
    """Hold everything, or try again; then the same points are stored."""
    influx.write(points(1))
    once(fake, answer)
    with pytest.raises(error, match=str(answer[0])):
        influx.write(points(3))
    influx.write(points(3))
    assert influx.count() == 3


def test_a_large_request_is_halved(fake: FakeInflux3, influx: Influx3Series) -> None:
    """413, at 10 MiB unless it was started with another limit."""
    fake.max_body = 400
    influx.write(points(100))
    assert influx.count() == 100


def test_points_with_other_tags_go_into_the_same_table(fake: FakeInflux3, influx: Influx3Series) -> None:
    """A table's tags are fixed when it is made, so it is made with all that our points can carry."""
    look = Point(measurement="camera", tags=(("camera_id", "c"),), fields={"healthy": True}, at_ms=T0)
    zone = Point(measurement="camera", tags=(("camera_id", "c"), ("zone", "z")), fields={"count": 2}, at_ms=T0)
    influx.write([look])
    influx.write([zone])
    assert influx.latest("camera", {"camera_id": "c"}) == {"healthy": (T0, True), "count": (T0, 2)}
    assert list(influx.export(T0, T0 + 1)) == [look, zone]


def test_a_token_that_may_not_make_tables_still_writes(fake: FakeInflux3, influx: Influx3Series) -> None:
    """Then a table gets the tags of its first line; a line with another is named, with the server's reason."""
    fake.may_configure = False
    first, other = points(1)[0], Point(measurement="tree", tags=(("port", "1"),), fields={"a": 1.0}, at_ms=T0)
    with pytest.raises(PointsRejected, match="tag set is immutable") as caught:
        influx.write([first, other])
    assert [index for index, _ in caught.value.rejected] == [1]


def test_a_table_that_another_made_is_taken_as_it_is(fake: FakeInflux3, influx: Influx3Series) -> None:
    """409 is what the second process hears."""
    influx.write(points(1))
    second = Influx3Series(fake.settings())
    second.write(points(2))
    assert second.count() == 2
    second.close()


def test_a_database_nobody_wrote_to_is_empty(fake: FakeInflux3, influx: Influx3Series) -> None:
    """The first write makes it; until then there is nothing to read, and no error."""
    assert influx.latest("tree", {}) == {}
    assert influx.range("tree", "a", {}, 0, T0) == []
    assert influx.count() == 0
    assert list(influx.export(0, T0)) == []


@pytest.mark.parametrize("asked", ["latest", "range", "windows"])
def test_a_tag_that_a_table_does_not_have_matches_nothing(influx: Influx3Series, asked: str) -> None:
    """SQL calls it an error to ask for such a column; for us no point carries it."""
    influx.write(points(1))
    nobody = {"nobody": "x"}
    found: object
    match asked:
        case "latest":
            found = influx.latest("tree", nobody)
        case "range":
            found = influx.range("tree", "a", nobody, T0, T0 + 1)
        case _:
            rows = influx.windows("tree", "a", nobody, T0, T0 + 1, every_ms=1, aggregate=Aggregate.LAST)
            found = [value for _, value in rows if value is not None]
    assert not found


@pytest.mark.parametrize("value", [1.0, 7, True])
def test_the_type_of_a_column_comes_back(influx: Influx3Series, value: Value) -> None:
    """Whatever JSON makes of it."""
    influx.write([Point(measurement="m", tags=(("device_id", "d"),), fields={"v": value}, at_ms=T0)])
    ((_, found),) = influx.range("m", "v", {}, T0, T0 + 1)
    assert (found, type(found)) == (value, type(value))


def test_upkeep_is_the_databases_own(influx: Influx3Series) -> None:
    """It says who lets points go, for it cannot."""
    assert "retention period" in influx.maintain(T0)
