"""Create the stages a bundle defines: timing, population, gate, networks, booster, calibration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from engines.bundle.bundle import Bundle, ManifestSection
from engines.errors import BundleRefused
from engines.model.weights import weight_count
from engines.registry import create_engine
from realtime.core.errors import UsageError
from realtime.core.labels import ALL, ANY, AUTO, LABELS
from realtime.core.messages import Floats
from realtime.core.tracing import NO_TRACING, Tracer
from realtime.faces.mosse import GOOD_PSR
from realtime.landmarks.appearance import appearance_basis
from realtime.landmarks.expression_reader import ExpressionNetwork, ExpressionReader
from realtime.motion.basis import MovementBasis
from realtime.motion.motion import MotionStage
from realtime.motion.resample import WindowTiming
from realtime.person.expression_watch import RestLimits
from realtime.person.population import Population
from realtime.person.saved_profile import SavedPerson
from realtime.person.tracker import ExpectedPerson, ExpressionThresholds
from realtime.recognition.recogniser import RecogniserSet, RecognitionConfig
from realtime.runtime.classifier_from_bundle import load_emotion_classifier
from realtime.runtime.scores_from_bundle import score_model
from realtime.runtime.shared_models import SharedModels
from realtime.verdict.calibration import CalibrationByExperience, PlattScaling
from realtime.verdict.emotion_fit import emotion_of
from realtime.verdict.emotion_judge import EmotionJudge
from realtime.verdict.features import FeatureExtractor, ReadOut
from realtime.verdict.gate import Gate
from realtime.verdict.judge import Judge
from realtime.verdict.person_bias import PersonBias
from realtime.verdict.prototypes import GhostPlayer, Prototypes

T = TypeVar("T")
POPULATION_ARRAYS = {  # fields of `Population`, and their arrays in a bundle
    "neutral": "population/neutral",
    "movement_range": "population/movement_range",
    "quiet_directions": "population/still",
    "movement_directions": "population/moved",
    "neutral_regression": "population/guess",
}
EXPRESSION = "expression"  # section of the read-out; bundles of older versions have none
HIDDEN_LAYER, OUTPUT_LAYER = "expression/hidden", "expression/output"  # its arrays
GHOST_LEAD_S = 0.3  # by which the ghost faces are ahead of the face
# Emotion of the paper without training data, and the one that answers for it.
UNTRAINED_EMOTIONS = {"contempt": ANY}


@dataclass(frozen=True, slots=True)
class EmotionChoice:
    """Emotion of the bundle that is judged for the requested one, and a notice for the user."""

    asked: str
    emotion: str
    notice: str = ""


def choose_emotion(bundle: Bundle, asked: str) -> EmotionChoice:
    """Return the emotion to judge for `asked`; raises `UsageError` listing the known emotions."""
    if asked in bundle.emotions:
        return EmotionChoice(asked, asked)
    if asked in (ALL, AUTO):
        if len(emotion_networks(bundle)) < 2:
            raise UsageError(
                f"--emotion {asked} compares networks of single emotions; {bundle.path} has too few"
            )
        return EmotionChoice(asked, ANY)
    if UNTRAINED_EMOTIONS.get(asked) in bundle.emotions:
        other = UNTRAINED_EMOTIONS[asked]
        return EmotionChoice(
            asked, other, f"no data for {asked} yet: the network for {other} emotion is used"
        )
    known = ", ".join((*bundle.emotions, *UNTRAINED_EMOTIONS, ALL, AUTO))
    raise UsageError(f"no emotion {asked!r}; choose one of {known}")


def selectable_emotions(bundle: Bundle) -> tuple[str, ...]:
    """Return every emotion a user can select, in the order of key e."""
    named = sorted({*bundle.emotions} - {ANY})
    return (ANY, *named, *((ALL, AUTO) if len(emotion_networks(bundle)) > 1 else ()))


def window_timing(bundle: Bundle) -> WindowTiming:
    """Return the window timing of the bundle."""
    part = bundle.manifest.section("motion")
    return _from_numbers(
        part, WindowTiming, "rate_hz", "window_s", "min_window_s", "stride_s", "smooth_s"
    )


def population(bundle: Bundle) -> Population:
    """Return the population statistics of the bundle."""
    part = bundle.manifest.section("population")
    try:
        arrays = {name: bundle.array(key) for name, key in POPULATION_ARRAYS.items()}
        neutral_prior, range_prior = part.number("neutral_prior"), part.number("range_prior")
        return Population(**arrays, neutral_prior=neutral_prior, range_prior=range_prior)
    except ValueError as error:
        raise BundleRefused(f"{part.where}: {error}; get a whole bundle") from None


def expression_thresholds(bundle: Bundle) -> ExpressionThresholds:
    """Return the gate's onset and offset thresholds and the read-out's limits, for enrolment."""
    found = create_gate(bundle)
    return ExpressionThresholds(found.onset_threshold, found.offset_threshold, rest_limits(bundle))


def create_motion_stage(bundle: Bundle, saved: SavedPerson | None = None) -> MotionStage:
    """Create the motion stage; `saved` is the profile of the expected person.

    Raises `UsageError` where it was saved by networks that see other things.
    """
    people = population(bundle)
    if saved is not None:
        _check_saved(saved, people)
    return MotionStage(
        window_timing(bundle),
        people,
        movement_basis(bundle),
        thresholds=expression_thresholds(bundle),
        expected=ExpectedPerson(saved.stats, saved.face) if saved else None,
    )


def _check_saved(saved: SavedPerson, people: Population) -> None:
    width = len(saved.stats.neutral)
    if width != people.width:
        raise UsageError(
            f"the person was saved with {width} numbers a face, and this bundle's networks see "
            f"{people.width}. Enrol again with calibrate personal and this bundle"
        )


def create_expression_reader(bundle: Bundle) -> ExpressionReader | None:
    """Create the reader of expression and appearance; None in a bundle that wants neither."""
    basis = appearance_basis() if population(bundle).sees_appearance else None
    network = expression_network(bundle)
    return ExpressionReader(network, basis) if network or basis else None


def expression_network(bundle: Bundle) -> ExpressionNetwork | None:
    """Return the network of the expression read-out; None in a bundle without one."""
    if EXPRESSION not in bundle.manifest:
        return None
    part = bundle.manifest.section(EXPRESSION)
    layers = bundle.array(HIDDEN_LAYER), bundle.array(OUTPUT_LAYER)
    try:
        return ExpressionNetwork(part.texts("names"), *layers)
    except ValueError as error:
        raise BundleRefused(f"{part.where}: {error}; get a whole bundle") from None


def rest_limits(bundle: Bundle) -> RestLimits | None:
    """Return the read-out's limits on neutral faces; None where the gate goes by movement alone."""
    if EXPRESSION not in bundle.manifest:
        return None
    part = bundle.manifest.section(EXPRESSION)
    if "rest" not in part:
        return None
    names, rest = part.texts("names"), part.section("rest")
    typical, scale = rest.section("typical"), rest.section("scale")
    # What has no scale, such as a blink, counts for nothing.
    scales = [scale.number(name) if name in scale else np.inf for name in names]
    typicals = [typical.number(name) for name in names]
    try:
        return RestLimits(
            np.array(typicals, np.float32),
            np.array(scales, np.float32),
            rest.number("faint"),
            rest.number("certain"),
        )
    except ValueError as error:
        raise BundleRefused(f"{part.where}: {error}; get a whole bundle") from None


def movement_basis(bundle: Bundle) -> MovementBasis:
    """Return the movement basis, the input coordinates of the networks."""
    part = bundle.manifest.section("basis")
    try:
        return MovementBasis(bundle.array("basis/directions"), part.number("spread"))
    except ValueError as error:
        raise BundleRefused(f"{part.where}: {error}; get a whole bundle") from None


def network_weight_count(bundle: Bundle, emotion: str) -> int:
    """Return the weight count of the largest network that judges `emotion`."""
    names = bundle.manifest.section("emotions").section(emotion).texts("networks")
    return max((weight_count(bundle.network(name).shape) for name in names), default=0)


def recognition_config(bundle: Bundle) -> RecognitionConfig:
    """Return the settings of incremental recognition."""
    part = bundle.manifest.section("recognition")
    try:
        return RecognitionConfig(
            part.integer("steps"),
            window_timing(bundle).frames,
            part.number("carry"),
            part.number("settled_speed"),
        )
    except ValueError as error:
        raise BundleRefused(f"{part.where}: {error}; get a whole bundle") from None


def create_gate(bundle: Bundle) -> Gate:
    """Return the gate; older bundles lack `misfit_max` and `psr_min`, see `Gate`."""
    part = bundle.manifest.section("gate")
    limits = part.section("misfit_max") if "misfit_max" in part else None
    try:
        return Gate(
            sharpness_min=part.number("sharpness_min"),
            brightness_min=part.number("brightness_min"),
            brightness_max=part.number("brightness_max"),
            yaw_max=part.number("yaw_max"),
            onset_threshold=part.number("expression_min"),
            offset_threshold=part.number("expression_keep"),
            prediction_error_max={e: limits.number(e) for e in limits.values} if limits else {},
            psr_min=part.number("psr_min") if "psr_min" in part else GOOD_PSR,
        )
    except ValueError as error:
        raise BundleRefused(f"{part.where}: {error}; get a whole bundle") from None


def create_judge(
    bundle: Bundle,
    found: EmotionChoice,
    engine: str,
    spans: Tracer = NO_TRACING,
    saved: SavedPerson | None = None,
    models: SharedModels | None = None,
) -> Judge:
    """Create the judge with networks on `engine`; `saved` is the expected person's profile.

    It owns its engines, unless it takes them from `models`.
    """
    names = sorted({*bundle.emotions} - {ANY})
    opinions = {
        name: create_emotion_judge(bundle, name, saved)
        for name in (ANY, *names)
        if name in bundle.emotions
    }
    if found.asked not in (ALL, AUTO):
        opinions.setdefault(found.asked, create_emotion_judge(bundle, found.emotion, saved))
    needed = {network for one in opinions.values() for network in one.networks} | set(
        emotion_networks(bundle)
    )
    needed |= {one.prototypes.network for one in opinions.values() if one.prototypes is not None}
    create = models.engine if models is not None else create_engine
    engines = [create(engine, bundle.network(name)) for name in bundle.networks if name in needed]
    judge = Judge(
        found.asked,
        create_gate(bundle),
        RecogniserSet(engines, recognition_config(bundle), owns_engines=models is None),
        opinions,
        create_ghost_player(bundle),
        spans,
    )
    judge.use_classifier(load_emotion_classifier(bundle))
    return judge


def create_emotion_judge(
    bundle: Bundle, emotion: str, saved: SavedPerson | None = None
) -> EmotionJudge:
    """Create the judge of one emotion."""
    part = bundle.manifest.section("emotions").section(emotion)
    names = part.texts("networks")
    features = FeatureExtractor(
        read_outs(bundle, names, emotion), read_outs(bundle, names, ANY), person_bias(bundle, saved)
    )
    known, stride_s = (
        emotion_calibration(part, personal_offset(bundle, saved)),
        window_timing(bundle).stride_s,
    )
    return EmotionJudge(
        emotion,
        names,
        features,
        score_model(bundle, part),
        known,
        stride_s,
        emotion_prototypes(bundle, emotion),
    )


def emotion_networks(bundle: Bundle) -> tuple[str, ...]:
    """Return the single-emotion networks, whose prediction errors are compared."""
    return tuple(
        network for network in bundle.networks if network in bundle.emotions and network != ANY
    )


def emotion_prototypes(bundle: Bundle, emotion: str) -> Prototypes | None:
    """Return the prototypes of `emotion`; None in a bundle without them."""
    for network in networks_with_prototypes(bundle):
        if emotion_of(network) == emotion:
            return Prototypes(network, *(prototype_pbs(bundle, network)[label] for label in LABELS))
    return None


def create_ghost_player(bundle: Bundle) -> GhostPlayer:
    """Create the player of ghost faces."""
    return GhostPlayer(
        movement_basis(bundle),
        population(bundle).movement_range,
        max(1, round(GHOST_LEAD_S * window_timing(bundle).rate_hz)),
    )


def personal_offset(bundle: Bundle, saved: SavedPerson | None) -> tuple[float, float] | None:
    """Return the personal offset; None where it was fitted to another bundle's scores."""
    return saved.personal_offset if saved and saved.bundle_sha256 == bundle.sha256 else None


def person_bias(bundle: Bundle, saved: SavedPerson | None) -> PersonBias:
    """Return the initial person bias; zero where another bundle gave it, on another scale."""
    return (
        PersonBias(saved.bias, saved.bias_clips)
        if saved and saved.bundle_sha256 == bundle.sha256
        else PersonBias()
    )


def read_outs(bundle: Bundle, networks: Sequence[str], emotion: str) -> list[ReadOut]:
    """Return the read-out of each network's PB for `emotion`."""
    rows = (bundle.array(f"read_out/{network}/{emotion}") for network in networks)
    return [ReadOut(row[:-1], float(row[-1])) for row in rows]


def networks_with_prototypes(bundle: Bundle) -> tuple[str, ...]:
    """Return the names of the networks with prototypes; may be empty."""
    return bundle.manifest.texts("prototypes") if "prototypes" in bundle.manifest else ()


def prototype_pbs(bundle: Bundle, network: str) -> dict[str, Floats]:
    """Return the class-mean PB (64,) of `network` by label."""
    return {label: bundle.array(f"prototype/{network}/{label}") for label in LABELS}


def platt_scaling(emotion: ManifestSection) -> PlattScaling:
    """Return the Platt scaling of an emotion."""
    return _from_numbers(emotion.section("probability"), PlattScaling, "slope", "shift", "abstain")


def emotion_calibration(
    emotion: ManifestSection, own: tuple[float, float] | None = None
) -> CalibrationByExperience:
    """Return the Platt scaling by expressions known; `own` is the personal offset."""
    one, part = platt_scaling(emotion), emotion.section("probability")
    try:
        steps = part.array("steps").reshape(-1, 3).tolist() if "steps" in part else []
        known = tuple(
            (int(n), PlattScaling(slope, shift, one.abstain_margin)) for n, slope, shift in steps
        )
        return CalibrationByExperience(known or ((0, one),), own)
    except ValueError as error:
        raise BundleRefused(f"{part.where}: {error}; get a whole bundle") from None


def _from_numbers(part: ManifestSection, kind: Callable[..., T], *names: str) -> T:
    try:
        return kind(*(part.number(name) for name in names))
    except ValueError as error:
        raise BundleRefused(f"{part.where}: {error}; get a whole bundle") from None
