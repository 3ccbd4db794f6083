"""Every kind of rule there is, by the word that a rule file uses for it."""

from typing import Annotated

from pydantic import Field

from rules.kinds.presence import Presence
from rules.kinds.silent import Silent
from rules.kinds.threshold import Threshold
from rules.kinds.view import View
from rules.rule import Kind

KINDS: dict[str, type[Kind]] = {
    "presence": Presence,
    "silent": Silent,
    "threshold": Threshold,
    "view": View,
}
AnyKind = Annotated[Presence | Silent | Threshold | View, Field(discriminator="kind")]
"""The same, for reading files."""
