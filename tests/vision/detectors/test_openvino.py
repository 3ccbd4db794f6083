"""The OpenVINO detector."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import openvino
import pytest
from openvino import opset13 as ops

from config.schema import Vision
from domain.errors import ConfigError
from tests.vision.scenes import road, street
from vision.detectors import DETECTORS, SHIPPED, open_detector
from vision.detectors.openvino import OpenVino
from vision.memory import Detection

NAMES = "{0: 'person', 1: 'bicycle'}"


def found(detections: tuple[Detection, ...], label: str, size: tuple[int, int]) -> list[list[int]]:
    """The boxes of a class that score at least 0.4, in pixels."""
    width, height = size
    return [
        [round(share * side) for share, side in zip(thing.box, (width, height, width, height), strict=True)]
        for thing in detections
        if thing.label == label and thing.score >= 0.4
    ]


def model(path: Path, rows: list[list[float]], *, shape: list[int], names: str | None = NAMES, task: str = "") -> Path:
    """A model that always answers the same, in OpenVINO's own format."""
    images = ops.parameter([1, 3, 64, 64], np.float32, name="images")
    nothing = ops.multiply(ops.reduce_sum(images, np.array([0, 1, 2, 3])), np.float32(0))
    answer = ops.add(ops.constant(np.array(rows, np.float32).reshape(shape)), nothing)
    network = openvino.Model([answer], [images])
    if names is not None:
        network.set_rt_info(names, ["framework", "names"])
    if task:
        network.set_rt_info(task, ["framework", "task"])
    openvino.save_model(network, path, compress_to_fp16=False)
    return path


def test_it_finds_the_bicycles_and_only_where_they_are(detector: OpenVino) -> None:
    """Three in the street photograph, as Ultralytics finds them with the same weights; none once they are gone."""
    bicycles = found(detector.detect(street()), "bicycle", (751, 563))
    assert bicycles == [[138, 393, 258, 473], [192, 395, 266, 461], [136, 404, 203, 473]]
    assert found(detector.detect(street("clear")), "bicycle", (751, 563)) == []


def test_it_finds_the_parked_car_and_people(detector: OpenVino) -> None:
    """Best first; every box within the picture."""
    detections = detector.detect(road()[0])
    assert found(detections, "car", (768, 576))[0] == [735, 50, 768, 95]
    assert len(found(detections, "person", (768, 576))) >= 3
    assert [thing.score for thing in detections] == sorted((thing.score for thing in detections), reverse=True)
    assert all(0 <= share <= 1 for thing in detections for share in thing.box)


def test_threads_share_it(detector: OpenVino) -> None:
    """Four threads at once get the answers that one gets."""
    pictures = [street(), street("clear"), *road()[:4]]
    alone = [detector.detect(picture) for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(detector.detect, pictures * 3)) == alone * 3


def test_the_model_is_named_and_hashed(detector: OpenVino) -> None:
    """Every look quotes them; the hash is the one in the models' README."""
    assert detector.model == "nanodet-g-416.onnx"
    assert detector.model_sha256 in (SHIPPED.parent / "README.md").read_text()


def test_settings_choose_the_model(tmp_path: Path) -> None:
    """Without one the shipped one; with one that one."""
    path = model(tmp_path / "mine.xml", [[0] * 6], shape=[1, 1, 6])
    assert open_detector(Vision(model=path)).model == "mine.xml"
    assert set(DETECTORS) == {"openvino"}


def test_an_end_to_end_output_is_read(tmp_path: Path) -> None:
    """[1, n, 6]: corners, score, class. Boxes come back out of the letterbox of a picture twice as wide as high."""
    rows = [[16, 24, 48, 40, 0.9, 1], [0, 16, 64, 48, 0.3, 0], [1, 1, 2, 2, 0.1, 0]]
    detector = OpenVino(model(tmp_path / "e2e.xml", rows, shape=[1, 3, 6]), 1)
    found_there = detector.detect(np.zeros((100, 200, 3), np.uint8))
    assert [(thing.label, round(thing.score, 3), thing.box) for thing in found_there] == [
        ("bicycle", 0.9, (0.25, 0.25, 0.75, 0.75)),
        ("person", 0.3, (0.0, 0.0, 1.0, 1.0)),
    ]


def test_suppression_is_by_class(tmp_path: Path) -> None:
    """[1, 4 + classes, n]: of two boxes of one class over each other the better stays; another class stays too."""
    columns = [[32, 32, 20, 20, 0.1, 0.9], [33, 32, 20, 20, 0.1, 0.8], [32, 32, 20, 20, 0.7, 0.1]]
    raw = np.array(columns).T.tolist()
    detector = OpenVino(model(tmp_path / "raw.xml", raw, shape=[1, 6, 3]), 1)
    seen = [(thing.label, round(thing.score, 2)) for thing in detector.detect(np.zeros((64, 64, 3), np.uint8))]
    assert seen == [("bicycle", 0.9), ("person", 0.7)]


def test_a_wrong_model_is_refused_with_what_is_wrong(tmp_path: Path) -> None:
    """Each message names the file and what is expected."""
    (tmp_path / "broken.onnx").write_bytes(b"not a model")
    cases = [
        (tmp_path / "none.onnx", "there is no such file"),
        (tmp_path / "broken.onnx", "OpenVINO cannot read this file"),
        (model(tmp_path / "nameless.xml", [[0] * 6], shape=[1, 1, 6], names=None), "metadata 'names' is None"),
        (model(tmp_path / "odd.xml", [[0] * 6], shape=[1, 1, 6], names="bicycle"), "metadata 'names' is 'bicycle'"),
        (model(tmp_path / "pose.xml", [[0] * 6], shape=[1, 1, 6], task="pose"), "task is 'pose'"),
        (model(tmp_path / "shape.xml", [[0] * 7], shape=[1, 7, 1]), r"with 2 classes it must be \[1, 6, n\]"),
    ]
    for path, problem in cases:
        with pytest.raises(ConfigError, match=problem) as caught:
            OpenVino(path, 1)
        assert caught.value.path == path
