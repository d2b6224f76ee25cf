"""A bundle as a model that scores recordings, without what only training needs (PyTorch)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from calibrate.data.dataset import ApexWindows
from calibrate.learning.recognise import ClipRecogniser, LiveStages
from engines.bundle.bundle import Bundle
from realtime.core.labels import ANY
from realtime.motion.basis import MovementBasis
from realtime.motion.resample import WindowTiming
from realtime.person.population import Population
from realtime.person.tracker import ExpressionThresholds
from realtime.runtime import stages_from_bundle as stages
from realtime.runtime.classifier_from_bundle import load_emotion_classifier
from realtime.runtime.scores_from_bundle import score_model
from realtime.runtime.shared_models import SharedModels
from realtime.verdict.booster import ScoreModel
from realtime.verdict.calibration import PlattScaling
from realtime.verdict.emotion_classifier import EmotionClassifier
from realtime.verdict.features import ReadOut
from realtime.verdict.gate import Gate

ENGINE = "native"  # the networks of a bundle are small, and clips run in parallel


@dataclass(frozen=True, eq=False)
class BundleModel:
    """Networks, boosters and calibrations of a bundle, each loaded when first needed.

    One process uses it, one clip at a time.
    """

    bundle: Bundle
    models: SharedModels = field(default_factory=SharedModels)

    @property
    def seed(self) -> int:
        """Seed of the draws of a person's known clips, as in a report on the bundle."""
        return self.bundle.manifest.section("plan").integer("seed")

    @cached_property
    def ensemble(self) -> tuple[str, ...]:
        """Networks of the live ensemble."""
        return self.bundle.manifest.section("emotions").section(ANY).texts("networks")

    @cached_property
    def read_outs(self) -> Mapping[str, Mapping[str, ReadOut]]:
        """Read-outs of the ensemble by network, then emotion."""
        return {
            name: {e: stages.read_outs(self.bundle, [name], e)[0] for e in self.bundle.emotions}
            for name in self.ensemble
        }

    @cached_property
    def boosters(self) -> Mapping[str, ScoreModel]:
        """Score models by emotion."""
        part = self.bundle.manifest.section("emotions")
        return {e: score_model(self.bundle, part.section(e)) for e in self.bundle.emotions}

    @cached_property
    def classifier(self) -> EmotionClassifier | None:
        """Emotion classifier, if the bundle has one."""
        return load_emotion_classifier(self.bundle)

    @cached_property
    def calibrations(self) -> Mapping[str, PlattScaling]:
        """Platt scalings by emotion."""
        part = self.bundle.manifest.section("emotions")
        return {e: stages.platt_scaling(part.section(e)) for e in self.bundle.emotions}

    @cached_property
    def timing(self) -> WindowTiming:
        """Window timing."""
        return stages.window_timing(self.bundle)

    @cached_property
    def population(self) -> Population:
        """Population statistics."""
        return stages.population(self.bundle)

    @cached_property
    def basis(self) -> MovementBasis:
        """Input coordinates of the networks."""
        return stages.movement_basis(self.bundle)

    @cached_property
    def gate(self) -> Gate:
        """Gate of what can be judged."""
        return stages.create_gate(self.bundle)

    @cached_property
    def thresholds(self) -> ExpressionThresholds:
        """What tells an expression from a neutral face."""
        return stages.expression_thresholds(self.bundle)

    def recogniser(self, windows: ApexWindows, networks: Iterable[str]) -> ClipRecogniser:
        """Return the live loop of some of the networks over `windows`."""
        engines = [self.models.engine(ENGINE, self.bundle.network(name)) for name in networks]
        config = stages.recognition_config(self.bundle)
        live = LiveStages(self.population, self.basis, self.thresholds)
        return ClipRecogniser(windows, engines, config, live)


@cache
def model_of(folder: Path) -> BundleModel:
    """Return the model in `folder`, loaded once in each process; raises `BundleRefused`."""
    return BundleModel(Bundle.load(folder))
