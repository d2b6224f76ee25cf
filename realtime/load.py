"""From a bundle to the stages that it sets: timing, population, gate, networks, booster, probability."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from engines.bundle import DEFAULT, Bundle, Section
from engines.errors import BundleRefused
from engines.registry import create
from engines.weights import count
from realtime.errors import UsageError
from realtime.motion.basis import Basis
from realtime.motion.person import Population
from realtime.motion.window import Timing
from realtime.recognition.refine import Loop, Recognisers
from realtime.values import Floats
from realtime.verdict.booster import Booster, Start
from realtime.verdict.evidence import Evidence, Level, ReadOut
from realtime.verdict.gate import Gate
from realtime.verdict.judge import Judge
from realtime.verdict.probability import Platt
from realtime.verdict.probe import refuse_what_crashes

T = TypeVar("T")
ANY = "any"
LABELS = ("genuine", "fake")
POPULATION = ("neutral", "movement_range", "still", "moved", "guess")
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
    if WITHOUT_DATA.get(asked) in bundle.emotions:
        other = WITHOUT_DATA[asked]
        return Answer(asked, other, f"no data stands behind {asked} yet: the network for {other} emotion answers")
    known = ", ".join((*bundle.emotions, *WITHOUT_DATA))
    raise UsageError(f"no emotion {asked!r}; take one of {known}")


def timing(bundle: Bundle) -> Timing:
    """How the bundle's windows are cut."""
    part = bundle.manifest.section("motion")
    return _built(part, Timing, "rate_hz", "window_s", "min_window_s", "stride_s", "smooth_s")


def population(bundle: Bundle) -> Population:
    """What faces are like before one is known."""
    part = bundle.manifest.section("population")
    try:
        arrays = {name: bundle.array(f"population/{name}") for name in POPULATION}
        return Population(**arrays, neutral_prior=part.number("neutral_prior"), range_prior=part.number("range_prior"))
    except ValueError as error:
        raise BundleRefused(f"{part.where}: {error}; get a whole bundle") from None


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
        return Loop(part.integer("steps"), timing(bundle).frames, part.number("carry"), part.number("settled_speed"))
    except ValueError as error:
        raise BundleRefused(f"{part.where}: {error}; get a whole bundle") from None


def gate(bundle: Bundle) -> Gate:
    """When there is something to judge."""
    names = ("sharpness_min", "brightness_min", "brightness_max", "yaw_max", "expression_min", "expression_keep")
    return _built(bundle.manifest.section("gate"), Gate, *names)


def judge(bundle: Bundle, asked: str, emotion: str, engine: str) -> Judge:
    """The judge that answers for `asked` as the bundle's `emotion`, its networks run by `engine`."""
    part = bundle.manifest.section("emotions").section(emotion)
    names, timed = part.texts("networks"), timing(bundle)
    return Judge(
        asked,
        gate(bundle),
        Recognisers([create(engine, bundle.network(name)) for name in names], loop(bundle)),
        Evidence(read_outs(bundle, names, emotion), read_outs(bundle, names, ANY), Level()),
        booster(bundle, part),
        probability(part),
        timed.stride_s,
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


def start(emotion: Section) -> Start:
    """The linear score that an emotion's trees correct."""
    part = emotion.section("start")
    return Start(part.array("weights"), part.number("bias"))


def booster(bundle: Bundle, part: Section) -> Booster:
    """The trees of the emotion whose section is `part`; those of a bundle that did not come with us are tried first."""
    name = part.text("booster")
    model = bundle.file(name)
    if bundle.path.resolve() != DEFAULT:
        refuse_what_crashes(model, name)
    return Booster(model, start(part), name)


def _built(part: Section, kind: Callable[..., T], *names: str) -> T:
    try:
        return kind(*(part.number(name) for name in names))
    except ValueError as error:
        raise BundleRefused(f"{part.where}: {error}; get a whole bundle") from None
