"""Slow calls in a thread of their own; the thread that asks never waits."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from engines.errors import GaugeError
from realtime.core.mailbox import Mailbox

Question = TypeVar("Question")
Answer = TypeVar("Answer")
TAKE_S = 0.1
MOST_WAITING = 10  # answers that nobody has taken


class Background(Generic[Question, Answer]):
    """Calls of `answer` in a thread that runs `run`; `submit` and `take` belong to another one.

    The newest question wins. `release` ends a call of `answer` with a `GaugeError`.
    """

    def __init__(self, answer: Callable[[Question], Answer], release: Callable[[], None]) -> None:
        self._answer, self._release = answer, release
        self._questions: Mailbox[Question] = Mailbox()
        self._answers: deque[Answer] = deque(maxlen=MOST_WAITING)

    def submit(self, question: Question) -> bool:
        """Hand a question over; return whether it replaced another. Refused after `close`."""
        if self._questions.closed:
            return False
        return self._questions.put(question) is not None

    def take(self) -> list[Answer]:
        """Return the answers so far, oldest first."""
        return [self._answers.popleft() for _ in range(len(self._answers))]

    def run(self) -> None:
        """Answer questions until `close`; raises what `answer` raises."""
        while not self._questions.closed:
            question = self._questions.take(TAKE_S)
            if question is not None:
                self._call(question)

    def close(self) -> None:
        """End `run` at once, a call included. Any thread."""
        self._questions.close()
        self._release()

    def _call(self, question: Question) -> None:
        try:
            answer = self._answer(question)
        except GaugeError:
            if not self._questions.closed:  # otherwise it was closed during the call
                raise
        else:
            self._answers.append(answer)
