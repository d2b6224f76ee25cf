import numpy as np
import pytest
from populations import plain_population
from stages import NO_IMAGE, descriptor_of

from realtime.core.messages import Frame, Landmarks, ViewQuality
from realtime.person.descriptor_source import TOO_SMALL, Described
from realtime.person.face_watch import POOR_VIEW, FaceWatch
from realtime.person.tracker import (
    DESCRIBE_EVERY_S,
    DESCRIBE_SOON_S,
    FIRST_DESCRIPTORS,
    PersonTracker,
)

POINTS = np.zeros((40, 2), np.float32)
HZ = 50


class ScriptedSource:
    """Describe every face as `descriptor`, or refuse with `reason`."""

    def __init__(self) -> None:
        self.descriptor, self.reason = descriptor_of(1), ""
        self.asked_s: list[float] = []
        self._described: list[Described] = []

    def submit(self, frame: Frame, landmarks: Landmarks, stretch: int) -> str:
        if not self.reason:
            self.asked_s.append(frame.captured_at_s)
            self._described.append(Described(self.descriptor, stretch))
        return self.reason

    def take(self) -> list[Described]:
        described, self._described = self._described, []
        return described


class Watched:
    """A watch and a tracker on a manual clock."""

    def __init__(self) -> None:
        self.source = ScriptedSource()
        self.drops: list[str] = []
        self.watch, self.frame = FaceWatch(self.source, self.drops.append), 0
        self.person = PersonTracker(1.6, plain_population())

    def show(self, seconds: float, clear: bool = True) -> list[float]:
        """Show a face; return the times at which it was described."""
        self.source.asked_s.clear()
        for _ in range(round(seconds * HZ)):
            at_s = self.frame / HZ
            landmarks = Landmarks(POINTS, at_s, self.frame, ViewQuality(100, 120, 0))
            frame = Frame(self.frame, at_s, at_s, NO_IMAGE)
            for one in self.watch.look(self.person, frame, landmarks, clear):
                self.person.recognise(one.descriptor)
            self.frame += 1
        return self.source.asked_s


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_the_first_frames_are_described_and_then_one_a_second(watched: Watched) -> None:
    asked_s = watched.show(5.0)
    steps_s = np.diff(asked_s)
    assert asked_s[0] == 0
    first = FIRST_DESCRIPTORS - 1
    np.testing.assert_allclose(steps_s[:first], DESCRIBE_SOON_S, atol=1.01 / HZ)
    np.testing.assert_allclose(steps_s[first:], DESCRIBE_EVERY_S, atol=1.01 / HZ)


def test_the_first_clear_frame_after_an_interruption_is_described(watched: Watched) -> None:
    watched.show(2.0)
    watched.person.interrupt()
    assert watched.show(0.1) == [2.0]
    assert watched.person.confirmed


def test_another_face_is_decided_within_a_second(watched: Watched) -> None:
    watched.show(5.0)
    watched.person.interrupt()
    watched.source.descriptor = descriptor_of(2)
    watched.show(0.5)
    assert watched.person.person_id == 1


def test_a_poor_view_is_not_described_and_counted(watched: Watched) -> None:
    assert watched.show(1.0, clear=False) == []
    assert watched.watch.not_described == {POOR_VIEW: HZ}
    assert watched.drops == [POOR_VIEW] * HZ
    assert watched.show(0.1)[0] == 1.0


def test_a_refused_face_is_counted_with_its_reason_and_tried_again(watched: Watched) -> None:
    watched.source.reason = TOO_SMALL
    assert watched.show(0.2) == []
    assert watched.watch.not_described == {TOO_SMALL: HZ / 5}
    watched.source.reason = ""
    assert watched.show(0.1) == [0.2]
