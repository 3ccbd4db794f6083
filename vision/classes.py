"""Which things are reported, which count as the same, and which are only hidden. Names are the detector's (COCO)."""

FAMILIES = {
    "bicycle": "bike",
    "motorcycle": "bike",
    "car": "car",
    "bus": "car",
    "truck": "car",
    "chair": "chair",
    "dining table": "table",
    "umbrella": "umbrella",
    "potted plant": "plant",
    "handbag": "bag",
    "suitcase": "bag",
}
"""What a sighting may speak of, and its family. A detector calls the same van a car now and a truck then: within
a family it stays the same thing. People are not in it, so no sighting ever speaks of one."""

PERSON = "person"
WITH_PLATES = frozenset({"car", "bus", "truck", "motorcycle"})
CAN_HIDE = frozenset({PERSON, "car", "bus", "truck"})
"""What may stand before a place for a while."""
