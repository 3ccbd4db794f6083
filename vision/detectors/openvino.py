"""ONNX models of the Ultralytics layout, run by OpenVINO on the CPU.

Both outputs are read: boxes before suppression, [1, 4 + classes, n], and end to end, [1, n, 6].
"""

import ast
import hashlib
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import cv2
import numpy as np
import openvino
from numpy.typing import NDArray
from openvino.preprocess import ColorFormat, PrePostProcessor

from domain.errors import ConfigError
from domain.sighting import Box
from vision.memory import Detection
from vision.picture import Pixels

LEAST_SCORE = 0.2
"""What is less likely is not even hidden in a shareable picture. What a sighting reports is a setting, and higher."""
SAME_THING = 0.6
"""Intersection over union from which on two boxes of one class are one thing."""
GREY = 114
THREADS = 2
"""Cores that inference uses at least. On 2 cores, frames/s: one stream of two threads 87, two streams of one 95, one
thread 48; a second stream costs 10 MB."""
REQUESTS = 2


class OpenVino:
    """One compiled model with a pool of requests; `detect` may be called from any thread."""

    def __init__(self, path: Path, streams: int) -> None:
        """Compile the model. Raises ConfigError for a file that is not a detector of the Ultralytics layout."""
        if not path.is_file():
            raise ConfigError("vision.model: there is no such file", path=path)
        self.model = path.name
        self.model_sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        core = openvino.Core()
        network = _read(core, path)
        self._names = _names(network, path)
        self._size = _input_size(network, path)
        self._end_to_end = _is_end_to_end(network, len(self._names), path)
        options = {"NUM_STREAMS": streams, "INFERENCE_NUM_THREADS": max(THREADS, streams)}
        compiled = core.compile_model(_with_pixels_as_input(network), "CPU", options)
        self._requests: SimpleQueue[Any] = SimpleQueue()
        nothing = np.zeros((1, self._size[1], self._size[0], 3), np.uint8)
        for _ in range(max(REQUESTS, streams)):
            request = compiled.create_infer_request()
            # Before any thread works: at its first access to a tensor the binding sets up a static of its own, and of
            # two threads that do so at once one waits for it with the interpreter's lock, the other for that lock.
            # Seen 1 time in 14 with OpenVINO 2026.4; the whole process stands still.
            request.infer({0: nothing})
            self._requests.put(request)

    def detect(self, pixels: Pixels) -> tuple[Detection, ...]:
        """Everything found with at least LEAST_SCORE, each thing once, best first."""
        framed, scale, left, top = _letterbox(pixels, self._size)
        request = self._requests.get()
        try:
            output = np.array(request.infer({0: framed[np.newaxis]})[0][0], np.float32)
        finally:
            self._requests.put(request)
        corners, scores, classes = _as_they_are(output) if self._end_to_end else _suppressed(output)
        corners = (corners - (left, top, left, top)) / scale
        return tuple(
            Detection(label=self._names[int(classes[i])], score=float(scores[i]), box=_box(corners[i], pixels.shape))
            for i in np.argsort(-scores, kind="stable")
        )


def _letterbox(pixels: Pixels, size: tuple[int, int]) -> tuple[Pixels, float, int, int]:
    """The picture on grey, as Ultralytics frames it: (framed, scale, left, top)."""
    height, width = pixels.shape[:2]
    scale = min(size[0] / width, size[1] / height)
    fitted = (round(width * scale), round(height * scale))
    left, top = (size[0] - fitted[0]) // 2, (size[1] - fitted[1]) // 2
    framed = np.full((size[1], size[0], 3), GREY, np.uint8)
    framed[top : top + fitted[1], left : left + fitted[0]] = cv2.resize(pixels, fitted)
    return framed, scale, left, top


_Found = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]
"""Corners in input pixels, scores, class indices."""


def _suppressed(output: NDArray[np.float32]) -> _Found:
    best = output[4:].max(axis=0)
    chosen = best >= LEAST_SCORE
    centres, scores = output[:4, chosen].T, best[chosen]
    classes = output[4:, chosen].argmax(axis=0)
    half = centres[:, 2:] / np.float32(2)
    corners = np.hstack((centres[:, :2] - half, centres[:, :2] + half)).astype(np.float32)
    boxes = np.hstack((corners[:, :2], centres[:, 2:]))
    kept = cv2.dnn.NMSBoxesBatched(boxes.tolist(), scores.tolist(), classes.tolist(), LEAST_SCORE, SAME_THING)
    index = np.asarray(kept, np.intp).reshape(-1)
    return corners[index], scores[index], classes[index].astype(np.float32)


def _as_they_are(output: NDArray[np.float32]) -> _Found:
    chosen = output[output[:, 4] >= LEAST_SCORE]
    return chosen[:, :4], chosen[:, 4], chosen[:, 5]


def _box(corners: NDArray[np.float32], shape: tuple[int, ...]) -> Box:
    height, width = shape[:2]
    x1, y1, x2, y2 = (round(float(share), 4) for share in np.clip(corners / (width, height, width, height), 0, 1))
    return (x1, y1, x2, y2)


def _read(core: Any, path: Path) -> Any:
    try:
        network = core.read_model(path)
    except RuntimeError as wrong:
        first = next((line for line in str(wrong).splitlines() if line.strip()), "no reason given")
        raise ConfigError(f"vision.model: OpenVINO cannot read this file: {first}", path=path) from None
    if len(network.inputs) != 1 or len(network.outputs) != 1:
        raise ConfigError(
            f"vision.model: the model has {len(network.inputs)} inputs and {len(network.outputs)} outputs; "
            "a detector of the Ultralytics layout has one of each",
            path=path,
        )
    return network


def _metadata(network: Any, key: str) -> str | None:
    try:
        return str(network.get_rt_info(["framework", key]).astype(str))
    except RuntimeError:
        return None


def _names(network: Any, path: Path) -> list[str]:
    task = _metadata(network, "task")
    if task not in {None, "detect"}:
        raise ConfigError(f"vision.model: the model's task is {task!r}; it must be 'detect'", path=path)
    text = _metadata(network, "names")
    try:
        names = ast.literal_eval(text or "")
        return [str(names[index]) for index in range(len(names))]
    except (SyntaxError, ValueError, TypeError, KeyError):
        raise ConfigError(
            f"vision.model: the metadata 'names' is {text!r}; it must be written as {{0: 'person', 1: 'bicycle', …}}, "
            "as an Ultralytics export does",
            path=path,
        ) from None


def _input_size(network: Any, path: Path) -> tuple[int, int]:
    """Width and height. A free batch size is fixed to 1; a free picture size is taken from the metadata."""
    shape = network.inputs[0].get_partial_shape()
    fixed = [int(axis.get_length()) if axis.is_static else None for axis in shape] if shape.rank.is_static else []
    if len(fixed) == 4 and fixed[1] == 3:
        height, width = fixed[2], fixed[3]
        if height is None or width is None:
            height, width = _exported_size(network)
        if height and width:
            network.reshape([1, 3, height, width])
            return width, height
    raise ConfigError(f"vision.model: the input is {shape}; it must be [1, 3, height, width]", path=path)


def _exported_size(network: Any) -> tuple[int | None, int | None]:
    try:
        height, width = ast.literal_eval(_metadata(network, "imgsz") or "")
        return int(height), int(width)
    except (SyntaxError, ValueError, TypeError):
        return None, None


def _is_end_to_end(network: Any, classes: int, path: Path) -> bool:
    shape = network.outputs[0].get_partial_shape()
    sizes = [int(axis.get_length()) if axis.is_static else None for axis in shape] if shape.rank.is_static else []
    if len(sizes) == 3 and sizes[2] == 6:
        return True
    if len(sizes) == 3 and sizes[1] == 4 + classes:
        return False
    raise ConfigError(
        f"vision.model: the output is {shape}; with {classes} classes it must be [1, {4 + classes}, n] or [1, n, 6]",
        path=path,
    )


def _with_pixels_as_input(network: Any) -> Any:
    """The model with conversion from 8-bit blue-green-red built in: it is faster there than in numpy."""
    steps = PrePostProcessor(network)
    tensor = steps.input().tensor()
    tensor.set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC")).set_color_format(ColorFormat.BGR)
    steps.input().model().set_layout(openvino.Layout("NCHW"))
    steps.input().preprocess().convert_color(ColorFormat.RGB).convert_element_type(openvino.Type.f32).scale(255.0)
    return steps.build()
