"""Things of no known class: what was not there before, and stays. Found by two backgrounds, a slow and a quick one.

`nouns` is what is remembered and told, `ground` the pictures of the empty view, `difference` what differs from them,
`regions` which of it is a thing, `things` how one lives on from look to look, `observing` all of it in one look.
"""

from vision.leftover.nouns import Backgrounds, Leftover, Surroundings, weight
from vision.leftover.observing import observe

__all__ = ["Backgrounds", "Leftover", "Surroundings", "observe", "weight"]
