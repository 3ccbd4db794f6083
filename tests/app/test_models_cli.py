"""`longcheng models`: what it says of models that can be used, and of those that can't."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.__main__ import cli
from config.load import SHARED
from domain.errors import ConfigError
from tests.vision.detectors.extras import needs
from tests.vision.detectors.networks import network

Command = Callable[..., Any]


@pytest.fixture
def command() -> Command:
    """`longcheng models …`."""
    return lambda *words: CliRunner(env={"COLUMNS": "160"}).invoke(
        cli, ["models", *map(str, words)], terminal_width=160
    )


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site whose model is its own, with its own words."""
    site = tmp_path / "sites" / "mine"
    shutil.copytree(SHARED / "sites" / "starter", site)
    shutil.copytree(SHARED / "rules", tmp_path / "rules")
    rows = [[16, 16, 48, 48, 0.9, 0], [16, 16, 48, 48, 0.6, 1]]
    own = network(tmp_path / "own.xml", rows, shape=[1, 2, 6], names="{0: '出店经营', 1: 'cat'}")
    _of_vision(site, f"\n  model: {own}\n  classes: {{出店经营: goods}}")
    return site


def _of_vision(site: Path, lines: str) -> None:
    settings = (site / "site.yaml").read_text(encoding="utf-8")
    (site / "site.yaml").write_text(settings.replace("\nvision:", f"\nvision:{lines}"), encoding="utf-8")


def test_the_shipped_models_are_listed(command: Command) -> None:
    """With their hashes; the default is marked as the one in use."""
    models = json.loads(command("list", "--json").stdout.splitlines()[-1])["models"]
    assert [(one["name"], one["in_use"], one["problem"]) for one in models] == [
        ("nanodet-g-416", True, None),
        ("nanodet-g-416-int8", False, None),
    ]
    assert all((one["classes"], one["spoken_of"], one["input"]) == (80, 11, "416×416") for one in models)
    assert "80," in command("list").output


def test_the_site_s_model_is_listed_too(command: Command, site: Path) -> None:
    """Also one that cannot be used, and why."""
    models = json.loads(command("list", "--site", site, "--json").stdout.splitlines()[-1])["models"]
    assert [(one["name"], one["in_use"], one["spoken_of"]) for one in models][2:] == [("own.xml", True, 1)]
    (site.parents[1] / "own.bin").unlink()
    assert "belongs beside it" in command("list", "--site", site).output


def test_a_model_is_checked_on_a_picture(command: Command) -> None:
    """It says what the model sees, what is found for nothing, and how long a picture takes."""
    found = json.loads(command("check", "nanodet-g-416", "--json").stdout.splitlines()[-1])
    assert (found["engine"], found["output"], found["hides_people"]) == ("openvino", "raw", True)
    assert found["found"][0]["label"] == "bicycle"
    assert found["words"]["car"] == "car"
    assert "traffic light" in found["ignored"]
    assert 0 < found["best_ms"] <= found["median_ms"]


def test_a_site_s_words_are_used(command: Command, site: Path) -> None:
    """What the model calls its own way is shown with what it stands for."""
    shown = command("check", site.parents[1] / "own.xml", "--site", site).output
    for words in ("出店经营 → goods", "cat", "not found by this model", "not spoken of", "street-bikes.jpg"):
        assert words in shown


def test_a_word_that_is_none_of_ours_is_told_with_its_line(command: Command, site: Path) -> None:
    """As everything else in site.yaml."""
    _of_vision(site, "\n  # mine")
    settings = (site / "site.yaml").read_text(encoding="utf-8").replace("出店经营: goods", "出店经营: goodies")
    (site / "site.yaml").write_text(settings, encoding="utf-8")
    line = next(n for n, text in enumerate(settings.splitlines(), 1) if "goodies" in text)
    problem = command("check", "nanodet-g-416", "--site", site).exception
    assert isinstance(problem, ConfigError)
    assert problem.line == line
    assert "'goodies' is no word of ours" in problem.problem


@pytest.mark.parametrize(
    ("how", "problem"),
    [
        ({"names": None}, "metadata 'names' is None"),
        ({"task": "segment"}, "task is 'segment'"),
        ({"takes": (1, 1, 64, 64)}, "it must be [1, 3, height, width]"),
        ({"names": "{0: 'stall', 1: 'goods', 2: 'cat'}", "shape": [1, 6, 1]}, "with 3 classes it must be [1, 7, n]"),
    ],
)
def test_what_cannot_be_used_ends_with_2(tmp_path: Path, how: dict[str, Any], problem: str) -> None:
    """And one line that says why, as `watch` would."""
    path = network(tmp_path / "wrong.xml", [[0] * 6], **({"shape": [1, 1, 6]} | how))
    ended = subprocess.run(
        [sys.executable, "-m", "app", "models", "check", str(path)], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert problem in ended.stderr.replace("\n", " ")
    assert "Traceback" not in ended.stderr


def test_an_export_that_cannot_be_is_refused(command: Command, tmp_path: Path) -> None:
    """Each with what to say instead."""
    for words, problem in (
        (("nanodet-g-416", "--int8"), "say --calibrate FOLDER"),
        (("nanodet-g-416",), "exported already"),
        (("nanodet-g-416", "--format", "tflite"), "there is onnx and openvino"),
        (("nanodet-g-416", "--int8", "--calibrate", tmp_path / "none"), "there is no such folder"),
        (("nanodet-g-416", "--int8", "--calibrate", tmp_path), "0 pictures|pip install"),
    ):
        with pytest.raises(ConfigError, match=problem):
            raise command("export", *words).exception


@needs("ultralytics")
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_weights_become_an_onnx(command: Command, tmp_path: Path) -> None:
    """Only the one file that was asked for is written, and it can be checked."""
    from vision.detectors.ultralytics import load_library  # noqa: PLC0415

    weights = tmp_path / "made" / "best.pt"
    weights.parent.mkdir()
    yolo = load_library(weights).YOLO("yolo11n.yaml")
    yolo.model.names = {0: "stall", **{index: f"other {index}" for index in range(1, 80)}}
    yolo.save(weights)
    ended = command("export", weights, "--size", 64, "--to", tmp_path / "out")
    assert ended.exit_code == 0, ended.output
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["best.onnx"]
    assert [path.name for path in weights.parent.iterdir()] == ["best.pt"]
    found = json.loads(command("check", tmp_path / "out" / "best.onnx", "--json").stdout.splitlines()[-1])
    assert (found["input"], found["words"]) == ("64×64", {"stall": "stall"})
