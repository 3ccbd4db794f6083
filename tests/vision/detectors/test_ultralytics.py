"""Ultralytics' own weights, and that ours and theirs see the same in what they export. Weights are made up here."""

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from config.schema import Vision
from domain.errors import ConfigError
from tests.vision.detectors.extras import needs
from tests.vision.scenes import road, street
from vision.detectors import SHIPPED, open_detector
from vision.detectors.framing import frame_into
from vision.detectors.network import read_network
from vision.detectors.openvino import OpenVino
from vision.detectors.outputs import LEAST_SCORE, SAME_THING, OutputKind
from vision.detectors.ultralytics import Ultralytics, export_weights, load_library
from vision.memory import Detection
from vision.picture import Pixels

pytestmark = [needs("ultralytics"), pytest.mark.filterwarnings("ignore")]
SIZE = 320
PICTURES = (street(), road()[0], np.ascontiguousarray(street()[100:400, 200:700]))


def _weights(folder: Path, kind: str) -> Path:
    """A detector that has learnt nothing, and yet is sure of something: random layers, evened out on the pictures."""
    library = load_library(folder)
    torch = import_module("torch")
    torch.manual_seed(4)
    yolo = library.YOLO(f"{kind}.yaml")
    for layer in yolo.model.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.momentum = None  # their means and spreads are those of what they see now
    frames = np.stack([_frame(picture) for picture in PICTURES])
    yolo.model.train()
    with torch.no_grad():
        yolo.model(torch.from_numpy(frames))
    for name, parameter in yolo.model.model[-1].named_parameters():
        if "cv3" in name and name.endswith("2.weight"):
            parameter.data = torch.randn_like(parameter) * 0.25
        if "cv3" in name and name.endswith("2.bias"):
            parameter.data.fill_(-6.5)
    yolo.model.names = dict(enumerate(read_network(SHIPPED).names))
    yolo.ckpt = {"train_args": {"imgsz": SIZE, "task": "detect"}}  # as training writes them
    path = folder / f"{kind}.pt"
    yolo.save(path)
    return path


def _frame(picture: Pixels) -> NDArray[np.float32]:
    frame = np.empty((SIZE, SIZE, 3), np.uint8)
    frame_into(frame, picture)
    return np.ascontiguousarray(frame[..., ::-1].transpose(2, 0, 1), np.float32) / np.float32(255)


@pytest.fixture(scope="module", params=["yolo11n", "yolo26n"])
def weights(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that needs suppression, and one that doesn't."""
    return _weights(tmp_path_factory.mktemp("weights"), request.param)


def _theirs(weights: Path, picture: Pixels) -> Any:
    """What Ultralytics itself finds with the weights, framed as for an export."""
    wanted = {"imgsz": SIZE, "conf": LEAST_SCORE, "iou": SAME_THING, "max_det": 3000, "rect": False}
    if "26" in weights.name:
        wanted |= {"nms": False, "max_det": 300}
    return (
        load_library(weights).YOLO(weights).predict(picture, **wanted, verbose=False, device="cpu", save=False)[0].boxes
    )


def _unmatched(
    ours: tuple[Detection, ...], theirs: Any, names: dict[int, str], shape: tuple[int, ...]
) -> list[Detection]:
    """Those of ours that score clearly above the threshold and are not among theirs."""
    size = np.array((shape[1], shape[0]) * 2)
    others = list(
        zip(theirs.xyxy.numpy() / size, theirs.conf.tolist(), (names[int(i)] for i in theirs.cls), strict=True)
    )
    return [
        thing
        for thing in ours
        if thing.score > 0.25
        and not any(
            label == thing.label and abs(score - thing.score) < 0.05 and np.allclose(box, thing.box, atol=0.02)
            for box, score, label in others
        )
    ]


@pytest.mark.slow
@pytest.mark.parametrize("to_format", ["onnx", "openvino"])
def test_exports_are_read_as_ultralytics_reads_them(weights: Path, to_format: str) -> None:
    """The same pictures, the same boxes: for [1, 84, n] of YOLO11 and [1, 300, 6] of YOLO26."""
    made = export_weights(weights, to_format, size=SIZE)
    network = read_network(made)
    assert network.output is (OutputKind.END_TO_END if "26" in weights.name else OutputKind.RAW)
    assert network.input_size == (SIZE, SIZE)
    ours = OpenVino(made, 1, exact=True)  # layers that have learnt nothing blow up what bfloat16 leaves out
    seen = 0
    for picture in PICTURES:
        found = ours.detect(picture)
        theirs = _theirs(weights, picture)
        seen += len(found)
        assert len(found) == pytest.approx(len(theirs), abs=max(2, 0.05 * len(theirs)))
        assert len(_unmatched(found, theirs, dict(enumerate(network.names)), picture.shape)) <= 0.05 * len(found)
    assert seen > 10


@pytest.mark.slow
def test_weights_are_used_as_they_are(weights: Path) -> None:
    """The same protocol: best first, within the picture, our words, a name and a hash."""
    detector = open_detector(Vision(model=weights, classes={"person": "goods"}))
    assert detector.model == weights.name
    assert len(detector.model_sha256) == 64
    assert detector.input_size == (SIZE, SIZE)
    found = detector.detect(street())
    assert found
    assert [thing.score for thing in found] == sorted((thing.score for thing in found), reverse=True)
    assert all(0 <= share <= 1 for thing in found for share in thing.box)
    assert "person" not in {thing.label for thing in found}


@pytest.mark.slow
def test_nothing_is_written_to_the_user_s_settings(weights: Path, tmp_path: Path) -> None:
    """Nor does the library ask the network or install anything: its own settings say so."""
    library = load_library(weights)
    assert library.utils.ONLINE is False
    assert library.utils.AUTOINSTALL is False
    assert "longcheng-ultralytics-" in str(library.utils.USER_CONFIG_DIR)


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    """A name that is no file is not downloaded; a file of something else is named."""
    with pytest.raises(ConfigError, match="weights are never downloaded"):
        Ultralytics(tmp_path / "yolo11n.pt")
    (tmp_path / "note.pt").write_bytes(b"not weights")
    with pytest.raises(ConfigError, match="Ultralytics cannot load this file"):
        Ultralytics(tmp_path / "note.pt")


@pytest.mark.slow
def test_a_gpu_that_is_not_there_is_said(weights: Path) -> None:
    """Instead of a slow start that ends in an error."""
    with pytest.raises(ConfigError, match=r"vision\.device is 'cuda:7', but PyTorch sees"):
        Ultralytics(weights, "cuda:7")
