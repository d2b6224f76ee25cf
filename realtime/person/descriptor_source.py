"""Where descriptors come from: the face in a frame, described here or in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from realtime.core.background import Background
from realtime.core.messages import Floats, Frame, Image, Landmarks
from realtime.person.face_chip import cut_face_chip, eyes_px

MIN_EYES_PX = 24.0  # between the outer corners; below it descriptors of two people come near
# Why a face was not described.
TOO_SMALL = "face_too_small"
NEWER_FACE = "newer_face"  # replaced by the next face before its turn


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """Descriptor float32 (128,) of a face, and the tracker's `stretch` that it was seen in."""

    descriptor: Floats
    stretch: int


class DescriptorSource(Protocol):
    """Contract: `submit` a frame's face, `take` what has been described since."""

    def submit(self, frame: Frame, landmarks: Landmarks, stretch: int) -> str:
        """Ask for a descriptor; return why something will not be described, or ""."""
        ...

    def take(self) -> list[Described]:
        """Return the results so far, oldest first."""
        ...


class Describer(Protocol):
    """What describes a chip: `FaceNetwork` or `DescriptorProcess`."""

    def describe(self, chip: Image) -> Floats:
        """Return the descriptor float32 (128,) of a chip uint8 (150, 150)."""
        ...

    def close(self) -> None:
        """Release what the network holds; a call of another thread ends with an error."""
        ...


class InlineDescriptors:
    """Describe at once, in the calling thread: the same frames always give the same results."""

    def __init__(self, network: Describer) -> None:
        self._network = network
        self._results: list[Described] = []

    def submit(self, frame: Frame, landmarks: Landmarks, stretch: int) -> str:
        """Describe the face; return why not, or ""."""
        if eyes_px(landmarks.points_px) < MIN_EYES_PX:
            return TOO_SMALL
        chip = cut_face_chip(frame.gray, landmarks.points_px)
        self._results.append(Described(self._network.describe(chip), stretch))
        return ""

    def take(self) -> list[Described]:
        """Return the results so far, oldest first."""
        results, self._results = self._results, []
        return results


class ThreadedDescriptors:
    """Describe in a thread that runs `run`; `submit` and `take` never wait.

    The newest face wins; `on_drop` receives a reason for each that it replaced before its turn.
    """

    def __init__(self, network: Describer, on_drop: Callable[[str], None]) -> None:
        self._network, self._on_drop = network, on_drop
        self._calls = Background(self._describe, network.close)

    def submit(self, frame: Frame, landmarks: Landmarks, stretch: int) -> str:
        """Hand the face's chip over; return why a face will not be described, or ""."""
        if eyes_px(landmarks.points_px) < MIN_EYES_PX:
            return TOO_SMALL
        if self._calls.submit((cut_face_chip(frame.gray, landmarks.points_px), stretch)):
            self._on_drop(NEWER_FACE)
        return ""

    def take(self) -> list[Described]:
        """Return the results so far, oldest first."""
        return self._calls.take()

    def run(self) -> None:
        """Describe chips until `close`; raises what the network raises."""
        self._calls.run()

    def close(self) -> None:
        """End `run` at once, and the network. Any thread."""
        self._calls.close()

    def _describe(self, asked: tuple[Image, int]) -> Described:
        chip, stretch = asked
        return Described(self._network.describe(chip), stretch)
