"""Child process with dlib's CNN face detector, so that no thread waits while it holds the lock."""

from __future__ import annotations

import numpy as np

from realtime.core.child_process import ChildProcess, ChildProgram
from realtime.core.messages import Floats, Image
from realtime.faces.cnn_detector import SIDE_PX, detector_path

MOST_BOXES = 8  # of an answer, in dlib's order: the best scores first
HEADER_BYTES, BOX_BYTES = 4, 20
CHILD = f"""
import dlib, numpy
network = dlib.cnn_face_detection_model_v1(sys.argv[2])
def answer(question):
    height, width = (int(side) for side in numpy.frombuffer(question, numpy.uint16, 2))
    gray = numpy.frombuffer(question, numpy.uint8, height * width, {HEADER_BYTES})
    colours = numpy.repeat(gray.reshape(height, width, 1), 3, axis=2)
    boxes = numpy.zeros(({MOST_BOXES}, 5), numpy.float32)
    for row, one in zip(boxes, network(colours, 0)):
        box = one.rect
        row[:] = box.left(), box.top(), box.width(), box.height(), one.confidence
    return boxes.tobytes()
"""


class CnnProcess:
    """`CnnDetector` in a child process of 200 to 300 MB, started at the first call.

    Several threads may call it, one after another, and any may `close` it. Raises `StageDied` if
    the child ends by itself.
    """

    def __init__(self) -> None:
        sizes = (HEADER_BYTES + SIDE_PX**2, MOST_BOXES * BOX_BYTES)
        path = str(detector_path())
        self._child = ChildProcess(ChildProgram("finds faces", CHILD, path, *sizes))

    @property
    def pid(self) -> int | None:
        """Process id of the child; None before the first call and after `close`."""
        return self._child.pid

    def detect(self, picture: Image) -> Floats:
        """Return the boxes float32 (n, 5: x, y, width, height, score) in a gray uint8 (h, w).

        The picture's sides are at most `SIDE_PX` long; more boxes than `MOST_BOXES` are left out.
        """
        question = np.array(picture.shape, np.uint16).tobytes() + picture.tobytes()
        answer = self._child.ask(question.ljust(HEADER_BYTES + SIDE_PX**2, b"\0"))
        boxes = np.frombuffer(answer, np.float32).reshape(MOST_BOXES, 5)
        return np.array(boxes[boxes[:, 2] > 0])

    def close(self) -> None:
        """End the child within a second; a call that waits for it ends with `StageDied`."""
        self._child.close()
