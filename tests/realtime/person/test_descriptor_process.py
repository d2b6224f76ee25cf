import numpy as np
import pytest

from realtime.core.errors import StageDied
from realtime.person import descriptor_process
from realtime.person.descriptor_process import DescriptorProcess
from realtime.person.face_network import FaceNetwork

CHIPS = np.random.default_rng(0).integers(0, 256, (3, 150, 150)).astype(np.uint8)


def test_the_child_gives_the_descriptors_of_this_process() -> None:
    child, here = DescriptorProcess(), FaceNetwork()
    try:
        for chip in CHIPS:
            np.testing.assert_array_equal(child.describe(chip), here.describe(chip))
    finally:
        child.close()


def test_a_child_that_ends_says_what_it_was_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descriptor_process, "CHILD", "raise SystemExit(3)")
    child = DescriptorProcess()
    with pytest.raises(StageDied, match=r"describes faces ended \(exit code 3\)"):
        child.describe(CHIPS[0])
    child.close()


def test_after_close_no_child_is_started() -> None:
    child = DescriptorProcess()
    child.close()
    with pytest.raises(StageDied, match="describes faces has been closed"):
        child.describe(CHIPS[0])
