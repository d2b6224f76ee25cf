"""Tables and figure of the paper from a run of its protocol, beside the published rows."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from calibrate.data.extract import SkippedClip
from calibrate.evaluation import plots
from calibrate.metrics import Scored, compute_metrics
from calibrate.paper.evaluate import ScoredClip, scored_part
from calibrate.paper.protocol import PaperProtocol
from calibrate.paper.split import TEST, VALIDATION, Split
from calibrate.paper.stages import TrainTask
from calibrate.paper.trees import PbClassifier
from realtime.core.labels import LABELS

# Accuracy on pairs in percent, on SASE-FE; "HCILab" is the paper.
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
    """Everything that a run of the protocol produces."""

    protocol: PaperProtocol
    split: Split
    skipped: Sequence[SkippedClip]
    training: Sequence[TrainTask]
    classifiers: Mapping[str, PbClassifier]
    scored: Sequence[ScoredClip]


def metrics_of(result: PaperResult) -> Json:
    """Return every figure of a run as plain data."""
    networks = {
        task.emotion: _network(task, result.classifiers[task.emotion]) for task in result.training
    }
    split = result.split
    parts = {"train": split.train, "validation": split.validation, "test": split.test}
    return {
        "protocol": _protocol(result.protocol),
        "split": {"said": split.summary(), **parts},
        "left_out": {clip.name: clip.reason for clip in result.skipped},
        "networks": networks,
        **{part: _figures(scored_part(result.scored, part)) for part, _, _ in TABLES},
        "published": {part: dict(rows) for part, _, rows in TABLES},
    }


def lines(metrics: Json) -> list[str]:
    """Return Tables 2 and 3 as text: the published rows, then this run on pairs and on clips."""
    text = [metrics["split"]["said"]]
    for part, title, published in TABLES:
        ours = metrics[part]["overall"]
        rows: list[tuple[str, float | None]] = [
            (f"{team}, published", percent) for team, percent in published
        ]
        pairs = f"this run, {ours['pairs_asked']} pairs: the higher score is fake"
        rows.append((pairs, _percent(ours["pairs"])))
        rows.append((f"this run, {ours['clips']} clips one by one", _percent(ours["accuracy"])))
        text.append(f"{title:<52} accuracy, %")
        text += [f"  {name:<50} {_format(percent):>11}" for name, percent in rows]
    return text


def write(out: Path, result: PaperResult) -> Json:
    """Write metrics, scores, networks and plots into the folder `out`; return the metrics."""
    metrics = metrics_of(result)
    (out / "metrics.json").write_text(json.dumps(metrics, indent=1) + "\n")
    _write_scores(out / "scores.csv", result.scored)
    plots.roc(out / "roc.png", scored_part(result.scored, TEST))
    curves = {task.emotion: task.trained().curve for task in result.training}
    plots.learning(out / "losses.png", curves)
    for task in result.training:
        _write_network(out / "networks", task)
    return metrics


def _protocol(protocol: PaperProtocol) -> Json:
    config = protocol.training
    return {
        "recipe": {
            "shape": {"hidden": config.shape.hidden, "blocks": config.shape.blocks},
            "epochs": config.epochs,
            "sequences": config.sequences,
            "batch": config.batch,
            "rate": config.learning_rate,
            "momentum": config.momentum,
            "pb_rate": config.pb_rate,
            "patience": config.patience,
            "divisor": config.divisor,
            "own": config.closed_loop,
        },
        "passes": protocol.passes,
        "test_passes": protocol.test_passes,
        "steps": protocol.steps,
        "hz": protocol.hz,
        "seed": protocol.seed,
    }


def _figures(scored: Scored) -> Json:
    emotions = np.unique(scored.emotion)
    by_emotion = {str(e): _metrics(scored.where(scored.emotion == e)) for e in emotions}
    return {"overall": _metrics(scored), "by_emotion": by_emotion}


def _metrics(scored: Scored) -> Json:
    called_genuine = scored.p_genuine >= 0.5
    groups = set(zip(scored.subject, scored.emotion, strict=True))
    masks = [(scored.subject == s) & (scored.emotion == e) for s, e in groups]
    pairs = sum(int((m & scored.genuine).sum() * (m & ~scored.genuine).sum()) for m in masks)
    accuracy = round(float((called_genuine == scored.genuine).mean()), 4)
    return {"pairs_asked": pairs, "accuracy": accuracy, **compute_metrics(scored).as_dict()}


def _network(task: TrainTask, classifier: PbClassifier) -> Json:
    trained, config = task.trained(), task.config
    genuine, fake = trained.prototypes(task.genuine())
    divisions = -np.log(config.rate_factor(trained.curve)) / np.log(config.divisor)
    return {
        "sequences": len(trained.pbs),
        "first_loss": trained.curve[0],
        "last_loss": trained.curve[-1],
        "rates_divided": round(divisions),
        "pb_norm": float(np.linalg.norm(trained.pbs, axis=1).mean()),
        "prototypes_apart": float(np.linalg.norm(genuine - fake)),
        "rounds": classifier.rounds,
        "auc_of_folds": round(classifier.auc, 4),
    }


def _write_network(folder: Path, task: TrainTask) -> None:
    """Write the weights under their torch names, and the prototype of each label."""
    from safetensors.numpy import save_file

    folder.mkdir(exist_ok=True)
    trained = task.trained()
    prototypes = zip(LABELS, trained.prototypes(task.genuine()), strict=True)
    arrays = {**trained.network.weights, **{f"prototype/{label}": pb for label, pb in prototypes}}
    save_file(arrays, folder / f"{task.emotion}.safetensors")


def _write_scores(path: Path, scored: Sequence[ScoredClip]) -> None:
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(("split", "clip", "subject", "emotion", "label", "p_genuine", "passes"))
        for one in scored:
            clip, p_genuine = one.clip, f"{one.p_genuine:.6f}"
            labels = (clip.name, clip.subject, clip.emotion, clip.label)
            table.writerow((one.part, *labels, p_genuine, one.passes))


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _format(percent: float | None) -> str:
    return "-" if percent is None else f"{percent:.1f}"
