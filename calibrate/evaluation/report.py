"""Report on people held out: metrics, plots and scores, with the baselines of the same run."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import WHOLE, Dataset
from calibrate.data.folds import Folds
from calibrate.evaluation import baselines, emotion_ranking, person_change, personalisation, plots
from calibrate.evaluation.cross_validation import CrossValidation
from calibrate.evaluation.online_profile import RUNNING, WITHOUT_RANGE
from calibrate.learning.calibration import fit_platt_scaling
from calibrate.learning.out_of_fold import other_clips
from calibrate.learning.population import fit_population
from calibrate.metrics import (
    Metrics,
    Numbers,
    Point,
    Scored,
    abstaining,
    auc_point,
    compute_metrics,
)
from realtime.core.labels import ANY
from realtime.core.messages import Floats
from realtime.person.population import PersonProfile
from realtime.verdict.calibration import PlattScaling

FOLDS = 5  # of the baselines beside a bundle's figures
ABSTAIN = 0.2  # the share of clips, nearest to even odds, that the gauge keeps silent on
Json = dict[str, object]


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """Results of a report: `metrics` for JSON and the scores behind the plots."""

    metrics: Json
    scored: Scored
    abstain: float  # half width of the silent band around even odds
    seconds: tuple[Point, ...]  # by evidence in s
    by_known: tuple[Point, ...]  # by clips known


def findings(
    data: Dataset,
    done: CrossValidation,
    known: int,
    seed: int,
    maps: Mapping[str, PlattScaling] | None = None,
    bundle: Json | None = None,
) -> Findings:
    """Compute the metrics of a cross-validation, or of a bundle with its own calibration `maps`.

    The headline knows `known` clips of a person. `data` has the windows of the protocol. `bundle`
    says which one was evaluated, None for a cross-validation.
    """
    score = done.clip_scores(data, known)
    scored = done.scored(data, known) if maps is None else _mapped(data, score, maps)
    width = float(np.quantile(np.abs(scored.p_genuine - 0.5), ABSTAIN))
    certain = abstaining(scored, ABSTAIN)
    metrics: Json = {
        "bundle": bundle,
        "protocol": "whole" if done.part == WHOLE else "live",
        "known_clips": known,
        "folds": done.folds.count if done.folds else 1,
        "people": len(np.unique(data.subjects)),
        "overall": compute_metrics(scored).as_dict(),
        "unjudged_clips": sum(not done.scores[known].get(i) for i in range(len(data))),
        "by_known": {
            str(k): compute_metrics(done.scored(data, k)).as_dict() for k in sorted(done.scores)
        },
        "edge_free": _edge_free(data, done),
        "by_emotion": {
            str(e): compute_metrics(scored.where(data.emotions == e)).as_dict()
            for e in np.unique(data.emotions)
        },
        "by_gender": _by_gender(data, scored),
        "abstaining": {
            "share": ABSTAIN,
            "half_width": round(width, 4),
            **compute_metrics(certain).as_dict(),
        },
        "probability": _map(score, data),
        "uncut": {
            f"{k} clips known": compute_metrics(done.scored_whole_clips(data, k)).as_dict()
            for k in done.whole_clip_scores
        },
        "as_any": _as_any(data, done, maps),
        "baselines": _baselines(data, done, sorted({0, known}), seed),
        "knowing": personalisation.personalisation_metrics(data, done),
        "changing": person_change.person_change_metrics(data, seed) if done.online_scores else {},
        "auto": emotion_ranking.emotion_ranking_metrics(data, done.emotion_mismatches),
    }
    return Findings(metrics, scored, width, _by_seconds(data, done, known), _by_known(data, done))


def write_report(out: Path, data: Dataset, found: Findings, done: CrossValidation) -> None:
    """Write `metrics.json`, `scores.csv` and the pictures into the folder `out`."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "metrics.json").write_text(json.dumps(found.metrics, indent=1) + "\n")
    _write_scores(out / "scores.csv", data, found, done)
    plots.roc(out / "roc.png", found.scored)
    plots.reliability(out / "reliability.png", found.scored)
    if found.seconds:
        plots.curve(
            out / "seconds.png",
            found.seconds,
            "Seconds of evidence",
            "AUC by evidence, apex windows, people held out",
        )
    if found.by_known:
        plots.curve(
            out / "known.png",
            found.by_known,
            "Unlabelled clips known of the person",
            "AUC by knowledge of the person",
        )
    if done.online_scores:
        ways = {way: personalisation.points(data, done, way) for way in (RUNNING, WITHOUT_RANGE)}
        _plot_ways(out / "seen.png", {way: some for way, some in ways.items() if some})
    plots.confusion(out / "confusion.png", _calls(found))


def _plot_ways(path: Path, ways: Mapping[str, Sequence[Point]]) -> None:
    if ways:
        x, title = "Expressions seen of the person", "AUC by expressions known, apex windows"
        plots.curves(path, ways, x, title)


def lines(metrics: Mapping[str, object]) -> list[str]:
    """The report for the terminal: one line a row, the same columns in all."""
    rows: list[tuple[str, object]] = [("all six", metrics["overall"])]
    rows += [(f"{k} clips known of the person", m) for k, m in _items(metrics["by_known"])]
    rows += [(f"no edge touched, {name}", m) for name, m in _items(metrics.get("edge_free"))]
    rows += personalisation.lines(metrics.get("knowing"))
    rows += list(_items(metrics["by_emotion"]))
    rows += [("least certain fifth silent", metrics["abstaining"])]
    rows += [(f"emotion not given, {name}", m) for name, m in _items(metrics.get("as_any"))]
    rows += [(f"same models, whole clips, {name}", m) for name, m in _items(metrics.get("uncut"))]
    rows += [(f"baseline: {name}", m) for name, m in _items(metrics["baselines"])]
    columns = f"{'clips':>5}  {'AUC (95 % by person)':<22} {'balanced':>8} {'pairs':>6} {'ECE':>6}"
    columns += f" {'by chance':>9}"
    head = f"{'':<44} {columns}"
    table = [_line(name, m) for name, m in rows if isinstance(m, dict)]
    said = (
        ("knowing", personalisation.sentences),
        ("changing", person_change.sentences),
        ("auto", emotion_ranking.sentences),
    )
    return [
        head,
        *table,
        *(sentence for part, words in said for sentence in words(metrics.get(part))),
    ]


def _line(name: str, m: Mapping[str, float]) -> str:
    def shown(key: str) -> str:
        return f"{m[key]:.3f}" if m[key] is not None else "-"

    interval = shown("auc")
    if m["auc_low"] is not None:
        interval += f" ({shown('auc_low')}-{shown('auc_high')})"
    rest = f"{shown('balanced_accuracy'):>8} {shown('pairs'):>6} {shown('ece'):>6}"
    rest += f" {shown('ece_by_chance'):>9}"
    return f"{name:<44} {m['clips']:>5}  {interval:<22} {rest}"


def _items(values: object) -> Sequence[tuple[str, object]]:
    return list(values.items()) if isinstance(values, dict) else []


def _map(score: Numbers, data: Dataset) -> Json:
    slope, shift = fit_platt_scaling(score, data.genuine)
    return {"slope": slope, "shift": shift}


def _mapped(data: Dataset, score: Numbers, maps: Mapping[str, PlattScaling]) -> Scored:
    p_genuine = [
        maps[str(e) if e in maps else ANY].p_genuine(float(s))
        for e, s in zip(data.emotions, score, strict=True)
    ]
    return Scored(np.array(p_genuine), data.genuine, data.subjects, data.emotions)


def _as_any(data: Dataset, done: CrossValidation, maps: Mapping[str, PlattScaling] | None) -> Json:
    """Return the metrics of a gauge without a given emotion, by clips known."""
    found: Json = {}
    for known in sorted(done.any_scores):
        scored = (
            done.scored_as_any(data, known)
            if maps is None
            else _mapped(data, done.clip_scores_as_any(data, known), {ANY: maps[ANY]})
        )
        found[f"{known} clips known"] = compute_metrics(scored).as_dict()
    return found


def _edge_free(data: Dataset, done: CrossValidation) -> Json:
    """Return the metrics on the windows that touch no edge of their clip, by clips known.

    At an edge, how a clip was cut may give its label away; a camera has no edges.
    """
    free = np.array(done.edge_free, bool)
    if not free.any():
        return {}
    return {
        f"{known} clips known": compute_metrics(done.scored(data, known).where(free)).as_dict()
        for known in sorted(done.scores)
    }


def _by_gender(data: Dataset, scored: Scored) -> Json:
    genders = np.array([track.clip.gender for track in data.tracks])
    return {
        str(g): compute_metrics(scored.where(genders == g)).as_dict()
        for g in np.unique(genders)
        if g
    }


def _baselines(data: Dataset, done: CrossValidation, knowns: Sequence[int], seed: int) -> Json:
    def of(p_genuine: Numbers) -> Json:
        return dict(
            compute_metrics(Scored(p_genuine, data.genuine, data.subjects, data.emotions)).as_dict()
        )

    if len(np.unique(data.subjects)) < 2:
        return {}  # baselines learn from other people
    # Baselines are always fitted, so a report on a given bundle needs folds for them.
    folds = done.folds or Folds.by_person([str(s) for s in data.subjects], FOLDS, seed)
    metadata = baselines.metadata(data)
    found: Json = {
        "metadata only": of(baselines.trees(lambda training: metadata, data, folds, seed))
    }
    for known in knowns:
        profiles = _profiles(data, folds, done.part, known, seed)
        where = "nothing known" if known == 0 else f"{known} clips known"
        if known:
            edges = partial(_same_for_every_fold, baselines.edges(data, profiles.__getitem__))
            found[f"first two frames, {where}"] = of(baselines.trees(edges, data, folds, seed))
        moved = partial(_kinematics, data, done.part, profiles)
        found[f"kinematics, {where}"] = of(baselines.trees(moved, data, folds, seed))
    if (share := baselines.raters(data)) is not None:
        found["human raters' mean, whole clips"] = of(share)
        found["single human rater, whole clips"] = _single_rater(data, share)
    return found


def _same_for_every_fold(inputs: Floats, _inside: object) -> Floats:
    return inputs


def _single_rater(data: Dataset, share: Numbers) -> Json:
    """The mean hit rate of one rater; a rater gives no score, so there is no AUC."""
    hit = (share[data.genuine].mean() + (1 - share[~data.genuine]).mean()) / 2
    unknown = float("nan")
    empty = Metrics(len(data), None, None, None, float(hit), None, unknown, unknown).as_dict()
    return dict(empty | {"ece": None, "ece_by_chance": None})


def _kinematics(
    data: Dataset, part: str, profiles: Sequence[PersonProfile], training: NDArray[np.intp]
) -> Floats:
    """Return kinematics whose windows and components come from the `training` clips."""
    windows = data.windows(fit_population(data, training, part).movement_range, part)
    return baselines.kinematics(windows, profiles.__getitem__, training)


def _profiles(data: Dataset, folds: Folds, part: str, known: int, seed: int) -> list[PersonProfile]:
    """Return the profile of each clip, with the population of the other folds."""
    profiles: dict[int, PersonProfile] = {}
    for training, held_out in folds.splits():
        population = fit_population(data, training, part)
        windows = data.windows(population.movement_range, part)
        for clip in map(int, held_out):
            stats = data.stats_from_clips(other_clips(data, clip, known, seed))
            profiles[clip] = population.profile_of(windows.window(clip), stats)
    return [profiles[clip] for clip in range(len(data))]


def _by_seconds(data: Dataset, done: CrossValidation, known: int) -> tuple[Point, ...]:
    timing, points = data.timing, []
    if done.part == WHOLE:
        return ()  # whole clips are of any length
    for tick in range(1, timing.ticks + 1):
        score = done.until(data, known, tick)
        scored = Scored(1 / (1 + np.exp(-score)), data.genuine, data.subjects, data.emotions)
        points.append(auc_point(timing.min_window_s + (tick - 1) * timing.stride_s, scored))
    return tuple(point for point in points if point is not None)


def _by_known(data: Dataset, done: CrossValidation) -> tuple[Point, ...]:
    points = (auc_point(k, done.scored(data, k)) for k in sorted(done.scores))
    return tuple(point for point in points if point is not None)


def _calls(found: Findings) -> dict[str, tuple[int, int, int]]:
    away = found.scored.p_genuine - 0.5
    calls = np.where(np.abs(away) < found.abstain, 1, np.where(away < 0, 0, 2))
    truth = (("fake", ~found.scored.genuine), ("genuine", found.scored.genuine))
    counts = {name: np.bincount(calls[of], minlength=3) for name, of in truth}
    return {
        name: (int(low), int(silent), int(high)) for name, (low, silent, high) in counts.items()
    }


def _write_scores(path: Path, data: Dataset, found: Findings, done: CrossValidation) -> None:
    ticks = done.scores[int(str(found.metrics["known_clips"]))]
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("clip", "subject", "emotion", "label", "p_genuine", "judged_s", "state"))
        for i, track in enumerate(data.tracks):
            clip, p_genuine, judged = track.clip, found.scored.p_genuine[i], len(ticks.get(i, ()))
            state = _state(judged, abs(p_genuine - 0.5) < found.abstain)
            shown = f"{p_genuine:.4f}" if judged else ""
            judged_s = (
                len(data.shapes[i]) / data.timing.rate_hz
                if done.part == WHOLE
                else judged * data.timing.stride_s
            )
            seconds = f"{judged_s if judged else 0:.1f}"
            writer.writerow(
                (clip.name, clip.subject, clip.emotion, clip.label, shown, seconds, state)
            )


def _state(judged: int, silent: bool) -> str:
    if not judged:
        return "warming_up"
    return "uncertain" if silent else "judging"
