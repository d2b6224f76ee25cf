"""Child process that answers questions, for libraries that hold Python's global lock in a call.

The child reads questions of fixed size from its standard input, and writes answers of fixed size
to its standard output.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass

from realtime.core.errors import StageDied
from realtime.core.model_files import REINSTALL

END_S = 1.0  # for the child to end by itself
ANSWER_S = 60.0  # for an answer, the loading of libraries included
# Below the gauge's own threads in priority: an answer may be late, a frame may not.
BEFORE = """
import os, sys
if hasattr(os, "nice"):
    os.nice(5)
"""
AFTER = """
size = int(sys.argv[1])
while len(question := sys.stdin.buffer.read(size)) == size:
    sys.stdout.buffer.write(answer(question))
    sys.stdout.buffer.flush()
"""


@dataclass(frozen=True, slots=True)
class ChildProgram:
    """What a child does: Python `source` that defines `answer(question: bytes) -> bytes`.

    `argument` is its `sys.argv[2]`; `does` completes "the process that" in errors.
    """

    does: str
    source: str
    argument: str
    question_bytes: int
    answer_bytes: int


class ChildProcess:
    """Child that runs a `ChildProgram`, started at the first question.

    Several threads may ask, one after another, and any may `close` it. Raises `StageDied` if the
    child ends by itself or gives no answer within `ANSWER_S`.
    """

    def __init__(self, program: ChildProgram) -> None:
        self._program = program
        self._lock = threading.Lock()  # of the child, held for moments
        self._turn = threading.Lock()  # of the questions, held until the answer
        self._child: subprocess.Popen[bytes] | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Process id of the child; None before the first question and after `close`."""
        with self._lock:
            return None if self._child is None else self._child.pid

    def ask(self, question: bytes) -> bytes:
        """Return the answer; the sizes of both are the program's."""
        if len(question) != self._program.question_bytes:
            raise ValueError(f"{len(question)} bytes asked, not {self._program.question_bytes}")
        with self._turn:
            return self._ask(question)

    def close(self) -> None:
        """End the child within a second; a question that waits for it ends with `StageDied`."""
        with self._lock:
            self._closed, child, self._child = True, self._child, None
        if child is not None:
            child.kill()
            child.wait(END_S)

    def _ask(self, question: bytes) -> bytes:
        with self._lock:
            child = self._started()
        assert child.stdin is not None
        assert child.stdout is not None
        late = threading.Timer(ANSWER_S, child.kill)
        late.daemon = True
        late.start()
        try:
            with suppress(OSError):  # a broken pipe; the answer is then incomplete
                child.stdin.write(question)
                child.stdin.flush()
            answer = child.stdout.read(self._program.answer_bytes)
        finally:
            late.cancel()
        if len(answer) != self._program.answer_bytes:
            raise StageDied(
                f"the process that {self._program.does} ended (exit code {child.wait(END_S)}). "
                f"Run again; if it ends again, run {REINSTALL}"
            )
        return answer

    def _started(self) -> subprocess.Popen[bytes]:
        if self._closed:
            raise StageDied(f"the process that {self._program.does} has been closed")
        if self._child is None:
            program = self._program
            source = BEFORE + program.source + AFTER
            command = [sys.executable, "-P", "-c", source]
            self._child = subprocess.Popen(
                [*command, str(program.question_bytes), program.argument],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is the gauge's, which then closes this
            )
        return self._child
