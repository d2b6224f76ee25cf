"""Child process with dlib's face network: dlib holds Python's global lock for 40 to 60 ms."""

from __future__ import annotations

import numpy as np

from realtime.core.child_process import ChildProcess, ChildProgram
from realtime.core.messages import Floats, Image
from realtime.person.face_chip import CHIP_PX
from realtime.person.face_network import DESCRIPTOR, network_path

CHILD = f"""
import dlib, numpy
network = dlib.face_recognition_model_v1(sys.argv[2])
def answer(question):
    chip = numpy.frombuffer(question, numpy.uint8).reshape({CHIP_PX}, {CHIP_PX}, 1)
    found = network.compute_face_descriptor(numpy.repeat(chip, 3, axis=2))
    return numpy.array(found, numpy.float32).tobytes()
"""


class DescriptorProcess:
    """`FaceNetwork` in a child process, started at the first call.

    Several threads may call it, one after another, and any may `close` it. Raises `StageDied` if
    the child ends by itself.
    """

    def __init__(self) -> None:
        path = str(network_path())
        program = ChildProgram("describes faces", CHILD, path, CHIP_PX * CHIP_PX, 4 * DESCRIPTOR)
        self._child = ChildProcess(program)

    def describe(self, chip: Image) -> Floats:
        """Return the descriptor float32 (128,) of a gray chip uint8 (150, 150)."""
        answer = self._child.ask(np.ascontiguousarray(chip).tobytes())
        return np.frombuffer(answer, np.float32).copy()

    def close(self) -> None:
        """End the child within a second; a call that waits for it ends with `StageDied`."""
        self._child.close()
