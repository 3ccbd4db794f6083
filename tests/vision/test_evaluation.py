"""Measuring a model on a labelled folder: reading it, asking the model, and what `longcheng vision eval` says."""

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest
from typer.testing import CliRunner

from app.__main__ import cli
from app.commands.vision import questions
from config.load import load_site
from domain.errors import ConfigError
from tests.vision.scenes import Array, street
from vision.detectors.openvino import OpenVino
from vision.evaluation.evaluate import Terms, ask, report
from vision.evaluation.labels import read_set
from vision.evaluation.sheet import draw_sheets

LABELLED = Path(__file__).parent / "labelled"
TERMS = Terms(min_score=0.35, iou=0.5)
Folder = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Makes a folder: files by name; pictures are pixels."""

    def make(**files: str | Array) -> Path:
        for name, content in {"classes.txt": "bicycle\ncar\n", **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, str):
                path.write_text(content, encoding="utf-8")
            else:
                assert cv2.imwrite(str(path), content)
        return tmp_path

    return make


def test_pictures_with_their_labels_beside_them(folder: Folder) -> None:
    """A picture without a file counts as empty, and that is said; so is a file without a picture."""
    read = read_set(folder(**{"a.jpg": street(), "a.txt": "0 0.5 0.5 0.2 0.4\n\n", "b.jpg": street(), "c.txt": ""}), {})
    assert [(picture.path.name, picture.truths) for picture in read.pictures][1] == ("b.jpg", ())
    (truth,) = read.pictures[0].truths
    assert truth.label == "bicycle"
    assert truth.box == pytest.approx((0.4, 0.3, 0.6, 0.7))
    assert read.remarks == (
        "1 pictures have no label file and count as empty: b.jpg",
        "1 label files have no picture: c.txt",
    )


def test_pictures_and_labels_in_two_folders(folder: Folder) -> None:
    """As Ultralytics trains from them, with names in data.yaml, by number or as a list; names may be our words'."""
    made = folder(**{"images/val/a.jpg": street(), "labels/val/a.txt": "1 0.5 0.5 0.2 0.4"})
    (made / "classes.txt").unlink()
    for names in ("{0: 自行车, 1: 出店经营}", "[自行车, 出店经营]"):
        (made / "data.yaml").write_text(f"names: {names}\n", encoding="utf-8")
        read = read_set(made, {"出店经营": "goods"})
        assert [truth.label for truth in read.pictures[0].truths] == ["goods"]
        assert read.labels == ("自行车", "goods")


def test_zones_are_for_pictures_whose_names_begin_so(folder: Folder) -> None:
    """The longest beginning wins; zones of no picture are remarked on; shops need not be known."""
    zones = "camera_id,zone,role,shop_id,polygon\n" + "".join(
        f'{camera},front,pavement,S1,"0,0 1,0 1,1"\n' for camera in ("cam", "cam-2", "other")
    )
    read = read_set(folder(**{"cam-1.jpg": street(), "cam-2.jpg": street(), "zones.csv": zones}), {})
    assert [picture.zones[0].camera_id for picture in read.pictures] == ["cam", "cam-2"]
    assert read.remarks[-1] == "zones.csv has zones for no picture: other"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("0 0.5 0.5 0.2", "there are 4 values; a box is written: class x y width height"),
        ("0 0.1 0.1 0.2 0.1 0.2 0.2", "there are 7 values; .* a polygon is not a box"),
        ("0 0.5 0.5 0.2 wide", "is not a whole number and four numbers"),
        ("bicycle 0.5 0.5 0.2 0.2", "is not a whole number and four numbers"),
        ("2 0.5 0.5 0.2 0.2", "the class is 2; there are 2, from 0 to 1"),
        ("0 320 240 64 48", "are shares of the picture, 0–1, not pixels"),
        ("0 0.5 0.5 0 0.2", "are shares of the picture, 0–1, not pixels"),
        ("0 nan 0.5 0.1 0.2", "are shares of the picture, 0–1, not pixels"),
    ],
)
def test_a_bad_label_is_named_with_file_and_line(folder: Folder, line: str, problem: str) -> None:
    """Nobody is to measure a model against half a file."""
    made = folder(**{"a.jpg": street(), "a.txt": f"0 0.5 0.5 0.2 0.4\n{line}\n"})
    with pytest.raises(ConfigError, match=problem) as caught:
        read_set(made, {})
    assert "a.txt" in str(caught.value)
    assert caught.value.line == 2


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"classes.txt": "car"}, "there are no pictures"),
        ({"a.jpg": "no picture"}, "this is no picture that can be looked at"),
        ({"data.yaml": "names: 3", "a.jpg": "x"}, "it must be a list, or names by number"),
        ({"data.yaml": "names: {1: a, 2: b}", "a.jpg": "x"}, "it must be a list, or names by number"),
        ({"data.yaml": "[", "a.jpg": "x"}, "this is no YAML with `names`"),
        ({"a.jpg": "x"}, "neither classes.txt nor data.yaml"),
    ],
)
def test_a_folder_that_is_none_is_refused(
    folder: Folder, detector: OpenVino, files: dict[str, str], problem: str
) -> None:
    """With what is missing."""
    made = folder(**files)
    if problem != "there are no pictures" and "looked at" not in problem:
        (made / "classes.txt").unlink()
    with pytest.raises(ConfigError, match=problem):
        list(ask(read_set(made, {}), detector))
    with pytest.raises(ConfigError, match="no such folder"):
        read_set(made / "elsewhere", {})


def test_the_shipped_detector_on_the_labelled_set(detector: OpenVino) -> None:
    """The figures in docs/vision.md; they may be better, and no verdict about a zone may be wrong."""
    labelled = read_set(LABELLED, {})
    answers = list(ask(labelled, detector))
    done = report(labelled, answers, detector, TERMS, questions=questions(load_site("demo")))
    by_class = {one.label: one for one in done.classes}
    assert (done.pictures, done.boxes) == (14, 99)
    assert {label: one.truths for label, one in by_class.items()} == {
        "person": 73,
        "truck": 12,
        "car": 12,
        "bicycle": 2,
    }
    assert (by_class["person"].recall or 0) >= 0.9
    assert (by_class["person"].ap50 or 0) >= 0.88
    assert all(by_class[label].recall == 1.0 for label in ("truck", "car", "bicycle"))
    said = {verdicts.name: verdicts for verdicts in done.matters}
    assert (said["bike-misparked 09010"].taken, said["car-misparked 09009"].taken) == (1, 12)
    assert all(verdicts.false == verdicts.missed == 0 for verdicts in said.values())
    assert done.remarks == ()


def test_a_class_that_the_model_has_not_is_said(folder: Folder, detector: OpenVino) -> None:
    """Its recall of 0 is no figure about the pictures."""
    labelled = read_set(folder(**{"classes.txt": "laundry\n", "a.jpg": street(), "a.txt": "0 0.5 0.5 0.2 0.4"}), {})
    done = report(labelled, list(ask(labelled, detector)), detector, TERMS, known={"bicycle"})
    assert done.remarks == ("the model has no class 'laundry' (1 boxes): it finds none, or calls them otherwise",)
    assert done.classes[0].recall == 0


def test_a_sheet_for_each_picture(detector: OpenVino, tmp_path: Path) -> None:
    """Wide enough for people to see what is meant, and readable as a picture."""
    labelled = read_set(LABELLED, {})
    answers = [answer for answer in ask(labelled, detector) if answer.picture.path.stem == "street-bikes"]
    (sheet,) = draw_sheets(answers, TERMS, tmp_path / "made" / "here")
    drawn = cv2.imread(str(sheet))
    assert drawn is not None
    assert drawn.shape[1] == 1280
    assert sheet.name == "0000-street-bikes.jpg"


def test_the_command_prints_tables_and_one_json(tmp_path: Path) -> None:
    """For people, and for scripts on the last line."""
    shown = CliRunner().invoke(cli, ["vision", "eval", str(LABELLED), "--sheet", str(tmp_path)])
    assert shown.exit_code == 0, shown.output
    for word in ("bike-misparked", "AP50–95", "bicycle", "nanodet-g-416.onnx", "people are not hidden"):
        assert word in shown.output
    assert len(list(tmp_path.iterdir())) == 14
    told = CliRunner().invoke(cli, ["vision", "eval", str(LABELLED), "--json", "--iou", "0.75", "--min-score", "0.6"])
    done = json.loads(told.output.strip().splitlines()[-1])
    assert (done["pictures"], done["iou"], done["min_score"]) == (14, 0.75, 0.6)
    assert [one["label"] for one in done["classes"]] == ["person", "truck", "car", "bicycle"]


def test_the_command_says_what_is_wrong_with_a_folder(tmp_path: Path) -> None:
    """In one line, as every command does."""
    failed = CliRunner().invoke(cli, ["vision", "eval", str(tmp_path)])
    assert isinstance(failed.exception, ConfigError)
    assert "classes.txt" in str(failed.exception)
