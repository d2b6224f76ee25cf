"""Where descriptors come from: the face in a frame, described here or in a thread of its own."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Protocol

from engines.errors import GaugeError
from realtime.core.mailbox import Mailbox
from realtime.core.messages import Floats, Frame, Image, Landmarks
from realtime.person.face_chip import cut_face_chip, eyes_px

MIN_EYES_PX = 24.0  # between the outer corners; below it descriptors of two people come near
TOO_SMALL = "face too small"
TAKE_S = 0.1
MOST_WAITING = 10  # results that nobody has taken


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

    The newest face wins; `replaced` counts those that a newer one replaced before their turn.
    """

    def __init__(self, network: Describer) -> None:
        self._network = network
        self.replaced = 0
        self._chips: Mailbox[tuple[Image, int]] = Mailbox()
        self._results: deque[Described] = deque(maxlen=MOST_WAITING)

    def submit(self, frame: Frame, landmarks: Landmarks, stretch: int) -> str:
        """Hand the face's chip over; return why a face will not be described, or ""."""
        if eyes_px(landmarks.points_px) < MIN_EYES_PX:
            return TOO_SMALL
        chip = cut_face_chip(frame.gray, landmarks.points_px)
        self.replaced += self._chips.put((chip, stretch)) is not None
        return ""

    def take(self) -> list[Described]:
        """Return the results so far, oldest first."""
        return [self._results.popleft() for _ in range(len(self._results))]

    def run(self) -> None:
        """Describe chips until `close`; raises what the network raises."""
        while not self._chips.closed:
            asked = self._chips.take(TAKE_S)
            if asked is not None:
                self._describe(*asked)

    def close(self) -> None:
        """End `run` at once, and the network. Any thread."""
        self._chips.close()
        self._network.close()

    def _describe(self, chip: Image, stretch: int) -> None:
        try:
            descriptor = self._network.describe(chip)
        except GaugeError:
            if not self._chips.closed:  # otherwise it was closed during the call
                raise
        else:
            self._results.append(Described(descriptor, stretch))
