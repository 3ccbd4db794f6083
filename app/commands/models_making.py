"""Making a model that runs on a CPU: out of Ultralytics' weights, and in 8 bits."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from domain.errors import ConfigError
from vision.detectors import engine_of
from vision.detectors.int8 import save_int8
from vision.detectors.network import read_network
from vision.detectors.ultralytics import export_weights
from vision.picture import Pixels

_PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})


def pictures_in(folder: Path) -> list[Pixels]:
    """All JPEGs and PNGs of a folder that can be read. Raises ConfigError if there is no such folder."""
    if not folder.is_dir():
        raise ConfigError("--calibrate: there is no such folder", path=folder)
    read = [cv2.imread(str(path)) for path in sorted(folder.iterdir()) if path.suffix.lower() in _PICTURE_SUFFIXES]
    return [np.asarray(pixels, np.uint8) for pixels in read if pixels is not None]


def exported(path: Path, to_format: str, folder: Path, *, size: int) -> Path:
    """Weights as ONNX or OpenVINO in `folder`, read back before they count as written.

    Raises ConfigError without the extra, or if what comes out is no detector that can be used.
    """
    with tempfile.TemporaryDirectory(prefix="longcheng-export-") as scratch:
        copy = Path(shutil.copy(path, scratch))  # Ultralytics writes beside the file it reads
        made = export_weights(copy, to_format, size=size)
        read_network(made)
        target = folder / made.name
        if target.is_dir():
            shutil.rmtree(target)
        return Path(shutil.move(made, target))


def in_8_bits(path: Path, pictures: Sequence[Pixels], folder: Path, *, size: int) -> Path:
    """The model as OpenVINO in 8 bits in `folder`: NAME-int8.xml, and .bin beside it. Raises ConfigError."""
    target = folder / f"{path.stem.removesuffix('_openvino_model')}-int8.xml"
    if engine_of(path) != "ultralytics":
        save_int8(path, pictures, target)
        return target
    with tempfile.TemporaryDirectory(prefix="longcheng-export-") as scratch:
        save_int8(exported(path, "onnx", Path(scratch), size=size), pictures, target)
    return target
