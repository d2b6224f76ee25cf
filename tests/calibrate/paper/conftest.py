"""Synthetic data set in the SASE-FE layout: the demo face as six people of other size and light."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from realtime.capture.demo import CLIP

PEOPLE, FRAMES, HZ = 6, 10, 5.0
SIZE = (640, 360)
# The second movement is slower, smaller and more one-sided. The second emotion
# swaps their labels.
MOVEMENTS_S = (1.9, 5.25)
CODES = {"N2Sur": 0, "D2N2Sur": 1, "N2H": 1, "S2N2H": 0}


@pytest.fixture(scope="session", autouse=True)
def _opencv_alone() -> Iterator[None]:
    """Use one OpenCV thread: on a busy machine more would wait for each other."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield
    cv2.setNumThreads(before)


def movements() -> list[list[np.ndarray]]:
    """Return both movements, `FRAMES` frames each."""
    video = cv2.VideoCapture(str(CLIP))
    rate, pictures = video.get(cv2.CAP_PROP_FPS), []
    while (picture := video.read()[1]) is not None:
        pictures.append(picture)
    video.release()
    return [
        [pictures[round((start + i / HZ) * rate)] for i in range(FRAMES)] for start in MOVEMENTS_S
    ]


def shown(picture: np.ndarray, person: int) -> np.ndarray:
    """Return the frame with the face scaled, rotated, darkened and mirrored by person."""
    zoom = cv2.getRotationMatrix2D((SIZE[0] / 2, SIZE[1] / 2), 2.0 * person - 5, 1 + 0.06 * person)
    moved = cv2.warpAffine(picture, zoom, SIZE, borderMode=cv2.BORDER_REPLICATE)
    moved = moved[:, ::-1] if person % 2 else moved
    return np.ascontiguousarray(cv2.convertScaleAbs(moved, alpha=1 - 0.05 * person))


def film(path: Path, pictures: list[np.ndarray]) -> None:
    """Write frames as a video."""
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), HZ, SIZE)
    for picture in pictures:
        writer.write(picture)
    writer.release()


@pytest.fixture(scope="session")
def write() -> Callable[[Path, list[np.ndarray]], None]:
    """Return a function that writes frames as a video."""
    return film


@pytest.fixture(scope="session")
def first() -> list[np.ndarray]:
    """Return the frames of the first movement."""
    return movements()[0]


@pytest.fixture(scope="session")
def sase(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return clips of six people, each genuine and fake in two emotions."""
    folder, both = tmp_path_factory.mktemp("sase"), movements()
    for person in range(PEOPLE):
        for code, which in CODES.items():
            film(
                folder / f"{person + 1:02}" / f"{code}.mp4",
                [shown(picture, person) for picture in both[which]],
            )
    return folder
