"""Pictures of findings: how long they are kept, and how much room they have."""

from pydantic import Field

from config.schema.amounts import Size
from config.strict import Duration, Strict


class Keep(Strict):
    """How long pictures are kept once nothing open refers to them any more, by what became of them."""

    no_finding: Duration = Field(default=7 * 86400.0, description="nothing was ever raised; from when it was taken")
    self_corrected: Duration = Field(default=30 * 86400.0, description="over without a case; from its end")
    case_closed: Duration = Field(default=180 * 86400.0, description="from the closing of the case")


class KeepClass(Strict):
    """The same for pictures that show a class of things; what is not said is as for all."""

    no_finding: Duration | None = None
    self_corrected: Duration | None = None
    case_closed: Duration | None = None


class Evidence(Strict):
    """Pictures of findings. What an open alarm, ladder or case refers to, and what is held, is always kept."""

    faces: bool = Field(default=True, description="search faces too, and not people only, to hide them in the copies")

    view_every: Duration = Field(
        default=1800.0,
        ge=10,
        description="how old the last picture of a camera becomes that people see in the console",
    )
    keep: Keep = Keep()
    keep_class: dict[str, KeepClass] = Field(default={}, description="by class; of several in a picture the longest")
    max_size: Size = Field(default=50 << 30, description="beyond it, pictures without a finding go, the oldest first")
