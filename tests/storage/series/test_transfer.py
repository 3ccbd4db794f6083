"""Points out of one store, through a file, into another: the same points."""

import gzip
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import StoreUnavailable, TransferError
from domain.point import Point
from domain.reading import Value
from storage.series.embedded import EmbeddedSeries
from storage.series.transfer import export_file, import_file

T0, END = 1_760_000_000_000, 4_102_444_800_000
ENDINGS = ("parquet", "lp", "lp.gz")
TAGS = {"device_id": "t"}
Open = Callable[[str], EmbeddedSeries]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Open]:
    """Opens stores by name, and closes them."""
    with ExitStack() as opened:
        yield lambda name: opened.enter_context(closing(EmbeddedSeries(tmp_path / f"{name}.db")))


def point(at_ms: int = T0, *, m: str = "tree", tags: dict[str, str] = TAGS, **fields: Value) -> Point:
    """A point of one device."""
    return Point(measurement=m, tags=tuple(sorted(tags.items())), fields=fields, at_ms=at_ms)


def everything(store: EmbeddedSeries) -> list[tuple[object, ...]]:
    """All points, with the types of their values."""
    return sorted(
        (one.measurement, one.tags, one.at_ms, sorted((name, type(v).__name__, v) for name, v in one.fields.items()))
        for one in store.export(0, END)
    )


def name_of(alphabet: str) -> st.SearchStrategy[str]:
    """Names and tag values that are hard to write down, but allowed."""
    return st.text(alphabet, min_size=1, max_size=6).filter(
        lambda text: not text.startswith(("_", "#")) and not text.endswith("\\") and text != "time"
    )


HARD = "ab ,=\\\"树'{}:"
NAMES = name_of(HARD) | st.sampled_from(["measurement", "f:double", "Time"])
FIELDS = st.dictionaries(
    NAMES,
    st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(1 << 63), (1 << 63) - 1) | st.booleans(),
    min_size=1,
    max_size=4,
)
POINTS = st.lists(
    st.builds(
        lambda m, tags, fields, at: point(T0 + at, m=m, tags=tags, **fields),
        name_of(HARD),
        st.dictionaries(NAMES, name_of(HARD), max_size=3),
        FIELDS,
        st.integers(0, 9),
    ).filter(lambda one: "m" not in one.fields),
    min_size=1,
    max_size=12,
)


def of_one_type(points: list[Point]) -> list[Point]:
    """Those whose fields have the type that they had before."""
    types: dict[tuple[str, str], type[Value]] = {}
    return [
        one
        for one in points
        if all(types.setdefault((one.measurement, name), type(v)) is type(v) for name, v in one.fields.items())
    ]


@settings(max_examples=40)
@given(points=POINTS, ending=st.sampled_from(ENDINGS))
def test_a_file_brings_back_every_point_as_it_was(points: list[Point], ending: str) -> None:
    """Names, tags, times to the millisecond, floats to the last bit, and no type changed, however odd the names."""
    with tempfile.TemporaryDirectory() as folder:
        one, two = EmbeddedSeries(Path(folder) / "one.db"), EmbeddedSeries(Path(folder) / "two.db")
        kept = of_one_type(points)
        one.write(kept)
        path = Path(folder) / f"all.{ending}"
        done = export_file(one, path, start_ms=0, stop_ms=END)
        for _ in range(2):
            read = import_file(two, path)
            assert (read.points, read.stored, read.rejected) == (done.points, done.points, 0)
        assert everything(two) == everything(one)
        assert done.values == one.count()
        one.close()
        two.close()


@pytest.mark.parametrize("ending", ENDINGS)
def test_time_and_measurement_choose_what_is_exported(store: Open, tmp_path: Path, ending: str) -> None:
    """Start counts, stop doesn't; other measurements stay out; nothing at all is a file too."""
    one, path = store("one"), tmp_path / f"some.{ending}"
    one.write([point(T0 + i, m=m, a=1.0) for i in range(4) for m in ("tree", "charger")])
    done = export_file(one, path, start_ms=T0 + 1, stop_ms=T0 + 3, measurements={"tree"})
    assert (done.points, done.values, done.size_bytes) == (2, 2, path.stat().st_size)
    before = path.read_bytes()
    nothing = export_file(one, path, start_ms=0, stop_ms=1)
    assert (nothing.points, nothing.size_bytes, path.read_bytes()) == (0, 0, before)
    assert [file.name for file in tmp_path.glob("*.part")] == []


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_the_store_will_not_take_is_counted_and_kept(store: Open, tmp_path: Path, ending: str) -> None:
    """A field of another type: the point stands in the file of the rejected with the reason, all others are stored."""
    one, two, path = store("one"), store("two"), tmp_path / f"all.{ending}"
    one.write([point(T0 + i, tags={"device_id": str(i)}, **({"a": 1.0} if i else {"b": 7})) for i in range(3)])
    two.write([point(b=1.0)])
    export_file(one, path, start_ms=0, stop_ms=END)
    done = import_file(two, path)
    assert (done.points, done.stored, done.rejected) == (3, 2, 1)
    reason, line = Path(done.rejected_file or "").read_text().splitlines()
    assert reason.startswith("# field type conflict")
    assert line == f"tree,device_id=0 b=7i {T0}"
    assert import_file(store("three"), path).rejected_file is None
    assert not (tmp_path / f"all.{ending}.rejected.lp").exists()


def test_lines_of_others_are_read(store: Open, tmp_path: Path) -> None:
    """Tags in any order, comments, all ways to write a boolean, nanoseconds; a bad line costs only itself."""
    path = tmp_path / "theirs.lp.gz"
    lines = [
        "# from elsewhere",
        "",
        f"tree,site=s,device=d a=1,on=T,n=3i,u=4u {T0}123456",
        f'tree,device=d text="a, b = c",a=2 {T0}000000',
        "tree a=1",
        "tree,device=d a=nan 5",
        "tree,device= a=1 5",
        f"tree,device=d a=3 {T0 + 1}000000\r",
    ]
    with gzip.open(path, "wt") as file:
        file.write("\n".join(lines))
    one = store("one")
    done = import_file(one, path, precision="ns")
    assert (done.points, done.stored, done.rejected) == (6, 2, 4)
    found = one.latest("tree", {"site": "s"})
    assert found == {"a": (T0, 1.0), "on": (T0, True), "n": (T0, 3), "u": (T0, 4)}
    said = Path(done.rejected_file or "").read_text()
    for part in ("'text' is a text", "has no time", "must be a finite number", "is not key=value", lines[3]):
        assert part in said


class _Gone(EmbeddedSeries):
    """A store that goes away after its first batches."""

    batches = 2

    def write(self, points: object) -> None:
        """Fail as a server that is stopped does."""
        self.batches -= 1
        if self.batches < 0:
            raise StoreUnavailable("gone")
        super().write(points)  # type: ignore[arg-type]


def test_an_interrupted_import_is_run_again(store: Open, tmp_path: Path) -> None:
    """It stops with the store's own error; the second run completes it, with every point there once."""
    one, path = store("one"), tmp_path / "all.lp"
    one.write([point(T0 + i, a=float(i)) for i in range(12_000)])
    seen: list[tuple[int, float | None]] = []
    export_file(one, path, start_ms=0, stop_ms=END, progress=lambda points, share: seen.append((points, share)))
    assert [points for points, _ in seen] == [5000, 10_000, 12_000]
    gone = _Gone(tmp_path / "two.db")
    with pytest.raises(StoreUnavailable):
        import_file(gone, path)
    assert gone.count() == 10_000
    gone.close()
    two = store("two")
    assert import_file(two, path, progress=lambda points, share: seen.append((points, share))).stored == 12_000
    assert seen[-1] == (12_000, 1.0)
    assert two.count() == 12_000


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_has_its_name_only_when_it_is_whole(tmp_path: Path, ending: str) -> None:
    """An export that is broken off leaves the former file as it was, and no rubbish."""
    one, path = EmbeddedSeries(tmp_path / "one.db"), tmp_path / "out" / f"all.{ending}"
    one.write([point(T0 + i, a=float(i)) for i in range(6000)])
    path.parent.mkdir()
    path.write_text("the former one")

    def stop(points: int, _share: float | None) -> None:
        if points > 5000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_file(one, path, start_ms=0, stop_ms=END, progress=stop)
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert path.read_text() == "the former one"
    one.close()


def test_names_and_places_that_cannot_be(store: Open, tmp_path: Path) -> None:
    """The message names the file and what is allowed."""
    with pytest.raises(TransferError, match=r"all\.csv .* \.parquet, \.lp, \.lp\.gz"):
        export_file(store("one"), tmp_path / "all.csv", start_ms=0, stop_ms=END)
    with pytest.raises(TransferError, match="is not there"):
        import_file(store("one"), tmp_path / "none.lp")
    with pytest.raises(TransferError, match="cannot be written"):
        export_file(store("one"), tmp_path / "one.db" / "x.lp", start_ms=0, stop_ms=END)
    with pytest.raises(TransferError, match=r"there is no folder .*/nowhere$"):
        export_file(store("one"), tmp_path / "nowhere" / "x.lp", start_ms=0, stop_ms=END)
    assert not (tmp_path / "nowhere").exists()
