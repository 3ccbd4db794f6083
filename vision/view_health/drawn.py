"""Whether a server drew the picture, or a part of it, instead of a camera taking it."""

import cv2
import numpy as np

from domain.sighting import ViewHealth
from vision.picture import Pixels
from vision.view_health.verdict import Arrival, Verdict

ROWS = 64
FLAT_SHARE = 0.85
"""Share of pixels equal to their neighbour. Camera pictures: 0.1–0.4, with much blur and compressed to the utmost
0.79; colour bars: 0.88, a logo or `no signal` on a plain ground: 0.95."""
BLACK = 16
"""In the brightest channel. What is darker has no noise left, whoever made it; it is not counted."""
SHOWN_SHARE = 0.2
"""Share of the pixels that must be brighter. With fewer of them a picture is dark, drawn or not."""
FILLED_SHARE = 0.06
"""Share of the picture's rows, from the last one up, that are all of one colour. A camera's noise leaves not one."""
ROW_FLAT = 0.99
NO_FILLING = (24, 232)
"""Filling is grey, or green where a video decoder did it. What is black at the edge is a frame round the picture, and
what is white is overexposed."""


def drawn(pixels: Pixels, arrival: Arrival) -> Verdict | None:
    """A logo, colour bars, `no signal`; a picture filled up below; one that another camera gave too."""
    if arrival.elsewhere:
        return Verdict(view=ViewHealth.PLACEHOLDER, reason="another camera gave the same bytes")
    rows = pixels[:: max(1, pixels.shape[0] // ROWS)]
    green = cv2.extractChannel(rows, 1)
    flat = green[:, 1:] == green[:, :-1]
    if np.count_nonzero(flat) >= FLAT_SHARE * np.count_nonzero(green[:, 1:] >= BLACK):  # no more can be flat and shown
        shown = rows.max(axis=2)[:, 1:] >= BLACK
        many = int(np.count_nonzero(shown))
        share = int(np.count_nonzero(flat & shown)) / max(many, 1)
        if share >= FLAT_SHARE and many >= SHOWN_SHARE * shown.size:
            reason = f"{share:.2f} of the pixels equal their neighbours: drawn"
            return Verdict(view=ViewHealth.PLACEHOLDER, reason=reason)
    if NO_FILLING[0] <= int(green[-1, 0]) <= NO_FILLING[1] and float(flat[-1].mean()) >= ROW_FLAT:
        filled = int(np.argmin(np.append(flat.mean(axis=1)[::-1] >= ROW_FLAT, False))) / len(green)
        if filled >= FILLED_SHARE:
            return Verdict(view=ViewHealth.PLACEHOLDER, reason=f"the lower {filled:.2f} of it is filled in")
    return None
