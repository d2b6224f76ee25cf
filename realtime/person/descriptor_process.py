"""Child process with dlib's face network, so that no thread of the gauge waits for it.

dlib holds Python's global lock during a call of 40 to 60 ms. The child reads chips of fixed size
from its standard input, and writes descriptors of fixed size to its standard output.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import suppress

import numpy as np

from realtime.core.errors import StageDied
from realtime.core.messages import Floats, Image
from realtime.core.model_files import REINSTALL
from realtime.person.face_chip import CHIP_PX
from realtime.person.face_network import DESCRIPTOR, network_path

CHIP_BYTES, DESCRIPTOR_BYTES = CHIP_PX * CHIP_PX, 4 * DESCRIPTOR
END_S = 1.0  # for the child to end by itself
# Below the gauge's own threads in priority: a descriptor may be late, a frame may not.
CHILD = f"""
import os, sys
if hasattr(os, "nice"):
    os.nice(5)
import dlib, numpy
network = dlib.face_recognition_model_v1(sys.argv[1])
chips, descriptors = sys.stdin.buffer, sys.stdout.buffer
while len(raw := chips.read({CHIP_BYTES})) == {CHIP_BYTES}:
    chip = numpy.frombuffer(raw, numpy.uint8).reshape({CHIP_PX}, {CHIP_PX}, 1)
    found = network.compute_face_descriptor(numpy.repeat(chip, 3, axis=2))
    descriptors.write(numpy.array(found, numpy.float32).tobytes())
    descriptors.flush()
"""


class DescriptorProcess:
    """`FaceNetwork` in a child process, started at the first call.

    Several threads may call it, one after another, and any may `close` it. Raises `StageDied` if
    the child ends by itself.
    """

    def __init__(self) -> None:
        self._path = network_path()
        self._lock = threading.Lock()  # of the child, held for moments
        self._turn = threading.Lock()  # of the calls, held until the answer
        self._child: subprocess.Popen[bytes] | None = None
        self._closed = False

    def describe(self, chip: Image) -> Floats:
        """Return the descriptor float32 (128,) of a gray chip uint8 (150, 150)."""
        with self._turn:
            return self._ask(chip)

    def close(self) -> None:
        """End the child within a second; a call that waits for it ends with `StageDied`."""
        with self._lock:
            self._closed, child, self._child = True, self._child, None
        if child is not None:
            child.kill()
            child.wait(END_S)

    def _ask(self, chip: Image) -> Floats:
        with self._lock:
            child = self._started()
        assert child.stdin is not None
        assert child.stdout is not None
        with suppress(OSError):  # a broken pipe; the answer is then incomplete
            child.stdin.write(np.ascontiguousarray(chip).tobytes())
            child.stdin.flush()
        answer = child.stdout.read(DESCRIPTOR_BYTES)
        if len(answer) != DESCRIPTOR_BYTES:
            raise StageDied(
                f"the process that describes faces ended (exit code {child.wait(END_S)}). "
                f"Run again; if it ends again, run {REINSTALL}"
            )
        return np.frombuffer(answer, np.float32).copy()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._closed:
            raise StageDied("the process that describes faces has been closed")
        if self._child is None:
            command = [sys.executable, "-P", "-c", CHILD, str(self._path)]
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is the gauge's, which then closes this
            )
        return self._child
