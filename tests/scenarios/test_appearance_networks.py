"""Networks that see landmarks and appearance, where the label is in the appearance alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from synthetic import simulate
from tiny_learning import TINY

from calibrate.bundle.writer import write_networks
from calibrate.data.dataset import LIVE, Dataset
from calibrate.data.tracks import Track
from calibrate.learning.fit import FittedModel, LearningConfig, clip_scorer, fit_model
from calibrate.learning.gate_thresholds import fit_gate
from calibrate.metrics import Scored, auc
from engines.bundle.bundle import Bundle
from engines.model.shape import LANDMARKS
from realtime.core.errors import UsageError
from realtime.core.labels import GENUINE
from realtime.landmarks.appearance import APPEARANCE
from realtime.motion.align import align_to_eyes
from realtime.person.saved_profile import SavedPerson
from realtime.person.stats import PersonStats
from realtime.runtime import stages_from_bundle as stages

PEOPLE, LEARNED, CLIPS = 9, 6, 8
ENSEMBLE = replace(TINY, single_emotion_epochs_factor=0)


def with_looks(track: Track) -> Track:
    """Return the track with an appearance that follows the mouth, and more so if genuine."""
    mouth = align_to_eyes(track.points_px)[:, LANDMARKS - 6]
    moved = np.abs(mouth - np.median(mouth[:5]))
    rng = np.random.default_rng(len(track.clip.name))
    person = np.random.default_rng(int(track.clip.subject)).normal(0, 1, APPEARANCE)
    looks = person + rng.normal(0, 0.02, (len(moved), APPEARANCE))
    looks[:, 0] += moved / moved.max()
    looks[:, 1] += (1 if track.clip.label == GENUINE else -1) * moved / moved.max()
    return replace(track, appearance=looks.astype(np.float32))


@pytest.fixture(scope="module")
def tracks() -> list[Track]:
    return [with_looks(each) for each in simulate(PEOPLE, CLIPS, seed=0, emotions=("surprise",))]


def held_out_auc(tracks: list[Track], appearance: bool) -> float:
    data = Dataset.of(tracks, LIVE, appearance)
    model, held_out = fitted(data, ENSEMBLE), np.flatnonzero(data.subjects.astype(int) > LEARNED)
    scorer = clip_scorer(model, model.learned.windows(data))
    score = [float(np.mean(scorer.scores(int(i), "surprise", 3))) for i in held_out]
    found = auc(
        Scored(
            np.array(score),
            data.genuine[held_out],
            data.subjects[held_out],
            data.emotions[held_out],
        )
    )
    assert found is not None
    return found


def fitted(data: Dataset, plan: LearningConfig) -> FittedModel:
    inside = np.flatnonzero(data.subjects.astype(int) <= LEARNED)
    return fit_model(data, inside, plan, lambda done: None)


def test_the_networks_see_the_appearance(tracks: list[Track]) -> None:
    assert held_out_auc(tracks, appearance=True) > 0.9
    assert held_out_auc(tracks, appearance=False) < 0.8


@pytest.fixture(scope="module")
def written(tracks: list[Track], tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    data = Dataset.of(tracks, LIVE, appearance=True)
    hasty = replace(ENSEMBLE, training=replace(TINY.training, epochs=2))
    learned = fitted(data, hasty).learned
    folder = tmp_path_factory.mktemp("with_appearance")
    write_networks(folder, learned, data.timing, fit_gate(data, learned.population))
    return Bundle.load(folder)


def test_a_bundle_says_that_its_networks_see_the_appearance(written: Bundle) -> None:
    assert stages.population(written).sees_appearance
    assert stages.movement_basis(written).directions.shape == (80, LANDMARKS + APPEARANCE)
    reader = stages.create_expression_reader(written)
    assert reader is not None
    gray = np.random.default_rng(0).integers(0, 255, (200, 200), np.uint8)
    points = np.random.default_rng(1).uniform(50, 150, (68, 2)).astype(np.float32)
    expression, appearance = reader.read(gray, points)
    assert expression is None
    assert appearance is not None
    assert appearance.shape == (APPEARANCE,)


def test_a_person_saved_with_the_landmarks_alone_is_asked_to_enrol_again(written: Bundle) -> None:
    bare = np.zeros(LANDMARKS, np.float32)
    saved = SavedPerson(PersonStats(3.0, bare, bare, 3.0), written.sha256)
    with pytest.raises(UsageError, match=r"saved with 80 numbers a face.*112.*Enrol again"):
        stages.create_motion_stage(written, saved)
