"""Faces, where they are hidden."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from domain.errors import ConfigError
from tests.vision.scenes import road, street
from vision.detectors import SHIPPED
from vision.detectors.faces import SHIPPED_FACES, Faces
from vision.evidence import Hider
from vision.zones import area


@pytest.fixture(scope="module")
def faces() -> Faces:
    """The shipped one; compiling it takes half a second."""
    return Faces()


def test_faces_of_a_dozen_pixels_are_found(faces: Faces) -> None:
    """Three people who look this way in a frame of the road video, wherever they walk; boxes on their heads."""
    hidden = Hider(detect=lambda _: (), faces=faces).parts(road()[20])
    for x, y in ((0.85, 0.52), (0.38, 0.69), (0.91, 0.33)):
        assert any(box[0] < x < box[2] and box[1] < y < box[3] for box in hidden)


def test_next_to_nothing_is_hidden_of_an_empty_street(faces: Faces) -> None:
    """No wheel and no door is a face; one chimney is."""
    hidden = Hider(detect=lambda _: (), faces=faces).parts(street())
    assert sum(area(box) for box in hidden) < 0.003


def test_threads_share_it(faces: Faces) -> None:
    """Evidence is drawn from several threads."""
    pictures = [road()[0], road()[20]]
    alone = [faces.find(picture) for picture in pictures]
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(faces.find, pictures * 2)) == alone * 2


def test_another_model_is_refused(tmp_path: Path) -> None:
    """So is none."""
    with pytest.raises(ConfigError, match="not the CenterFace that is shipped"):
        Faces(SHIPPED)
    with pytest.raises(ConfigError, match="there is no such file"):
        Faces(tmp_path / "none.onnx")


def test_its_hash_stands_beside_its_origin() -> None:
    """The models' README says where each file is from."""
    digest = hashlib.sha256(SHIPPED_FACES.read_bytes()).hexdigest()
    assert digest in (SHIPPED_FACES.parent / "README.md").read_text()
