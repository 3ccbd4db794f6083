"""How cameras are looked at, and with which model."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from config.schema.amounts import Share, Size
from config.strict import Duration, Hours, Strict
from config.things import THINGS

_SEEN = (*(word for word in THINGS if word != "left_object"), "person")


def _seen(word: str) -> str:
    if word not in _SEEN:
        raise ValueError(f"{word!r} is no word of ours for what a model sees; there is {', '.join(_SEEN)}")
    return word


_Seen = Annotated[str, AfterValidator(_seen)]
"""What a class of a model can stand for: people too, who are never spoken of, but hidden."""


def _people_stay_people(classes: dict[str, str]) -> dict[str, str]:
    if classes.get("person", "person") != "person":
        raise ValueError(f"person is {classes['person']!r}; it must stay person: people are hidden, never spoken of")
    return classes


class Vision(Strict):
    """How cameras are looked at."""

    interval: Duration = 60.0
    duty: Hours | None = Field(default=None, description="outside them a camera is visited only for a re-check")
    road_duty: dict[str, Hours | Literal["always"]] = Field(
        default={}, description="by road, instead of `duty`; a camera's own in cameras.csv goes before both"
    )
    confirm_interval: Duration = Field(default=20.0, description="while something unconfirmed stands in a zone")
    visit_timeout: Duration = 10.0
    visits_at_once: int = Field(default=32, ge=1)
    visits_per_host: int = Field(default=1, ge=1)
    max_picture: Size = 8 << 20
    placeholders: tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")], ...] = Field(
        default=(), description="SHA-256 of pictures that recorders give where they have none"
    )
    model: Path | None = Field(
        default=None,
        description="a shipped model's name, or the path of one's own: ONNX, OpenVINO, or Ultralytics' .pt",
    )
    engine: Literal["auto", "openvino", "ultralytics"] = Field(
        default="auto", description="auto: by the model's suffix; .pt and .engine are for ultralytics"
    )
    device: str = Field(default="cpu", pattern=r"^(cpu|cuda:\d+)$", description="of ultralytics: cpu, or cuda:0")
    classes: Annotated[dict[str, _Seen], AfterValidator(_people_stay_people)] = Field(
        default={}, description="names of the model's own and our words for them, e.g. 出店经营: goods"
    )
    min_score: Share = 0.35
    inference_streams: int = Field(default=2, ge=1, description="2: less processor time a look than 1, on two cores")
