"""Faces, for hiding them in what leaves: CenterFace, run by OpenVINO on the CPU."""

from pathlib import Path

import cv2
import numpy as np
import openvino
from numpy.typing import NDArray
from openvino.preprocess import ColorFormat, PrePostProcessor

from domain.errors import ConfigError
from domain.sighting import Box
from vision.detectors.once import Once
from vision.detectors.requests import Outputs, Requests
from vision.picture import Pixels

SHIPPED_FACES = Path(__file__).parent.parent / "models" / "centerface.onnx"
SIZE = (768, 448)
"""Width and height of what is searched at once. Whoever hides searches four overlapping parts too: together they are
seen as large as at 1280 × 736 at once, in half the memory (40 MB instead of 82; without bfloat16 60 instead of 137)."""
LEAST_SCORE = 0.2
"""Low: to hide what is no face costs nothing. In 15 frames of the road video, where most heads are 8 to 12 pixels high,
whole and parts give 47 finds, of which 39 are heads; 1280 × 736 at once 39 and 37."""
SAME_FACE = 0.3
"""Intersection over union from which on two boxes are one face."""
STRIDE = 4
"""Input pixels from one cell of the output to the next."""


class Faces:
    """One network, which takes memory only once it is needed; `find` may be called from any thread."""

    def __init__(self, path: Path = SHIPPED_FACES) -> None:
        """Read the file; it is compiled at the first picture. Raises ConfigError if there is none, or another's."""
        if not path.is_file():
            raise ConfigError("the face detector: there is no such file", path=path)
        try:
            network = openvino.Core().read_model(path)
            network.reshape([1, 3, SIZE[1], SIZE[0]])
            names = [output.any_name for output in network.outputs]
            self._outputs = [names.index(name) for name in ("heat", "size", "offset")]
        except (RuntimeError, ValueError):
            raise ConfigError("the face detector: this is not the CenterFace that is shipped", path=path) from None
        self._requests = Once(lambda: _compiled(network))

    def find(self, pixels: Pixels) -> tuple[Box, ...]:
        """Every face, best first, tightly from brow to chin: hide somewhat more."""
        framing, corners = self._requests().ask(pixels, self._read)
        return tuple(framing.boxes(corners))

    def _read(self, outputs: Outputs) -> NDArray[np.float32]:
        heat, size, offset = (outputs[index] for index in self._outputs)
        rows, columns = np.nonzero(heat[0] >= LEAST_SCORE)
        corners = _corners(rows, columns, size[:, rows, columns], offset[:, rows, columns])
        spans = np.hstack((corners[:, :2], corners[:, 2:] - corners[:, :2]))
        kept = cv2.dnn.NMSBoxes(spans.tolist(), heat[0, rows, columns].tolist(), LEAST_SCORE, SAME_FACE)
        return corners[np.asarray(kept, np.intp).reshape(-1)]


def _corners(
    rows: NDArray[np.intp], columns: NDArray[np.intp], size: NDArray[np.float32], offset: NDArray[np.float32]
) -> NDArray[np.float32]:
    """x1, y1, x2, y2 in input pixels. The network's pairs are (vertical, horizontal), sizes as logarithms."""
    middle_y, middle_x = (rows + offset[0] + 0.5) * STRIDE, (columns + offset[1] + 0.5) * STRIDE
    half_y, half_x = np.exp(size[0]) * STRIDE / 2, np.exp(size[1]) * STRIDE / 2
    corners = np.stack((middle_x - half_x, middle_y - half_y, middle_x + half_x, middle_y + half_y), axis=1)
    return corners.astype(np.float32)


def _compiled(network: openvino.Model) -> Requests:
    compiled = openvino.Core().compile_model(_with_pixels_as_input(network), "CPU", {"INFERENCE_NUM_THREADS": 2})
    return Requests(compiled, count=1)


def _with_pixels_as_input(network: openvino.Model) -> openvino.Model:
    """The network with conversion from 8-bit blue-green-red built in; it wants red-green-blue, 0–255."""
    steps = PrePostProcessor(network)
    tensor = steps.input().tensor()
    tensor.set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC")).set_color_format(ColorFormat.BGR)
    steps.input().model().set_layout(openvino.Layout("NCHW"))
    steps.input().preprocess().convert_color(ColorFormat.RGB).convert_element_type(openvino.Type.f32)
    return steps.build()
