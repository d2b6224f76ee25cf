"""The report's pictures. Matplotlib without a display; every function draws one file."""

from __future__ import annotations

import colorsys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from calibrate.learning.train import EpochLosses
from calibrate.metrics import BINS, Flags, Numbers, Scored, auc

MAIN_COLOUR = "#0072b2"  # of a single curve; distinct for colour-blind readers
# Colours of up to eight curves, by Okabe and Ito for colour-blind readers; their yellow is darker.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#000000", "#b3a800")
LIGHTNESS = (0.30, 0.45, 0.60)  # of neighbouring hues, where there are more curves
HUES = 0.85  # of the circle: the last is not red again
STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 2)))
MANY = 10  # curves beyond which the legend is beside the plot


def line_styles(count: int) -> list[dict[str, Any]]:
    """Return colour and line style of each of `count` curves; no two share a colour."""
    if count <= len(COLOURS):
        colours = list(COLOURS[:count])
    else:
        colours = [_hue(HUES * number / count, LIGHTNESS[number % 3]) for number in range(count)]
    return [
        {"color": colour, "linestyle": STYLES[number % len(STYLES)]}
        for number, colour in enumerate(colours)
    ]


def _hue(hue: float, lightness: float) -> str:
    red, green, blue = (round(255 * part) for part in colorsys.hls_to_rgb(hue, lightness, 0.8))
    return f"#{red:02x}{green:02x}{blue:02x}"


def roc(path: Path, scored: Scored) -> None:
    """ROC of every emotion (the paper's Fig. 5)."""
    figure, axes = _axes("False genuine rate", "True genuine rate", "ROC on people held out")
    emotions = np.unique(scored.emotion)
    for emotion, style in zip(emotions, line_styles(len(emotions)), strict=True):
        of_emotion = scored.where(scored.emotion == emotion)
        area = auc(of_emotion)
        false, true = roc_curve(of_emotion.p_genuine, of_emotion.genuine)
        axes.plot(
            false, true, label=emotion if area is None else f"{emotion}, AUC {area:.2f}", **style
        )
    axes.plot((0, 1), (0, 1), color="0.7", linewidth=1)
    axes.set_aspect("equal")
    _done(figure, axes, path)


def roc_curve(p_genuine: Numbers, genuine: Flags) -> tuple[Numbers, Numbers]:
    """False and true rates when everything from each score upward is called genuine."""
    order = np.argsort(-p_genuine, kind="stable")
    hits = genuine[order]
    last = np.append(np.diff(p_genuine[order]) != 0, True)  # equal scores are called together
    true = np.cumsum(hits)[last] / max(1, hits.sum())
    false = np.cumsum(~hits)[last] / max(1, (~hits).sum())
    return np.insert(false, 0, 0.0), np.insert(true, 0, 0.0)


def reliability(path: Path, scored: Scored) -> None:
    """How often clips of a probability were genuine, with how many clips there were."""
    figure, axes = _axes(
        "Probability of genuine shown", "Share that was genuine", "Reliability on people held out"
    )
    bins = np.minimum((scored.p_genuine * BINS).astype(int), BINS - 1)
    shown = [scored.p_genuine[bins == b].mean() for b in np.unique(bins)]
    found = [scored.genuine[bins == b].mean() for b in np.unique(bins)]
    axes.plot((0, 1), (0, 1), color="0.7", linewidth=1)
    axes.plot(shown, found, marker="o", color=MAIN_COLOUR)
    for x, y, b in zip(shown, found, np.unique(bins), strict=True):
        axes.annotate(
            str((bins == b).sum()), (x, y), textcoords="offset points", xytext=(6, -10), fontsize=8
        )
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_aspect("equal")
    _done(figure, axes, path, legend=False)


def curve(
    path: Path, points: Sequence[tuple[float, float, float, float]], x: str, title: str
) -> None:
    """AUC with its interval against something: points of (x, auc, low, high)."""
    figure, axes = _axes(x, "AUC", title)
    at, middle, low, high = (np.array(column) for column in zip(*points, strict=True))
    axes.fill_between(
        at, low, high, alpha=0.2, color=MAIN_COLOUR, linewidth=0, label="95 % by person"
    )
    axes.plot(at, middle, marker="o", color=MAIN_COLOUR, label="AUC")
    axes.axhline(0.5, color="0.7", linewidth=1)
    _done(figure, axes, path)


def curves(
    path: Path,
    by_name: Mapping[str, Sequence[tuple[float, float, float, float]]],
    x: str,
    title: str,
) -> None:
    """Several such curves; the interval is that of the first."""
    figure, axes = _axes(x, "AUC", title)
    for (name, points), style in zip(by_name.items(), line_styles(len(by_name)), strict=True):
        at, middle, low, high = (np.array(column) for column in zip(*points, strict=True))
        if style["color"] == MAIN_COLOUR:
            axes.fill_between(
                at, low, high, alpha=0.2, color=MAIN_COLOUR, linewidth=0, label="95 % by person"
            )
        axes.plot(at, middle, marker="o", label=name, **style)
    axes.axhline(0.5, color="0.7", linewidth=1)
    _done(figure, axes, path)


def confusion(path: Path, counts: Mapping[str, tuple[int, int, int]]) -> None:
    """Called fake, not called, called genuine, for each true label."""
    figure, axes = _axes("Called", "Truly", "Calls with the abstain band")
    table = np.array(list(counts.values()))
    shares = table / np.maximum(1, table.sum(axis=1, keepdims=True))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(3), ("fake", "uncertain", "genuine"))
    axes.set_yticks(range(len(counts)), list(counts))
    for (row, column), count in np.ndenumerate(table):
        share = shares[row, column]
        axes.text(
            column,
            row,
            f"{count}\n{share:.0%}",
            ha="center",
            va="center",
            color="w" if share > 0.5 else "k",
        )
    _done(figure, axes, path, legend=False)


def losses(path: Path, curves: Mapping[str, Sequence[EpochLosses]]) -> None:
    """Prediction loss and read-out cross entropy of every network, epoch by epoch."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    for (name, epochs), style in zip(curves.items(), line_styles(len(curves)), strict=True):
        left.plot([epoch.prediction for epoch in epochs], label=name, **style)
        right.plot([epoch.read_out for epoch in epochs], label=name, **style)
    for axes, title in (
        (left, "Prediction loss after recognition"),
        (right, "Cross entropy of the read-out"),
    ):
        axes.set_xlabel("Epoch")
        axes.set_title(title)
    left.set_yscale("log")
    _legend(figure, right)
    _save(figure, path)


def learning(path: Path, curves: Mapping[str, Sequence[float]]) -> None:
    """Plot the prediction loss of every network by epoch, for training on prediction alone."""
    figure, axes = _axes("Epoch", "Prediction loss", "Learning mode")
    for (name, losses), style in zip(curves.items(), line_styles(len(curves)), strict=True):
        axes.plot(range(1, len(losses) + 1), losses, label=name, **style)
    axes.set_yscale("log")
    _done(figure, axes, path)


def _axes(x: str, y: str, title: str) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.5, 5), layout="constrained")
    axes = figure.subplots()
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.set_title(title)
    return figure, axes


def _done(figure: Any, axes: Any, path: Path, *, legend: bool = True) -> None:
    if legend:
        _legend(figure, axes)
    _save(figure, path)


def _legend(figure: Any, axes: Any) -> None:
    """Put the legend into the plot, or beside it where it would cover the curves."""
    curves, names = axes.get_legend_handles_labels()
    if len(names) <= MANY:
        axes.legend(frameon=False, fontsize=8)
        return
    columns = 1 + (len(names) - 1) // 24
    figure.set_figwidth(figure.get_figwidth() + 1.6 * columns)
    figure.legend(
        curves, names, loc="outside right upper", frameon=False, fontsize=8, ncols=columns
    )


def _save(figure: Any, path: Path) -> None:
    """Save without Matplotlib's date and version, so that the same figures give the same bytes."""
    figure.savefig(path, dpi=110, metadata={"Software": None} if path.suffix == ".png" else None)
