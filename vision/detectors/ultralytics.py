"""Whatever Ultralytics loads, on a CPU or GPU. The library is an extra, and is loaded only if a model asks for it."""

import os
import re
import tempfile
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from domain.errors import ConfigError
from vision.detectors.framing import Framing
from vision.detectors.network import sha256_of, wrong
from vision.detectors.outputs import LEAST_SCORE, SAME_THING
from vision.detectors.words import our_words
from vision.memory import Detection
from vision.picture import Pixels

INSTALL = "pip install 'longcheng[ultralytics]'"


class Ultralytics:
    """One loaded model; `detect` may be called from any thread, and the calls take turns."""

    def __init__(self, path: Path, device: str = "cpu", classes: Mapping[str, str] | None = None) -> None:
        """Load the weights. A .pt file can run code as it is loaded: take it only from whom you trust.

        Raises ConfigError without the extra, without the file, for another task, or for a device that is not there.
        """
        if not path.is_file():
            raise wrong(path, "there is no such file; weights are never downloaded")
        library = load_library(path)
        _check_device(device, path)
        self.model = path.name
        self.model_sha256 = sha256_of((path,))
        self._device = device
        self._yolo = _opened(library, path)
        self.words = our_words([str(name) for name in self._yolo.names.values()], classes or {}, path)
        self._labels = {index: self.words[str(name)] for index, name in self._yolo.names.items()}
        self.labels = frozenset(self._labels.values())
        side = self._yolo.overrides.get("imgsz") or 640
        height, width = (side, side) if isinstance(side, int) else (int(side[0]), int(side[-1]))
        self.input_size = (width, height)
        self._turn = Lock()
        self.detect(np.full((height, width, 3), 114, np.uint8))  # its first picture takes seconds

    def detect(self, pixels: Pixels) -> tuple[Detection, ...]:
        """Everything found with at least LEAST_SCORE, each thing once, best first."""
        with self._turn:
            found = self._yolo.predict(
                pixels,
                imgsz=self.input_size[::-1],
                conf=LEAST_SCORE,
                iou=SAME_THING,
                device=self._device,
                verbose=False,
                save=False,
            )[0].boxes
            corners, scores, classes = (array.cpu().numpy() for array in (found.xyxy, found.conf, found.cls))
        order = np.argsort(-scores, kind="stable")
        boxes = Framing(pixels.shape[1], pixels.shape[0], 1.0, 0, 0).boxes(corners[order].reshape(-1, 4))
        return tuple(
            Detection(label=self._labels[int(classes[at])], score=float(scores[at]), box=box)
            for at, box in zip(order, boxes, strict=True)
        )


def export_weights(path: Path, to_format: str, *, size: int) -> Path:
    """Write the weights as `onnx`, or as the folder of an `openvino` model, beside themselves.

    The picture's size is fixed, which is faster; a head that needs no suppression is kept. Raises ConfigError.
    """
    yolo = _opened(load_library(path), path)
    only = {"simplify": False} if to_format == "onnx" else {}  # to simplify takes one more library
    try:
        made = yolo.export(format=to_format, imgsz=size, nms=False, device="cpu", verbose=False, **only)
    except Exception as problem:  # noqa: BLE001  each format fails in its own way
        raise wrong(path, f"Ultralytics cannot export this file to {to_format}: {problem}") from None
    return Path(made)


def load_library(path: Path) -> Any:
    """Ultralytics, kept from the network and from the user's own settings. ConfigError if it is not installed."""
    if find_spec("ultralytics") is None:
        raise wrong(path, f"this model needs Ultralytics, which is not installed: {INSTALL}")
    # Read as the library is imported: where it writes its settings, and that it neither asks the network nor installs.
    os.environ.setdefault("YOLO_CONFIG_DIR", tempfile.mkdtemp(prefix="longcheng-ultralytics-"))
    os.environ["YOLO_OFFLINE"] = "true"
    os.environ["YOLO_AUTOINSTALL"] = "false"
    os.environ.setdefault("YOLO_VERBOSE", "false")
    return import_module("ultralytics")  # takes seconds


def _opened(library: Any, path: Path) -> Any:
    try:
        # Of the other formats only the metadata can say the task; without one Ultralytics would guess and warn.
        yolo = library.YOLO(path) if path.suffix == ".pt" else library.YOLO(path, task="detect")
        names = yolo.names
    except Exception as problem:  # noqa: BLE001  the pickle of another thing fails in any way
        first = str(problem).strip().splitlines()
        raise wrong(
            path, f"Ultralytics cannot load this file: {first[0] if first else type(problem).__name__}"
        ) from None
    if yolo.task != "detect":
        raise wrong(path, f"the model's task is {yolo.task!r}; it must be 'detect'")
    if not names:
        raise wrong(path, "the model names no classes")
    return yolo


def _check_device(device: str, path: Path) -> None:
    if device == "cpu":
        return
    if not re.match(r"^cuda:\d+$", device):
        raise ConfigError(f"vision.device is {device!r}; write cpu, or cuda:0", path=path)
    torch = import_module("torch")
    if not torch.cuda.is_available() or int(device.partition(":")[2]) >= torch.cuda.device_count():
        raise ConfigError(
            f"vision.device is {device!r}, but PyTorch sees {torch.cuda.device_count()} GPUs; write cpu, or see "
            "`nvidia-smi` and which build of torch is installed",
            path=path,
        )
