"""The OpenVINO detector."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from config.schema import Vision
from domain.errors import ConfigError
from tests.vision.detectors.networks import network
from tests.vision.scenes import road, street
from vision.detectors import DETECTORS, SHIPPED, SHIPPED_DETECTORS, engine_of, find_model, open_detector
from vision.detectors.network import read_network
from vision.detectors.openvino import OpenVino
from vision.memory import Detection


def found(detections: tuple[Detection, ...], label: str, size: tuple[int, int]) -> list[list[int]]:
    """The boxes of a class that score at least 0.4, in pixels."""
    width, height = size
    return [
        [round(share * side) for share, side in zip(thing.box, (width, height, width, height), strict=True)]
        for thing in detections
        if thing.label == label and thing.score >= 0.4
    ]


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
    """Every look quotes them; the hashes are the ones in the models' README."""
    assert detector.model == "nanodet-g-416.onnx"
    for path in SHIPPED_DETECTORS.values():
        assert read_network(path).sha256 in (SHIPPED.parent / "README.md").read_text()
    assert detector.model_sha256 == read_network(SHIPPED).sha256


def test_settings_choose_the_model(tmp_path: Path) -> None:
    """Without one the shipped one; else a shipped one by its name, or one's own by its path."""
    path = network(tmp_path / "mine.xml", [[0] * 6], shape=[1, 1, 6])
    assert find_model(None) == SHIPPED
    assert open_detector(Vision(model=path)).model == "mine.xml"
    assert open_detector(Vision(model=Path("nanodet-g-416-int8"))).model == "nanodet-g-416-int8.xml"
    with pytest.raises(ConfigError, match="the shipped models are nanodet-g-416, nanodet-g-416-int8"):
        open_detector(Vision(model=Path("yolo11n.pt")))


def test_settings_choose_the_engine() -> None:
    """The suffix says which; the settings can say otherwise. OpenVINO has no GPU to offer."""
    assert set(DETECTORS) == {"openvino", "ultralytics"}
    for name, engine in (
        ("a.onnx", "openvino"),
        ("a.xml", "openvino"),
        ("a.pt", "ultralytics"),
        ("a.engine", "ultralytics"),
    ):
        assert engine_of(Path(name)) == engine
    assert engine_of(Path("a.onnx"), "ultralytics") == "ultralytics"
    with pytest.raises(ConfigError, match="the engine openvino works on the cpu"):
        open_detector(Vision(device="cuda:0"))


def test_an_end_to_end_output_is_read(tmp_path: Path) -> None:
    """[1, n, 6]: corners, score, class. Boxes come back out of the letterbox of a picture twice as wide as high."""
    rows = [[0, 16, 64, 48, 0.3, 0], [16, 24, 48, 40, 0.9, 1], [1, 1, 2, 2, 0.1, 0]]
    detector = OpenVino(network(tmp_path / "e2e.xml", rows, shape=[1, 3, 6]), 1)
    found_there = detector.detect(np.zeros((100, 200, 3), np.uint8))
    assert [(thing.label, round(thing.score, 3), thing.box) for thing in found_there] == [
        ("bicycle", 0.9, (0.25, 0.25, 0.75, 0.75)),
        ("person", 0.3, (0.0, 0.0, 1.0, 1.0)),
    ]


def test_suppression_is_by_class(tmp_path: Path) -> None:
    """[1, 4 + classes, n]: of two boxes of one class over each other the better stays; another class stays too."""
    columns = [[32, 32, 20, 20, 0.1, 0.9], [33, 32, 20, 20, 0.1, 0.8], [32, 32, 20, 20, 0.7, 0.1]]
    raw = np.array(columns).T.tolist()
    detector = OpenVino(network(tmp_path / "raw.xml", raw, shape=[1, 6, 3]), 1)
    seen = [(thing.label, round(thing.score, 2)) for thing in detector.detect(np.zeros((64, 64, 3), np.uint8))]
    assert seen == [("bicycle", 0.9), ("person", 0.7)]


def test_our_words_stand_for_the_models_own(tmp_path: Path) -> None:
    """What the settings map is called so in every detection; what they don't keeps its name."""
    names = "{0: '出店经营', 1: 'bicycle', 2: 'cat'}"
    rows = [[8, 8, 16, 16, 0.9, 0], [30, 30, 40, 40, 0.8, 1], [50, 50, 60, 60, 0.7, 2]]
    path = network(tmp_path / "own.xml", rows, shape=[1, 3, 6], names=names)
    detector = open_detector(Vision(model=path, classes={"出店经营": "goods"}))
    assert [thing.label for thing in detector.detect(np.zeros((64, 64, 3), np.uint8))] == ["goods", "bicycle", "cat"]


def test_a_class_the_model_does_not_have_is_refused(tmp_path: Path) -> None:
    """A misspelt class, or a model of which nothing is of use, would let every look call its zones clear."""
    path = network(tmp_path / "own.xml", [[0] * 6], shape=[1, 1, 6], names="{0: 'stal', 1: 'cat'}")
    with pytest.raises(ConfigError, match="has 'stall', but the model has no such class; it has stal, cat"):
        open_detector(Vision(model=path, classes={"stall": "stall"}))
    with pytest.raises(ConfigError, match="none of the model's 2 classes is a word of ours: it has stal, cat"):
        open_detector(Vision(model=path))


def test_any_shape_of_picture_is_framed(tmp_path: Path) -> None:
    """A thing in the middle of the input is in the middle of the picture, be it a strip or a column."""
    detector = OpenVino(network(tmp_path / "e2e.xml", [[31, 31, 33, 33, 0.9, 1]], shape=[1, 1, 6]), 1)
    for shape in ((64, 64, 3), (100, 500, 3), (500, 100, 3), (720, 1280, 3)):
        (thing,) = detector.detect(np.zeros(shape, np.uint8))
        assert (thing.box[0] + thing.box[2]) / 2 == pytest.approx(0.5, abs=0.06)
        assert (thing.box[1] + thing.box[3]) / 2 == pytest.approx(0.5, abs=0.06)
    assert detector.detect(np.zeros((1, 300, 3), np.uint8))


def test_nothing_of_one_picture_is_left_for_the_next(detector: OpenVino) -> None:
    """A strip after a full picture is framed on plain grey, as if it were the first."""
    strip, full = street()[250:350], street()[:400]
    first = OpenVino(SHIPPED, 1).detect(strip)
    for _ in range(3):
        detector.detect(full)
    assert detector.detect(strip) == first


def test_a_wide_picture_is_not_laid_on_a_square(tmp_path: Path) -> None:
    """A model that takes any size is asked with less of it empty: 64 of 96 rows here are picture, not of 128."""
    box = [[64.0], [48.0], [64.0], [32.0], [0.1], [0.9]]
    free = network(tmp_path / "free.xml", box, shape=[1, 6, 1], takes=(1, 3, -1, -1), imgsz="[128, 128]")
    (thing,) = OpenVino(free, 1).detect(np.zeros((100, 200, 3), np.uint8))
    assert thing.box == (0.25, 0.25, 0.75, 0.75)
    (thing,) = OpenVino(free, 1).detect(np.zeros((200, 200, 3), np.uint8))
    assert thing.box == (0.25, 0.25, 0.75, 0.5)


def test_a_cut_of_the_street_shows_the_same_bicycles(detector: OpenVino) -> None:
    """In the wide frame as in the square one, within a hundredth of the picture."""
    whole = found(detector.detect(street()), "bicycle", (751, 563))
    cut = found(detector.detect(street()[100:522]), "bicycle", (751, 422))
    moved = [[x1, y1 + 100, x2, y2 + 100] for x1, y1, x2, y2 in cut]
    assert len(cut) >= 2
    for box in moved:
        assert any(np.allclose(box, other, atol=6) for other in whole)
