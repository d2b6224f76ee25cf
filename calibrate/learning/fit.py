"""Fit of a whole model: population -> basis -> networks -> out-of-fold features -> boosters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import APEX, ApexWindows, Dataset
from calibrate.data.folds import person_folds
from calibrate.learning.batches import Augmentation, TrainingSet, sampled_profiles
from calibrate.learning.boosting import BoostingConfig, FittedBooster, LabelledFeatures, fit_booster
from calibrate.learning.checkpoints import CheckpointStore
from calibrate.learning.clip_reader import ClipReader, ClipScorer
from calibrate.learning.emotions.classifier import fit_emotion_classifier
from calibrate.learning.gate_thresholds import fit_expression_thresholds
from calibrate.learning.out_of_fold import TickFeatures, concatenate_features
from calibrate.learning.population import fit_population
from calibrate.learning.recognise import ClipRecogniser, LiveStages
from calibrate.learning.train import EpochLosses, TrainedNetwork, TrainingConfig, train_network
from calibrate.parallel import Jobs, run_tasks
from engines.model.network import Network
from engines.model.shape import PRESETS
from engines.registry import create_engine
from realtime.core.labels import ANY
from realtime.core.messages import Floats
from realtime.motion.basis import MovementBasis, fit_basis
from realtime.person.population import PersonProfile, Population
from realtime.recognition.recogniser import RecognitionConfig
from realtime.verdict.booster import ScoreModel
from realtime.verdict.emotion_classifier import EmotionClassifier
from realtime.verdict.features import ReadOut

Progress = Callable[[str], None]
HELD_OUT = "unseen"  # prefix in files of the networks that each leave one fold of people out


@dataclass(frozen=True, slots=True)
class LearningConfig:
    """Everything that decides what is learned. Figures behind the defaults: docs/RESULTS.md."""

    training: TrainingConfig = field(default_factory=lambda: TrainingConfig(PRESETS["live"]))
    augmentation: Augmentation = field(default_factory=Augmentation)
    boosting: BoostingConfig = field(default_factory=BoostingConfig)
    # Times as many epochs for a network of one emotion, which has a sixth of the clips; 0: none.
    single_emotion_epochs_factor: int = 4
    # Networks for any emotion that are averaged live; they learn from everyone: people are few.
    ensemble_size: int = 3
    # Extra networks, each trained without one fold of people, for the boosters' features.
    held_out_folds: int = 4
    symmetric_components: int = 20  # principal directions of what both halves of the face share
    asymmetric_components: int = 20  # and of their difference
    headroom: float = 3.0
    # PB speed (1/s) below which an expression is held; while a face moves it is 7 to 10.
    settled_speed: float = 5.0
    # Other clips of a person that boosters are fitted with: a stranger, and a known person.
    known_clip_counts: tuple[int, ...] = (0, 10)
    seed: int = 0

    def training_of(self, network: str) -> TrainingConfig:
        """Return the training configuration of one network."""
        times = 1 if network.startswith((ANY, HELD_OUT)) else self.single_emotion_epochs_factor
        return replace(self.training, epochs=self.training.epochs * times)

    def recognition(self, frames: int) -> RecognitionConfig:
        """Return the configuration of the live recognition loop."""
        return RecognitionConfig(
            self.training.steps, frames, self.training.carry, self.settled_speed
        )

    def fold_of(self, data: Dataset, clips: NDArray[np.intp]) -> NDArray[np.int64]:
        """Return the number (n,) of the held-out network that never saw the person of each clip."""
        return person_folds([str(s) for s in data.subjects[clips]], self.held_out_folds, self.seed)


@dataclass(frozen=True, slots=True, eq=False)
class LearnedNetworks:
    """Learned networks with their read-outs, the population, and the basis of their inputs."""

    learning_config: LearningConfig
    stages: LiveStages
    networks: Mapping[str, Network]
    read_outs: Mapping[str, Mapping[str, ReadOut]]  # by network, then emotion
    curves: Mapping[str, list[EpochLosses]]
    # PB (64,) by network and label
    prototypes: Mapping[str, Mapping[str, Floats]] = field(default_factory=dict)

    @property
    def population(self) -> Population:
        """Statistics of the people in the data."""
        return self.stages.population

    @property
    def basis(self) -> MovementBasis:
        """Basis of the inputs of the networks."""
        return self.stages.basis

    @property
    def seed(self) -> int:
        """Seed of the draws of a person's known clips."""
        return self.learning_config.seed

    @property
    def ensemble(self) -> tuple[str, ...]:
        """Networks of the live ensemble."""
        return tuple(f"{ANY}-{number}" for number in range(self.learning_config.ensemble_size))

    @property
    def held_out_networks(self) -> tuple[str, ...]:
        """Networks for any emotion that each leave one fold of people out."""
        return tuple(
            f"{HELD_OUT}-{number}" for number in range(self.learning_config.held_out_folds)
        )

    def without_held_out_networks(self) -> LearnedNetworks:
        """Return what is shipped: held-out networks serve the fit of the boosters alone."""
        networks = {
            name: one for name, one in self.networks.items() if name not in self.held_out_networks
        }
        return replace(
            self, networks=networks, read_outs={name: self.read_outs[name] for name in networks}
        )

    @property
    def emotions(self) -> tuple[str, ...]:
        """Emotions with a read-out, `any` among them."""
        return tuple(self.read_outs[self.ensemble[0]])

    def windows(self, data: Dataset, part: str = APEX) -> ApexWindows:
        """Find the windows of `data` in the movement range of this population."""
        return data.windows(self.population.movement_range, part)

    def recogniser(self, windows: ApexWindows, networks: Iterable[str]) -> ClipRecogniser:
        """Return the live loop of some of the `networks` over `windows`."""
        engines = [create_engine("native", self.networks[name]) for name in networks]
        config = self.learning_config.recognition(windows.data.timing.frames)
        return ClipRecogniser(windows, engines, config, self.stages)


@dataclass(frozen=True, slots=True, eq=False)
class FittedModel:
    """Networks, a booster for each emotion, and the emotion classifier: enough to score clips."""

    learned: LearnedNetworks
    boosted: Mapping[str, FittedBooster]
    classifier: EmotionClassifier | None = None  # of their emotions, where there are several


def fit_model(
    data: Dataset,
    clips: NDArray[np.intp],
    config: LearningConfig,
    progress: Progress,
    checkpoints: CheckpointStore | None = None,
) -> FittedModel:
    """Fit everything on `clips`, except networks found in `checkpoints`.

    Deterministic in the seed of `config`.
    """
    model = fit_scores(data, clips, config, progress, checkpoints)
    classifier = fit_classifier(model.learned, data, clips)
    progress("emotion classifier")
    return replace(model, classifier=classifier)


def fit_scores(
    data: Dataset,
    clips: NDArray[np.intp],
    config: LearningConfig,
    progress: Progress,
    checkpoints: CheckpointStore | None = None,
) -> FittedModel:
    """Fit as `fit_model` does, but no emotion classifier: for clips of a given emotion."""
    learned = learn_networks(data, clips, config, progress, checkpoints)
    features = out_of_fold_features(learned, data, clips, lambda: None)
    progress("features")
    boosted = fit_booster(label_features(features, data), config.boosting, config.seed)
    return FittedModel(learned, boosted)


def fit_classifier(
    learned: LearnedNetworks, data: Dataset, clips: NDArray[np.intp]
) -> EmotionClassifier | None:
    """Fit the emotion classifier beside `learned` networks; None for `clips` of one emotion."""
    config = learned.learning_config
    return fit_emotion_classifier(
        learned.windows(data), clips, learned.stages, config.known_clip_counts, config.seed
    )


def learn_networks(
    data: Dataset,
    clips: NDArray[np.intp],
    config: LearningConfig,
    progress: Progress,
    checkpoints: CheckpointStore | None = None,
    part: str = APEX,
) -> LearnedNetworks:
    """Train the ensemble, the held-out networks and one network per emotion on `clips`.

    Networks found in `checkpoints` are loaded instead of trained.
    """
    training = NetworkTraining.of(data, clips, config, part)
    progress("population")
    return train_networks(training, progress, checkpoints)


def train_networks(
    training: NetworkTraining,
    progress: Progress,
    checkpoints: CheckpointStore | None = None,
    jobs: Jobs = 1,
) -> LearnedNetworks:
    """Train the networks of `training`, `jobs` at a time, but those found in `checkpoints`."""
    work, trained = partial(training.train, checkpoints), dict[str, TrainedNetwork]()
    for name, network in run_tasks(work, training.names, jobs):
        trained[name] = network
        progress(f"network {name}")
    return training.learned({name: trained[name] for name in training.names})


@dataclass(frozen=True, slots=True, eq=False)
class NetworkTraining:
    """Training of all networks on `clips`; each depends on nothing that another one learns."""

    clips: NDArray[np.intp]
    config: LearningConfig
    stages: LiveStages
    windows: ApexWindows
    profiles: Mapping[int, list[PersonProfile]]

    @staticmethod
    def of(
        data: Dataset, clips: NDArray[np.intp], config: LearningConfig, part: str = APEX
    ) -> NetworkTraining:
        """Fit what all networks share: population, basis of the inputs, thresholds, and windows."""
        population = fit_population(data, clips, part)
        windows = data.shapes_alone().windows(population.movement_range, part)
        profiles = {
            int(clip): sampled_profiles(
                windows, int(clip), population, config.augmentation, config.seed
            )
            for clip in clips
        }
        movement = np.concatenate(
            [profiles[int(clip)][0].movement(windows.window(int(clip))) for clip in clips]
        )
        basis = fit_basis(
            movement, config.symmetric_components, config.asymmetric_components, config.headroom
        )
        thresholds = fit_expression_thresholds(data, clips, population)
        stages = LiveStages(population, basis, thresholds)
        return NetworkTraining(clips, config, stages, windows, profiles)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the networks, in order."""
        return tuple(name for name, _ in self._chosen())

    def train(self, checkpoints: CheckpointStore | None, name: str) -> TrainedNetwork:
        """Return one network, from `checkpoints` if it is there."""
        data, chosen = self.windows.data, dict(self._chosen())[name]
        examples = TrainingSet(
            self.windows, chosen, self.profiles, self.stages.basis, self._augmentation
        )
        seed = self.config.seed + self.names.index(name)
        train = partial(train_network, name, examples, self.config.training_of(name), seed)
        key = (self.config, self.windows.part, data.digest, self.clips.tolist(), chosen.tolist())
        return checkpoints.load_or_train(name, key, train) if checkpoints else train()

    def learned(self, trained: Mapping[str, TrainedNetwork]) -> LearnedNetworks:
        """Return the networks in `trained` with what they share."""
        return LearnedNetworks(
            self.config,
            self.stages,
            {name: one.network for name, one in trained.items()},
            {name: one.read_outs for name, one in trained.items()},
            {name: one.curve for name, one in trained.items()},
        )

    @property
    def _augmentation(self) -> Augmentation:
        return self.config.augmentation

    def _chosen(self) -> Iterable[tuple[str, NDArray[np.intp]]]:
        return _training_clips(self.windows.data, self.clips, self.config)


def _training_clips(
    data: Dataset, clips: NDArray[np.intp], config: LearningConfig
) -> Iterable[tuple[str, NDArray[np.intp]]]:
    """Yield the name of each network and the clips that it is trained on."""
    for number in range(config.ensemble_size):
        yield f"{ANY}-{number}", clips
    fold_of = config.fold_of(data, clips)
    for number in range(config.held_out_folds):
        yield f"{HELD_OUT}-{number}", clips[fold_of != number]
    for emotion in np.unique(data.emotions[clips]) if config.single_emotion_epochs_factor else ():
        yield str(emotion), clips[data.emotions[clips] == emotion]


def out_of_fold_features(
    learned: LearnedNetworks,
    data: Dataset,
    clips: NDArray[np.intp],
    progress: Callable[[], None],
    emotion: str | None = None,
) -> TickFeatures:
    """Return features of `clips`, each from the held-out network that never saw its person.

    They are read as `emotion`; None: as the emotion of each.
    """
    config, windows = learned.learning_config, learned.windows(data)
    fold_of = config.fold_of(data, clips)
    parts: list[TickFeatures] = []
    for number, name in enumerate(learned.held_out_networks):
        reader = ClipReader(learned, windows, [name])
        for clip in clips[fold_of == number]:
            read_as = emotion or str(data.emotions[clip])
            parts += [reader.features(int(clip), read_as, n) for n in config.known_clip_counts]
            progress()
    return concatenate_features(parts)


def label_features(features: TickFeatures, data: Dataset) -> LabelledFeatures:
    """Return `features` with label, person and emotion of each tick."""
    clip = features.clip
    return LabelledFeatures(
        features.inputs, data.genuine[clip], data.subjects[clip], data.emotions[clip]
    )


def clip_scorer(model: FittedModel, windows: ApexWindows) -> ClipScorer:
    """Return a scorer of the clips in `windows` by a whole model."""
    return ClipScorer(ClipReader(model.learned, windows), score_models(model), model.classifier)


def score_models(model: FittedModel) -> dict[str, ScoreModel]:
    """Return the boosters of `model` by emotion, ready to score."""
    return {e: ScoreModel(boosted.trees, boosted.start, e) for e, boosted in model.boosted.items()}
