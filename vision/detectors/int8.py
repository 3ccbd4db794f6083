"""A model in whole numbers of 8 bits: faster, nearly as good. NNCF is an extra, loaded only for this."""

import logging
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import openvino
from numpy.typing import NDArray

from vision.detectors.framing import frame_into
from vision.detectors.network import Network, read_network, wrong
from vision.picture import Pixels

INSTALL = "pip install 'longcheng[int8]'"
LEAST_PICTURES = 50
"""With fewer the ranges that are measured are those of a few scenes."""


def save_int8(path: Path, pictures: Sequence[Pixels], to: Path) -> None:
    """Write the model as OpenVINO .xml and .bin in 8 bits, its ranges measured on `pictures`.

    Raises ConfigError without the extra, for too few pictures, and for what is not a detector.
    """
    if find_spec("nncf") is None:
        raise wrong(path, f"8 bits need NNCF, which is not installed: {INSTALL}")
    if len(pictures) < LEAST_PICTURES:
        raise wrong(path, f"there are {len(pictures)} pictures to measure on; give at least {LEAST_PICTURES}")
    nncf = import_module("nncf")
    nncf.set_log_level(logging.ERROR)
    network = read_network(path)
    ranges = import_module("nncf.quantization.range_estimator").RangeEstimatorParametersSet.HISTOGRAM
    quantized = nncf.quantize(
        network.model,
        nncf.Dataset([_input(picture, network) for picture in pictures]),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(pictures),
        ignored_scope=nncf.IgnoredScope(names=_last_layers(network.model)),
        # Of the range estimators the one that agrees best with the float model: F1 0.97 where the default has 0.95.
        advanced_parameters=nncf.AdvancedQuantizationParameters(activations_range_estimator_params=ranges),
    )
    if network.any_size:
        quantized.reshape([1, 3, -1, -1])
    width, height = network.input_size
    quantized.set_rt_info(str([height, width]), ["framework", "imgsz"])
    quantized.set_rt_info(str(dict(enumerate(network.names))), ["framework", "names"])
    quantized.set_rt_info("detect", ["framework", "task"])
    quantized.set_rt_info(f"int8 of {path.name}, sha256 {network.sha256}", ["framework", "description"])
    openvino.save_model(quantized, to, compress_to_fp16=False)


def _input(picture: Pixels, network: Network) -> NDArray[np.float32]:
    """The picture as the network itself takes it, before conversion was built in."""
    width, height = network.input_size
    frame = np.empty((height, width, 3), np.uint8)
    frame_into(frame, picture)
    return (frame[np.newaxis, ..., ::-1].transpose(0, 3, 1, 2) / np.float32(255)).astype(np.float32)


def _last_layers(model: openvino.Model) -> list[str]:
    """Everything from the last convolutions to the output: there a step of 8 bits is a step of score or of place."""
    names: dict[str, None] = {}
    waiting = [result.get_node() for result in model.outputs]
    while waiting:
        node = waiting.pop()
        name = node.get_friendly_name()
        if name in names or node.get_type_name() in {"Constant", "Parameter", "Result"}:
            waiting += [
                port.get_source_output().get_node() for port in node.inputs() if node.get_type_name() == "Result"
            ]
            continue
        names[name] = None
        if node.get_type_name() not in {"Convolution", "GroupConvolution", "MatMul"}:
            waiting += [port.get_source_output().get_node() for port in node.inputs()]
    return list(names)
