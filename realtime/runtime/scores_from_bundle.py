"""Scores of a bundle: linear scores, and the trees that correct them."""

from __future__ import annotations

from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle, ManifestSection
from engines.errors import BundleRefused
from realtime.verdict.booster import LinearScore, ScoreModel
from realtime.verdict.features import INPUTS, MOVEMENT_INPUTS
from realtime.verdict.model_sandbox import check_model_in_sandbox


def linear_score(emotion: ManifestSection) -> LinearScore:
    """Return the linear score of an emotion, which its trees correct.

    A bundle that knows nothing of onsets has weights for the first inputs alone.
    """
    part = emotion.section("start")
    weights = part.array("weights")
    if weights.shape not in ((MOVEMENT_INPUTS,), (len(INPUTS),)):
        found = f"{part.where}.weights has shape {weights.shape}"
        want = f"({len(INPUTS)},), or ({MOVEMENT_INPUTS},) without the onset"
        raise BundleRefused(f"{found}; want {want}; get a whole bundle")
    usual = part.array("usual") if len(weights) == len(INPUTS) else None
    try:
        return LinearScore(weights, part.number("bias"), usual)
    except ValueError as error:
        raise BundleRefused(f"{part.where}: {error}; get a whole bundle") from None


def score_model(bundle: Bundle, part: ManifestSection) -> ScoreModel:
    """Return the score model of an emotion; trees of a foreign bundle go through the sandbox."""
    grown = booster_trees(bundle, part)
    if grown and bundle.path.resolve() != DEFAULT_BUNDLE:
        check_model_in_sandbox(grown, part.text("booster"))
    return ScoreModel(grown, linear_score(part), part.text("booster") if grown else "")


def booster_trees(bundle: Bundle, emotion: ManifestSection) -> bytes:
    """Return an emotion's serialised trees; empty if it has none."""
    return bundle.file(emotion.text("booster")) if "booster" in emotion else b""


def has_trees(bundle: Bundle) -> bool:
    """Return whether any emotion has trees, which need XGBoost."""
    emotions = bundle.manifest.section("emotions")
    return any("booster" in emotions.section(emotion) for emotion in bundle.emotions)
