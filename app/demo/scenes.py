"""What each camera of the simulated city stands in front of: `scenes.csv` of the demo site."""

from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from config.tables import rows


class Scene(StrEnum):
    """What a camera shows, or why it shows nothing."""

    BIKES = "bikes"  # the street with bicycles at the house front
    CLEAR = "clear"  # the same street without them
    ROAD = "road"  # frames of the road video
    BLACK = "black"
    FROZEN = "frozen"  # the same bytes for ever
    DEAD = "dead"  # nobody listens at its address
    SILENT = "silent"  # its address takes the connection and never answers


class CameraScene(Struct, frozen=True, kw_only=True):
    """One camera. `obeys` is about bicycles only: does whoever is told about them take them away?"""

    camera_id: str
    scene: Scene
    obeys: bool = False


def read_scenes(path: Path) -> dict[str, CameraScene]:
    """`scenes.csv`, by camera_id. Raises ConfigError with file and line."""
    found: dict[str, CameraScene] = {}
    for row in rows(path, ("camera_id", "scene", "obeys")):
        camera_id = row.text("camera_id")
        if camera_id in found:
            raise row.wrong(f"{camera_id!r} has a scene already")
        scene = Scene(row.one_of("scene", [scene.value for scene in Scene]))
        obeys = scene is Scene.BIKES and row.one_of("obeys", ("yes", "no")) == "yes"
        found[camera_id] = CameraScene(camera_id=camera_id, scene=scene, obeys=obeys)
    return found
