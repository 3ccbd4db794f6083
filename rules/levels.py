"""The two shapes in which a rule says its own limits: a severity and its limit, or levels, one for each severity."""

from typing import Any

from pydantic import Field, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from config.limits import Level
from domain.finding import Severity

_INSTEAD = ("severity", "raise", "clear", "for", "samples", "latch")
"""The keys that levels stand instead of."""


class OwnLevel(Level):
    """One severity's limits in the rule itself, which also says whether it ends by itself."""

    latch: bool = Field(default=False, description="once it is reached, only a person's word ends it")


def one_shape(of: str, data: Any) -> Any:
    """What a file says, if it has either shape: with levels, the rule's severity is the worst of them.

    Raises ValidationError, of the model `of`, where levels stand beside what they are instead of.
    """
    levels = data.get("levels") if isinstance(data, dict) else None
    if levels is None:
        return data
    if doubled := [_beside_levels(key, data[key]) for key in _INSTEAD if key in data]:
        raise ValidationError.from_exception_data(of, doubled)
    named = [severity for severity in Severity if isinstance(levels, dict) and severity in levels]
    return {**data, "raise": None, "severity": named[-1] if named else Severity.CRITICAL}


def _beside_levels(key: str, given: object) -> InitErrorDetails:
    problem = PydanticCustomError("beside_levels", "the rule has levels; with them it stands inside, or is their name")
    return InitErrorDetails(type=problem, loc=(key,), input=given)


def either_shape(schema: dict[str, Any]) -> None:
    """What an editor is told: a severity and its limit, or levels."""
    schema["required"] = [key for key in schema["required"] if key not in _INSTEAD]
    schema["if"] = {"not": {"required": ["levels"]}}
    schema["then"] = {"required": ["severity", "raise"]}
