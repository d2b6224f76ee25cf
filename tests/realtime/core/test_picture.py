from __future__ import annotations

import cv2
import numpy as np
import pytest

from realtime.core.messages import Frame
from realtime.core.picture import ArrayPicture

IMAGE = np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8)


def test_an_array_is_its_own_colours_and_gray_by_opencv() -> None:
    picture = ArrayPicture(IMAGE)
    assert picture.bgr is IMAGE
    assert picture.size_px == (8, 6)
    np.testing.assert_array_equal(picture.gray, cv2.cvtColor(IMAGE, cv2.COLOR_BGR2GRAY))
    assert picture.gray is picture.gray


@pytest.mark.parametrize(
    "image",
    [IMAGE[..., 0], IMAGE.astype(float), IMAGE[:0], IMAGE[:, :, :2], np.dstack([IMAGE] * 2)],
)
def test_what_is_no_picture_is_refused(image: np.ndarray) -> None:
    with pytest.raises(ValueError, match="want uint8"):
        ArrayPicture(image)
    with pytest.raises(ValueError, match="want uint8"):
        Frame(0, 0.0, 0.0, image)


def test_a_frame_takes_an_array_or_a_picture() -> None:
    picture = ArrayPicture(IMAGE)
    for frame in (Frame(0, 0.0, 0.0, IMAGE), Frame(0, 0.0, 0.0, picture)):
        assert frame.image is IMAGE
        assert frame.size_px == (8, 6)
        np.testing.assert_array_equal(frame.gray, picture.gray)
