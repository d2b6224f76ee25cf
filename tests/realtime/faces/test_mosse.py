from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest

from realtime.faces.mosse import MosseTracker

BOX = (240.0, 120.0, 100.0, 100.0)


@cache
def texture(seed: int) -> np.ndarray:
    """Smooth blobs, 600 x 900, of which a picture shows a part."""
    noise = np.random.default_rng(seed).normal(size=(600, 900)).astype(np.float32)
    return cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 6), None, 20, 235, cv2.NORM_MINMAX).astype(
        np.uint8
    )


def view(x: float, y: float, scale: float = 1.0, seed: int = 0) -> np.ndarray:
    """The texture moved by x, y px and zoomed about the box's middle, as a 360 x 640 picture."""
    zoom = cv2.getRotationMatrix2D((290, 170), 0, scale) @ np.array(
        [[1, 0, -100], [0, 1, -100], [0, 0, 1.0]]
    )
    zoom[:, 2] += x, y
    return cv2.warpAffine(texture(seed), zoom, (640, 360))


def started() -> MosseTracker:
    mosse = MosseTracker()
    mosse.start(view(0, 0), BOX)
    return mosse


def moved(box) -> tuple[float, float]:
    return box[0] - BOX[0], box[1] - BOX[1]


@pytest.mark.parametrize("shift", [(0, 0), (1, 0), (0.5, -0.5), (7, -4), (-15, 12), (22, 16)])
def test_a_known_shift_is_found_within_a_pixel(shift):
    box, psr = started().track(view(*shift))
    assert moved(box) == pytest.approx(shift, abs=1.0)
    assert psr > 10
    assert box[2:] == BOX[2:]


def test_shifts_below_a_pixel_are_found():
    # A template pixel is 2.5 picture pixels: whole-pixel peaks would be off by up to 1.25 px.
    errors = [abs(moved(started().track(view(x, 0))[0])[0] - x) for x in (0.6, 1.3, 1.9, 3.1)]
    assert max(errors) < 0.5


def test_a_large_shift_is_tracked_in_steps():
    mosse = started()
    for step in range(1, 31):
        box, psr = mosse.track(view(4 * step, 2 * step))
    assert moved(box) == pytest.approx((120, 60), abs=3)
    assert psr > 10


def test_the_psr_falls_when_the_target_vanishes():
    mosse = started()
    here = [mosse.track(view(x, 0))[1] for x in (1, 2, 3)]
    last, _ = mosse.track(view(3, 0))
    gone = [
        mosse.track(picture)
        for picture in (view(0, 0, seed=5), view(0, 0, seed=6), np.full_like(view(0, 0), 90))
    ]
    assert min(here) > 15
    assert all(
        psr < 8 and box == last for box, psr in gone
    )  # and the box waits where the target was


def test_a_frame_of_low_psr_is_not_learned():
    mosse = started()
    for seed in range(5, 25):
        mosse.track(view(0, 0, seed=seed))
        mosse.reseat(BOX)
    assert mosse.track(view(0, 0))[1] > 15


def test_a_frame_that_the_caller_rejects_is_not_learned():
    learned, rejected = started(), started()
    for step in range(40):
        fading = cv2.addWeighted(view(0, 0), 1 - step / 40, view(0, 0, seed=3), step / 40, 0)
        learned.track(fading)
        rejected.track(fading)
        rejected.reject()
        learned.reseat(BOX)
        rejected.reseat(BOX)
    assert learned.track(view(0, 0, seed=3))[1] > 10 > rejected.track(view(0, 0, seed=3))[1]


def test_learning_follows_a_slow_change_of_size_with_reseats():
    mosse = started()
    for step in range(1, 31):
        scale = 1 + 0.02 * step
        _, psr = mosse.track(view(0, 0, scale))
        half = 50 * scale
        mosse.reseat((290 - half, 170 - half, 2 * half, 2 * half))
    assert psr > 15
    box, _ = mosse.track(view(9, -6, 1.6))
    assert box[2:] == (160, 160)
    assert (box[0] + 80, box[1] + 80) == pytest.approx((299, 164), abs=1.5)


def test_a_frame_is_learned_where_it_was_reseated():
    # The first box is off by 10 px; the caller reseats it each frame and the filter adapts.
    mosse = MosseTracker()
    mosse.start(view(0, 0), (BOX[0] + 10, BOX[1], BOX[2], BOX[3]))
    for _ in range(40):
        mosse.track(view(0, 0))
        mosse.reseat(BOX)
    assert moved(mosse.track(view(0, 0))[0]) == pytest.approx((0, 0), abs=1.0)


@pytest.mark.parametrize("corner", [(-30, -30), (570, 290), (-30, 290), (270, -60)])
def test_a_box_across_the_border_is_tracked(corner):
    mosse = MosseTracker()
    mosse.start(view(0, 0), (*corner, 100, 100))
    box, psr = mosse.track(view(2, 2))
    assert psr > 8
    assert (box[0] - corner[0], box[1] - corner[1]) == pytest.approx((2, 2), abs=2)


@pytest.mark.parametrize(
    "box", [(5000.0, 5000.0, 80.0, 80.0), (10.0, 10.0, 0.5, 0.5), (-300.0, -300.0, 1e3, 1e3)]
)
def test_a_degenerate_box_gives_finite_numbers(box):
    mosse = MosseTracker()
    mosse.start(view(0, 0), box)
    found, psr = mosse.track(view(1, 1))
    assert np.isfinite([*found, psr]).all()


def test_the_same_pictures_give_the_same_numbers():
    def track() -> list:
        mosse = started()
        return [mosse.track(view(3 * step, -step)) for step in range(8)]

    assert track() == track()


def test_agrees_with_the_mosse_of_opencv():
    legacy = getattr(cv2, "legacy", None)
    if legacy is None or not hasattr(legacy, "TrackerMOSSE"):
        pytest.skip(
            "cv2.legacy.TrackerMOSSE comes with opencv-contrib-python, which is not installed"
        )
    ours, theirs = started(), legacy.TrackerMOSSE.create()
    theirs.init(view(0, 0), tuple(round(v) for v in BOX))
    for step in range(1, 20):
        box, _ = ours.track(view(3 * step, step))
        found, other = theirs.update(view(3 * step, step))
        assert found
        assert moved(box) == pytest.approx(moved(other), abs=3)
