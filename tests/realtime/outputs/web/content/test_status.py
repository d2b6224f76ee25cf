from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from gauge_moments import POINTS, SETTING, judged, snapshot, without_number
from guided_moments import pair

from realtime.core.messages import Expression, Onset, State
from realtime.core.snapshot import FaceSnapshot, Ghosts, Snapshot
from realtime.motion.align import align_to_eyes
from realtime.outputs.web.content.status import predicted_px, status_row, words
from realtime.view.records.rows import Row, verdict_row


def row_of(now: Snapshot) -> Row:
    """Return the row as a client reads it."""
    text = json.dumps(status_row(now, 3, video=True, web={"clients": 2}), allow_nan=False)
    return json.loads(text)


def test_the_reading_is_the_record_s_row() -> None:
    row = row_of(snapshot())
    expected = verdict_row(judged())
    del expected["type"]
    assert row["verdict"] == row["faces"][0]["verdict"] == expected
    assert (row["at_s"], row["seq"], row["video"], row["web"]) == (8.0, 3, True, {"clients": 2})


def test_figures_of_the_run() -> None:
    row = row_of(snapshot())
    assert row["frames"] == {
        "captured": 240,
        "processed": 237,
        "dropped": {"newer_frame": 2, "stale": 1},
    }
    assert row["age_ms"] == {"p50": 12.1, "p95": 18.4, "p99": 25.0}
    assert row["fps"] == {"captured": 30.0, "processed": 29.8}
    assert row["run_verdict"]["words"].startswith("73 % genuine")
    assert row["person"]["known_expressions"] == 2


def test_face_and_picture_are_in_pixels() -> None:
    row = row_of(snapshot())
    assert row["picture"] == {"size_px": [640, 360], "frame": 240}
    face = row["faces"][0]
    assert face["box_px"] == [200.0, 60.0, 160.0, 160.0]
    assert np.allclose(face["points_px"], POINTS, atol=0.06)


def test_what_the_face_shows_is_in_values_and_words() -> None:
    smile = Expression(("smile_left", "jaw_drop"), np.array([0.616, 0.1], np.float32))
    shot = snapshot()
    assert shot.landmarks is not None
    assert row_of(shot)["faces"][0]["expression"] is None  # of a bundle without a read-out
    face = row_of(replace(shot, landmarks=replace(shot.landmarks, expression=smile)))["faces"][0]
    assert face["expression"] == {
        "values": {"smile_left": 0.62, "jaw_drop": 0.1},
        "words": "smile left 62 %",
    }


def test_before_the_first_picture_all_of_it_is_there_and_empty() -> None:
    row = row_of(Snapshot(SETTING, notice="loading"))
    assert row["loading"]
    assert row["notice"] == "loading"
    empty = ("verdict", "at_s", "picture", "ghosts", "person", "age_ms", "run_verdict")
    assert [row[name] for name in empty] == [None] * len(empty)
    assert (row["faces"], row["rows"], row["pb"]["trail"]) == ([], [], [])
    assert row.keys() == row_of(snapshot()).keys()


def test_guided_use_is_in_every_status() -> None:
    assert row_of(snapshot())["guide"] == {"offered": False, "running": False, "result": None}
    row = row_of(snapshot(takes=(pair(),), caption="both takes", guide_offered=True))
    assert row["caption"] == "both takes"
    assert row["guide"]["result"]["lines"][0] == [
        "number", "70 % genuine, leans genuine", "40 % genuine, leans fake"
    ]  # fmt: skip


def test_under_all_each_emotion_has_its_row_and_words() -> None:
    row = row_of(snapshot(rows=(judged(p=0.9), without_number())))
    assert [each["p_genuine"] for each in row["rows"]] == [0.9, None]
    assert [each["tendency"] for each in row["rows_words"]] == ["looks genuine", ""]


@pytest.mark.parametrize(
    ("p", "side"), [(0.1, "fake"), (0.4, "fake"), (0.5, "either"), (0.6, "genuine")]
)
def test_words_of_a_number(p: float, side: str) -> None:
    said = words(judged(p=p), "happiness")
    assert (said["percent"], said["side"]) == (f"{100 * p:.0f} %", side)


def test_words_without_a_number() -> None:
    said = words(without_number(State.NO_FACE), "happiness")
    assert said == {
        "state": "no face in the picture",
        "reason": "for a reason",
        "onset": "",
        "percent": "",
        "tendency": "",
        "side": "",
    }
    assert words(None, "any")["state"] == "waiting for the first picture"


def test_words_of_an_onset() -> None:
    onset = Onset(1.0, 1.4, 2.0, 6.0, 3.25, 0.9, None, 1.2)
    said = words(replace(judged(), onset=onset), "happiness")
    assert said["onset"] == "0.4 s, held for 1.2 s"


def test_the_path_of_the_pb_ends_now() -> None:
    assert row_of(snapshot())["pb"]["trail"] == [[0.8, 0.4]] * 8


def test_control_characters_do_not_leave_the_gauge() -> None:
    assert row_of(snapshot(notice="a\x1b[31mb"))["notice"] == "a?[31mb"


def test_ghosts_lie_where_the_prototypes_predict_the_points() -> None:
    moved = np.random.default_rng(1).normal(0, 0.1, (2, 40, 2)).astype(np.float32)
    moved[:, 16:28] = 0  # the eyes stay, and with them the coordinates
    angle = np.deg2rad(20)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]], np.float32)
    points_px = POINTS @ turn
    predicted = predicted_px(points_px, Ghosts(moved[0], moved[1]))
    for one, displacement in zip(predicted, moved, strict=True):
        change = align_to_eyes(one) - align_to_eyes(points_px)
        assert np.allclose(change.reshape(2, 40).T, displacement, atol=1e-4)


def test_without_ghosts_there_are_none() -> None:
    assert row_of(snapshot())["ghosts"]["most_different"]
    assert row_of(snapshot(ghosts=None))["ghosts"] is None
    assert row_of(snapshot(landmarks=None))["ghosts"] is None


def test_several_faces_have_their_numbers_and_readings_also_while_lost() -> None:
    now = snapshot()
    faces = (
        FaceSnapshot(2, now.face, now.landmarks, verdict=judged(p=0.2)),
        FaceSnapshot(4, verdict=without_number()),
    )
    row = row_of(snapshot(faces=faces, setting=replace(SETTING, faces=4)))
    assert (row["setting"]["faces"], row["label"]) == (4, "happiness, face 2")
    assert [face["id"] for face in row["faces"]] == [2, 4]
    first, second = row["faces"]
    assert (first["verdict"]["p_genuine"], first["words"]["side"]) == (0.2, "fake")
    assert (second["box_px"], second["psr"], second["points_px"]) == (None, None, None)
    assert second["words"]["state"] == "no face in the picture"
