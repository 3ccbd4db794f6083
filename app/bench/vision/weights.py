"""A model of the size that people bring, without its training: weights cannot be downloaded everywhere.

`python -m app.bench.vision.weights <folder>` builds Ultralytics' YOLO11n with random weights, always the same, writes
`yolo11n.pt` and what Ultralytics exports it to, `yolo11n.onnx`, and says `ready`. It finds nothing; it takes as long.
"""

import re
import sys
from importlib import import_module
from pathlib import Path

from vision.detectors import SHIPPED
from vision.detectors.network import read_network
from vision.detectors.ultralytics import load_library

SIDE = 640
"""Input that Ultralytics trains, exports and predicts with if nobody says otherwise."""
_SEED = 671
_SCORES = r"cv3\.\d\.2\.weight$"
"""The last layers before the scores of the classes …"""
_FAINT = 0.01
"""… which leave every score where training begins, near 0: noise would be a thousand things to both."""


def make(folder: Path) -> tuple[Path, Path]:
    """The weights, and their export for pictures of any shape. Wants the extra `ultralytics`, and onnx."""
    library = load_library(folder)
    torch = import_module("torch")
    torch.manual_seed(_SEED)
    yolo = library.YOLO("yolo11n.yaml")
    for layer in yolo.model.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.momentum = None
    yolo.model.train()
    with torch.no_grad():  # without it values fade from layer to layer, and the least of numbers take longer
        yolo.model(torch.rand(4, 3, SIDE, SIDE))
    for name, parameter in yolo.model.model[-1].named_parameters():
        if re.search(_SCORES, name):
            parameter.data *= _FAINT
    yolo.model.names = dict(enumerate(read_network(SHIPPED).names))
    weights = folder / "yolo11n.pt"
    yolo.save(weights)
    exported = library.YOLO(weights).export(
        format="onnx", imgsz=SIDE, dynamic=True, simplify=False, device="cpu", verbose=False
    )
    return weights, Path(exported)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
    sys.stdout.write("ready\n")
