"""What people write to look through many cameras, after the examples in Ultralytics' documents.

`python -m app.bench.vision.peers <name> <model> <port> <number of cameras>` fetches one snapshot of each camera, lets
the model predict on it, and prints a JSON object. The documents show one picture after the other; whoever has many
cameras lets fetching and decoding go ahead in threads, as all others here do.
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
from msgspec import Struct
from numpy.typing import NDArray

from app.bench.vision.cameras import address
from app.bench.vision.figures import PeerFigures
from app.bench.vision.weights import SIDE
from vision.detectors import OF_ULTRALYTICS
from vision.detectors.network import read_network

_AHEAD = 4
_WARM_UP = 5
_SCORE = 0.35


class Peer(Struct, frozen=True, kw_only=True):
    """One way to look through cameras with Ultralytics."""

    opened: Callable[[Path, Path], Any]
    """The model that predicts, of a file and an empty folder."""
    needs: tuple[str, ...]
    """Libraries."""
    ahead: int = _AHEAD
    """Threads that fetch and decode ahead of the model; 0: one picture after the other."""


def missing(name: str) -> str:
    """What has to be installed for a peer; empty if nothing."""
    wanted = [library for library in PEERS[name].needs if not find_spec(library)]
    return f"pip install 'longcheng[ultralytics]' (no {', '.join(wanted)})" if wanted else ""


def _as_it_is(model: Path, _scratch: Path) -> Any:
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
ONE_BY_ONE = "ultralytics predict, one picture after the other"
BROUGHT = "ultralytics predict, yolo11n.pt"
_RUNTIME = ("ultralytics", "onnxruntime")
PEERS: dict[str, Peer] = {
    ONE_BY_ONE: Peer(opened=_as_it_is, needs=_RUNTIME, ahead=0),
    SAME_FILE: Peer(opened=_as_it_is, needs=_RUNTIME),
    "ultralytics predict, its OpenVINO export": Peer(opened=_openvino, needs=("ultralytics", "openvino")),
    BROUGHT: Peer(opened=_as_it_is, needs=("ultralytics", "torch", "onnx")),
}
SAME_WEIGHTS = tuple(name for name in PEERS if name != BROUGHT)
"""Those that predict with the file that the product has."""


def _fetch(url: str) -> NDArray[np.uint8]:
    with urlopen(url, timeout=10) as answer:  # noqa: S310 our own address
        data = answer.read()
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def measure(name: str, model: Path, port: int, cameras: int) -> PeerFigures:
    """Look at each camera once."""
    peer = PEERS[name]
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(peer.ahead or 1) as ahead:
        os.environ |= {"YOLO_CONFIG_DIR": scratch, "YOLO_AUTOINSTALL": "false", "YOLO_VERBOSE": "false"}
        yolo = peer.opened(model, Path(scratch))
        urls = [f"http://{address(number)}:{port}/snapshot.jpg" for number in range(cameras)]
        size = SIDE if model.suffix in OF_ULTRALYTICS else max(read_network(model).input_size)
        for url in urls[:_WARM_UP]:
            yolo.predict(_fetch(url), conf=_SCORE, imgsz=size, verbose=False)
        began_s, began_cpu_s = time.monotonic(), time.process_time()
        for picture in ahead.map(_fetch, urls) if peer.ahead else map(_fetch, urls):
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
