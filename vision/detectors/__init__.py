"""Detectors by the engine that runs their model, and the models that are shipped."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from config.schema import Vision
from domain.errors import ConfigError
from vision.detecting import Detector
from vision.detectors.openvino import OpenVino
from vision.detectors.ultralytics import Ultralytics


class Loaded(Detector, Protocol):
    """A detector that can also say what it knows."""

    @property
    def words(self) -> Mapping[str, str]:
        """The model's own names for what it sees, and what each is called in its detections."""
        ...


def _openvino(path: Path, vision: Vision) -> Loaded:
    if vision.device != "cpu":
        raise ConfigError(
            f"vision.device is {vision.device!r}; the engine openvino works on the cpu; for a GPU give the .pt weights "
            "and the engine ultralytics",
            path=path,
        )
    return OpenVino(path, vision.inference_streams, vision.classes)


def _ultralytics(path: Path, vision: Vision) -> Loaded:
    return Ultralytics(path, vision.device, vision.classes)


DETECTORS: dict[str, Callable[[Path, Vision], Loaded]] = {"openvino": _openvino, "ultralytics": _ultralytics}

MODELS = Path(__file__).parent.parent / "models"
SHIPPED = MODELS / "nanodet-g-416.onnx"
"""What is used if the settings name no model."""
SHIPPED_DETECTORS: Mapping[str, Path] = {
    "nanodet-g-416": SHIPPED,
    "nanodet-g-416-int8": MODELS / "nanodet-g-416-int8.xml",
}
OF_ULTRALYTICS = frozenset({".pt", ".engine"})
"""Suffixes of what only that engine loads."""


def open_detector(vision: Vision) -> Loaded:
    """The detector that the settings ask for, ready to work. Raises ConfigError for a file that is no model of ours."""
    path = find_model(vision.model)
    return DETECTORS[engine_of(path, vision.engine)](path, vision)


def find_model(wanted: Path | None) -> Path:
    """The file or folder of a model: the default, a shipped one by its name, or any by its path.

    Raises ConfigError if there is none.
    """
    if wanted is None:
        return SHIPPED
    if wanted.exists():
        return wanted
    if (shipped := SHIPPED_DETECTORS.get(str(wanted))) is not None:
        return shipped
    shown = ", ".join(SHIPPED_DETECTORS)
    raise ConfigError(f"vision.model: there is no such file, and the shipped models are {shown}", path=wanted)


def engine_of(path: Path, wanted: str = "auto") -> str:
    """The name of the engine that runs a model: the wanted one, or with `auto` the one its suffix says."""
    return wanted if wanted != "auto" else "ultralytics" if path.suffix in OF_ULTRALYTICS else "openvino"
