"""From a bundle to the stages that it sets: timing, population, gate, networks, booster, probability."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from engines.bundle.bundle import DEFAULT, Bundle, Section
from engines.errors import BundleRefused
from engines.model.weights import count
from engines.registry import create
from realtime.core.errors import UsageError
from realtime.core.messages import Floats
from realtime.core.tracing import UNMEASURED, Spans
from realtime.motion.basis import Basis
from realtime.motion.motion import Motion
from realtime.motion.resample import Timing
from realtime.person.appearance import Appearance
from realtime.person.geometry import Telling
from realtime.person.population import Population
from realtime.person.saved_profile import Saved
from realtime.person.tracker import Limits
from realtime.recognition.recogniser import Loop, Recognisers
from realtime.verdict.booster import Booster, Start
from realtime.verdict.calibration import Maps, Platt
from realtime.verdict.emotion_fit import ANY as ANY
from realtime.verdict.emotion_fit import emotion_of
from realtime.verdict.emotion_judge import Opinion
from realtime.verdict.features import INPUTS, Evidence, Level, ReadOut
from realtime.verdict.gate import Gate
from realtime.verdict.judge import ALL, AUTO, Judge
from realtime.verdict.model_sandbox import refuse_what_crashes
from realtime.verdict.prototypes import Player, Prototypes

T = TypeVar("T")
LABELS = ("genuine", "fake")
POPULATION = ("neutral", "movement_range", "still", "moved", "guess")
AHEAD_S = 0.3  # how far the ghosts are ahead of the face
WITHOUT_DATA = {"contempt": ANY}  # one of the paper's six that no data stands behind yet


@dataclass(frozen=True, slots=True)
class Answer:
    """Which of the bundle's emotions answers for the one that was asked, and what to tell the user about it."""

    asked: str
    emotion: str
    notice: str = ""


def answer(bundle: Bundle, asked: str) -> Answer:
    """Who answers for `asked`; raises `UsageError` naming the emotions there are."""
    if asked in bundle.emotions:
        return Answer(asked, asked)
    if asked in (ALL, AUTO):
        if len(fitted(bundle)) < 2:
            raise UsageError(
                f"--emotion {asked} compares networks of single emotions; {bundle.path} has too few"
            )
        return Answer(asked, ANY)
    if WITHOUT_DATA.get(asked) in bundle.emotions:
        other = WITHOUT_DATA[asked]
        return Answer(
            asked,
            other,
            f"no data stands behind {asked} yet: the network for {other} emotion answers",
        )
    known = ", ".join((*bundle.emotions, *WITHOUT_DATA, ALL, AUTO))
    raise UsageError(f"no emotion {asked!r}; take one of {known}")


def askable(bundle: Bundle) -> tuple[str, ...]:
    """Every emotion that can be asked about, in the order in which a key goes through them."""
    named = sorted({*bundle.emotions} - {ANY})
    return (ANY, *named, *((ALL, AUTO) if len(fitted(bundle)) > 1 else ()))


def timing(bundle: Bundle) -> Timing:
    """How the bundle's windows are cut."""
    part = bundle.manifest.section("motion")
    return _built(part, Timing, "rate_hz", "window_s", "min_window_s", "stride_s", "smooth_s")


def population(bundle: Bundle) -> Population:
    """What faces are like before one is known."""
    part = bundle.manifest.section("population")
    try:
        arrays = {name: bundle.array(f"population/{name}") for name in POPULATION}
        neutral_prior, range_prior = part.number("neutral_prior"), part.number("range_prior")
        telling = _telling(bundle, part)
        return Population(
            **arrays, neutral_prior=neutral_prior, range_prior=range_prior, telling=telling
        )
    except ValueError as error:
        raise BundleRefused(f"{part.where}: {error}; get a whole bundle") from None


def _telling(bundle: Bundle, part: Section) -> Telling | None:
    """How people are told apart; a bundle of before 0.2 does not know."""
    if "limit" not in part:
        return None
    return Telling(
        bundle.array("population/telling"),
        part.number("limit"),
        part.number("jump"),
        _appearance(bundle, part),
    )


def _appearance(bundle: Bundle, part: Section) -> Appearance | None:
    """How people look; a bundle of before 0.2, or learned from tracks without pictures, does not know."""
    if "look_limit" not in part:
        return None
    directions, middle = (
        bundle.array(f"population/look_{name}") for name in ("directions", "middle")
    )
    return Appearance(
        directions, middle, *(part.number(f"look_{name}") for name in ("limit", "same", "cut"))
    )


def limits(bundle: Bundle) -> Limits:
    """When an expression begins and ends, for who is got to know: as the gate has it."""
    found = gate(bundle)
    return Limits(found.expression_min, found.expression_keep)


def motion(bundle: Bundle, saved: Saved | None = None) -> Motion:
    """The motion stage as the gauge runs it; `saved` is of the person who is expected."""
    beforehand = saved.known if saved else None
    return Motion(
        timing(bundle),
        population(bundle),
        basis(bundle),
        limits=limits(bundle),
        beforehand=beforehand,
    )


def basis(bundle: Bundle) -> Basis:
    """The coordinates in which the networks see movement."""
    part = bundle.manifest.section("basis")
    try:
        return Basis(bundle.array("basis/directions"), part.number("spread"))
    except ValueError as error:
        raise BundleRefused(f"{part.where}: {error}; get a whole bundle") from None


def weights(bundle: Bundle, emotion: str) -> int:
    """How many weights the largest network has that speaks for `emotion`."""
    names = bundle.manifest.section("emotions").section(emotion).texts("networks")
    return max((count(bundle.network(name).shape) for name in names), default=0)


def loop(bundle: Bundle) -> Loop:
    """How the incremental recognition runs."""
    part = bundle.manifest.section("recognition")
    try:
        return Loop(
            part.integer("steps"),
            timing(bundle).frames,
            part.number("carry"),
            part.number("settled_speed"),
        )
    except ValueError as error:
        raise BundleRefused(f"{part.where}: {error}; get a whole bundle") from None


def gate(bundle: Bundle) -> Gate:
    """When there is something to judge. A bundle of an older version has no misfit_max and no psr_min: see `Gate`."""
    names = (
        "sharpness_min",
        "brightness_min",
        "brightness_max",
        "yaw_max",
        "expression_min",
        "expression_keep",
    )
    part = bundle.manifest.section("gate")
    limits = part.section("misfit_max") if "misfit_max" in part else None
    misfit_max = (
        {emotion: limits.number(emotion) for emotion in limits.values} if limits is not None else {}
    )
    more = {"psr_min": part.number("psr_min")} if "psr_min" in part else {}
    return _built(part, partial(Gate, misfit_max=misfit_max, **more), *names)


def judge(
    bundle: Bundle,
    found: Answer,
    engine: str,
    spans: Spans = UNMEASURED,
    saved: Saved | None = None,
) -> Judge:
    """The judge that answers what was asked, its networks run by `engine`; `saved` is of the person who is expected."""
    names = sorted({*bundle.emotions} - {ANY})
    opinions = {
        name: opinion(bundle, name, saved) for name in (ANY, *names) if name in bundle.emotions
    }
    if found.asked not in (ALL, AUTO):
        opinions.setdefault(found.asked, opinion(bundle, found.emotion, saved))
    needed = {network for one in opinions.values() for network in one.networks} | set(
        fitted(bundle)
    )
    needed |= {one.prototypes.network for one in opinions.values() if one.prototypes is not None}
    engines = [create(engine, bundle.network(name)) for name in bundle.networks if name in needed]
    return Judge(
        found.asked,
        gate(bundle),
        Recognisers(engines, loop(bundle)),
        opinions,
        player(bundle),
        spans,
    )


def opinion(bundle: Bundle, emotion: str, saved: Saved | None = None) -> Opinion:
    """What the bundle makes of movement as `emotion`."""
    part = bundle.manifest.section("emotions").section(emotion)
    names = part.texts("networks")
    evidence = Evidence(
        read_outs(bundle, names, emotion), read_outs(bundle, names, ANY), level(bundle, saved)
    )
    known, stride_s = maps(part, own_map(bundle, saved)), timing(bundle).stride_s
    return Opinion(
        emotion, names, evidence, booster(bundle, part), known, stride_s, shown(bundle, emotion)
    )


def fitted(bundle: Bundle) -> tuple[str, ...]:
    """The networks of one emotion, whose fits are compared."""
    return tuple(
        network for network in bundle.networks if network in bundle.emotions and network != ANY
    )


def shown(bundle: Bundle, emotion: str) -> Prototypes | None:
    """The prototypes that stand for `emotion` on the map and as ghosts; None in a bundle without."""
    for network in prototyped(bundle):
        if emotion_of(network) == emotion:
            return Prototypes(network, *(prototypes(bundle, network)[label] for label in LABELS))
    return None


def player(bundle: Bundle) -> Player:
    """How prototypes are played on a face."""
    return Player(
        basis(bundle),
        population(bundle).movement_range,
        max(1, round(AHEAD_S * timing(bundle).rate_hz)),
    )


def own_map(bundle: Bundle, saved: Saved | None) -> tuple[float, float] | None:
    """How far a saved person is from the usual map: none where that was fitted to another bundle's scores."""
    return saved.own if saved and saved.bundle_sha256 == bundle.sha256 else None


def level(bundle: Bundle, saved: Saved | None) -> Level:
    """The level that a saved person begins with: none where it was read by another bundle, on another scale."""
    return (
        Level(saved.level, saved.level_clips)
        if saved and saved.bundle_sha256 == bundle.sha256
        else Level()
    )


def read_outs(bundle: Bundle, networks: Sequence[str], emotion: str) -> list[ReadOut]:
    """How the PB of each network is read when `emotion` is asked about."""
    rows = (bundle.array(f"read_out/{network}/{emotion}") for network in networks)
    return [ReadOut(row[:-1], float(row[-1])) for row in rows]


def prototyped(bundle: Bundle) -> tuple[str, ...]:
    """The networks that the bundle holds prototypes of: none in one that was learned without."""
    return bundle.manifest.texts("prototypes") if "prototypes" in bundle.manifest else ()


def prototypes(bundle: Bundle, network: str) -> dict[str, Floats]:
    """The PB (64,) of felt and of acted expressions in `network`, by label."""
    return {label: bundle.array(f"prototype/{network}/{label}") for label in LABELS}


def probability(emotion: Section) -> Platt:
    """From an emotion's score to its probability."""
    return _built(emotion.section("probability"), Platt, "slope", "shift", "abstain")


def maps(emotion: Section, own: tuple[float, float] | None = None) -> Maps:
    """Which probability map holds for how much is known of the person; `own` is how far the person is from it."""
    one, part = probability(emotion), emotion.section("probability")
    try:
        steps = part.array("steps").reshape(-1, 3).tolist() if "steps" in part else []
        known = tuple((int(n), Platt(slope, shift, one.abstain)) for n, slope, shift in steps)
        return Maps(known or ((0, one),), own)
    except ValueError as error:
        raise BundleRefused(f"{part.where}: {error}; get a whole bundle") from None


def start(emotion: Section) -> Start:
    """The linear score that an emotion's trees correct."""
    part = emotion.section("start")
    weights = part.array("weights")
    if weights.shape != (len(INPUTS),):
        found = f"{part.where}.weights has shape {weights.shape}"
        raise BundleRefused(f"{found}; want ({len(INPUTS)},); get a whole bundle")
    return Start(weights, part.number("bias"))


def booster(bundle: Bundle, part: Section) -> Booster:
    """The score of the emotion whose section is `part`; trees of a bundle that did not come with us are tried first."""
    grown = trees(bundle, part)
    if grown and bundle.path.resolve() != DEFAULT:
        refuse_what_crashes(grown, part.text("booster"))
    return Booster(grown, start(part), part.text("booster") if grown else "")


def trees(bundle: Bundle, emotion: Section) -> bytes:
    """An emotion's trees; empty where none helped and the bundle names no file of them."""
    return bundle.file(emotion.text("booster")) if "booster" in emotion else b""


def has_trees(bundle: Bundle) -> bool:
    """Whether any emotion has trees, which XGBoost is needed for."""
    emotions = bundle.manifest.section("emotions")
    return any("booster" in emotions.section(emotion) for emotion in bundle.emotions)


def _built(part: Section, kind: Callable[..., T], *names: str) -> T:
    try:
        return kind(*(part.number(name) for name in names))
    except ValueError as error:
        raise BundleRefused(f"{part.where}: {error}; get a whole bundle") from None
