"""What people write to look through many cameras, after the examples in Ultralytics' documents.

`python -m app.bench.vision.peers <name> <model> <port> <number of cameras>` fetches one snapshot of each camera, lets
the model predict on it, and prints a JSON object. Fetching and decoding go ahead in four threads.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import cv2
import msgspec
import numpy as np
import psutil
from numpy.typing import NDArray

from app.bench.vision.cameras import address
from app.bench.vision.figures import PeerFigures
from vision.detectors.openvino import OpenVino

_AHEAD = 4
_WARM_UP = 5
_SCORE = 0.35


def missing(name: str) -> str:
    """What has to be installed for a peer; empty if nothing."""
    wanted = [library for library in PEERS[name][1] if not find_spec(library)]
    return f"pip install 'longcheng[ultralytics]' (no {', '.join(wanted)})" if wanted else ""


def _onnx(model: Path, _scratch: Path) -> Any:
    from ultralytics import YOLO  # noqa: PLC0415 it is an extra

    return YOLO(str(model), task="detect")


def _openvino(model: Path, scratch: Path) -> Any:
    """The same weights as Ultralytics' own OpenVINO export would lay them out."""
    import openvino  # noqa: PLC0415
    import yaml  # noqa: PLC0415
    from ultralytics import YOLO  # noqa: PLC0415

    network = openvino.Core().read_model(model)
    folder = scratch / "same_openvino_model"
    folder.mkdir()
    openvino.save_model(network, folder / "same.xml")
    told = {key: network.get_rt_info(["framework", key]).astype(str) for key in ("names", "imgsz", "stride")}
    words = {key: yaml.safe_load(text) for key, text in told.items()}
    (folder / "metadata.yaml").write_text(yaml.safe_dump({**words, "task": "detect", "batch": 1}), encoding="utf-8")
    return YOLO(str(folder), task="detect")


SAME_FILE = "ultralytics predict"
PEERS: dict[str, tuple[Callable[[Path, Path], Any], tuple[str, ...]]] = {
    SAME_FILE: (_onnx, ("ultralytics", "onnxruntime")),
    "ultralytics predict, its OpenVINO export": (_openvino, ("ultralytics", "openvino")),
}


def _fetch(url: str) -> NDArray[np.uint8]:
    with urlopen(url, timeout=10) as answer:  # noqa: S310 our own address
        data = answer.read()
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def measure(name: str, model: Path, port: int, cameras: int) -> PeerFigures:
    """Look at each camera once."""
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(_AHEAD) as ahead:
        os.environ |= {"YOLO_CONFIG_DIR": scratch, "YOLO_AUTOINSTALL": "false", "YOLO_VERBOSE": "false"}
        yolo = PEERS[name][0](model, Path(scratch))
        urls = [f"http://{address(number)}:{port}/snapshot.jpg" for number in range(cameras)]
        size = max(OpenVino(model, 1).input_size)
        for url in urls[:_WARM_UP]:
            yolo.predict(_fetch(url), conf=_SCORE, imgsz=size, verbose=False)
        began_s, began_cpu_s = time.monotonic(), time.process_time()
        for picture in ahead.map(_fetch, urls):
            yolo.predict(picture, conf=_SCORE, imgsz=size, verbose=False)
        seconds, cpu_s = time.monotonic() - began_s, time.process_time() - began_cpu_s
    return PeerFigures(
        name=name,
        looks_per_s=round(cameras / seconds, 1),
        looks=cameras,
        cpu_ms_per_look=round(cpu_s / cameras * 1000, 1),
        peak_rss_mb=round(psutil.Process().memory_info().rss / 2**20),
    )


if __name__ == "__main__":
    told = measure(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
