"""A look as evidence."""

from domain.finding import Evidence
from domain.sighting import Sighting


def evidence_of(sighting: Sighting) -> Evidence:
    """The look and its picture, as a finding carries them."""
    return Evidence(
        look_id=sighting.look_id,
        taken_ms=sighting.taken_ms,
        picture=sighting.picture,
        picture_sha256=sighting.picture_sha256,
        model=sighting.model,
    )
