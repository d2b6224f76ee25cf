from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dlib
import numpy as np
import pytest

from engines.errors import GaugeError
from realtime.capture.demo import DemoClip
from realtime.core.clock import SystemClock
from realtime.core.messages import Floats, Image
from realtime.landmarks.predictor import model_path
from realtime.landmarks.shape_model import ShapeModel, read_shape_model

BOXES = np.array([[180, 30, 250], [200, 40, 256], [220, 60, 240]], np.float32)


@pytest.fixture(scope="module")
def model() -> ShapeModel:
    return read_shape_model(model_path())


@pytest.fixture(scope="module")
def reference() -> dlib.shape_predictor:
    return dlib.shape_predictor(str(model_path()))


def points_by_dlib(reference: dlib.shape_predictor, image: Image, boxes: Floats) -> Floats:
    found = []
    for left, top, side in boxes.astype(int):
        box = dlib.rectangle(left, top, left + side, top + side)
        found.append([(point.x, point.y) for point in reference(image, box).parts()])
    return np.array(found, np.float32)


def demo_pictures(every: int) -> Iterator[Image]:
    with DemoClip(False, SystemClock()) as source:
        for frame in iter(source.read, None):
            if frame.index % every == 0:
                yield np.ascontiguousarray(frame.gray)


def test_the_points_are_those_of_dlib_on_real_pictures(
    model: ShapeModel, reference: dlib.shape_predictor
) -> None:
    for image in demo_pictures(every=10):
        expected = points_by_dlib(reference, image, BOXES)
        np.testing.assert_array_equal(model.fit(image, BOXES), expected)


@pytest.mark.parametrize("seed", range(5))
def test_the_points_are_those_of_dlib_wherever_the_box_lies(
    model: ShapeModel, reference: dlib.shape_predictor, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (90, 120), np.uint8)
    boxes = np.stack(
        [rng.integers(-100, 100, 4), rng.integers(-100, 100, 4), rng.integers(2, 300, 4)], axis=1
    ).astype(np.float32)
    expected = points_by_dlib(reference, image, boxes)
    np.testing.assert_array_equal(model.fit(image, boxes), expected)


def test_one_box_and_many_give_the_same_points(model: ShapeModel) -> None:
    image = next(demo_pictures(every=1))
    together = model.fit(image, BOXES)
    for index in range(len(BOXES)):
        np.testing.assert_array_equal(
            model.fit(image, BOXES[index : index + 1])[0], together[index]
        )


@pytest.mark.parametrize(
    ("name", "value"),
    [("split_pixels", -1), ("split_pixels", 500), ("anchors", 68), ("anchors", -7)],
)
def test_trees_that_point_outside_are_refused(model: ShapeModel, name: str, value: int) -> None:
    values = getattr(model, name).copy()
    values.flat[11] = value
    with pytest.raises(ValueError, match="want 0 to"):
        replace(model, **{name: values})


@pytest.fixture(scope="module")
def whole() -> bytes:
    return model_path().read_bytes()


@pytest.mark.parametrize("kept", [0, 1, 2, 100, 5_000, 50_000_000, 99_600_000, 99_693_936])
def test_a_file_that_ends_too_early_is_an_error(tmp_path: Path, whole: bytes, kept: int) -> None:
    path = tmp_path / "cut.dat"
    path.write_bytes(whole[:kept])
    with pytest.raises(GaugeError, match=r"cannot read .*cut\.dat"):
        read_shape_model(path)


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_file_is_an_error_or_a_model_that_fits(
    tmp_path: Path, whole: bytes, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    data = np.frombuffer(whole, np.uint8).copy()
    places = rng.integers(0, [1500, data.size][seed % 2], 20)
    data[places] = rng.integers(0, 256, 20)
    path = tmp_path / "damaged.dat"
    data.tofile(path)
    message = ""
    try:
        model = read_shape_model(path)
    except GaugeError as error:
        message = str(error)
    if message:
        assert str(path) in message
    else:
        assert model.fit(np.zeros((9, 9), np.uint8), BOXES).shape == (3, 68, 2)


@pytest.mark.parametrize("content", [b"", b"not a model\n" * 50, bytes(1000), b"\xff" * 1000])
def test_another_file_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.dat"
    path.write_bytes(content)
    with pytest.raises(GaugeError, match=r"cannot read .*other\.dat"):
        read_shape_model(path)
