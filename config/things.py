"""The words for things that cameras can see: what a rule may name in `classes`, and a sighting says."""

THINGS = (
    "bicycle",
    "motorcycle",
    "car",
    "bus",
    "truck",
    "chair",
    "dining table",
    "umbrella",
    "potted plant",
    "handbag",
    "suitcase",
    "left_object",
    "stall",
    "goods",
    "garbage",
    "garbage_bin_overflow",
    "laundry",
    "banner",
    "signboard",
)
"""The first eleven are the shipped detector's; `left_object` is found without a detector; the rest want weights of
one's own. What a model calls them itself stands in `vision.classes`."""
