"""A compiled network with a pool of requests, so that any number of threads may ask it at once."""

from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from vision.detectors.framing import Framing, frame_into
from vision.picture import Pixels

LEAST = 2
"""Requests at least: a thread prepares its picture while another one's is in the network."""

Answer = TypeVar("Answer")
Outputs = tuple[NDArray[np.float32], ...]


class Requests:
    """Takes pictures, gives what `read` makes of the outputs. Remembers nothing from one picture to the next."""

    def __init__(self, compiled: Any, *, count: int) -> None:
        """At least `count` requests are made. The network takes [1, height, width, 3] of 8 bits."""
        self._free: SimpleQueue[tuple[Any, Pixels, Outputs]] = SimpleQueue()
        for _ in range(max(LEAST, count)):
            request = compiled.create_infer_request()
            # Before any thread works: at its first access to a tensor the binding sets up a static of its own, and of
            # two threads that do so at once one waits for it with the interpreter's lock, the other for that lock.
            # Seen 1 time in 14 with OpenVINO 2026.4; the whole process stands still.
            frame = request.get_input_tensor().data
            frame[:] = 0
            request.infer()
            outputs = tuple(request.get_output_tensor(at).data for at in range(len(compiled.outputs)))
            self._free.put((request, frame[0], tuple(output[0] for output in outputs)))

    def ask(self, pixels: Pixels, read: Callable[[Outputs], Answer]) -> tuple[Framing, Answer]:
        """Lay the picture into the network's own memory, run it, and read the outputs where they lie.

        `read` sees each output without its batch axis and must keep none of it: the next picture overwrites it.
        """
        request, frame, outputs = self._free.get()
        try:
            framing = frame_into(frame, pixels)
            request.infer()
            return framing, read(outputs)
        finally:
            self._free.put((request, frame, outputs))
