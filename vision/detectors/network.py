"""What a model's file says of itself, and whether it is a detector that can be used."""

import ast
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openvino
import yaml
from openvino.frontend import FrontEndManager
from openvino.preprocess import ColorFormat, PrePostProcessor

from domain.errors import ConfigError
from vision.detectors.outputs import OutputKind

STRIDE = 32
"""Sides of every input of Ultralytics' layout are multiples of it."""
READERS = {".onnx": "onnx", ".xml": "ir"}
"""OpenVINO's reader for each kind of file."""
NO_REASONS = ("Exception from", "Check '", "FrontEnd API failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A detector as it was read: one picture in, boxes out."""

    model: openvino.Model
    names: tuple[str, ...]
    """The model's own words for what it sees, by index."""
    input_size: tuple[int, int]
    """Width and height."""
    any_size: bool
    """Whether it takes other sizes too, with sides that are multiples of STRIDE."""
    output: OutputKind
    files: tuple[Path, ...]

    @property
    def sha256(self) -> str:
        """Hash of all its files, one after the other."""
        return sha256_of(self.files)


def sha256_of(files: tuple[Path, ...]) -> str:
    """Hash of the files, one after the other."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def wrong(path: Path, problem: str) -> ConfigError:
    """What is wrong with a model's file."""
    return ConfigError(f"vision.model: {problem}", path=path)


def read_network(path: Path) -> Network:
    """Read an ONNX file, an OpenVINO .xml, or the folder of Ultralytics' OpenVINO export.

    Raises ConfigError for what is not a detector with Ultralytics' metadata.
    """
    files = _files(path)
    model = _read(path, files[0])
    metadata = _Metadata(model, files[0].with_name("metadata.yaml"))
    names = _names(metadata, path)
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise wrong(
            path,
            f"the model has {len(model.inputs)} inputs and {len(model.outputs)} outputs; "
            "a detector of the Ultralytics layout has one of each",
        )
    any_size = (
        model.inputs[0].get_partial_shape().is_dynamic and None in _sizes(model.inputs[0].get_partial_shape())[2:]
    )
    size = _fixed_size(model, metadata, path)
    kind = _kind(model, len(names), path)
    return Network(model=model, names=names, input_size=size, any_size=any_size, output=kind, files=files)


def with_pixels_as_input(model: openvino.Model, *, scale: float) -> openvino.Model:
    """The model with conversion from 8-bit blue-green-red built in, and float32 out: faster there than in numpy.

    `scale` is what the model's own values are divided by: 255 where it takes 0–1.
    """
    steps = PrePostProcessor(model)
    tensor = steps.input().tensor()
    tensor.set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC")).set_color_format(ColorFormat.BGR)
    steps.input().model().set_layout(openvino.Layout("NCHW"))
    steps.input().preprocess().convert_color(ColorFormat.RGB).convert_element_type(openvino.Type.f32).scale(scale)
    for at in range(len(model.outputs)):
        steps.output(at).tensor().set_element_type(openvino.Type.f32)
    return steps.build()


def _files(path: Path) -> tuple[Path, ...]:
    """The file to read first, and those that belong to it."""
    if path.is_dir():
        graphs = sorted(path.glob("*.xml"))
        if len(graphs) != 1:
            raise wrong(path, f"the folder holds {len(graphs)} .xml files; an OpenVINO export holds one")
        path = graphs[0]
    if not path.is_file():
        raise wrong(path, "there is no such file")
    if path.suffix not in READERS:
        raise wrong(
            path,
            f"the file's name ends in {path.suffix!r}; a model is an .onnx, an .xml with its .bin, the folder of an "
            "OpenVINO export, or with Ultralytics a .pt or an .engine",
        )
    if path.suffix != ".xml":
        return (path,)
    if not (weights := path.with_suffix(".bin")).is_file():
        raise wrong(path, f"its weights are not there: {weights.name} belongs beside it")
    return path, weights


def _read(path: Path, file: Path) -> openvino.Model:
    # by its suffix: OpenVINO itself would try one format after the other, and each complains on the screen
    reader = FrontEndManager().load_by_framework(READERS[file.suffix])
    try:
        return reader.convert(reader.load(str(file)))
    except Exception as problem:  # noqa: BLE001  each reader fails in its own way
        lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
        # the first lines name OpenVINO's own source files
        first = next((line for line in lines if not line.startswith(NO_REASONS)), "no reason given")
        raise wrong(path, f"OpenVINO cannot read this file: {first}") from None


class _Metadata:
    """What Ultralytics writes into an ONNX, or beside an OpenVINO model; our own exports write it into the .xml."""

    def __init__(self, model: openvino.Model, beside: Path) -> None:
        self._model = model
        self._beside: dict[str, Any] = {}
        if beside.is_file():
            try:
                found = yaml.safe_load(beside.read_text(encoding="utf-8"))
            except (yaml.YAMLError, UnicodeDecodeError):
                raise wrong(beside, "the metadata is not YAML") from None
            self._beside = found if isinstance(found, dict) else {}

    def value(self, key: str) -> Any:
        """As Python reads it; as text where Python can't; None where it is not said."""
        if key in self._beside:
            return self._beside[key]
        try:
            text = str(self._model.get_rt_info(["framework", key]).astype(str))
        except RuntimeError:
            return None
        try:
            return ast.literal_eval(text)
        except (SyntaxError, ValueError):
            return text


def _names(metadata: _Metadata, path: Path) -> tuple[str, ...]:
    task = metadata.value("task")
    if task not in {None, "detect"}:
        raise wrong(path, f"the model's task is {task!r}; it must be 'detect'")
    names = metadata.value("names")
    if isinstance(names, dict) and names and set(names) == set(range(len(names))):
        return tuple(str(names[index]) for index in range(len(names)))
    raise wrong(
        path,
        f"the metadata 'names' is {names!r}; it must be written as {{0: 'person', 1: 'bicycle', …}}, "
        "as an Ultralytics export does",
    )


def _fixed_size(model: openvino.Model, metadata: _Metadata, path: Path) -> tuple[int, int]:
    """Width and height. A free batch size is fixed to 1; a free picture size is taken from the metadata."""
    shape = model.inputs[0].get_partial_shape()
    sizes = _sizes(shape)
    if len(sizes) == 4 and sizes[1] in {3, None}:
        height, width = sizes[2], sizes[3]
        exported = metadata.value("imgsz")
        if (height is None or width is None) and isinstance(exported, list | tuple) and len(exported) == 2:
            height, width = (int(side) for side in exported)
        if height and width:
            try:
                model.reshape([1, 3, height, width])
            except RuntimeError:
                raise wrong(path, f"the input is {shape} and cannot be [1, 3, {height}, {width}]") from None
            return width, height
    raise wrong(path, f"the input is {shape}; it must be [1, 3, height, width]")


def _kind(model: openvino.Model, classes: int, path: Path) -> OutputKind:
    shape = model.outputs[0].get_partial_shape()
    sizes = _sizes(shape)
    if len(sizes) == 3 and sizes[1] == 4 + classes:
        return OutputKind.RAW
    if len(sizes) == 3 and sizes[2] == 6:
        return OutputKind.END_TO_END
    turned = "; it is turned: export it anew, without a transpose" if sizes[2:] == [4 + classes] else ""
    raise wrong(
        path, f"the output is {shape}; with {classes} classes it must be [1, {4 + classes}, n] or [1, n, 6]{turned}"
    )


def _sizes(shape: Any) -> list[int | None]:
    """One by one, None for what is free; nothing at all if even their number is."""
    return [int(axis.get_length()) if axis.is_static else None for axis in shape] if shape.rank.is_static else []
