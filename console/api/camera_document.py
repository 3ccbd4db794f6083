"""What the OpenAPI document says of cameras beside the lists of reads and writes."""

from typing import Any, Final

from console.api.writes import Write

_CAMERA: Final[dict[str, Any]] = {"name": "camera_id", "in": "path", "required": True, "schema": {"type": "string"}}
_MATCH: Final[dict[str, Any]] = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag of the zones as they were seen; if the file has changed since, nothing is done (412)",
    "schema": {"type": "string"},
}
PICTURES: Final[tuple[tuple[str, str, str, list[dict[str, Any]]], ...]] = (
    ("/cameras/{camera_id}/view.jpg", "camera_picture", "The last picture of a camera, blurred", [_CAMERA]),
    ("/cameras/{camera_id}/thumb.jpg", "camera_thumb", "The same, 320 pixels wide", [_CAMERA]),
)
"""Path, name, summary and parameters."""


def told(write: Write[Any]) -> list[dict[str, Any]]:
    """The parameters of a write about a camera; none of another."""
    if "{camera_id}" not in write.path:
        return []
    return [_CAMERA, _MATCH] if write.method == "put" else [_CAMERA]
