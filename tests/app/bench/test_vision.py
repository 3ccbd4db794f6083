"""The vision measurement measures: real sockets, a real broker, the real worker, a dozen cameras."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from app.bench.vision.cameras import Snapshots, address
from app.bench.vision.figures import VisionFigures
from app.bench.vision.peers import BROUGHT, PEERS, SAME_FILE, SAME_WEIGHTS
from app.bench.vision.pictures import VARIANTS, picture_path, render
from app.bench.vision.weights import SIDE, make
from tests.app.bench.test_ingest import need
from tests.vision.detectors.extras import needs
from tests.vision.scenes import street
from vision.detectors.network import read_network
from vision.detectors.openvino import OpenVino
from vision.picture import decode


@pytest.mark.server
@pytest.mark.slow
def test_every_camera_is_looked_at_and_every_figure_told(tmp_path: Path) -> None:
    """The command, small: its last line is one JSON object with the agreed keys, and all of them are plausible."""
    need("mosquitto")
    command = [sys.executable, "-m", "app", "bench", "vision", "--cameras", "12", "--sweeps", "2", "--dead", "0"]
    options = ["--streams", "0", "--no-peers", "--data", str(tmp_path), "--json"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=250, check=False)
    assert done.returncode == 0, done.stderr
    figures = msgspec.json.decode(done.stdout.splitlines()[-1], type=VisionFigures)
    assert figures.cameras == 12
    assert min(figures.sweeps_s) <= figures.sweep_s <= max(figures.sweeps_s)
    assert figures.looks_per_s == pytest.approx(12 / figures.sweep_s, rel=0.2)
    assert figures.looks_by_view == {"healthy": 36}
    assert figures.skipped_share > 0.3
    assert figures.published > 12 * 4
    stages = msgspec.to_builtins(figures.stages_ms)
    assert stages.keys() == {"fetch", "decode", "health", "detect", "places", "publish"}
    assert all(value > 0 for value in stages.values())
    assert list(tmp_path.iterdir()) == []


def test_no_two_pictures_are_alike_and_no_answer_repeats(tmp_path: Path) -> None:
    """Cameras differ from each other, and each from itself: a frozen or copied picture would not be looked at."""
    render(tmp_path, 4, lambda _done, _total: None)
    paths = [picture_path(tmp_path, number, variant) for number in range(4) for variant in range(VARIANTS)]
    assert len({path.read_bytes() for path in paths}) == len(paths)
    assert decode(paths[0].read_bytes()).shape == (1080, 1920, 3)
    cameras = Snapshots(tmp_path, 4)
    answers = [b"".join(cameras.answer(1)[1:]) for _ in range(5)]
    assert len(set(answers)) == 5
    assert decode(answers[0]).shape == (1080, 1920, 3)


def test_a_dead_camera_says_nothing(tmp_path: Path) -> None:
    """The last ones of all, from the moment it is ordered; each camera has an address of its own."""
    render(tmp_path, 2, lambda _done, _total: None)
    cameras = Snapshots(tmp_path, 2)
    cameras.silent_from = 1
    assert cameras.answer(0)
    assert cameras.answer(1) == []
    assert [cameras.camera_at(address(number)) for number in range(2)] == [0, 1]
    assert len({address(number) for number in range(671)}) == 671


def test_the_peer_of_the_ratio_is_the_one_that_fetches_ahead() -> None:
    """The way of the documents, one picture after the other, stands beside it and divides nothing but its own row."""
    assert SAME_FILE in SAME_WEIGHTS
    assert PEERS[SAME_FILE].ahead == 4
    assert [name for name in PEERS if not PEERS[name].ahead] == ["ultralytics predict, one picture after the other"]
    assert set(PEERS) - set(SAME_WEIGHTS) == {BROUGHT}


@needs("ultralytics")
@needs("onnx")
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_weights_are_made_and_find_nothing(tmp_path: Path) -> None:
    """Random ones of YOLO11n, exported for pictures of any shape: both sides spend their time on the network alone."""
    weights, exported = make(tmp_path)
    assert (weights.name, exported.name) == ("yolo11n.pt", "yolo11n.onnx")
    network = read_network(exported)
    assert (network.input_size, network.any_size) == ((SIDE, SIDE), True)
    assert OpenVino(exported, 1).detect(street()) == ()
