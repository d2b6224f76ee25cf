from dataclasses import replace

import numpy as np
from synthetic import simulate

from calibrate.data.faces import different_people, face_in
from calibrate.data.tracks import NEVER_S, UNDESCRIBED

ANN, BOB = simulate(2, 1, seed=0)
OTHERS = simulate(2, 3, seed=0)[1:3]
UNSEEN = replace(ANN, described_s=NEVER_S, descriptors=UNDESCRIBED)


def test_the_face_is_the_mean_of_all_descriptors() -> None:
    face = face_in([ANN, *OTHERS])
    rows = np.concatenate([track.descriptors for track in (ANN, *OTHERS)])
    assert face is not None
    assert face.count == len(rows) or face.count < len(rows)
    np.testing.assert_allclose(face.mean, rows.mean(axis=0), atol=1e-5)


def test_without_descriptors_there_is_no_face() -> None:
    assert face_in([UNSEEN]) is None
    assert face_in([]) is None


def test_a_track_of_another_person_is_named() -> None:
    assert different_people([ANN, *OTHERS]) == []
    assert different_people([ANN, BOB, *OTHERS]) == [1]


def test_tracks_without_descriptors_and_a_single_one_differ_from_nothing() -> None:
    assert different_people([ANN]) == []
    assert different_people([UNSEEN, *OTHERS]) == []
