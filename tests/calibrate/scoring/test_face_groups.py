import numpy as np

from calibrate.scoring.face_groups import group_faces
from realtime.core.messages import Floats


def face(person: int, clip: int, rows: int = 4) -> Floats:
    """Return descriptors as dlib gives them: two people are about 0.85 apart, one 0.2."""
    own = np.random.default_rng(person).normal(0, 1, 128)
    noise = np.random.default_rng((person, clip)).normal(0, 0.02, (rows, 128))
    return np.asarray(0.6 * own / np.linalg.norm(own) + noise, np.float32)


def test_clips_of_one_face_have_one_name() -> None:
    shown = {f"{person}-{clip}": face(person, clip) for clip in range(5) for person in range(3)}
    names = group_faces(shown.items())
    assert {names[key] for key in shown if key.startswith("0-")} == {"face-1"}
    assert len(set(names.values())) == 3
    assert all(len({names[k] for k in shown if k.startswith(f"{p}-")}) == 1 for p in range(3))


def test_a_clip_without_a_descriptor_has_no_name() -> None:
    nothing = np.zeros((0, 128), np.float32)
    assert group_faces([("a", nothing), ("b", face(1, 1)), ("c", nothing)]) == {
        "a": "",
        "b": "face-1",
        "c": "",
    }
