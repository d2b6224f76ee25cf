"""The PB of a class: the mean of the PBs that fit its clips."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from calibrate.bundle import reader
from calibrate.bundle.writer import write_networks
from calibrate.data.dataset import LIVE, Dataset
from calibrate.learning.fit import FittedModel, LearnedNetworks
from calibrate.learning.out_of_fold import other_clips
from calibrate.learning.prototypes import (
    STEP_LENGTHS,
    class_prototypes,
    encoded_windows,
    fitted_pbs,
)
from engines.bundle.bundle import Bundle
from engines.errors import BundleRefused
from engines.registry import create_engine
from realtime.runtime import stages_from_bundle as stages
from realtime.verdict.gate import Gate

OPEN = Gate(0.0, 0.0, 255.0, 1.0, 0.0, 0.0)


@pytest.fixture(scope="module")
def found(
    model: FittedModel, data: Dataset, inside: np.ndarray
) -> dict[str, dict[str, np.ndarray]]:
    return class_prototypes(model.learned, model.learned.windows(data), inside)


def of_emotion(data: Dataset, clips: np.ndarray, emotion: str) -> np.ndarray:
    return clips[data.emotions[clips] == emotion]


def relabelled(data: Dataset, change: Callable[[int], bool]) -> Dataset:
    """Return `data` with other labels: genuine where `change` of the clip number is true."""
    tracks = [
        replace(track, clip=replace(track.clip, label="genuine" if change(i) else "fake"))
        for i, track in enumerate(data.tracks)
    ]
    return Dataset(data.timing, tuple(tracks), data.shapes)


def test_there_are_two_prototypes_overall_and_two_per_emotion(
    found: dict[str, dict[str, np.ndarray]],
) -> None:
    assert set(found) == {"any-0", "happiness", "surprise"}
    for by_label in found.values():
        assert set(by_label) == {"genuine", "fake"}
        assert all(pb.shape == (64,) and pb.dtype == np.float32 for pb in by_label.values())
        assert not np.allclose(by_label["genuine"], by_label["fake"])


def test_a_prototype_is_the_mean_pb_of_its_class(
    found: dict[str, dict[str, np.ndarray]], model: FittedModel, data: Dataset, inside: np.ndarray
) -> None:
    clips = of_emotion(data, inside, "surprise")
    pbs = fitted_pbs(
        model.learned.networks["surprise"],
        *encoded_windows(model.learned, model.learned.windows(data), clips),
    )
    for label, chosen in (("genuine", data.genuine[clips]), ("fake", ~data.genuine[clips])):
        np.testing.assert_allclose(found["surprise"][label], pbs[chosen].mean(axis=0), atol=1e-5)


def test_swapped_labels_swap_the_prototypes(
    found: dict[str, dict[str, np.ndarray]], model: FittedModel, data: Dataset, inside: np.ndarray
) -> None:
    windows = model.learned.windows(relabelled(data, lambda i: not data.genuine[i]))
    swapped = class_prototypes(model.learned, windows, inside)
    for name, by_label in found.items():
        np.testing.assert_allclose(swapped[name]["fake"], by_label["genuine"], atol=1e-6)


def test_an_emotion_with_a_missing_class_has_no_prototypes(
    model: FittedModel, data: Dataset, inside: np.ndarray
) -> None:
    all_genuine = relabelled(
        data, lambda i: bool(data.genuine[i]) or data.emotions[i] == "surprise"
    )
    windows = model.learned.windows(all_genuine)
    assert set(class_prototypes(model.learned, windows, inside)) == {"any-0", "happiness"}


def test_a_fitted_pb_predicts_its_window_better_than_the_live_step(
    model: FittedModel, data: Dataset, inside: np.ndarray
) -> None:
    clips = of_emotion(data, inside, "happiness")
    windows_of_clips, lengths = encoded_windows(model.learned, model.learned.windows(data), clips)
    network = model.learned.networks["happiness"]
    engine = create_engine("native", network)
    live = engine.refine(
        windows_of_clips, lengths, np.zeros((len(windows_of_clips), 64), np.float32), 1
    ).pb
    fitted_loss, live_loss = (
        engine.loss_and_gradient(windows_of_clips, lengths, pb)[0]
        for pb in (fitted_pbs(network, windows_of_clips, lengths), live)
    )
    assert (fitted_loss < live_loss).mean() > 0.9


def test_steps_have_the_given_lengths(
    model: FittedModel, data: Dataset, inside: np.ndarray
) -> None:
    windows_of_clips, lengths = encoded_windows(
        model.learned, model.learned.windows(data), inside[:3]
    )
    network = model.learned.networks["any-0"]
    one = fitted_pbs(network, windows_of_clips, lengths, (0.25,))
    _, gradient = create_engine("native", network).loss_and_gradient(
        windows_of_clips, lengths, np.zeros((3, 64), np.float32)
    )
    steepness = np.linalg.norm(gradient, axis=1)
    wanted = 0.25 * steepness / (steepness + network.rule.epsilon)
    np.testing.assert_allclose(np.linalg.norm(one, axis=1), wanted, rtol=1e-3)
    assert (
        np.linalg.norm(fitted_pbs(network, windows_of_clips, lengths), axis=1) <= sum(STEP_LENGTHS)
    ).all()


def test_windows_are_apex_windows_with_person_stats_of_other_clips(
    model: FittedModel, data: Dataset, inside: np.ndarray
) -> None:
    learned: LearnedNetworks = model.learned
    windows_of_clips, lengths = encoded_windows(learned, learned.windows(data), inside[:4])
    for row, clip in enumerate(inside[:4]):
        others = other_clips(
            data,
            int(clip),
            max(learned.learning_config.known_clip_counts),
            learned.learning_config.seed,
        )
        profile = learned.population.profile_of(
            learned.windows(data).window(clip), data.stats_from_clips(others)
        )
        wanted = learned.basis.encode(profile.movement(learned.windows(data).window(clip)))
        assert lengths[row] == len(wanted)
        np.testing.assert_allclose(windows_of_clips[row, : len(wanted)], wanted, atol=1e-6)
        assert not windows_of_clips[row, len(wanted) :].any()


def test_prototypes_are_saved_with_the_networks(
    found: dict[str, dict[str, np.ndarray]], model: FittedModel, tmp_path: Path
) -> None:
    write_networks(tmp_path, replace(model.learned, prototypes=found), LIVE, OPEN)
    bundle = Bundle.load(tmp_path)
    assert stages.networks_with_prototypes(bundle) == tuple(found)
    loaded = reader.load_networks(tmp_path)[0].prototypes
    for name, by_label in found.items():
        for label, pb in by_label.items():
            np.testing.assert_array_equal(loaded[name][label], pb)
            np.testing.assert_array_equal(stages.prototype_pbs(bundle, name)[label], pb)


def test_networks_without_prototypes_are_refused(model: FittedModel, tmp_path: Path) -> None:
    write_networks(tmp_path, replace(model.learned, prototypes={}), LIVE, OPEN)
    bundle = Bundle.load(tmp_path)
    assert stages.networks_with_prototypes(bundle) == ()
    assert not reader.load_networks(tmp_path)[0].prototypes
    with pytest.raises(BundleRefused, match="prototype/any-0/genuine is missing"):
        stages.prototype_pbs(bundle, "any-0")
