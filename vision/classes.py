"""Which things are reported, which count as the same, and which are only hidden.

The first eleven bear the names of the shipped detector (COCO); a model with other names is mapped by `vision.classes`.
"""

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
    "stall": "stall",
    "goods": "goods",
    "garbage": "garbage",
    "garbage_bin_overflow": "bin",
    "laundry": "laundry",
    "banner": "banner",
    "signboard": "signboard",
}
"""What a sighting may speak of, and its family. A detector calls the same van a car now and a truck then: within
a family it stays the same thing. People are not in it, so no sighting ever speaks of one."""

LEFT_OBJECT = "left_object"
"""A thing of no known class that was put there and stays: goods, rubbish. No detector's word but our own."""
PERSON = "person"
WITH_PLATES = frozenset({"car", "bus", "truck", "motorcycle"})
CAN_HIDE = frozenset({PERSON, "car", "bus", "truck"})
"""What may stand before a place for a while."""
