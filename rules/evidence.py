"""A look as evidence."""

from collections.abc import Collection

from domain.finding import Evidence
from domain.picture import look_id_of, taken_ms_of
from domain.sighting import SeenObject, Sighting


def evidence_of(sighting: Sighting, zone: str | None = None, classes: Collection[str] = ()) -> Evidence:
    """The look and its picture, as a finding carries them.

    Of what stands longest in `zone` among `classes` it also has the pictures of its coming and of before.
    """
    seen = _longest(sighting, zone, classes)
    return Evidence(
        look_id=sighting.look_id,
        taken_ms=sighting.taken_ms,
        picture=sighting.picture,
        picture_sha256=sighting.picture_sha256,
        model=sighting.model,
        onset=_earlier(seen.onset) if seen else None,
        context=_earlier(seen.context) if seen else None,
    )


def _longest(sighting: Sighting, zone: str | None, classes: Collection[str]) -> SeenObject | None:
    objects = [seen for part in sighting.zones if part.zone == zone for seen in part.objects if seen.label in classes]
    return max(objects, key=lambda seen: seen.stay_s, default=None)


def _earlier(picture: str | None) -> Evidence | None:
    """A picture by its name alone. One that does not say when it was taken proves nothing about before or after."""
    taken_ms = taken_ms_of(picture) if picture else None
    if picture is None or taken_ms is None:
        return None
    return Evidence(look_id=look_id_of(picture), taken_ms=taken_ms, picture=picture)
