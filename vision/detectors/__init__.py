"""Detectors by name: each takes (path to its model, number of streams) and fits `vision.look.Detector`."""

from collections.abc import Callable
from pathlib import Path

from config.schema import Vision
from vision.detectors.openvino import OpenVino
from vision.look import Detector

DETECTORS: dict[str, Callable[[Path, int], Detector]] = {"openvino": OpenVino}

SHIPPED = Path(__file__).parent.parent / "models" / "nanodet-g-416.onnx"


def open_detector(vision: Vision) -> Detector:
    """The detector that the settings ask for, ready to work. Raises ConfigError for a file that is no model of ours."""
    return DETECTORS["openvino"](vision.model or SHIPPED, vision.inference_streams)
