"""The second pass: a clip is judged with what the person's other clips tell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from recordings import of_one_person, recording_of
from synthetic import simulate, with_appearance

from calibrate.bundle import reader
from calibrate.commands.score import TICK_COLUMNS
from calibrate.data.clips import Clip
from calibrate.data.dataset import Dataset
from calibrate.data.tracks import Track
from calibrate.evaluation.cross_validation import CrossValidation, score_clips
from calibrate.scoring.judging import PersonJudge, outcome, stored_row, usual_silence
from calibrate.scoring.model import BundleModel
from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from realtime.core.labels import ANY, FAKE, GENUINE
from realtime.core.messages import Cause, State
from realtime.core.snapshot import RunVerdict
from realtime.runtime.stages_from_bundle import EmotionChoice
from realtime.verdict.reading import Reading

PEOPLE, CLIPS_EACH = 3, 5
HAPPINESS = EmotionChoice("happiness", "happiness")


@pytest.fixture(scope="module")
def tracks() -> list[Track]:
    return with_appearance(simulate(PEOPLE, CLIPS_EACH, seed=3, emotions=("happiness", "surprise")))


@pytest.fixture(scope="module")
def model(bundle: Bundle) -> BundleModel:
    return BundleModel(bundle)


@pytest.fixture(scope="module")
def judges(model: BundleModel, tracks: list[Track]) -> dict[str, PersonJudge]:
    people = {track.clip.subject for track in tracks}
    return {who: judge_of(model, [t for t in tracks if t.clip.subject == who]) for who in people}


def judge_of(model: BundleModel, tracks: list[Track], most_known: int = 60) -> PersonJudge:
    return PersonJudge(model, [recording_of(of_one_person(t)) for t in tracks], most_known)


def choice_of(track: Track) -> EmotionChoice:
    return EmotionChoice(track.clip.emotion, track.clip.emotion)


@pytest.mark.parametrize("known", [CLIPS_EACH - 1, 0])
def test_the_forced_probability_is_that_of_a_report(
    known: int, model: BundleModel, judges: dict[str, PersonJudge], tracks: list[Track]
) -> None:
    """Protocol `live` of `calibrate report`, where as many clips of a person are known."""
    whole, timing, maps = reader.load_model(DEFAULT_BUNDLE)
    data = Dataset.of(tracks, timing, appearance=True)
    if not known:  # a stranger's apex is found from the one clip
        strangers = [replace(t, clip=alone(t.clip)) for t in tracks]
        data = Dataset.of(strangers, timing, appearance=True)
        judges = {t.clip.name: judge_of(model, [t]) for t in tracks}
    windows = whole.learned.windows(data)
    done = CrossValidation(None, score_clips(whole, windows, range(len(data)), (known,)))
    scores = done.clip_scores(data, known)
    for i, track in enumerate(tracks):
        judge = judges[track.clip.subject if known else track.clip.name]
        found = judge.judge(recording_of(of_one_person(track)), choice_of(track)).score
        assert found.known_clips == known
        expected = maps[track.clip.emotion].p_genuine(float(scores[i]))
        assert found.p_forced == pytest.approx(expected, abs=1e-6)


def test_without_an_emotion_it_is_that_of_any_in_a_report(
    model: BundleModel, judges: dict[str, PersonJudge], tracks: list[Track]
) -> None:
    """All emotions count, each with its probability; the contributions are their means."""
    whole, timing, maps = reader.load_model(DEFAULT_BUNDLE)
    data = Dataset.of(tracks, timing, appearance=True)
    windows, known = whole.learned.windows(data), CLIPS_EACH - 1
    scores = score_clips(whole, windows, [0], (known,), ANY)[known][0]
    assert scores != score_clips(whole, windows, [0], (known,))[known][0]
    recording = recording_of(of_one_person(tracks[0]))
    found = judges[tracks[0].clip.subject].judge(recording, EmotionChoice(ANY, ANY)).score
    assert found.p_forced == pytest.approx(maps[ANY].p_genuine(float(np.mean(scores))), abs=1e-6)
    assert found.why is not None
    parts = [float(part.rsplit(" ", 1)[1]) for part in found.why.split(", ")]
    assert sum(parts) == pytest.approx(np.mean(scores), abs=0.005 * (len(parts) + 2))


def alone(clip: Clip) -> Clip:
    return replace(clip, subject=clip.name)


def test_the_clip_itself_and_labels_tell_nothing_of_the_person(
    model: BundleModel, tracks: list[Track]
) -> None:
    own = [track for track in tracks if track.clip.subject == "1"]
    other = {GENUINE: FAKE, FAKE: GENUINE}
    inverted = [replace(t, clip=replace(t.clip, label=other[t.clip.label])) for t in own]
    one, two = (
        judge_of(model, some).judge(recording_of(of_one_person(some[0])), HAPPINESS).score
        for some in (own, inverted)
    )
    assert one == two


def test_a_silent_gauge_has_a_forced_probability_and_says_so(
    judges: dict[str, PersonJudge], model: BundleModel, tracks: list[Track]
) -> None:
    silent = replace(model.gate, onset_threshold=1e3, offset_threshold=1e3)
    model.__dict__["gate"] = silent  # times alone; the judge of the clip has its own
    try:
        judged = judges["1"].judge(recording_of(of_one_person(tracks[0])), HAPPINESS)
    finally:
        del model.__dict__["gate"]
    assert (judged.score.onset_s, judged.score.offset_s, judged.score.onset) == (None,) * 3
    assert judged.score.apex_s is not None
    assert judged.score.p_forced is not None
    assert judged.score.forced is (judged.score.p_genuine is None)


def test_a_clip_without_a_number_has_the_state_that_kept_most_readings_from_one() -> None:
    silent = [
        Reading(State.WARMING_UP, "no window yet"),
        Reading(State.POOR_VIEW, "too dark: 12", cause=Cause.TOO_DARK),
        Reading(State.POOR_VIEW, "too dark: 14", cause=Cause.TOO_DARK),
        Reading(State.POOR_VIEW, "turned: 0.6", cause=Cause.TURNED),
        Reading(State.NO_FACE, "no face"),
        Reading(State.WARMING_UP, "no window yet"),
    ]
    usual = usual_silence(silent)
    assert (usual.state, usual.reason) == (State.POOR_VIEW, "too dark: 14")
    assert usual_silence(()).state is State.NO_FACE


def test_a_clip_without_a_number_always_has_a_reason(
    judges: dict[str, PersonJudge], tracks: list[Track]
) -> None:
    near_half = RunVerdict(State.UNCERTAIN.value, 0.51, 2.0)
    assert outcome(near_half, ()) == ("uncertain", "too close to 50 %")
    assert outcome(RunVerdict(State.JUDGING.value, 0.7, 2.0), ()) == ("judging", "")
    unsaid = [Reading(State.NEUTRAL, "")]
    assert outcome(RunVerdict("no_face", None, 0.0), unsaid) == ("neutral", "neutral")
    for track in tracks:
        judge = judges[track.clip.subject]
        score = judge.judge(recording_of(of_one_person(track)), HAPPINESS).score
        assert bool(score.reason) is (score.p_genuine is None)


def test_the_times_of_a_movement_are_in_order(
    judges: dict[str, PersonJudge], tracks: list[Track]
) -> None:
    seen = 0
    for track in tracks:
        score = (
            judges[track.clip.subject].judge(recording_of(of_one_person(track)), HAPPINESS).score
        )
        times = [at_s for at_s in (score.onset_s, score.apex_s, score.offset_s) if at_s is not None]
        assert times == sorted(times)
        assert track.times_s[0] - 0.1 <= times[0] <= times[-1] <= track.times_s[-1]
        assert score.edge_free is not None
        if score.onset is not None and score.apex_s is not None:
            assert score.onset.start_s < score.onset.apex_s <= score.apex_s + 0.3
        seen += len(times) == 3 and score.onset is not None
    assert seen > len(tracks) / 2


def test_too_little_of_a_face_has_no_forced_probability(
    model: BundleModel, tracks: list[Track]
) -> None:
    short = of_one_person(tracks[0]).part(slice(0, 10))
    judged = PersonJudge(model, [recording_of(short)], 60).judge(recording_of(short), HAPPINESS)
    assert (judged.score.p_forced, judged.score.p_genuine) == (None, None)
    assert judged.score.state == "warming_up"
    assert judged.score.reason == "the face was not yet seen for long enough"
    row = stored_row(judged, with_ticks=True)
    assert [tick["state"] for tick in judged.ticks] == ["warming_up"] * len(judged.ticks)  # type: ignore[comparison-overlap]
    assert row["score"]["face_share"] == 1.0  # type: ignore[index]


def test_a_reading_of_the_judge_is_in_the_ticks(
    judges: dict[str, PersonJudge], tracks: list[Track]
) -> None:
    judged = judges["2"].judge(recording_of(of_one_person(tracks[CLIPS_EACH])), HAPPINESS)
    states = {tick["state"] for tick in judged.ticks}
    assert "warming_up" in states
    assert len(judged.ticks) == pytest.approx(np.ptp(tracks[CLIPS_EACH].times_s) / 0.2, abs=2)
    assert {"file", *judged.ticks[0]} == {*TICK_COLUMNS}
