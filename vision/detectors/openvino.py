"""Models of the Ultralytics layout, ONNX or OpenVINO's own, run by OpenVINO on the CPU."""

from collections.abc import Mapping
from math import ceil
from pathlib import Path

import numpy as np
import openvino

from vision.detectors.network import STRIDE, Network, read_network, with_pixels_as_input, wrong
from vision.detectors.outputs import Found, read_output
from vision.detectors.requests import Outputs, Requests
from vision.detectors.words import our_words
from vision.memory import Detection
from vision.picture import Pixels

WIDE = 9 / 16
"""Height to width of what most cameras give."""
THREADS = 2
"""Cores that inference uses at least. See docs/decisions/0012-detectors.md for what else was measured."""


class OpenVino:
    """One compiled model with a pool of requests; `detect` may be called from any thread."""

    def __init__(
        self, path: Path, streams: int, classes: Mapping[str, str] | None = None, *, exact: bool = False
    ) -> None:
        """Compile the model; `classes` are our words for the model's own, which stay where it has none.

        `exact` is float32 also where the CPU has bfloat16, in which OpenVINO takes half the time.
        Raises ConfigError for what is not a detector of the Ultralytics layout.
        """
        network = read_network(path)
        self.model = path.name
        self.model_sha256 = network.sha256
        self.input_size = network.input_size
        self.words = our_words(network.names, classes or {}, path)
        self._kind = network.output
        self._labels = [self.words[name] for name in network.names]
        self.labels = frozenset(self._labels)
        options: dict[str, int | str] = {"NUM_STREAMS": streams, "INFERENCE_NUM_THREADS": max(THREADS, streams)}
        if exact:
            options["INFERENCE_PRECISION_HINT"] = "f32"
        self._frames = [(size, _compiled(network, size, options, streams)) for size in _sizes(network)]
        self._refuse_no_numbers(path)

    def detect(self, pixels: Pixels) -> tuple[Detection, ...]:
        """Everything found with at least LEAST_SCORE, each thing once, best first."""
        framing, (corners, scores, classes) = self._smallest_for(pixels).ask(pixels, self._read)
        return tuple(
            Detection(label=self._labels[index], score=score, box=box)
            for index, score, box in zip(classes, scores, framing.boxes(corners), strict=True)
        )

    def _smallest_for(self, pixels: Pixels) -> Requests:
        """The smallest frame in which the picture is as large as in the whole input."""
        height, width = pixels.shape[:2]
        for (frame_width, frame_height), requests in self._frames:
            if height * frame_width <= frame_height * width:
                return requests
        return self._frames[-1][1]

    def _read(self, outputs: Outputs) -> Found:
        return read_output(outputs[0], self._kind, len(self._labels))

    def _refuse_no_numbers(self, path: Path) -> None:
        # No comparison holds for what is not a number: such a model would call every street clear.
        grey = np.full((self.input_size[1], self.input_size[0], 3), 128, np.uint8)
        for _size, requests in self._frames:
            if not requests.ask(grey, lambda outputs: bool(np.isfinite(outputs[0]).all()))[1]:
                raise wrong(path, "the model's output for a plain picture holds values that are no numbers")


def _sizes(network: Network) -> list[tuple[int, int]]:
    """The frames to compile for, the smallest first: of a square input, 44 % lie empty around a picture of 16:9."""
    width, height = network.input_size
    wide = (width, ceil(width * WIDE / STRIDE) * STRIDE)
    return [wide, network.input_size] if network.any_size and wide[1] < height else [network.input_size]


def _compiled(network: Network, size: tuple[int, int], options: Mapping[str, int | str], streams: int) -> Requests:
    model = network.model.clone()
    model.reshape([1, 3, size[1], size[0]])
    return Requests(
        openvino.Core().compile_model(with_pixels_as_input(model, scale=255), "CPU", options), count=streams
    )
