"""What each camera stands in front of."""

from pathlib import Path

import pytest

from app.demo.scenes import CameraScene, Scene, read_scenes
from config.load import Site
from domain.errors import ConfigError


def test_every_camera_of_the_register_has_a_scene(site: Site, scenes: dict[str, CameraScene]) -> None:
    """No camera is left without a picture or a reason to have none."""
    assert scenes.keys() == site.cameras.keys()
    assert {camera.scene for camera in scenes.values()} == set(Scene)


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("CZ-0001,snow,", "line 2: scene is 'snow'"),
        ("CZ-0001,bikes,", "line 2: obeys is empty"),
        ("CZ-0001,bikes,perhaps", "line 2: obeys is 'perhaps'"),
        ("CZ-0001,clear,\nCZ-0001,road,", "line 3: 'CZ-0001' has a scene already"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, lines: str, problem: str) -> None:
    """File and line stand in the error."""
    path = tmp_path / "scenes.csv"
    path.write_text(f"camera_id,scene,obeys\n{lines}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=problem):
        read_scenes(path)
