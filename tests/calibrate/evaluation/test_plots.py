from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="pictures need matplotlib, of the extra `calibrate`")

from calibrate.evaluation import plots
from calibrate.learning.train import EpochLosses
from calibrate.metrics import Scored


@pytest.fixture(scope="module")
def scored() -> Scored:
    rng = np.random.default_rng(0)
    genuine = rng.random(120) < 0.5
    p = 1 / (1 + np.exp(-rng.normal(0, 1, 120) - genuine))
    emotion = np.array(["anger", "disgust", "fear", "happiness", "sadness", "surprise"])[
        np.arange(120) % 6
    ]
    return Scored(p, genuine, np.arange(120).astype(str), emotion)


Drawn = Callable[[Path, Scored], None]
PICTURES: dict[str, Drawn] = {
    "roc": plots.roc,
    "reliability": plots.reliability,
    "curve": lambda path, _: plots.curve(
        path, [(0, 0.6, 0.5, 0.7), (10, 0.7, 0.6, 0.8)], "clips known", "AUC"
    ),
    "confusion": lambda path, _: plots.confusion(
        path, {"genuine": (10, 5, 30), "fake": (25, 5, 12)}
    ),
    "learning": lambda path, _: plots.learning(
        path, {"fear": [0.1, 0.05, 0.04], "surprise": [0.2, 0.1, 0.1]}
    ),
    "losses": lambda path, _: plots.losses(
        path, {"any-0": [EpochLosses(0, 0.1, 0.7), EpochLosses(1, 0.05, 0.6)]}
    ),
}


@pytest.mark.parametrize("name", PICTURES)
def test_every_plot_is_written_with_the_same_bytes_each_time(
    name: str, scored: Scored, tmp_path: Path
) -> None:
    for path in (tmp_path / "one.png", tmp_path / "two.png"):
        PICTURES[name](path, scored)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    picture = cv2.imread(str(tmp_path / "one.png"))
    assert min(picture.shape[:2]) > 300
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 20


@pytest.mark.parametrize("digits", [1, 8])
def test_the_roc_equals_scikit_learn_with_ties(digits: int, scored: Scored) -> None:
    from sklearn.metrics import roc_curve

    p = scored.p_genuine.round(digits)
    false, true, _ = roc_curve(scored.genuine, p, drop_intermediate=False)
    found = plots.roc_curve(p, scored.genuine)
    np.testing.assert_allclose(found[0], false, atol=1e-12)
    np.testing.assert_allclose(found[1], true, atol=1e-12)


def test_the_roc_of_a_single_class_ends_in_its_corner() -> None:
    false, true = plots.roc_curve(np.array([0.2, 0.8]), np.array([True, True]))
    assert true.tolist() == [0, 0.5, 1]
    assert false.tolist() == [0, 0, 0]


def test_plots_accept_an_emotion_of_a_single_class(scored: Scored, tmp_path: Path) -> None:
    plots.roc(tmp_path / "roc.png", scored.where((scored.emotion != "fear") | scored.genuine))
    assert (tmp_path / "roc.png").exists()


@pytest.mark.parametrize("count", [2, 6, 8, 9, 13, 30])
def test_no_two_curves_of_a_plot_share_a_colour(count: int) -> None:
    styles = plots.line_styles(count)
    colours = [style["color"] for style in styles]
    assert len(set(colours)) == count
    rgb = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in colours])
    apart = np.linalg.norm(rgb[:, None] - rgb[None, :], axis=2)[np.triu_indices(count, 1)]
    assert apart.min() > 20  # of 255
    assert all(a["linestyle"] != b["linestyle"] for a, b in pairwise(styles))


NETWORKS = [f"network {number}" for number in range(13)]
MANY_CURVES: dict[str, Callable[[Path], None]] = {
    "losses": lambda path: plots.losses(
        path, {name: [EpochLosses(0, 0.1, 0.7), EpochLosses(1, 0.05, 0.6)] for name in NETWORKS}
    ),
    "learning": lambda path: plots.learning(path, {name: [0.1, 0.05] for name in NETWORKS}),
    "curves": lambda path: plots.curves(
        path, {name: [(0, 0.6, 0.5, 0.7), (1, 0.7, 0.6, 0.8)] for name in NETWORKS}, "x", "AUC"
    ),
    "roc": lambda path: plots.roc(
        path,
        Scored(
            np.linspace(0, 1, 26),
            np.arange(26) % 2 == 0,
            np.arange(26).astype(str),
            np.repeat(NETWORKS, 2),
        ),
    ),
}


@pytest.mark.parametrize("name", MANY_CURVES)
def test_more_than_ten_curves_have_their_own_colours_and_a_legend_beside_them(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures: list[Any] = []
    monkeypatch.setattr(plots, "_save", lambda figure, path: figures.append(figure))
    MANY_CURVES[name](tmp_path / "many.png")
    (figure,) = figures
    for axes in figure.axes:
        drawn = [line for line in axes.get_lines() if not line.get_label().startswith("_")]
        assert len({line.get_color() for line in drawn}) == len(drawn) == len(NETWORKS)
        assert axes.get_legend() is None
    (legend,) = figure.legends
    assert [text.get_text().split(",")[0] for text in legend.get_texts()][-13:] == sorted(
        NETWORKS, key=None if name == "roc" else NETWORKS.index
    )


def test_the_confusion_plot_accepts_a_label_without_clips(tmp_path: Path) -> None:
    with np.errstate(all="raise"):
        plots.confusion(tmp_path / "none.png", {"genuine": (0, 0, 0), "fake": (3, 1, 0)})
    assert (tmp_path / "none.png").exists()
