"""Which files are models that can be used, and what is said of the others."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from domain.errors import ConfigError
from tests.vision.detectors.networks import NAMES, network
from vision.detectors.network import read_network
from vision.detectors.openvino import OpenVino
from vision.detectors.outputs import OutputKind

ONE = [[32.0, 32.0, 20.0, 20.0, 0.1, 0.9]]
RAW = [[32.0], [32.0], [20.0], [20.0], [0.1], [0.9]]
GREY = np.full((64, 64, 3), 114, np.uint8)


def test_a_free_batch_and_a_free_size_are_fixed(tmp_path: Path) -> None:
    """Exports with `dynamic=True`: one picture at a time, in the size of the export."""
    path = network(tmp_path / "free.xml", RAW, shape=[1, 6, 1], takes=(-1, 3, -1, -1), imgsz="[96, 128]")
    assert read_network(path).input_size == (128, 96)
    detector = OpenVino(path, 1)
    assert [(thing.label, round(thing.score, 3)) for thing in detector.detect(GREY)] == [("bicycle", 0.9)]


def test_half_precision_is_read(tmp_path: Path) -> None:
    """Exports with `half=True` take and give 16-bit numbers."""
    path = network(tmp_path / "half.xml", RAW, shape=[1, 6, 1], half=True)
    assert [(thing.label, round(thing.score, 2)) for thing in OpenVino(path, 1).detect(GREY)] == [("bicycle", 0.9)]


def test_the_folder_of_an_openvino_export_is_a_model(tmp_path: Path) -> None:
    """Its metadata.yaml says what the .xml does not; folder and .xml are the same model."""
    folder = tmp_path / "best_openvino_model"
    folder.mkdir()
    path = network(folder / "best.xml", ONE, shape=[1, 1, 6], names=None)
    (folder / "metadata.yaml").write_text("task: detect\nimgsz: [64, 64]\nnames:\n  0: person\n  1: bicycle\n")
    assert read_network(folder).names == read_network(path).names == ("person", "bicycle")
    assert read_network(folder).output is OutputKind.END_TO_END
    assert OpenVino(folder, 1).model == "best_openvino_model"


def test_the_hash_is_of_the_weights_too(tmp_path: Path) -> None:
    """Two models of one graph and other weights are not the same model."""
    path = network(tmp_path / "a.xml", ONE, shape=[1, 1, 6])
    before = read_network(path).sha256
    weights = path.with_suffix(".bin")
    weights.write_bytes(weights.read_bytes().replace(np.float32(20).tobytes(), np.float32(21).tobytes()))
    assert read_network(path).sha256 != before


def _broken(folder: Path) -> Path:
    (folder / "broken.onnx").write_bytes(b"not a model")
    return folder / "broken.onnx"


def _other(folder: Path) -> Path:
    (folder / "notes.txt").write_bytes(b"not a model")
    return folder / "notes.txt"


def _without_weights(folder: Path) -> Path:
    path = network(folder / "lost.xml", ONE, shape=[1, 1, 6])
    path.with_suffix(".bin").unlink()
    return path


def _two_graphs(folder: Path) -> Path:
    for name in ("a.xml", "b.xml"):
        network(folder / name, ONE, shape=[1, 1, 6])
    return folder


def _wrong(**how: object) -> Callable[[Path], Path]:
    return lambda folder: network(folder / "wrong.xml", ONE, **({"shape": [1, 1, 6]} | how))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda folder: folder / "none.onnx", "there is no such file"),
        (_broken, "OpenVINO cannot read this file: Model can't be parsed"),
        (_other, r"name ends in '\.txt'; a model is an \.onnx, an \.xml with its \.bin"),
        (_without_weights, r"its weights are not there: lost\.bin belongs beside it"),
        (_two_graphs, r"the folder holds 2 \.xml files"),
        (_wrong(names=None), "metadata 'names' is None; it must be written as"),
        (_wrong(names="bicycle"), "metadata 'names' is 'bicycle'"),
        (_wrong(names="{1: 'bicycle'}"), "metadata 'names' is {1: 'bicycle'}"),
        (_wrong(task="segment"), "task is 'segment'; it must be 'detect'"),
        (_wrong(task="classify"), "task is 'classify'; it must be 'detect'"),
        (_wrong(outputs=2), "1 inputs and 2 outputs"),
        (_wrong(shape=[1, 6, 1], names="{0: 'car', 1: 'bus', 2: 'cat'}"), r"with 3 classes it must be \[1, 7, n\]"),
        (_wrong(shape=[6]), r"the output is .*; with 2 classes it must be \[1, 6, n\]"),
        (_wrong(takes=(1, 1, 64, 64)), r"the input is \[1,1,64,64\]; it must be \[1, 3, height, width\]"),
        (_wrong(takes=(1, 3, -1, -1)), r"it must be \[1, 3, height, width\]"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(
    tmp_path: Path, make: Callable[[Path], Path], problem: str
) -> None:
    """Each message names the file and what is expected."""
    path = make(tmp_path)
    with pytest.raises(ConfigError, match=problem) as caught:
        OpenVino(path, 1)
    assert caught.value.path == path


def test_junk_makes_no_noise(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Of a file that is no model the reason is told, and nothing else: no library tries it as another format."""
    with pytest.raises(ConfigError):
        read_network(_broken(tmp_path))
    assert capfd.readouterr() == ("", "")


def test_a_turned_output_is_recognised(tmp_path: Path) -> None:
    """[1, n, 4 + classes] has its boxes in rows: a common mistake of exports by hand."""
    path = network(tmp_path / "turned.xml", [[0] * 7] * 9, shape=[1, 9, 7], names=NAMES.replace("}", ", 2: 'car'}"))
    with pytest.raises(ConfigError, match="it is turned: export it anew, without a transpose"):
        read_network(path)


def test_a_model_that_gives_no_numbers_is_refused(tmp_path: Path) -> None:
    """No comparison holds for NaN: it would find nothing anywhere, and every street would be clear."""
    path = network(tmp_path / "nan.xml", [[float("nan")] * 6], shape=[1, 1, 6])
    with pytest.raises(ConfigError, match="holds values that are no numbers"):
        OpenVino(path, 1)
