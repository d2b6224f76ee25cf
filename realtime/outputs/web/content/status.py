"""Message `status`: the whole gauge at one moment, as the page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np

from realtime.core.labels import FAKE, GENUINE
from realtime.core.messages import Expression, Floats, PersonStatus, Verdict
from realtime.core.snapshot import FaceSnapshot, Ghosts, RunSetting, RunVerdict, Snapshot
from realtime.landmarks.points40 import FIRST_EYE, SECOND_EYE
from realtime.outputs.web.content.takes import guide_row
from realtime.view import phrases
from realtime.view.answers import answers_of
from realtime.view.records.rows import Row, expression_row, verdict_row
from realtime.view.terminal.pb_map import pb_trail
from realtime.view.window.ghosts import most_different_points

_SIDES = {phrases.GENUINE_HEX: GENUINE, phrases.FAKE_HEX: FAKE, phrases.EITHER_HEX: "either"}
NO_NUMBER: Row = {"percent": "", "tendency": "", "side": ""}


def status_row(snapshot: Snapshot, number: int, *, video: bool, web: Mapping[str, int]) -> Row:
    """Return the row of a moment; `web` counts clients and drops. See docs/WEB.md."""
    verdict, setting = snapshot.verdict, snapshot.setting
    return {
        "type": "status",
        "seq": number,
        "wall": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "setting": _setting(setting),
        "source_format": snapshot.source_format,
        "recording": snapshot.recording,
        "at_s": None if verdict is None else round(verdict.at_s, 3),
        "loading": snapshot.frame is None,
        "label": phrases.subject(setting.emotion, verdict, snapshot.faces),
        "verdict": None if verdict is None else _verdict(verdict),
        "rows": [_verdict(row) for row in snapshot.rows],
        "words": words(verdict, setting.emotion),
        "answers": _answers(snapshot),
        "rows_words": [words(row, row.emotion) for row in snapshot.rows],
        "run_verdict": _run_verdict(snapshot.run_verdict),
        **_figures(snapshot),
        "person": _person(snapshot.person, setting.person),
        "notice": phrases.clean(snapshot.notice),
        "caption": snapshot.caption,
        "guide": guide_row(snapshot),
        "picture": _picture(snapshot),
        "faces": _faces(snapshot),
        "pb": {"trail": [_rounded(place, 3) for place in pb_trail(snapshot.history)]},
        "ghosts": _ghosts(snapshot),
        "video": video,
        "web": dict(web),
    }


def words(verdict: Verdict | None, emotion: str) -> Row:
    """Return state, reason, onset and tendency in the words of the terminal."""
    if verdict is None:
        return {"state": phrases.waiting(), "reason": "", "onset": "", **NO_NUMBER}
    said: Row = {
        "state": phrases.state_phrase(verdict.state, emotion),
        "reason": phrases.reason(verdict),
        "onset": phrases.onset_line(verdict),
    }
    p_genuine = verdict.p_genuine
    if p_genuine is None:
        return said | NO_NUMBER
    side = _SIDES[phrases.colour(p_genuine)]
    tendency = phrases.tendency(p_genuine)
    return said | {"percent": phrases.percent(p_genuine), "tendency": tendency, "side": side}


def _answers(snapshot: Snapshot) -> Row:
    answers = answers_of(snapshot)
    return {
        "headline": answers.headline,
        "sure": answers.sure,
        "shows": answers.shows,
        "why": answers.why,
        "better": answers.better,
    }


def _setting(setting: RunSetting) -> Row:
    return {
        "source": phrases.clean(setting.source),
        "emotion": setting.emotion,
        "engine": setting.engine,
        "window_s": setting.window_s,
        "stride_s": setting.stride_s,
        "person": phrases.clean(setting.person),
        "faces": setting.faces,
    }


def _verdict(verdict: Verdict) -> Row:
    row = verdict_row(verdict)
    del row["type"]
    return row


def _run_verdict(verdict: RunVerdict | None) -> Row | None:
    if verdict is None:
        return None
    p_genuine = verdict.p_genuine
    return {
        "state": str(verdict.state),
        "p_genuine": None if p_genuine is None else round(float(p_genuine), 4),
        "judged_s": round(float(verdict.judged_s), 3),
        "words": phrases.run_verdict_phrase(verdict, number=True),
    }


def _figures(snapshot: Snapshot) -> Row:
    ages, rates, counts = snapshot.ages, snapshot.rates, snapshot.counts
    names = ("p50", "p95", "p99")
    return {
        "age_ms": None if ages is None else {n: round(float(getattr(ages, n)), 3) for n in names},
        "fps": {"captured": round(rates.captured_hz, 2), "processed": round(rates.processed_hz, 2)},
        "frames": {
            "captured": counts.captured,
            "processed": counts.processed,
            "dropped": dict(counts.dropped),
        },
        "skipped_ticks": snapshot.skipped_ticks,
        "faces_not_described": dict(snapshot.not_described),
        "face_searches_unused": dict(snapshot.searches_unused),
    }


def _person(person: PersonStatus | None, expected_name: str) -> Row | None:
    if person is None:
        return None
    return {
        "id": person.person_id,
        "known_expressions": person.known_expressions,
        "confirmed_expressions": person.confirmed_expressions,
        "is_expected": person.is_expected,
        "neutral_reset": person.neutral_reset,
        "words": phrases.person_line(person, expected_name),
    }


def _picture(snapshot: Snapshot) -> Row | None:
    frame = snapshot.frame
    return None if frame is None else {"size_px": list(frame.size_px), "frame": frame.index}


def _faces(snapshot: Snapshot) -> list[Row]:
    """Return a row for each face; of several also for one that is lost, as long as it is awaited.

    A single face has the id 0.
    """
    alone = FaceSnapshot(0, snapshot.face, snapshot.landmarks, verdict=snapshot.verdict)
    faces = snapshot.faces or ((alone,) if snapshot.face is not None else ())
    return [_face(face, snapshot.setting.emotion) for face in faces]


def _face(one: FaceSnapshot, emotion: str) -> Row:
    face, landmarks, verdict = one.face, one.landmarks, one.verdict
    return {
        "id": one.id,
        "box_px": None if face is None else _rounded(face.box_px, 1),
        "psr": None if face is None else round(float(face.psr), 2),
        "points_px": None if landmarks is None else _points(landmarks.points_px),
        "expression": None if landmarks is None else _expression(landmarks.expression),
        "verdict": None if verdict is None else _verdict(verdict),
        "words": words(verdict, emotion),
    }


def _expression(expression: Expression | None) -> Row | None:
    """Return the read-out's values and words; None in a bundle without one."""
    if expression is None:
        return None
    return {"values": expression_row(expression), "words": phrases.expression_line(expression)}


def _ghosts(snapshot: Snapshot) -> Row | None:
    """Return where in the picture each prototype predicts the points next."""
    ghosts, landmarks = snapshot.ghosts, snapshot.landmarks
    if ghosts is None or landmarks is None:
        return None
    genuine, fake = predicted_px(landmarks.points_px, ghosts)
    most_different = most_different_points(ghosts)
    return {
        "genuine_px": _points(genuine),
        "fake_px": _points(fake),
        "most_different": most_different,
    }


def predicted_px(points_px: Floats, ghosts: Ghosts) -> tuple[Floats, Floats]:
    """Return the points (40, 2) in px that the genuine and the fake prototype predict.

    Eye coordinates are turned and scaled back onto the line from eye to eye.
    """
    x, y = points_px[SECOND_EYE].mean(axis=0) - points_px[FIRST_EYE].mean(axis=0)
    to_px = np.array([[x, y], [-y, x]], np.float32)  # rows: the eyes' axis and the one across
    return points_px + ghosts.genuine @ to_px, points_px + ghosts.fake @ to_px


def _points(points_px: Floats) -> list[list[float]]:
    return [[round(float(x), 1), round(float(y), 1)] for x, y in points_px]


def _rounded(numbers: tuple[float, ...], digits: int) -> list[float]:
    return [round(float(number), digits) for number in numbers]
