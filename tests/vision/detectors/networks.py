"""Small networks that always answer the same, in OpenVINO's own format: what a model's file can be like."""

from pathlib import Path

import numpy as np
import openvino
from openvino import opset13 as ops

NAMES = "{0: 'person', 1: 'bicycle'}"


def network(
    path: Path,
    rows: list[list[float]],
    *,
    shape: list[int],
    names: str | None = NAMES,
    task: str = "",
    takes: tuple[int, ...] = (1, 3, 64, 64),
    half: bool = False,
    outputs: int = 1,
    imgsz: str = "",
) -> Path:
    """A model whose output is `rows` in this shape, whatever the picture; -1 in `takes` is a free side."""
    kind = np.float16 if half else np.float32
    images = ops.parameter(list(takes), kind, name="images")
    nothing = ops.multiply(ops.reduce_sum(images, np.array([0, 1, 2, 3])), kind(0))
    answer = ops.add(ops.constant(np.array(rows, kind).reshape(shape)), nothing)
    model = openvino.Model([answer] * outputs, [images])
    for key, value in (("names", names), ("task", task), ("imgsz", imgsz)):
        if value:
            model.set_rt_info(value, ["framework", key])
    openvino.save_model(model, path, compress_to_fp16=False)
    return path
