"""The paper's tables and figure from a run of its protocol, with the rows that were published beside ours."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from calibrate.data.extract import SkippedClip
from calibrate.evaluation import plots
from calibrate.metrics import Scored, compute_metrics
from calibrate.paper.evaluate import ScoredClip, scored
from calibrate.paper.protocol import PaperProtocol
from calibrate.paper.split import TEST, VALIDATION, Split
from calibrate.paper.stages import TrainTask
from calibrate.paper.trees import PbClassifier
from realtime.core.labels import LABELS

# Accuracy in percent, on SASE-FE; "HCILab" is the paper. Theirs is the accuracy on pairs.
TABLE_2 = (
    ("NIT-OVGU", 76.0),
    ("HCILab (the paper)", 71.0),
    ("innovwelt", 63.0),
    ("TUBITAK UZAY-METU", 61.0),
    ("faceall Xlabs", 58.0),
    ("ICV Team", 53.0),
    ("BNU CIST", 53.0),
)
TABLE_3 = (
    ("HCILab (the paper)", 66.7),
    ("NIT-OVGU", 66.7),
    ("TUBITAK UZAY-METU", 65.0),
    ("BNU CIST", 61.7),
    ("faceall Xlabs", 51.7),
)
TABLES = ((VALIDATION, "Table 2: validation", TABLE_2), (TEST, "Table 3: test", TABLE_3))
Json = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class PaperResult:
    """All that a run found."""

    protocol: PaperProtocol
    split: Split
    left: Sequence[SkippedClip]
    lessons: Sequence[TrainTask]
    boosters: Mapping[str, PbClassifier]
    judged: Sequence[ScoredClip]


def metrics_of(found: PaperResult) -> Json:
    """Every figure of a run, as plain data."""
    networks = {
        lesson.emotion: _network(lesson, found.boosters[lesson.emotion]) for lesson in found.lessons
    }
    return {
        "protocol": asdict(found.protocol),
        "split": {"said": found.split.said(), **asdict(found.split)},
        "left_out": {one.name: one.reason for one in found.left},
        "networks": networks,
        **{part: _figures(scored(found.judged, part)) for part, _, _ in TABLES},
        "published": {part: dict(rows) for part, _, rows in TABLES},
    }


def lines(metrics: Json) -> list[str]:
    """Tables 2 and 3 for the terminal: the rows of the paper, then ours in pairs and clip by clip."""
    said = [metrics["split"]["said"]]
    for part, title, published in TABLES:
        ours = metrics[part]["overall"]
        rows: list[tuple[str, float | None]] = [
            (f"{team}, published", percent) for team, percent in published
        ]
        rows += [
            (
                f"this run, {ours['pairs_asked']} pairs: the higher score is fake",
                _percent(ours["pairs"]),
            )
        ]
        rows += [(f"this run, {ours['clips']} clips one by one", _percent(ours["accuracy"]))]
        said += [
            f"{title:<52} accuracy, %",
            *(f"  {name:<50} {_shown(percent):>11}" for name, percent in rows),
        ]
    return said


def write(out: Path, found: PaperResult) -> Json:
    """Write `metrics.json`, `scores.csv`, the networks and the pictures into the folder `out`; the metrics."""
    metrics = metrics_of(found)
    (out / "metrics.json").write_text(json.dumps(metrics, indent=1) + "\n")
    _write_scores(out / "scores.csv", found.judged)
    plots.roc(out / "roc.png", scored(found.judged, TEST))
    plots.learning(
        out / "losses.png", {lesson.emotion: lesson.learned().curve for lesson in found.lessons}
    )
    for lesson in found.lessons:
        _write_network(out / "networks", lesson)
    return metrics


def _figures(of: Scored) -> Json:
    by_emotion = {str(e): _merit(of.where(of.emotion == e)) for e in np.unique(of.emotion)}
    return {"overall": _merit(of), "by_emotion": by_emotion}


def _merit(of: Scored) -> Json:
    called = of.p_genuine >= 0.5
    pairs = sum(
        int((here & of.genuine).sum() * (here & ~of.genuine).sum())
        for here in (
            (of.subject == s) & (of.emotion == e)
            for s, e in set(zip(of.subject, of.emotion, strict=True))
        )
    )
    accuracy = round(float((called == of.genuine).mean()), 4)
    return {"pairs_asked": pairs, "accuracy": accuracy, **compute_metrics(of).as_dict()}


def _network(lesson: TrainTask, booster: PbClassifier) -> Json:
    learned = lesson.learned()
    genuine, fake = learned.prototypes(lesson.genuine())
    return {
        "sequences": len(learned.pbs),
        "first_loss": learned.curve[0],
        "last_loss": learned.curve[-1],
        "rates_divided": round(
            -np.log(lesson.recipe.share(learned.curve)) / np.log(lesson.recipe.divisor)
        ),
        "pb_norm": float(np.linalg.norm(learned.pbs, axis=1).mean()),
        "prototypes_apart": float(np.linalg.norm(genuine - fake)),
        "rounds": booster.rounds,
        "auc_of_folds": round(booster.auc, 4),
    }


def _write_network(folder: Path, lesson: TrainTask) -> None:
    """Weights by their torch names, and the prototype of each label."""
    from safetensors.numpy import save_file

    folder.mkdir(exist_ok=True)
    learned = lesson.learned()
    prototypes = zip(LABELS, learned.prototypes(lesson.genuine()), strict=True)
    held = {**learned.network.weights, **{f"prototype/{label}": pb for label, pb in prototypes}}
    save_file(held, folder / f"{lesson.emotion}.safetensors")


def _write_scores(path: Path, judged: Sequence[ScoredClip]) -> None:
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(("split", "clip", "subject", "emotion", "label", "p_genuine", "passes"))
        for one in judged:
            clip = one.clip
            row = (
                one.part,
                clip.name,
                clip.subject,
                clip.emotion,
                clip.label,
                f"{one.p_genuine:.6f}",
                one.passes,
            )
            table.writerow(row)


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _shown(percent: float | None) -> str:
    return "-" if percent is None else f"{percent:.1f}"
