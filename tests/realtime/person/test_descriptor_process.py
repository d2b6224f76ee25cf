import threading

import numpy as np
import pytest

from realtime.core.errors import StageDied
from realtime.person import descriptor_process
from realtime.person.descriptor_process import DescriptorProcess
from realtime.person.face_network import FaceNetwork

CHIPS = np.random.default_rng(0).integers(0, 256, (3, 150, 150)).astype(np.uint8)
WAIT_S = 30.0


def test_the_child_gives_the_descriptors_of_this_process() -> None:
    child, here = DescriptorProcess(), FaceNetwork()
    try:
        for chip in CHIPS:
            np.testing.assert_array_equal(child.describe(chip), here.describe(chip))
    finally:
        child.close()


def test_no_child_is_started_before_the_first_call_and_none_after_close() -> None:
    child = DescriptorProcess()
    assert child._child is None
    child.close()
    with pytest.raises(StageDied, match="has been closed"):
        child.describe(CHIPS[0])


def test_a_child_that_ends_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descriptor_process, "CHILD", "raise SystemExit(3)")
    child = DescriptorProcess()
    with pytest.raises(StageDied, match=r"ended \(exit code 3\)\. Run again; .*`pip install"):
        child.describe(CHIPS[0])
    child.close()


def test_close_ends_a_call_that_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descriptor_process, "CHILD", "import sys; sys.stdin.buffer.read()")
    child, ended = DescriptorProcess(), threading.Event()

    def call() -> None:
        with pytest.raises(StageDied):
            child.describe(CHIPS[0])
        ended.set()

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    while child._child is None and thread.is_alive():
        thread.join(0.01)
    process = child._child
    child.close()
    assert ended.wait(WAIT_S)
    assert process is not None
    assert process.poll() is not None


def test_several_threads_get_each_their_own_descriptor() -> None:
    child, here, found = DescriptorProcess(), FaceNetwork(), dict[int, np.ndarray]()
    threads = [
        threading.Thread(target=lambda i=i: found.update({i: child.describe(CHIPS[i])}))
        for i in range(len(CHIPS))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    child.close()
    assert sorted(found) == [0, 1, 2]
    for number, descriptor in found.items():
        np.testing.assert_array_equal(descriptor, here.describe(CHIPS[number]))
