"""Whether a picture can count for or against anyone. Asked before anything else.

The figures beside the thresholds were measured on the two sample scenes (a street photograph of 751 × 563, a road video
of 768 × 576) to which light, weather, passers-by and vandals were done: `tests/vision/view_scenes.py` does it again.
"""

from msgspec import structs

from domain.sighting import ViewHealth
from vision.glance import Glance
from vision.picture import Pixels
from vision.view_health import references, same_view
from vision.view_health.drawn import drawn
from vision.view_health.hidden import hides
from vision.view_health.light import is_dim, light_of, too_little_or_too_much
from vision.view_health.repeats import SAMPLES_APART_MS, Duplicates, noted, old, samples
from vision.view_health.verdict import Arrival, Light, Verdict
from vision.view_memory import ViewMemory

__all__ = ["Arrival", "Duplicates", "Light", "Verdict", "hides", "judge", "remembered"]


def judge(pixels: Pixels, glance: Glance, arrival: Arrival, memory: ViewMemory) -> Verdict:
    """The first thing that is wrong with the picture, or HEALTHY."""
    seen = same_view.Seen.of(glance)
    wrong = drawn(pixels, arrival) or too_little_or_too_much(glance, seen.blocks) or old(pixels, arrival, memory)
    if wrong is not None:
        return wrong
    found = same_view.in_focus(seen) or _against_references(seen, light_of(pixels, glance), memory)
    return _doubted(found, glance)


def _doubted(verdict: Verdict, glance: Glance) -> Verdict:
    """Where little can be made out, what is not to be seen may be there; only a measured shift is sure."""
    if verdict.view is ViewHealth.HEALTHY or verdict.measured or not is_dim(glance):
        return verdict
    return structs.replace(verdict, view=ViewHealth.DARK, reason=f"too dark to tell: {verdict.reason}", unsettled=False)


def _against_references(seen: same_view.Seen, light: Light, memory: ViewMemory) -> Verdict:
    """Against the view by this light; if that has nothing to say, or something against it, by the other one too."""
    other = Light.NIGHT if light is Light.DAY else Light.DAY
    worst: Verdict | None = None
    for each in (light, other):
        reference = references.of_light(memory, each)
        found = None if reference is None else same_view.compared(seen, reference)
        if reference is None or found is None:
            continue
        settled = references.settled(reference)
        if found.view is ViewHealth.HEALTHY and (settled or worst is None):
            return structs.replace(found, light=light, unsettled=worst is not None and worst.unsettled)
        if settled or each is light:
            worst = worst or structs.replace(found, light=light, unsettled=not settled)
    return worst or Verdict(view=ViewHealth.HEALTHY, light=light)


def remembered(memory: ViewMemory, pixels: Pixels, glance: Glance, arrival: Arrival, verdict: Verdict) -> ViewMemory:
    """What the next look has to know of this one. Only a healthy view is worked into a reference."""
    memory = _arrived(memory, pixels, arrival)
    if verdict.unsettled:
        return references.begun_anew(memory, glance, arrival.taken_ms, verdict)
    if verdict.view is ViewHealth.HEALTHY:
        return references.learnt(memory, glance, arrival.taken_ms, verdict)
    return memory


def _arrived(memory: ViewMemory, pixels: Pixels, arrival: Arrival) -> ViewMemory:
    if memory.last == arrival.sha256:
        return memory
    memory = noted(memory, arrival)
    if memory.samples and abs(arrival.taken_ms - memory.samples_ms) < SAMPLES_APART_MS:
        return memory
    return structs.replace(memory, samples=samples(pixels).tobytes(), samples_ms=arrival.taken_ms)
